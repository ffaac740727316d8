import type { Expectation, ImageSeconds, StageExpectation, TrainingConfiguration } from '../training/index.ts';
import { duration } from './train-progress.ts';

/** What the machine was measured to do, or why it could not be. */
export type Pace = { readonly title: string; readonly seconds: ImageSeconds } | { readonly problem: string };

const million = (value: number): string => `${(value / 1e6).toFixed(2)} M`;

export interface ImageCounts {
	readonly train: number;
	readonly test: number;
	/** Held out of the training set; 0 where epochs are judged by the test set. */
	readonly validation: number;
}

/**
 * Seconds of a stage: its steps, the ReLU net's answers where it teaches, and the images that judge each epoch. A forward pass is a
 * third of a step.
 */
function stageSeconds(
	{ stage, timesteps, epochs }: StageExpectation,
	seconds: ImageSeconds,
	images: ImageCounts,
	taught: boolean,
): number {
	const one = stage === 'relu' ? seconds.relu : timesteps * seconds.spiking;
	const judging = Math.ceil(epochs) * (images.validation || images.test) + (images.validation > 0 ? images.test : 0);
	const teaching = taught && stage !== 'relu' ? (epochs * images.train * seconds.relu) / 3 : 0;
	return one * (epochs * images.train + judging / 3) + teaching;
}

/** What a run would take, as text. */
export function describeExpectation(
	{ parameters, macsPerImage, layers, stages }: Expectation,
	configuration: TrainingConfiguration,
	images: ImageCounts,
	pace: Pace,
): string {
	const times = stages.map((stage) =>
		'seconds' in pace ? stageSeconds(stage, pace.seconds, images, configuration.distillation > 0) : Number.NaN,
	);
	const memory = Math.max(...stages.map(({ memoryBytes }) => memoryBytes));
	const lines = [
		`${configuration.arch} on ${configuration.dataset}: ${parameters.toLocaleString('en')} parameters, ${million(macsPerImage)} multiply-accumulates an image`,
		`${images.train.toLocaleString('en')} training images, ${images.validation > 0 ? `${images.validation.toLocaleString('en')} held out, ` : ''}${images.test.toLocaleString('en')} test images`,
		...layers.map(
			({ name, shape, macs, weights }) =>
				`  ${name.padEnd(8)} ${shape.join('x').padEnd(12)} ${million(macs).padStart(10)} MACs  ${weights.toLocaleString('en').padStart(12)} weights`,
		),
		'stages:',
		...stages.map(
			({ stage, timesteps, epochs, memoryBytes }, index) =>
				`  ${stage.padEnd(11)} T=${timesteps}  ${String(Number(epochs.toFixed(3))).padStart(5)} epochs  memory ${(memoryBytes / 2 ** 30).toFixed(2)} GiB  time ${duration(times[index] ?? Number.NaN)}`,
		),
		`together: memory at most ${(memory / 2 ** 30).toFixed(2)} GiB a worker, time ${duration(times.reduce((sum, time) => sum + time, 0))}`,
		'seconds' in pace
			? `Memory is that of the images a worker computes at once and of the parameters; time is measured now, on a few images, with ${pace.title}.`
			: `Memory is that of the images a worker computes at once and of the parameters; time could not be measured: ${pace.problem}`,
	];
	return `${lines.join('\n')}\n`;
}
