/** What the estimate depends on: one bar a constant, from the energy at its low end to that at its high end. */

import { formatQuantity, underPrefix } from '../numbers.ts';
import type { Table } from '../table.ts';
import { axisLabels, axisPrefix, type Chart, labelLength } from './chart.ts';

/** Energy per inference when one constant alone is moved to the ends of its range. */
export interface SensitivityBar {
	readonly constant: string;
	/** The range moved over, in words: "0.4 to 1.4 pJ", "±50 %". */
	readonly range: string;
	readonly energyAtLowJoules: number;
	readonly energyAtHighJoules: number;
}

export interface Sensitivity {
	readonly profile: string;
	readonly nominalJoules: number;
	readonly bars: readonly SensitivityBar[];
}

/** Bars drawn at most: the constants that matter least are left out of the picture, not of the table. */
const mostBars = 12;

/** @returns null when no constant moves the energy */
export function tornadoChart(sensitivity: Sensitivity): Chart | null {
	const swing = (bar: SensitivityBar) => Math.abs(bar.energyAtHighJoules - bar.energyAtLowJoules);
	const bars = sensitivity.bars.filter((bar) => swing(bar) > 0).sort((one, other) => swing(other) - swing(one));
	const [first] = bars;
	if (first === undefined) return null;
	const prefix = axisPrefix(bars.flatMap((bar) => [bar.energyAtLowJoules, bar.energyAtHighJoules]));
	return {
		id: 'sensitivity',
		title: `What the energy on ${sensitivity.profile} depends on`,
		alternative: `${first.constant} matters most: over ${first.range} the energy runs from ${formatQuantity(Math.min(first.energyAtLowJoules, first.energyAtHighJoules), 'J')} to ${formatQuantity(Math.max(first.energyAtLowJoules, first.energyAtHighJoules), 'J')}.`,
		table: tableOf(bars, sensitivity.profile),
		specification: ({ width, theme }) => {
			const drawn = bars.slice(0, mostBars);
			const labels = axisLabels(
				drawn.map((bar) => `${bar.constant} (${bar.range})`),
				labelLength(width) + 10,
			);
			const nominal = underPrefix(sensitivity.nominalJoules, prefix);
			const ends = drawn.flatMap((bar, index) => [
				{
					constant: labels[index],
					end: 'constant at its low end',
					from: nominal,
					to: underPrefix(bar.energyAtLowJoules, prefix),
				},
				{
					constant: labels[index],
					end: 'constant at its high end',
					from: nominal,
					to: underPrefix(bar.energyAtHighJoules, prefix),
				},
			]);
			const y = { field: 'constant', type: 'nominal', sort: null, title: null, axis: { ticks: false, domain: false } } as const;
			const title = `energy per inference (${prefix.symbol}J); the line is the estimate`;
			return {
				width,
				height: { step: 24 },
				autosize: { type: 'fit-x', contains: 'padding' },
				layer: [
					{
						data: { values: ends },
						mark: { type: 'bar', height: 14, stroke: theme.text, strokeWidth: 0.5 },
						encoding: {
							y,
							x: { field: 'from', type: 'quantitative', title, scale: { zero: false, nice: true } },
							x2: { field: 'to' },
							color: {
								field: 'end',
								type: 'nominal',
								title: null,
								sort: null,
								scale: { range: [theme.background ?? 'var(--page)', theme.accent] },
							},
						},
					},
					{
						data: { values: [{ nominal }] },
						mark: { type: 'rule', strokeWidth: 1.5 },
						encoding: { x: { field: 'nominal', type: 'quantitative' } },
					},
				],
			};
		},
	};
}

function tableOf(bars: readonly SensitivityBar[], profile: string): Table {
	return {
		id: 'sensitivity',
		caption: `Energy per inference on ${profile} when one constant alone is moved.`,
		columns: [
			{ key: 'constant', title: 'constant', quantity: 'text' },
			{ key: 'range', title: 'range', quantity: 'text' },
			{ key: 'energyAtLowJoules', title: 'energy at its low end', quantity: 'joules' },
			{ key: 'energyAtHighJoules', title: 'energy at its high end', quantity: 'joules' },
		],
		rows: bars.map((bar) => ({ cells: [bar.constant, bar.range, bar.energyAtLowJoules, bar.energyAtHighJoules] })),
	};
}
