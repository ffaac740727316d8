/**
 * An Analysis as one tidy CSV in long form: a row for each layer (and the whole net) under each profile. Every count,
 * energy and latency is a mean per inference, at full precision, and the head says so.
 */

import type { LayerActivity, NeuronLayerActivity } from '../activity/activity.ts';
import { neuronNames, synapticNames } from '../activity/counts.ts';
import type { Estimate, Interval } from '../hardware/estimate.ts';
import type { Analysis } from './analysis.ts';
import { csvName, renderCsv } from './csv.ts';
import {
	comparisonFor,
	firingRate,
	layerEstimates,
	networkActivity,
	perInference,
	ratioOrNull,
	spikesPerNeuron,
} from './quantities.ts';
import { cautionsOf } from './sentences.ts';

/** Every count of a layer but that of its neurons, which has a column of its own: they are not events. */
const countNames = [...synapticNames, ...neuronNames.filter((name) => name !== 'neurons')];

const interval = (key: string, quantity: 'joules' | 'seconds'): string[] =>
	[undefined, 'low' as const, 'high' as const].map((bound) => csvName({ key, quantity }, bound));

const header = [
	'model',
	'profile',
	'accounting',
	'scope',
	'layer',
	'kind',
	'op',
	'input_kind',
	'samples',
	'timesteps',
	'firing_rate',
	'spikes_per_neuron',
	'neurons',
	...countNames.map((key) => csvName({ key, quantity: 'count', perInference: true })),
	...interval('energy', 'joules'),
	'energy_share',
	...interval('latency', 'seconds'),
	'dnn_energy_J',
	'dnn_to_snn_ratio',
	'evidence',
	'close_decision_share',
	'caution',
] as const;

type CsvCell = string | number | null;

export function renderAnalysisCsv(analysis: Analysis): string {
	const estimates: readonly (Estimate | null)[] = analysis.estimates.length > 0 ? analysis.estimates : [null];
	return renderCsv([header, ...estimates.flatMap((estimate) => rowsFor(analysis, estimate))]);
}

function rowsFor(analysis: Analysis, estimate: Estimate | null): CsvCell[][] {
	const { model, run } = analysis;
	const byLayer = estimate === null ? new Map() : layerEstimates(analysis, estimate);
	const total = estimate?.energyPerInferenceJoules.nominal ?? 0;
	const caution = cautionsOf(analysis).join(' ') || null;
	const start = [model.file, estimate?.profile ?? null, estimate?.accounting ?? null];
	const rows = analysis.layers.map((layer): CsvCell[] => {
		const energy: Interval | null = byLayer.get(layer)?.energyJoules ?? null;
		return [
			...start,
			'layer',
			layer.name,
			layer.kind,
			layer.op,
			layer.kind === 'synaptic' ? layer.inputKind : null,
			run.samples,
			run.timesteps,
			layer.kind === 'neuron' ? firingRate(layer, run) : null,
			layer.kind === 'neuron' ? spikesPerNeuron(layer, run) : null,
			layer.kind === 'neuron' ? neuronsOf(layer.totals.neurons, run) : null,
			...counts(layer.totals, run),
			...bounds(energy),
			energy === null ? null : ratioOrNull(energy.nominal, total),
			...bounds(null),
			null,
			null,
			null,
			layer.kind === 'neuron' ? closeShare(layer.decisions) : null,
			caution,
		];
	});
	const activity = networkActivity(analysis);
	const comparison = estimate === null ? null : comparisonFor(analysis, estimate);
	rows.push([
		...start,
		'total',
		null,
		null,
		null,
		null,
		run.samples,
		run.timesteps,
		activity.firingRate,
		activity.spikesPerNeuron,
		neuronsOf(analysis.totals.neurons, run),
		...counts(analysis.totals, run),
		...bounds(estimate?.energyPerInferenceJoules ?? null),
		total > 0 ? 1 : null,
		...bounds(estimate?.latencyPerInferenceSeconds ?? null),
		comparison?.dnnEnergyJoules.nominal ?? null,
		comparison?.ratio.nominal ?? null,
		estimate?.evidence ?? null,
		closeShare(analysis.decisions),
		caution,
	]);
	return rows;
}

/** Of the decisions looked at, those within rounding of their threshold. */
const closeShare = (decisions: Analysis['decisions'] | NeuronLayerActivity['decisions']): number | null =>
	decisions && decisions.close !== null ? ratioOrNull(decisions.close, decisions.compared) : null;

/** Neurons there are: their number was added up at every timestep of every sample. */
const neuronsOf = (summed: number, { samples, timesteps }: Analysis['run']): number | null =>
	ratioOrNull(summed, samples * timesteps);

function counts(totals: LayerActivity['totals'] | Analysis['totals'], run: Analysis['run']): CsvCell[] {
	const known: Readonly<Record<string, number>> = { ...totals };
	return countNames.map((name) => {
		const sum = known[name];
		return sum === undefined ? null : perInference(sum, run);
	});
}

function bounds(interval: Interval | null): CsvCell[] {
	return interval === null ? [null, null, null] : [interval.nominal, interval.low, interval.high];
}
