/** The card of a trained model, in Markdown: what it is, how good, how active, and how to make it again. */
import type { Evaluation } from './evaluation.ts';
import type { Plan } from './plan.ts';
import { denseMacs, neuronsOf, product, synapsesOf } from './plan.ts';
import type { TrainingRecord } from './record.ts';

/** Wilson's 95 % interval of a proportion. */
export function confidenceInterval(correct: number, total: number): readonly [number, number] {
	const z = 1.959964;
	const p = correct / total;
	const centre = p + (z * z) / (2 * total);
	const half = z * Math.sqrt((p * (1 - p)) / total + (z * z) / (4 * total * total));
	const scale = 1 + (z * z) / total;
	return [(centre - half) / scale, (centre + half) / scale];
}

const percent = (share: number): string => (100 * share).toFixed(2);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
	const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
	return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function accuracyCell({ correct, total }: Evaluation): string[] {
	const [low, high] = confidenceInterval(correct, total);
	return [percent(correct / total), `${percent(low)} – ${percent(high)}`];
}

const ratesOf = (plan: Plan, evaluation: Evaluation, timesteps: number): number[] =>
	neuronsOf(plan).map(
		({ outputShape }, index) => (evaluation.spikes[index] ?? 0) / (evaluation.total * timesteps * product(outputShape)),
	);

function describeStage(stage: string, timesteps: number): string {
	if (stage === 'relu') return 'ReLU twin';
	return stage.startsWith('control') ? `T = ${timesteps}, trained directly (control)` : `T = ${timesteps}`;
}

/** Name of a stage's ONNX file beside the card. */
export function fileOfStage(stage: string, lastStage: string): string {
	if (stage === lastStage) return 'model.onnx';
	return stage.startsWith('T') ? `model-${stage}.onnx` : `${stage}.onnx`;
}

/**
 * Writes the card.
 *
 * @param energy  a Markdown section about energy, made by whoever can price the model; empty if nobody did
 */
export function modelCard(name: string, plan: Plan, record: TrainingRecord, energy: string): string {
	const { configuration, stages } = record;
	const lastStage = `T${configuration.schedule.at(-1) ?? 1}`;
	const evaluated = stages.filter((stage) => stage.evaluation);
	const accuracy = evaluated.map(({ stage, timesteps, evaluation }) => [
		describeStage(stage, timesteps),
		`\`${fileOfStage(stage, lastStage)}\``,
		...accuracyCell(evaluation as Evaluation),
	]);
	const neurons = neuronsOf(plan);
	const rates = evaluated
		.filter(({ stage }) => stage !== 'relu')
		.map(({ stage, timesteps, evaluation }) => {
			const measured = evaluation as Evaluation;
			const spikes = measured.spikes.reduce((sum, count) => sum + count, 0) / measured.total;
			return [
				describeStage(stage, timesteps),
				...ratesOf(plan, measured, timesteps).map((rate) => rate.toFixed(4)),
				spikes.toFixed(0),
			];
		});
	const macs = synapsesOf(plan).reduce((sum, layer) => sum + denseMacs(layer), 0);
	const curves = stages.flatMap(({ stage, epochs }) =>
		epochs.map((epoch) => [
			stage,
			String(epoch.epoch),
			epoch.loss.toFixed(4),
			percent(epoch.trainAccuracy),
			epoch.testAccuracy === null ? '' : percent(epoch.testAccuracy),
			epoch.seconds.toFixed(0),
		]),
	);
	const seconds = stages.flatMap(({ epochs }) => epochs).reduce((sum, epoch) => sum + epoch.seconds, 0);
	const thresholds = stages
		.filter(({ thresholds }) => thresholds.length > 0)
		.map(({ stage, thresholds, leaks }) => [
			stage,
			thresholds.map((v) => v.toFixed(3)).join(' '),
			leaks.map((v) => v.toFixed(3)).join(' '),
		]);
	return `# ${name}

An IIR-SNN for ${configuration.dataset}: layers \`${configuration.arch}\`, ${configuration.pooling} pooling, ${macs.toLocaleString('en')} multiply–accumulates
an image, ${record.parameters.toLocaleString('en')} parameters. Trained by \`snn-energy train\` ${record.version}: a ReLU net first, then leaky
integrate-and-fire neurons with ${configuration.schedule.join(' → ')} timesteps, each stage started from the one before.

Every \`.onnx\` file but \`relu.onnx\` is a step model (one timestep a run); \`model.onnx\` has T = ${configuration.schedule.at(-1)}. \`samples.npz\` holds
${record.samples} images of the test set, normalised, with labels. \`tfjs/\` is \`model.onnx\` as a tfjs LayersModel.

## Accuracy

On the ${evaluated[0]?.evaluation?.total ?? 0} images of the test set, in %, with Wilson's 95 % interval:

${table(['network', 'file', 'accuracy', '95 % interval'], accuracy)}

## Activity

Firing rate (spikes per neuron and timestep) by layer over the test set, and spikes per inference:

${table(['network', ...neurons.map(({ name }) => name), 'spikes per inference'], rates)}
${energy === '' ? '' : `\n${energy.trim()}\n`}
## Thresholds and leaks

${table(['stage', 'thresholds', 'leaks'], thresholds)}

## Training

    ${record.command}

Seed ${configuration.seed}; engine ${record.engine}; ${(seconds / 60).toFixed(0)} minutes of gradient steps on ${record.machine}, shared with other work.
${record.trainImages} training images (SHA-256 of the set ${record.trainSha256.slice(0, 16)}…). Every setting and every epoch: training.json.

${table(['stage', 'epoch', 'loss', 'training accuracy', 'test accuracy', 'seconds'], curves)}
`;
}
