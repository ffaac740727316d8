/** The card of a trained model, in Markdown: what it is, how good, how active, and how to make it again. */
import { comparisonSection, firingRates } from './comparison.ts';
import type { Evaluation } from './evaluation.ts';
import { markdownTable, percent } from './markdown.ts';
import type { Plan } from './plan.ts';
import { denseMacs, neuronsOf, synapsesOf } from './plan.ts';
import type { TrainingRecord } from './record.ts';
import type { EpochRecord } from './stage.ts';
import { confidenceInterval } from './statistics.ts';

function accuracyCell({ correct, total }: Evaluation): string[] {
	const [low, high] = confidenceInterval(correct, total);
	return [percent(correct / total), `${percent(low)} – ${percent(high)}`];
}

export function describeStage(stage: string, timesteps: number): string {
	if (stage === 'relu') return 'ReLU twin';
	return stage.startsWith('control') ? `T = ${timesteps}, trained directly (control)` : `T = ${timesteps}`;
}

/** Name of a stage's ONNX file beside the card. */
export function fileOfStage(stage: string, lastStage: string): string {
	if (stage === lastStage) return 'model.onnx';
	return stage.startsWith('T') ? `model-${stage}.onnx` : `${stage}.onnx`;
}

const fileCell = (file: string, absent: readonly string[]): string => (absent.includes(file) ? 'not kept' : `\`${file}\``);

const poolingWords = { average: 'average pooling', max: 'max pooling', current: 'pooling of the current' } as const;

const stagesWords = (schedule: readonly number[]): string =>
	schedule.length > 1
		? `${schedule.join(' → ')} timesteps, each stage started from the one before`
		: `${schedule.join()} ${schedule[0] === 1 ? 'timestep' : 'timesteps'}, converted from it`;

const accuracyOf = ({ testAccuracy, validationAccuracy }: EpochRecord): string => {
	const accuracy = validationAccuracy ?? testAccuracy;
	return accuracy === null ? '' : percent(accuracy);
};

const section = (text: string): string => (text === '' ? '' : `\n${text.trim()}\n`);

/** What others add to a card: those who can price a model and draw. */
export interface CardParts {
	/** A Markdown section about energy; empty where nobody priced the model. */
	readonly energy?: string;
	/** File of a picture of the training curves beside the card. */
	readonly curves?: string;
	/** Files of stages that are not kept beside the card. */
	readonly absent?: readonly string[];
}

/** Writes the card. */
export function modelCard(
	name: string,
	plan: Plan,
	record: TrainingRecord,
	{ energy = '', curves: picture, absent = [] }: CardParts,
): string {
	const { configuration, stages } = record;
	const lastStage = `T${configuration.schedule.at(-1) ?? 1}`;
	const evaluated = stages.filter((stage) => stage.evaluation);
	const accuracy = evaluated.map(({ stage, timesteps, evaluation }) => [
		describeStage(stage, timesteps),
		fileCell(fileOfStage(stage, lastStage), absent),
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
				...firingRates(plan, measured, timesteps).map((rate) => rate.toFixed(4)),
				spikes.toFixed(0),
			];
		});
	const held = configuration.validation > 0;
	const macs = synapsesOf(plan).reduce((sum, layer) => sum + denseMacs(layer), 0);
	const curves = stages.flatMap(({ epochs }) =>
		epochs.map((epoch) => [
			epoch.stage,
			String(epoch.epoch),
			epoch.loss.toFixed(4),
			percent(epoch.trainAccuracy),
			accuracyOf(epoch),
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

An IIR-SNN for ${configuration.dataset}: layers \`${configuration.arch}\`, ${poolingWords[configuration.pooling]}, ${macs.toLocaleString('en')} multiply–accumulates
an image, ${record.parameters.toLocaleString('en')} parameters. Trained by \`snn-energy train\` ${record.version}: a ReLU net first, then leaky
integrate-and-fire neurons with ${stagesWords(configuration.schedule)}.

Every \`.onnx\` file but \`relu.onnx\` is a step model (one timestep a run); \`model.onnx\` has T = ${configuration.schedule.at(-1)}. \`samples.npz\` holds
${record.samples} images of the test set, normalised, with labels.${absent.includes('tfjs/') ? '' : ' `tfjs/` is `model.onnx` as a tfjs LayersModel.'}

## Accuracy

On the ${evaluated[0]?.evaluation?.total ?? 0} images of the test set, in %, with Wilson's 95 % interval:

${markdownTable(['network', 'file', 'accuracy', '95 % interval'], accuracy)}
${section(absent.length === 0 ? '' : `Not kept here, for its size: ${absent.map((file) => `\`${file}\``).join(', ')}. The command below makes it again.`)}
## Activity

Firing rate (spikes per neuron and timestep) by layer over the test set, and spikes per inference:

${markdownTable(['network', ...neurons.map(({ name }) => name), 'spikes per inference'], rates)}
${section(energy)}${section(comparisonSection(plan, record))}
## Thresholds and leaks

${markdownTable(['stage', 'thresholds', 'leaks'], thresholds)}

## Training

    ${record.command}

Seed ${configuration.seed}; engine ${record.engine}; ${seconds < 120 ? `${seconds.toFixed(0)} seconds` : `${(seconds / 60).toFixed(0)} minutes`} of gradient steps on ${record.machine}.
${record.trainImages} training images (SHA-256 of the set ${record.trainSha256.slice(0, 16)}…). Every setting and every epoch: training.json.
${held ? `${configuration.validation} more were held out: the validation accuracy is theirs, and the test set was evaluated once for each network above.\n` : ''}${picture === undefined ? '' : `\n![Accuracy by image passes, and firing rate by layer at the end of each stage](${picture})\n`}
${markdownTable(['stage', 'epoch', 'loss', 'training accuracy', held ? 'validation accuracy' : 'test accuracy', 'seconds'], curves)}
`;
}
