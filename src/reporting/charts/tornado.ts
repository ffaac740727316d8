/** What an estimate depends on: one bar a constant, from the energy at its low end to that at its high end. */

import type { Sensitivity, SensitivityBar } from '../../hardware/sensitivity.ts';
import { formatConstantRange, formatQuantity, formatRatio, type Prefix, underPrefix } from '../numbers.ts';
import type { Quantity, Table } from '../table.ts';
import { axisLabels, axisPrefix, type Chart, labelLength } from './chart.ts';

/** Bars drawn at most: the constants that matter least are left out of the picture, not of the table. */
const mostBars = 12;

const watched = {
	energy: { title: 'energy per inference', unit: 'J', quantity: 'joules' },
	latency: { title: 'latency per inference', unit: 's', quantity: 'seconds' },
	ratio: { title: 'DNN baseline ÷ spiking network', unit: null, quantity: 'ratio' },
} as const;

/** @returns null when no constant moves the quantity */
export function tornadoChart(sensitivity: Sensitivity): Chart | null {
	const { profile, nominal, quantity } = sensitivity;
	const { title, unit, quantity: cells } = watched[quantity];
	const [first] = sensitivity.bars;
	if (first === undefined) return null;
	const prefix: Prefix =
		unit === null
			? { exponent: 0, symbol: '' }
			: axisPrefix(sensitivity.bars.flatMap((bar) => [bar.atLow ?? nominal, bar.atHigh ?? nominal]));
	const words = (value: number) => (unit === null ? formatRatio(value) : formatQuantity(value, unit));
	const ends = [first.atLow ?? nominal, first.atHigh ?? nominal].sort((one, other) => one - other);
	return {
		id: `sensitivity-${quantity}`,
		title: `What the ${quantity} on ${profile} depends on`,
		alternative: `${first.constant} matters most: over ${rangeWords(first)} the ${quantity} runs from ${words(ends[0] ?? nominal)} to ${words(ends[1] ?? nominal)}.`,
		table: tableOf(sensitivity, title, cells),
		specification: ({ width, theme }) => {
			const drawn = sensitivity.bars.slice(0, mostBars);
			const labels = axisLabels(
				drawn.map((bar) => `${bar.constant} (${rangeWords(bar)})`),
				labelLength(width) + 10,
			);
			const at = underPrefix(nominal, prefix);
			const bar = (index: number, end: 'low' | 'high', value: number | null) => ({
				constant: labels[index],
				end: `constant at its ${end} end`,
				from: at,
				to: underPrefix(value ?? nominal, prefix),
			});
			const values = drawn.flatMap(({ atLow, atHigh }, index) => [bar(index, 'low', atLow), bar(index, 'high', atHigh)]);
			const y = { field: 'constant', type: 'nominal', sort: null, title: null, axis: { ticks: false, domain: false } } as const;
			const axis = `${title}${unit === null ? '' : ` (${prefix.symbol}${unit})`}; the line is the estimate`;
			return {
				width,
				height: { step: 24 },
				autosize: { type: 'fit-x', contains: 'padding' },
				layer: [
					{
						data: { values },
						mark: { type: 'bar', height: 14, stroke: theme.text, strokeWidth: 0.5 },
						encoding: {
							y,
							x: { field: 'from', type: 'quantitative', title: axis, scale: { zero: false, nice: true } },
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
						data: { values: [{ nominal: at }] },
						mark: { type: 'rule', strokeWidth: 1.5 },
						encoding: { x: { field: 'nominal', type: 'quantitative' } },
					},
				],
			};
		},
	};
}

/** "0.720 to 1.10 pJ", "±50 %" where the profile has no interval of its own. */
function rangeWords(bar: SensitivityBar): string {
	if (bar.rangeFrom === 'default') return '±50 %';
	return formatConstantRange(bar.range, bar.unit);
}

function tableOf(sensitivity: Sensitivity, title: string, quantity: Quantity): Table {
	return {
		id: `sensitivity-${sensitivity.quantity}`,
		caption: `The ${title} on ${sensitivity.profile} when one constant alone is moved.`,
		columns: [
			{ key: 'constant', title: 'constant', quantity: 'text' },
			{ key: 'range', title: 'moved over', quantity: 'text' },
			{ key: 'atLow', title: 'at its low end', quantity },
			{ key: 'atHigh', title: 'at its high end', quantity },
			{ key: 'swing', title: 'swing', quantity: 'percent' },
			{ key: 'evidence', title: 'evidence', quantity: 'text' },
		],
		rows: sensitivity.bars.map((bar) => ({
			cells: [bar.constant, rangeWords(bar), bar.atLow, bar.atHigh, bar.swing, bar.evidence],
		})),
	};
}
