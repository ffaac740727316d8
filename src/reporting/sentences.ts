/** Sentences of the reports: what was found and how sure it is. Every one reads the same in every format. */

import { eventTable } from '../activity/events.ts';
import type { DataflowStudy } from '../hardware/dataflow-study.ts';
import type { DenseComparison, Estimate, Evidence } from '../hardware/estimate.ts';
import type { Analysis } from './analysis.ts';
import { bandEnergyWords, bandFor, bandRatioWords, isArithmetic, signSentence } from './band.ts';
import { formatCount, formatInterval, formatPercent, formatRatioInterval, formatSignificant, hasSpread } from './numbers.ts';
import { isFiniteInterval, networkActivity } from './quantities.ts';

/** "5.44× less (4.1 to 6.2×)", "1.30× more", "as much": the SNN against the DNN baseline. */
export function verdict(comparison: DenseComparison): string {
	const { ratio } = comparison;
	if (!isFiniteInterval(ratio) || ratio.nominal <= 0) return 'cannot be compared: one of the two energies is zero';
	if (!hasSpread(ratio) && formatSignificant(ratio.nominal) === '1.00') return 'needs as much energy';
	const undecided = hasSpread(ratio) && ratio.low < 1 && ratio.high > 1;
	const words =
		ratio.nominal >= 1
			? `needs ${formatRatioInterval(ratio)} less energy`
			: `needs ${formatRatioInterval({ low: 1 / ratio.high, nominal: 1 / ratio.nominal, high: 1 / ratio.low })} more energy`;
	return undecided ? `${words}; within the interval either of the two may win` : words;
}

/** The verdict with its condition: by arithmetic, and what memory makes of it. */
export function verdictWithBand(comparison: DenseComparison, band: DataflowStudy | null): string {
	const ratio = band && bandRatioWords(band);
	if (!band || !ratio) return verdict(comparison);
	const words = verdict(comparison);
	return isArithmetic(band)
		? `${words} by arithmetic; DNN ÷ spiking network ${ratio} with memory, by dataflow`
		: `${words}; DNN ÷ spiking network ${ratio} by dataflow`;
}

/** The honest answer: cost, how it compares, and how sure that is. */
export function answerSentence(analysis: Analysis, estimate: Estimate, comparison: DenseComparison | null): string {
	const { spiking } = networkActivity(analysis);
	const cost = `On ${estimateName(estimate)}, one inference of this ${spiking ? 'spiking network' : 'network'} costs ${formatInterval(estimate.energyPerInferenceJoules, 'J')}`;
	const sure = shortCertainty(estimate);
	if (comparison === null || !spiking) return `${cost}. ${sure}`;
	const dnn = formatInterval(comparison.dnnEnergyJoules, 'J');
	const band = bandFor(analysis, estimate);
	const sign = band && signSentence(band, comparison.ratio.nominal);
	const memory = band && isArithmetic(band) ? ' by arithmetic' : '';
	const flows = band ? `${memory}, ${bandEnergyWords(band)} ${memory === '' ? '' : 'with memory, '}by dataflow` : '';
	return `${cost}${flows}; the DNN baseline would cost ${dnn}, so the spiking network ${verdictWithBand(comparison, band)}.${sign ? ` ${sign}` : ''} ${sure}`;
}

/** The profile, and the accounting where it is not the exact one. */
export function estimateName(estimate: Pick<Estimate, 'profile' | 'accounting'>): string {
	return estimate.accounting === 'exact' ? estimate.profile : `${estimate.profile}, ${estimate.accounting}`;
}

const evidenceMeaning: Readonly<Record<Evidence, string>> = {
	measured: 'measured on silicon',
	fitted: 'fitted to measurements',
	simulated: 'taken from circuit simulation',
	published: 'published figures',
	vendor: "the vendor's figures",
	derived: 'derived from other figures',
	assumed: 'assumed',
};

/** "weight reads" for weightReads. */
export const eventWords = (name: string): string =>
	(eventTable.synaptic[name] ?? eventTable.neuron[name])?.words ??
	name.replace(/([a-z])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`);

/** A term of a profile as a table and a chart name it: "MACs" for macs. */
export const termWords = (term: string): string => ({ macs: 'MACs', acs: 'ACs' })[term] ?? term;

/** How sure an estimate is: its weakest evidence and what it leaves out. */
export function certainty(estimate: Estimate, unpriced = listInWords(estimate.unpriced.map(eventWords))): string {
	const interval = hasSpread(estimate.energyPerInferenceJoules) ? '' : ', without a known interval';
	const verb = estimate.unpriced.length === 1 ? 'is' : 'are';
	const left = estimate.unpriced.length === 0 ? '' : `; ${unpriced} ${verb} not priced`;
	return `The weakest of its constants are ${evidenceMeaning[estimate.evidence]}${interval}${left}.`;
}

/** The same in fewer words where much is left out. */
function shortCertainty(estimate: Estimate): string {
	const { unpriced } = estimate;
	if (unpriced.length <= 5) return certainty(estimate);
	return certainty(
		estimate,
		`${unpriced.length} kinds of events, among them ${listInWords(unpriced.slice(-3).map(eventWords))},`,
	);
}

const axesInWords = { ntc: '[samples, timesteps, …]', tnc: '[timesteps, samples, …]' } as const;

/**
 * "12 of 8.75 million decisions lie within rounding of their threshold …"; null where nothing was looked at.
 */
export function closeSentence({ decisions, run }: Pick<Analysis, 'decisions' | 'run'>): string | null {
	if (!decisions || decisions.compared + decisions.unknown === 0) return null;
	const { samples, compared, close, unknown } = decisions;
	const of = samples < run.samples ? ` of the first ${formatCount(samples)} samples` : '';
	const many = unknown === 1 ? 'one' : numberInWords(unknown);
	if (close === null)
		return `not known how many decisions lie within rounding: the graph does not tell the threshold of ${many}${of}`;
	const rest = unknown === 0 ? '' : `; not known of ${many} more, whose threshold the graph does not tell`;
	const may = close === 0 ? '' : `: another machine or runtime may decide ${close === 1 ? 'it' : 'them'} otherwise`;
	return `${formatCount(close)} of ${numberInWords(compared)} decisions${of} ${close === 1 ? 'lies' : 'lie'} within rounding${may}${rest}`;
}

/** 8,123 or "8.75 million"; the unit is that of the rounded number, so that 999,500,000 are "1.00 billion". */
function numberInWords(count: number): string {
	if (count < 1e6) return count.toLocaleString('en-US');
	const rounded = Number(count.toPrecision(3));
	const [size, unit] = largeNumbers.find(([least]) => rounded >= least) ?? [1e6, 'million'];
	const scaled = rounded / size;
	return `${scaled < 1000 ? scaled.toPrecision(3) : formatCount(scaled)} ${unit}`;
}

const largeNumbers: readonly (readonly [size: number, unit: string])[] = [
	[1e12, 'trillion'],
	[1e9, 'billion'],
];

/** "16 samples of inputs.npy, 6 timesteps, the analog first layer charged once". */
export function runSentence(analysis: Analysis): string {
	const { run, data } = analysis;
	const parts = [
		`${formatCount(run.samples)} ${run.samples === 1 ? 'sample' : 'samples'} of ${data.random ? data.source.replace('random:', 'random input with seed ') : data.source}${data.layout === undefined ? '' : ` read as ${axesInWords[data.layout]}`}${data.preparation === undefined ? '' : ` (${data.preparation.words})`}`,
		`${formatCount(run.timesteps)} ${run.timesteps === 1 ? 'timestep' : 'timesteps'}`,
	];
	const charged = analogCharge(analysis);
	if (charged === 'once') parts.push('the analog first layer charged once');
	if (charged === 'every timestep') parts.push('the analog first layer charged at every timestep');
	if (run.spikeTest !== 'element') parts.push(`spikes told from numbers ${run.spikeTest} by ${run.spikeTest}`);
	parts.push(...configuredWords(run.assumptions));
	if (run.partial) parts.push('interrupted before all samples were done');
	return parts.join(', ');
}

/** Says that a file gave options, each as it is written on a command line. */
export const configuredSentence = (file: string, options: readonly string[]): string =>
	`${file} sets ${options.join(' ')}; the command line overrides it.`;

/** "--samples=100 from snn-energy.yaml", for each such sentence. */
const configuredWords = (assumptions: readonly string[]): string[] =>
	assumptions.flatMap((sentence) => {
		const [, file, options] = /^(.+) sets (--.+); the command line overrides it\.$/.exec(sentence) ?? [];
		return file === undefined ? [] : [`${options} from ${file}`];
	});

/**
 * How often layers that read the input of the model as numbers were charged in this run, whatever was asked for: an input
 * that changes over time is charged whenever it is there.
 *
 * @returns null where there is one timestep, no such layer, or they differ
 */
export function analogCharge({ layers, run }: Analysis): 'once' | 'every timestep' | null {
	if (run.timesteps < 2) return null;
	const charged = layers.flatMap((layer) =>
		layer.kind === 'synaptic' && layer.source === null && layer.inputKind === 'analog'
			? [layer.perTimestep.filter(({ acs, macs, macsDense }) => acs + macs + macsDense > 0).length]
			: [],
	);
	if (charged.length === 0) return null;
	if (charged.every((times) => times === 1)) return 'once';
	return charged.every((times) => times === run.timesteps) ? 'every timestep' : null;
}

/** "8,503 spikes, 9.0 % of the neurons fire in a timestep, 0.54 spikes per neuron"; for a DNN, that there are none. */
export function activitySentence(analysis: Analysis): string {
	const activity = networkActivity(analysis);
	if (!activity.spiking) return 'none: the network has no spiking neurons';
	const rate = activity.firingRate === null ? '' : `, firing rate ${formatPercent(activity.firingRate)} per timestep`;
	const spikes = activity.spikesPerNeuron === null ? '' : `, ${formatSignificant(activity.spikesPerNeuron)} spikes per neuron`;
	return `${formatCount(activity.spikesPerInference)} per inference${rate}${spikes}`;
}

/** "a, b and c". */
export function listInWords(items: readonly string[]): string {
	if (items.length < 2) return items.join('');
	return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** What changes the meaning of all numbers and therefore stands before them. */
export function cautionsOf(analysis: Analysis): string[] {
	return [...new Set([...(analysis.balance?.headlines ?? []), ...allWarnings(analysis).filter(concernsData(analysis))])];
}

/** Random data and samples that are missing. */
const concernsData =
	({ data, run }: Analysis) =>
	(warning: string): boolean =>
		(data.random && /^The input is random/.test(warning)) ||
		(run.partial && /^(Interrupted|Partial|The run was interrupted)/.test(warning));

/** Warnings of the record and those its own numbers give rise to, without those that stand before the numbers. */
export function warningsOf(analysis: Analysis): string[] {
	const before = new Set(cautionsOf(analysis));
	return allWarnings(analysis).filter((warning) => !before.has(warning));
}

const refusal = 'The network has no spiking neurons';

/** Whether a warning says that a figure is of hardware which cannot run the network; a comparison leaves the figure out and says so itself. */
export const isRefusal = (warning: string): boolean => warning.startsWith(`${refusal}, so the figure`);

function allWarnings(analysis: Analysis): string[] {
	const warnings = [...analysis.warnings];
	if (!networkActivity(analysis).spiking)
		for (const { profile, denseUnsupported } of analysis.estimates)
			if (denseUnsupported) warnings.push(`${refusal}, so the figure for ${profile} is none it could have: ${denseUnsupported}`);
	if (analysis.data.random && !warnings.some((warning) => /random/i.test(warning)))
		warnings.push('The input is random: firing rates, energy and latency say nothing about real data.');
	if (analysis.run.partial && !warnings.some((warning) => /interrupt|partial/i.test(warning)))
		warnings.push('The run was interrupted: the counts cover only the samples done so far.');
	return warnings;
}
