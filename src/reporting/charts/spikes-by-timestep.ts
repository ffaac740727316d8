/** When and where the net fires: a heat map of firing rates, layers down, timesteps across. */

import type { NeuronLayerActivity } from '../../activity/activity.ts';
import type { Analysis } from '../analysis.ts';
import { formatPercent } from '../numbers.ts';
import { ratioOrNull } from '../quantities.ts';
import type { Table } from '../table.ts';
import { axisLabels, type Chart, labelLength } from './chart.ts';

/** Cells drawn at most; longer runs are shown as means over equal stretches of timesteps. */
const mostCells = 1500;
/** Timesteps up to which every cell carries its number. */
const mostWords = 12;

/** Opacity of the highest rate: the numbers on top stay readable in light and dark. */
const strongest = 0.62;

interface Stretch {
	/** "3" or "3–5", counted from 1. */
	readonly name: string;
	readonly from: number;
	readonly to: number;
}

/** @returns null when no layer spikes */
export function spikesByTimestepChart(analysis: Analysis): Chart | null {
	const layers = analysis.layers.filter((layer): layer is NeuronLayerActivity => layer.kind === 'neuron' && layer.spiking);
	if (layers.length === 0) return null;
	const stretches = stretchesOf(analysis.run.timesteps, Math.max(1, Math.floor(mostCells / layers.length)));
	const rates = layers.map((layer) => stretches.map((stretch) => rateIn(layer, stretch, analysis.run.samples)));
	const highest = Math.max(...rates.flat().map((rate) => rate ?? 0));
	return {
		id: 'spikes-by-timestep',
		title: 'Firing rate by layer and timestep',
		alternative: sentence(layers, rates, stretches),
		table: tableOf(layers, rates, stretches),
		specification: ({ width }) => {
			const labels = axisLabels(
				layers.map((layer) => layer.name),
				labelLength(width),
			);
			const cells = layers.flatMap((_, row) =>
				stretches.map(({ name }, column) => {
					const rate = rates[row]?.[column] ?? 0;
					return { layer: labels[row], timestep: name, rate, words: formatPercent(rate) };
				}),
			);
			const x = {
				field: 'timestep',
				type: 'ordinal',
				sort: null,
				title: 'timestep',
				axis: { labelAngle: 0, labelOverlap: true },
			} as const;
			const y = { field: 'layer', type: 'nominal', sort: null, title: null, axis: { ticks: false, domain: false } } as const;
			const wordsFit = stretches.length <= mostWords && (width - 120) / stretches.length >= 44;
			return {
				width,
				height: { step: layers.length > 40 ? 14 : 24 },
				autosize: { type: 'fit-x', contains: 'padding' },
				data: { values: cells },
				layer: [
					{
						mark: { type: 'rect' },
						encoding: {
							x,
							y,
							opacity: {
								field: 'rate',
								type: 'quantitative',
								scale: { domain: [0, highest || 1], range: [0.05, strongest] },
								legend: wordsFit ? null : { title: 'firing rate', format: '.0%' },
							},
						},
					},
					...(wordsFit
						? [
								{
									mark: { type: 'text' } as const,
									encoding: {
										x,
										y,
										text: { field: 'words' },
									},
								},
							]
						: []),
				],
			};
		},
	};
}

function stretchesOf(timesteps: number, most: number): Stretch[] {
	const length = Math.ceil(timesteps / most);
	return Array.from({ length: Math.ceil(timesteps / length) }, (_, index) => {
		const from = index * length;
		const to = Math.min(timesteps, from + length);
		return { from, to, name: to - from === 1 ? `${to}` : `${from + 1}–${to}` };
	});
}

function rateIn(layer: NeuronLayerActivity, stretch: Stretch, samples: number): number | null {
	const spikes = layer.perTimestep.slice(stretch.from, stretch.to).reduce((sum, counts) => sum + counts.spikes, 0);
	return ratioOrNull(spikes, layer.neurons * samples * (stretch.to - stretch.from));
}

function sentence(
	layers: readonly NeuronLayerActivity[],
	rates: readonly (readonly (number | null)[])[],
	stretches: readonly Stretch[],
): string {
	let best = { rate: -1, layer: '', timestep: '' };
	rates.forEach((row, index) => {
		row.forEach((rate, column) => {
			if ((rate ?? -1) > best.rate)
				best = { rate: rate ?? 0, layer: layers[index]?.name ?? '', timestep: stretches[column]?.name ?? '' };
		});
	});
	if (best.rate <= 0) return 'No neuron fires at any timestep.';
	return `The highest is ${formatPercent(best.rate)}, in "${best.layer}" at timestep ${best.timestep}.`;
}

function tableOf(
	layers: readonly NeuronLayerActivity[],
	rates: readonly (readonly (number | null)[])[],
	stretches: readonly Stretch[],
): Table {
	return {
		id: 'spikes-by-timestep',
		caption: 'Firing rate (spikes ÷ neurons) by layer and timestep.',
		columns: [
			{ key: 'layer', title: 'layer', quantity: 'text' },
			...stretches.map(({ name }) => ({ key: `timestep${name}`, title: `t = ${name}`, quantity: 'percent' }) as const),
		],
		rows: layers.map((layer, index) => ({ cells: [layer.name, ...(rates[index] ?? [])] })),
	};
}
