/** Which constants matter, and what happens along one variable. */

import type { Quantity, Sensitivity, SensitivityBar, Sweep } from '../hardware/index.ts';
import { formatPercent, formatQuantity, formatRatio, formatSignificant } from './numbers.ts';
import type { Printable } from './printable.ts';
import type { Quantity as CellQuantity, Table } from './table.ts';

const unitOf: Readonly<
	Record<Quantity, { readonly quantity: CellQuantity; readonly words: string; readonly say: (value: number) => string }>
> = {
	energy: { quantity: 'joules', words: 'energy per inference', say: (value) => formatQuantity(value, 'J') },
	latency: { quantity: 'seconds', words: 'latency per inference', say: (value) => formatQuantity(value, 's') },
	ratio: { quantity: 'ratio', words: 'DNN baseline ÷ spiking network', say: formatRatio },
};

const barWidth = 20;

export function describeSensitivity(sensitivity: Sensitivity): Printable {
	const { quantity, words, say } = unitOf[sensitivity.quantity];
	const widest = Math.max(...sensitivity.bars.map(({ swing }) => swing), Number.MIN_VALUE);
	const table: Table = {
		id: 'sensitivity',
		caption: `What the ${words} becomes when one constant moves over its range, the others staying.`,
		columns: [
			{ key: 'constant', title: 'constant', quantity: 'text' },
			{ key: 'range', title: 'range', quantity: 'text' },
			{ key: 'rangeFrom', title: 'from', quantity: 'text', dropOrder: 3 },
			{ key: 'atLow', title: 'at low end', quantity, dropOrder: 1 },
			{ key: 'atHigh', title: 'at high end', quantity, dropOrder: 1 },
			{ key: 'swing', title: 'swing', quantity: 'percent' },
			{ key: 'bar', title: '', quantity: 'text', dropOrder: 4 },
			{ key: 'evidence', title: 'evidence', quantity: 'text', dropOrder: 2 },
		],
		rows: sensitivity.bars.map((bar) => ({
			cells: [
				bar.constant,
				rangeText(bar),
				bar.rangeFrom === 'interval' ? 'profile' : '±50 %',
				bar.atLow,
				bar.atHigh,
				bar.swing,
				'█'.repeat(Math.max(1, Math.round((bar.swing / widest) * barWidth))),
				bar.evidence,
			],
		})),
	};
	const [first] = sensitivity.bars;
	const answer = first
		? `The ${words} is ${say(sensitivity.nominal)}. It depends most on ${first.constant}: ${formatPercent(first.swing)} between the ends of its range.`
		: `The ${words} is ${say(sensitivity.nominal)} and depends on no constant.`;
	return {
		record: sensitivity,
		table,
		document: {
			title: `Sensitivity on ${sensitivity.profile}`,
			sections: [
				{ heading: 'Answer', blocks: [{ kind: 'paragraph', text: answer }] },
				{ heading: 'Constants', blocks: [{ kind: 'table', table }] },
			],
		},
	};
}

function rangeText({ range, unit }: SensitivityBar): string {
	return `${formatSignificant(range.low)} to ${formatSignificant(range.high)}${unit ? ` ${unit}` : ''}`;
}

export function describeSweep(sweep: Sweep): Printable {
	const table: Table = {
		id: 'sweep',
		caption: `Energy and latency along ${sweep.variable}.`,
		columns: [
			{ key: sweep.variable, title: sweep.variable, quantity: 'worded' },
			{ key: 'energyJoules', title: 'energy', quantity: 'joules' },
			{ key: 'latencySeconds', title: 'latency', quantity: 'seconds' },
			{ key: 'ratio', title: 'DNN ÷ SNN', quantity: 'ratio' },
		],
		rows: sweep.points.map(({ value, energyJoules, latencySeconds, ratio }) => ({
			cells: [value, energyJoules, latencySeconds, ratio],
		})),
	};
	const held =
		sweep.variable === 'timesteps'
			? 'Firing rates and the share of each timestep are held at those of this run: an extrapolation. A network trained for another number of timesteps fires differently; run that one to know.'
			: null;
	return {
		record: held === null ? sweep : { ...sweep, extrapolated: held },
		table,
		document: {
			title: `${sweep.variable} on ${sweep.profile}`,
			sections: [
				{
					heading: 'Sweep',
					blocks: [...(held === null ? [] : [{ kind: 'paragraph', text: held } as const]), { kind: 'table', table }],
				},
			],
		},
	};
}
