/** An Analysis as one tidy CSV: a row for each layer (and the whole net) under each profile, every count, full precision. */

import type { Estimate, Interval } from '../hardware/estimate.ts';
import type { LayerActivity } from '../simulation/activity.ts';
import type { Analysis } from './analysis.ts';
import { renderCsv } from './csv.ts';
import { comparisonFor, firingRate, layerEstimates, networkActivity, ratioOrNull, spikesPerNeuron } from './quantities.ts';
import { cautionsOf } from './sentences.ts';

const countNames = [
	'denseMacs',
	'synapses',
	'inputElements',
	'activeInputs',
	'synapticEvents',
	'effectiveEvents',
	'acs',
	'macs',
	'macsDense',
	'weightReads',
	'neurons',
	'neuronUpdates',
	'drivenUpdates',
	'spikes',
	'spikeSum',
	'leakMultiplies',
	'resets',
	'stateReads',
	'stateWrites',
] as const;

const header = [
	'model',
	'profile',
	'accounting',
	'scope',
	'layer',
	'kind',
	'op',
	'inputKind',
	'samples',
	'timesteps',
	'firingRate',
	'spikesPerNeuron',
	...countNames,
	'energyPerInferenceJoules',
	'energyPerInferenceJoulesLow',
	'energyPerInferenceJoulesHigh',
	'energyShare',
	'latencyPerInferenceSeconds',
	'latencyPerInferenceSecondsLow',
	'latencyPerInferenceSecondsHigh',
	'dnnEnergyJoules',
	'dnnToSnnRatio',
	'evidence',
	'caution',
] as const;

type CsvCell = string | number | null;

/** Counts are integers summed over samples and timesteps; energy and latency are means per inference. */
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
			...counts(layer.totals),
			...bounds(energy),
			energy === null ? null : ratioOrNull(energy.nominal, total),
			...bounds(null),
			null,
			null,
			null,
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
		...counts(analysis.totals),
		...bounds(estimate?.energyPerInferenceJoules ?? null),
		total > 0 ? 1 : null,
		...bounds(estimate?.latencyPerInferenceSeconds ?? null),
		comparison?.dnnEnergyJoules.nominal ?? null,
		comparison?.ratio.nominal ?? null,
		estimate?.evidence ?? null,
		caution,
	]);
	return rows;
}

function counts(totals: LayerActivity['totals'] | Analysis['totals']): CsvCell[] {
	const known: Readonly<Record<string, number>> = { ...totals };
	return countNames.map((name) => known[name] ?? null);
}

function bounds(interval: Interval | null): CsvCell[] {
	return interval === null ? [null, null, null] : [interval.nominal, interval.low, interval.high];
}
