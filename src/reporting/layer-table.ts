/** The layers of one run as a table: what each did and what it costs. */

import type { LayerActivity } from '../simulation/activity.ts';
import type { Analysis } from './analysis.ts';
import {
	firingRate,
	layerEstimates,
	membraneWords,
	perInference,
	ratioOrNull,
	spikesPerNeuron,
	unlayeredEnergy,
} from './quantities.ts';
import { estimateName } from './sentences.ts';
import type { Cell, Column, Row, Table } from './table.ts';

/** "Conv, spikes", "LIF". */
export function layerKind(layer: LayerActivity): string {
	return layer.kind === 'synaptic' ? `${layer.op}, ${layer.inputKind}` : layer.op;
}

/**
 * One row a layer in the order of the data flow, means per inference, and a row of sums. With
 * several estimates each has its own energy share.
 */
export function layerTable(analysis: Analysis): Table {
	const { estimates } = analysis;
	const several = estimates.length > 1;
	const columns: Column[] = [
		{ key: 'layer', title: 'layer', quantity: 'text' },
		{ key: 'kind', title: 'kind', quantity: 'text', dropOrder: 4, meaning: 'operator and, for weights, what their input is' },
		{
			key: 'inputActivity',
			title: 'input on',
			quantity: 'percent',
			dropOrder: 6,
			meaning: 'share of input elements that are not zero',
		},
		{
			key: 'firingRate',
			title: 'firing',
			quantity: 'percent',
			meaning: 'spikes ÷ (neurons · timesteps)',
		},
		{
			key: 'spikesPerNeuron',
			title: 'spikes/neuron',
			quantity: 'number',
			dropOrder: 3,
			meaning: 'spikes of all timesteps ÷ neurons',
		},
		{ key: 'acs', title: 'ACs', quantity: 'count', dropOrder: 1 },
		{ key: 'macs', title: 'MACs', quantity: 'count', dropOrder: 1 },
		{
			key: 'membraneWords',
			title: 'membrane',
			quantity: 'count',
			dropOrder: 2,
			meaning: 'membrane potentials read and written, in words',
		},
	];
	for (const estimate of estimates) {
		const profile = several ? ` ${estimateName(estimate)}` : '';
		const key = several ? `:${estimate.profile}${accountingSuffix(estimate.accounting)}` : '';
		columns.push({ key: `energyJoules${key}`, title: `energy${profile}`, quantity: 'joules', dropOrder: several ? 5 : 0 });
		columns.push({ key: `energyShare${key}`, title: `share${profile}`, quantity: 'percent' });
	}
	const priced = estimates.map((estimate) => ({ estimate, byLayer: layerEstimates(analysis, estimate) }));
	const rows: Row[] = analysis.layers.map((layer) => ({
		cells: [
			...activityCells(layer, analysis),
			...priced.flatMap(({ estimate, byLayer }): Cell[] => {
				const energy = byLayer.get(layer)?.energyJoules ?? null;
				return [energy, energy === null ? null : ratioOrNull(energy.nominal, estimate.energyPerInferenceJoules.nominal)];
			}),
		],
	}));
	const rests = estimates.map(unlayeredEnergy);
	if (rests.some((rest) => rest !== null)) {
		const cells = rests.flatMap((rest, index): Cell[] => {
			const total = estimates[index]?.energyPerInferenceJoules.nominal ?? 0;
			return [rest, rest === null ? null : ratioOrNull(rest.nominal, total)];
		});
		rows.push({ cells: ['not tied to a layer', null, null, null, null, null, null, null, ...cells] });
	}
	rows.push(totalRow(analysis));
	return { id: 'layers', caption: 'Layers in the order of the data flow, means per inference.', columns, rows };
}

function activityCells(layer: LayerActivity, analysis: Analysis): Cell[] {
	const { run } = analysis;
	if (layer.kind === 'synaptic') {
		const { totals } = layer;
		const active = ratioOrNull(totals.activeInputs, totals.inputElements);
		return [
			layer.name,
			layerKind(layer),
			active,
			null,
			null,
			perInference(totals.acs, run),
			perInference(totals.macs, run),
			null,
		];
	}
	const rates = [firingRate(layer, run), spikesPerNeuron(layer, run)];
	return [layer.name, layerKind(layer), null, ...rates, null, null, membraneWords(layer.totals, run)];
}

function totalRow(analysis: Analysis): Row {
	const { totals, run } = analysis;
	const spiking = analysis.layers.filter((layer) => layer.kind === 'neuron' && layer.spiking);
	const neurons = spiking.reduce((sum, layer) => sum + (layer.kind === 'neuron' ? layer.neurons : 0), 0);
	const spikes = spiking.reduce((sum, layer) => sum + (layer.kind === 'neuron' ? layer.totals.spikes : 0), 0);
	return {
		emphasis: true,
		cells: [
			'total',
			null,
			null,
			ratioOrNull(spikes, neurons * run.timesteps * run.samples),
			ratioOrNull(spikes, neurons * run.samples),
			perInference(totals.acs, run),
			perInference(totals.macs, run),
			membraneWords(totals, run),
			...analysis.estimates.flatMap((estimate): Cell[] => [
				estimate.energyPerInferenceJoules,
				estimate.energyPerInferenceJoules.nominal > 0 ? 1 : null,
			]),
		],
	};
}

function accountingSuffix(accounting: string): string {
	return accounting === 'exact' ? '' : `:${accounting}`;
}
