import type { Expectation, ImageSeconds, StageExpectation, TrainingConfiguration } from '../training/index.ts';
import { duration } from './train-progress.ts';

/** What the machine was measured to do, or why it could not be. */
export type Pace = { readonly title: string; readonly seconds: ImageSeconds } | { readonly problem: string };

const million = (value: number): string => `${(value / 1e6).toFixed(2)} M`;

/** Seconds of a stage: its steps, and the test set after each epoch, whose forward pass is a third of a step. */
function stageSeconds(
	{ stage, timesteps, epochs }: StageExpectation,
	seconds: ImageSeconds,
	images: number,
	testImages: number,
): number {
	const one = stage === 'relu' ? seconds.relu : timesteps * seconds.spiking;
	return one * (epochs * images + (Math.ceil(epochs) * testImages) / 3);
}

/** What a run would take, as text. */
export function describeExpectation(
	{ parameters, macsPerImage, layers, stages }: Expectation,
	configuration: TrainingConfiguration,
	images: { readonly train: number; readonly test: number },
	pace: Pace,
): string {
	const times = stages.map((stage) =>
		'seconds' in pace ? stageSeconds(stage, pace.seconds, images.train, images.test) : Number.NaN,
	);
	const memory = Math.max(...stages.map(({ memoryBytes }) => memoryBytes));
	const lines = [
		`${configuration.arch} on ${configuration.dataset}: ${parameters.toLocaleString('en')} parameters, ${million(macsPerImage)} multiply-accumulates an image`,
		`${images.train.toLocaleString('en')} training images, ${images.test.toLocaleString('en')} test images`,
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
