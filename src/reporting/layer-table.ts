/** The layers of one run as a table: what each did and what it costs. */

import type { InputKind, LayerActivity, NeuronLayerActivity, SynapticLayerActivity } from '../activity/activity.ts';
import type { Interval } from '../hardware/estimate.ts';
import type { Analysis } from './analysis.ts';
import {
	firingRate,
	layerEstimates,
	membraneWords,
	networkActivity,
	perInference,
	ratioOrNull,
	spikesPerNeuron,
	unlayeredEnergy,
} from './quantities.ts';
import { estimateName } from './sentences.ts';
import type { Cell, Column, Row, Table } from './table.ts';

/** What weights read, in words. */
const inputWords: Readonly<Record<InputKind, string>> = {
	spikes: 'spikes',
	graded: 'graded spikes',
	analog: 'real numbers',
	mixed: 'spikes and numbers',
};

/** "Conv of spikes", "LIF". */
function layerKind(layer: LayerActivity): string {
	return layer.kind === 'synaptic' ? `${layer.op} of ${inputWords[layer.inputKind]}` : layer.op;
}

/** A column of what layers did: its cell for a layer of each kind and for the whole net. */
interface ActivityColumn extends Column {
	readonly synaptic: (layer: SynapticLayerActivity, analysis: Analysis) => Cell;
	readonly neuron: (layer: NeuronLayerActivity, analysis: Analysis) => Cell;
	readonly total: (analysis: Analysis) => Cell;
	/** Only where every column is asked for. */
	readonly verbose?: boolean;
	/** Whether the column says anything about this run; always where this is not given. */
	readonly shown?: (analysis: Analysis) => boolean;
}

const none = () => null;
const repeats = ({ layers }: Analysis): boolean => layers.some((layer) => layer.kind === 'synaptic' && layer.reuse !== undefined);
const spikes = (analysis: Analysis) => networkActivity(analysis).spiking;
const mean =
	(name: 'acs' | 'macs' | 'macsDense') =>
	({ totals }: Pick<SynapticLayerActivity | Analysis, 'totals'>, { run }: Analysis): number =>
		perInference((totals as Analysis['totals'])[name], run);
const meanColumn = (name: 'acs' | 'macs' | 'macsDense') => ({
	perInference: true,
	synaptic: mean(name),
	neuron: none,
	total: (analysis: Analysis) => mean(name)(analysis, analysis),
});

const activityColumns: readonly ActivityColumn[] = [
	{
		key: 'layer',
		title: 'layer',
		quantity: 'text',
		synaptic: ({ name }) => name,
		neuron: ({ name }) => name,
		total: () => 'total',
	},
	{
		key: 'kind',
		verbose: true,
		title: 'kind',
		quantity: 'text',
		dropOrder: 4,
		meaning: 'operator and, for weights, what their input is',
		synaptic: layerKind,
		neuron: layerKind,
		total: none,
	},
	{
		key: 'inputActivity',
		verbose: true,
		title: 'nonzero inputs',
		quantity: 'percent',
		dropOrder: 6,
		meaning: 'share of input elements that are not zero',
		synaptic: ({ totals }) => ratioOrNull(totals.activeInputs, totals.inputElements),
		neuron: none,
		total: none,
	},
	{
		key: 'firingRate',
		title: 'firing',
		quantity: 'percent',
		meaning: 'spikes ÷ (neurons · timesteps)',
		synaptic: none,
		neuron: (layer, { run }) => firingRate(layer, run),
		total: (analysis) => networkActivity(analysis).firingRate,
		shown: (analysis) => analysis.layers.some(({ kind }) => kind === 'neuron'),
	},
	{
		key: 'spikesPerNeuron',
		title: 'spikes/neuron',
		quantity: 'number',
		dropOrder: 3,
		meaning: 'spikes of all timesteps ÷ neurons',
		synaptic: none,
		neuron: (layer, { run }) => spikesPerNeuron(layer, run),
		total: (analysis) => networkActivity(analysis).spikesPerNeuron,
		shown: spikes,
	},
	{
		key: 'bitDensity',
		title: 'bits on',
		quantity: 'percent',
		dropOrder: 5,
		meaning: 'share of nonzero entries of the rows that output positions read, padding included',
		synaptic: ({ reuse }) => (reuse ? ratioOrNull(reuse.totals.rowSpikes, reuse.totals.rowEntries) : null),
		neuron: none,
		total: none,
		shown: repeats,
	},
	{
		key: 'productDensity',
		title: 'products',
		quantity: 'percent',
		dropOrder: 5,
		meaning: 'the same when rows take over the largest row they contain (Prosperity, tiles of 256 × 16)',
		synaptic: ({ reuse }) => (reuse ? ratioOrNull(reuse.totals.rowSpikesLeft, reuse.totals.rowEntries) : null),
		neuron: none,
		total: none,
		shown: repeats,
	},
	{
		key: 'partialSums',
		title: 'sums touched',
		quantity: 'count',
		dropOrder: 5,
		meaning: 'outputs that at least one event reaches, summed over timesteps',
		synaptic: ({ reuse }, { run }) => (reuse ? perInference(reuse.totals.partialSums, run) : null),
		neuron: none,
		total: none,
		shown: repeats,
	},
	{
		key: 'uniqueWeights',
		title: 'weights used',
		quantity: 'count',
		dropOrder: 5,
		meaning: 'different weights that at least one event uses, summed over timesteps',
		synaptic: ({ reuse }, { run }) => (reuse ? perInference(reuse.totals.uniqueWeights, run) : null),
		neuron: none,
		total: none,
		shown: repeats,
	},
	{ key: 'acs', title: 'ACs', quantity: 'count', dropOrder: 1, ...meanColumn('acs') },
	{
		key: 'macs',
		title: 'MACs',
		quantity: 'count',
		dropOrder: 1,
		meaning: 'of input elements that are not zero',
		...meanColumn('macs'),
	},
	{
		key: 'macsDense',
		verbose: true,
		title: 'dense MACs',
		quantity: 'count',
		dropOrder: 1,
		meaning: 'MACs of hardware that cannot skip the zeros of an analog input',
		...meanColumn('macsDense'),
		shown: ({ totals }) => totals.macsDense !== totals.macs,
	},
	{
		key: 'membraneWords',
		perInference: true,
		title: 'membrane words',
		quantity: 'count',
		dropOrder: 2,
		meaning: 'membrane potentials read and written, in words',
		synaptic: none,
		neuron: ({ totals }, { run }) => membraneWords(totals, run),
		total: ({ totals, run }) => membraneWords(totals, run),
		shown: ({ totals, run }) => membraneWords(totals, run) > 0,
	},
];

/**
 * One row a layer in the order of the data flow, means per inference, and a row of sums. With several estimates each has its
 * own energy share. Neurons that cost nothing stand in the row of the weights before them, which has other columns than theirs.
 *
 * @param verbose  every layer in a row of its own, with every column
 */
export function layerTable(analysis: Analysis, verbose = false): Table {
	const { estimates, layers } = analysis;
	const shown = activityColumns.filter((column) => (verbose || !column.verbose) && (column.shown?.(analysis) ?? true));
	const priced = estimates.map((estimate) => ({ estimate, byLayer: layerEstimates(analysis, estimate) }));
	const rows: Row[] = [];
	let folded = false;
	for (const [index, layer] of layers.entries()) {
		const activity = shown.map((column) =>
			layer.kind === 'synaptic' ? column.synaptic(layer, analysis) : column.neuron(layer, analysis),
		);
		const energies = priced.map(({ byLayer }) => byLayer.get(layer)?.energyJoules ?? null);
		const before = rows.at(-1);
		if (!verbose && before && layers[index - 1]?.kind === 'synaptic' && layer.kind === 'neuron' && isFree(energies)) {
			rows[rows.length - 1] = { cells: before.cells.map((cell, at) => (at === 0 ? cell : (cell ?? activity[at] ?? null))) };
			folded = true;
			continue;
		}
		const shares = priced.flatMap(({ estimate }, at): Cell[] => {
			const energy = energies[at] ?? null;
			return [energy, energy === null ? null : ratioOrNull(energy.nominal, estimate.energyPerInferenceJoules.nominal)];
		});
		rows.push({ cells: [...activity, ...shares] });
	}
	const rests = estimates.map(unlayeredEnergy);
	if (rests.some((rest) => rest !== null)) {
		const cells = rests.flatMap((rest, index): Cell[] => {
			const total = estimates[index]?.energyPerInferenceJoules.nominal ?? 0;
			return [rest, rest === null ? null : ratioOrNull(rest.nominal, total)];
		});
		rows.push({ cells: ['not tied to a layer', ...shown.slice(1).map(none), ...cells] });
	}
	const totals = estimates.flatMap(({ energyPerInferenceJoules }): Cell[] => [
		energyPerInferenceJoules,
		energyPerInferenceJoules.nominal > 0 ? 1 : null,
	]);
	rows.push({ emphasis: true, cells: [...shown.map((column) => column.total(analysis)), ...totals] });
	return {
		id: 'layers',
		caption: 'Events and energy of each layer per inference.',
		...(folded ? { note: 'Neurons whose energy is 0 J stand in the row of the weights before them.' } : {}),
		columns: [...shown, ...energyColumns(analysis)],
		rows,
	};
}

/** Whether a layer was priced and costs nothing under any profile. */
const isFree = (energies: readonly (Interval | null)[]): boolean =>
	energies.length > 0 && energies.every((energy) => energy !== null && energy.low === 0 && energy.high === 0);

function energyColumns({ estimates }: Analysis): Column[] {
	const several = estimates.length > 1;
	return estimates.flatMap((estimate): Column[] => {
		const profile = several ? ` ${estimateName(estimate)}` : '';
		const accounting = estimate.accounting === 'exact' ? '' : `:${estimate.accounting}`;
		const key = several ? `:${estimate.profile}${accounting}` : '';
		return [
			{ key: `energyJoules${key}`, title: `energy${profile}`, quantity: 'joules', dropOrder: several ? 5 : 0 },
			{ key: `energyShare${key}`, title: `share${profile}`, quantity: 'percent' },
		];
	});
}
