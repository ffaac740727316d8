/** What timesteps buy and cost: accuracy, spikes and energy of a converted network at each T, beside the plain network. */

import type { Analysis } from '../analysis.ts';
import { accuracyOf } from '../compare.ts';
import { formatAccuracyPercent, formatQuantity, underPrefix } from '../numbers.ts';
import { networkActivity } from '../quantities.ts';
import type { Table } from '../table.ts';
import { axisPrefix, type Chart } from './chart.ts';

/** A network's run at one number of timesteps. */
export interface CurvePoint {
	/** "converted" or "trained". */
	readonly network: string;
	readonly analysis: Analysis;
}

/** Height of each of the panels, in CSS pixels. */
const panelHeight = 130;

/**
 * Panels over one axis of timesteps: accuracy (where there are labels), spikes per neuron, and energy on the first profile; the plain
 * network is a dashed line.
 *
 * @returns null when there are fewer than two points
 */
export function conversionCurveChart(plain: Analysis, points: readonly CurvePoint[], table: Table): Chart | null {
	if (points.length < 2) return null;
	const profile = plain.estimates[0]?.profile ?? null;
	const energyOf = ({ estimates }: Analysis): number | null => estimates[0]?.energyPerInferenceJoules.nominal ?? null;
	const prefix = axisPrefix([plain, ...points.map(({ analysis }) => analysis)].map((one) => energyOf(one) ?? 0));
	const values = points.map(({ network, analysis }) => ({
		network,
		timesteps: analysis.run.timesteps,
		accuracy: percent(analysis),
		spikes: networkActivity(analysis).spikesPerNeuron,
		energy: inUnits(energyOf(analysis), prefix),
	}));
	const networks = [...new Set(points.map(({ network }) => network))];
	const steps = [...new Set(values.map(({ timesteps }) => timesteps))].sort((a, b) => a - b);
	const logarithmic = (steps.at(-1) ?? 1) / (steps[0] ?? 1) >= 8;
	const reference = { accuracy: percent(plain), energy: inUnits(energyOf(plain), prefix) };
	return {
		id: 'conversion-curve',
		title: `Accuracy, spikes and energy by timesteps${profile === null ? '' : ` on ${profile}`}`,
		alternative: [
			words('The plain network', plain),
			...points.map(({ network, analysis }) => words(`${network} at T = ${analysis.run.timesteps}`, analysis)),
		]
			.join('; ')
			.concat('.'),
		table,
		specification: ({ width, theme }) => {
			const x = {
				field: 'timesteps',
				type: 'quantitative',
				title: 'timesteps T',
				scale: logarithmic ? { type: 'log' as const, base: 2, nice: false } : { zero: false, nice: false },
				axis: { values: steps, format: 'd', grid: false },
			} as const;
			const color = {
				field: 'network',
				type: 'nominal',
				title: null,
				scale: { domain: networks, range: theme.series.slice(0, networks.length) },
			} as const;
			const panel = (field: 'accuracy' | 'spikes' | 'energy', title: string, last: boolean, plainValue: number | null) => {
				const present = values.filter((value) => value[field] !== null);
				const lines = {
					data: { values: present },
					mark: { type: 'line' as const, point: { filled: true, size: 45 } },
					encoding: {
						x: last ? x : { ...x, title: null },
						y: {
							field,
							type: 'quantitative' as const,
							title,
							scale: { zero: field !== 'accuracy', nice: true },
							axis: { tickCount: 5, minExtent: 56 },
						},
						color,
						...(networks.length > 1
							? { shape: { field: 'network', type: 'nominal' as const, title: null, scale: { domain: networks } } }
							: {}),
					},
				};
				if (plainValue === null) return { width: width - 84, height: panelHeight, layer: [lines] };
				const plainLine = {
					data: { values: [{ [field]: plainValue, text: 'plain network' }] },
					mark: { type: 'rule' as const, strokeDash: [5, 4], color: theme.muted },
					encoding: { y: { field, type: 'quantitative' as const } },
				};
				const plainName = {
					data: { values: [{ [field]: plainValue, text: 'plain network' }] },
					mark: { type: 'text' as const, align: 'right' as const, dx: -4, dy: -7, color: theme.muted, x: 'width' as const },
					encoding: { y: { field, type: 'quantitative' as const }, text: { field: 'text' } },
				};
				return { width: width - 84, height: panelHeight, layer: [plainLine, plainName, lines] };
			};
			const withAccuracy = values.some(({ accuracy }) => accuracy !== null);
			const withEnergy = profile !== null;
			return {
				vconcat: [
					...(withAccuracy ? [panel('accuracy', 'accuracy (%)', false, reference.accuracy)] : []),
					panel('spikes', 'spikes per neuron', !withEnergy, null),
					...(withEnergy ? [panel('energy', `energy (${prefix.symbol}J)`, true, reference.energy)] : []),
				],
				spacing: 14,
				config: { legend: { disable: networks.length < 2 } },
			};
		},
	};
}

const percent = (analysis: Analysis): number | null => {
	const accuracy = accuracyOf(analysis);
	return accuracy === null ? null : accuracy * 100;
};

const inUnits = (value: number | null, prefix: Parameters<typeof underPrefix>[1]): number | null =>
	value === null ? null : underPrefix(value, prefix);

function words(name: string, analysis: Analysis): string {
	const accuracy = accuracyOf(analysis);
	const energy = analysis.estimates[0]?.energyPerInferenceJoules.nominal;
	const parts = [
		...(accuracy === null ? [] : [formatAccuracyPercent(accuracy)]),
		...(energy === undefined ? [] : [formatQuantity(energy, 'J')]),
	];
	return `${name}: ${parts.join(', ')}`;
}
