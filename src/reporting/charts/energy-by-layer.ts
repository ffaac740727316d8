/** Where the energy goes: one bar a layer, split by term, with the interval of the sum. */

import type { Estimate } from '../../hardware/estimate.ts';
import { formatPercent, formatQuantity } from '../numbers.ts';
import { ratioOrNull, unlayeredEnergy } from '../quantities.ts';
import { estimateName, termWords } from '../sentences.ts';
import type { Row, Table } from '../table.ts';
import { axisLabels, axisPrefix, type Chart, labelLength, scaled } from './chart.ts';

/** Bars shown one by one; the cheapest layers beyond are summed into one. */
const mostBars = 40;

interface Bar {
	readonly name: string;
	readonly energyJoules: { readonly low: number; readonly nominal: number; readonly high: number };
	readonly terms: Readonly<Record<string, { readonly nominal: number }>>;
}

export function energyByLayerChart(estimate: Estimate): Chart {
	const bars = barsOf(estimate);
	const prefix = axisPrefix(bars.map((bar) => bar.energyJoules.high));
	const total = estimate.energyPerInferenceJoules.nominal;
	const most = bars.reduce(
		(best, bar) => (bar.energyJoules.nominal > best.energyJoules.nominal ? bar : best),
		bars[0] ?? emptyBar,
	);
	return {
		id: 'energy-by-layer',
		title: `Energy by layer on ${estimateName(estimate)}`,
		alternative:
			total > 0
				? `"${most.name}" takes the most, ${formatQuantity(most.energyJoules.nominal, 'J')} or ${formatPercent(most.energyJoules.nominal / total)} of ${formatQuantity(total, 'J')}.`
				: 'No layer costs energy.',
		table: tableOf(bars, estimate),
		specification: ({ width }) => {
			const labels = axisLabels(
				bars.map((bar) => bar.name),
				labelLength(width),
			);
			const termNames = [...new Set(bars.flatMap((bar) => Object.keys(bar.terms)))].filter((term) =>
				bars.some((bar) => (bar.terms[term]?.nominal ?? 0) !== 0),
			);
			const segments = bars.flatMap((bar, index) =>
				termNames.map((term, order) => ({
					layer: labels[index],
					term: termWords(term),
					order,
					energy: scaled({ low: 0, high: 0, nominal: bar.terms[term]?.nominal ?? 0 }, prefix).nominal,
				})),
			);
			const sums = bars.map((bar, index) => {
				const bounds = scaled(bar.energyJoules, prefix);
				const end = Math.max(bounds.high, bounds.nominal);
				return { layer: labels[index], ...bounds, end, words: formatQuantity(bar.energyJoules.nominal, 'J') };
			});
			const title = `energy per inference (${prefix.symbol}J)`;
			const y = { field: 'layer', type: 'nominal', sort: null, title: null, axis: { ticks: false, domain: false } } as const;
			return {
				width,
				height: { step: 22 },
				autosize: { type: 'fit-x', contains: 'padding' },
				layer: [
					{
						data: { values: segments },
						mark: { type: 'bar', height: 14 },
						encoding: {
							y,
							x: { field: 'energy', type: 'quantitative', title, stack: 'zero', scale: { nice: true, zero: true } },
							order: { field: 'order' },
							...(termNames.length > 1
								? { color: { field: 'term', type: 'nominal', sort: termNames.map(termWords), title: null } as const }
								: {}),
						},
					},
					...(sums.some((sum) => sum.low !== sum.high)
						? [
								{
									data: { values: sums.filter((sum) => sum.low !== sum.high) },
									mark: { type: 'rule', strokeWidth: 1.5 } as const,
									encoding: { y, x: { field: 'low', type: 'quantitative' } as const, x2: { field: 'high' } },
								},
							]
						: []),
					{
						data: { values: sums },
						mark: { type: 'text', align: 'left', dx: 5 },
						encoding: { y, x: { field: 'end', type: 'quantitative' }, text: { field: 'words' } },
					},
				],
			};
		},
	};
}

const emptyBar: Bar = { name: '', energyJoules: { low: 0, nominal: 0, high: 0 }, terms: {} };

function barsOf(estimate: Estimate): Bar[] {
	const bars: Bar[] = estimate.layers.filter(
		(layer) => layer.kind === 'synaptic' || layer.energyJoules.nominal !== 0 || layer.energyJoules.high !== 0,
	);
	const rest = unlayeredEnergy(estimate);
	if (rest !== null) bars.push({ name: 'not tied to a layer', energyJoules: rest, terms: { 'not tied to a layer': rest } });
	if (bars.length <= mostBars) return bars;
	const kept = new Set(
		[...bars].sort((one, other) => other.energyJoules.nominal - one.energyJoules.nominal).slice(0, mostBars - 1),
	);
	const others = bars.filter((bar) => !kept.has(bar));
	return [...bars.filter((bar) => kept.has(bar)), sumBars(others)];
}

function sumBars(bars: readonly Bar[]): Bar {
	const energyJoules = { low: 0, nominal: 0, high: 0 };
	const terms: Record<string, { nominal: number }> = {};
	for (const bar of bars) {
		for (const bound of ['low', 'nominal', 'high'] as const) energyJoules[bound] += bar.energyJoules[bound];
		for (const [term, { nominal }] of Object.entries(bar.terms)) terms[term] = { nominal: (terms[term]?.nominal ?? 0) + nominal };
	}
	return { name: `${bars.length} other layers`, energyJoules, terms };
}

function tableOf(bars: readonly Bar[], estimate: Estimate): Table {
	const rows = bars.map(
		(bar): Row => ({
			cells: [bar.name, bar.energyJoules, ratioOrNull(bar.energyJoules.nominal, estimate.energyPerInferenceJoules.nominal)],
		}),
	);
	return {
		id: 'energy-by-layer',
		caption: `Energy per inference by layer on ${estimateName(estimate)}.`,
		columns: [
			{ key: 'layer', title: 'layer', quantity: 'text' },
			{ key: 'energyJoules', title: 'energy', quantity: 'joules' },
			{ key: 'energyShare', title: 'share', quantity: 'percent' },
		],
		rows,
	};
}
