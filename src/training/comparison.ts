/** The staged schedule beside its control, in Markdown: the same number of image passes, spent on the last T from the start. */
import type { TrainingConfiguration } from './configuration.ts';
import type { Evaluation } from './evaluation.ts';
import { markdownTable, percent } from './markdown.ts';
import type { Plan } from './plan.ts';
import { neuronsOf, product } from './plan.ts';
import type { StageRecord, TrainingRecord } from './record.ts';
import { controlEpochs, epochsOf } from './stages.ts';
import { confidenceInterval, differenceInterval } from './statistics.ts';

/** Spikes per neuron and timestep of each neuron layer over the test set. */
export const firingRates = (plan: Plan, { spikes, total }: Evaluation, timesteps: number): number[] =>
	neuronsOf(plan).map(({ outputShape }, index) => (spikes[index] ?? 0) / (total * timesteps * product(outputShape)));

/** A layer that fires less often than this has fallen silent for all practical purposes. */
const silentBelow = 0.001;

function verdict(staged: Evaluation, direct: Evaluation): string {
	const difference = staged.correct / staged.total - direct.correct / direct.total;
	const [low, high] = differenceInterval(staged, direct);
	const points = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(100 * value).toFixed(2)}`;
	const interval = `${points(difference)} points (95 % interval ${points(low)} to ${points(high)})`;
	if (low > 0) return `The staged schedule is better by ${interval}.`;
	if (high < 0) return `Direct training is better: staged − direct is ${interval}.`;
	return `Staged − direct is ${interval}: the test set does not tell them apart.`;
}

function silence(name: string, layers: readonly string[], rates: readonly number[]): string {
	const silent = layers.filter((_, index) => (rates[index] ?? 0) < silentBelow);
	return `${name} ${silent.length === 0 ? 'has no silent layer' : `is silent (below ${silentBelow} spikes a neuron) in ${silent.join(', ')}`}`;
}

function stageText({ schedule }: TrainingConfiguration, configuration: TrainingConfiguration): string {
	return schedule.map((timesteps, index) => `${epochsOf(configuration, index)} at T = ${timesteps}`).join(', ');
}

/**
 * The section "Staged or direct".
 *
 * @returns nothing when the run had no control
 */
export function comparisonSection(plan: Plan, record: TrainingRecord): string {
	const { configuration, stages } = record;
	const timesteps = configuration.schedule.at(-1) ?? 1;
	const find = (name: string): StageRecord | undefined => stages.find(({ stage }) => stage === name);
	const staged = find(`T${timesteps}`)?.evaluation;
	const direct = find(`control-T${timesteps}`)?.evaluation;
	if (!staged || !direct) return '';
	const names = neuronsOf(plan).map(({ name }) => name);
	const [stagedRates, directRates] = [firingRates(plan, staged, timesteps), firingRates(plan, direct, timesteps)];
	const accuracy = ({ correct, total }: Evaluation): string => {
		const [low, high] = confidenceInterval(correct, total);
		return `${percent(correct / total)} (${percent(low)} – ${percent(high)})`;
	};
	const spikes = (evaluation: Evaluation): string =>
		(evaluation.spikes.reduce((sum, count) => sum + count, 0) / evaluation.total).toFixed(0);
	const rows = [
		['accuracy in % (95 % interval)', accuracy(staged), accuracy(direct)],
		['spikes per inference', spikes(staged), spikes(direct)],
		...names.map((name, index) => [
			`firing rate of ${name}`,
			(stagedRates[index] ?? 0).toFixed(4),
			(directRates[index] ?? 0).toFixed(4),
		]),
	];
	const control = controlEpochs(configuration);
	const refined = configuration.refineEpochs > 0 ? ` Both were then refined for ${configuration.refineEpochs} epochs.` : '';
	return `## Staged or direct

The control: T = ${timesteps} trained directly from the converted net, with as many image passes as all spiking stages together
(${Number(control.toFixed(3))} epochs; staged: ${stageText(configuration, configuration)}). Direct passes cost less time, because a pass at T timesteps
takes about T times one at T = 1.${refined}

${markdownTable([`at T = ${timesteps}`, 'staged', 'direct (control)'], rows)}

${verdict(staged, direct)} ${silence('The staged net', names, stagedRates)}; ${silence('the direct one', names, directRates)}.
`;
}
