/** What accuracy costs: one point a model, and the front no other model beats in both. */

import { type ComparedRow, type ModelComparison, paretoFront, rowName } from '../compare.ts';
import { formatAccuracyPercent, formatQuantity } from '../numbers.ts';
import { listInWords } from '../sentences.ts';
import type { Table } from '../table.ts';
import { axisLabels, axisPrefix, type Chart, labelLength, scaled } from './chart.ts';

/** @returns null when fewer than two rows of the profile have an accuracy and a positive energy */
export function accuracyEnergyChart(comparison: ModelComparison, profile: string): Chart | null {
	const rows = comparison.rows.filter((row) => row.profile === profile && row.accuracy !== null && row.energyJoules.nominal > 0);
	if (rows.length < 2) return null;
	const front = new Set(paretoFront(rows));
	const energies = rows.map((row) => row.energyJoules.nominal);
	const prefix = axisPrefix(energies);
	const logarithmic = Math.max(...energies) / Math.min(...energies) > 20;
	return {
		id: 'accuracy-energy',
		title: `Accuracy against energy on ${profile}`,
		alternative: `No other model is both cheaper and at least as accurate as ${listInWords([...front].map(words))}.`,
		table: tableOf(rows, front, profile),
		specification: ({ width, theme }) => {
			const names = axisLabels(rows.map(rowName), labelLength(width) + 24);
			const key = names.map((name, index) => `${index + 1}  ${name}`);
			const points = rows.map((row, index) => ({
				number: `${index + 1}`,
				key: key[index],
				energy: scaled(row.energyJoules, prefix).nominal,
				accuracy: (row.accuracy ?? 0) * 100,
				kind: front.has(row) ? 'on the front' : 'beaten by another',
			}));
			const accuracies = points.map((point) => point.accuracy);
			const margin = Math.max(0.5, (Math.max(...accuracies) - Math.min(...accuracies)) * 0.2);
			const domain = [Math.max(0, Math.min(...accuracies) - margin), Math.min(100, Math.max(...accuracies) + margin)];
			const x = {
				field: 'energy',
				type: 'quantitative',
				title: `energy per inference (${prefix.symbol}J${logarithmic ? ', logarithmic' : ''})`,
				scale: logarithmic ? { type: 'log' as const, nice: true } : { zero: true, nice: true },
			} as const;
			const y = {
				field: 'accuracy',
				type: 'quantitative',
				title: 'accuracy (%)',
				scale: { domain, nice: true, zero: false },
			} as const;
			return {
				width,
				height: 280,
				autosize: { type: 'fit-x', contains: 'padding' },
				data: { values: points },
				layer: [
					{
						transform: [{ filter: "datum.kind === 'on the front'" }],
						mark: { type: 'line', strokeDash: [4, 3], color: theme.muted },
						encoding: { x, y, order: { field: 'energy' } },
					},
					{
						mark: { type: 'point', filled: true, opacity: 1 },
						encoding: {
							x,
							y,
							shape: {
								field: 'kind',
								type: 'nominal',
								title: null,
								scale: { domain: ['on the front', 'beaten by another'], range: ['circle', 'triangle-up'] },
							},
							fill: {
								field: 'kind',
								type: 'nominal',
								title: null,
								scale: { domain: ['on the front', 'beaten by another'], range: [theme.accent, theme.muted] },
							},
						},
					},
					{
						mark: { type: 'text', dy: -11, align: 'center' },
						encoding: {
							x,
							y,
							text: { field: 'number' },
							color: {
								field: 'key',
								type: 'nominal',
								title: null,
								scale: { domain: key, range: [theme.text] },
								legend: { orient: 'bottom', columns: width > 600 ? 2 : 1, labelLimit: 0, symbolSize: 0, symbolOffset: -12 },
							},
						},
					},
				],
			};
		},
	};
}

function words(row: ComparedRow): string {
	return `${rowName(row)} (${formatAccuracyPercent(row.accuracy ?? 0)}, ${formatQuantity(row.energyJoules.nominal, 'J')})`;
}

function tableOf(rows: readonly ComparedRow[], front: ReadonlySet<ComparedRow>, profile: string): Table {
	return {
		id: 'accuracy-energy',
		caption: `Accuracy and energy per inference on ${profile}.`,
		columns: [
			{ key: 'model', title: 'model', quantity: 'text' },
			{ key: 'accuracy', title: 'accuracy', quantity: 'accuracy' },
			{ key: 'energyJoules', title: 'energy', quantity: 'joules' },
			{ key: 'front', title: 'Pareto front', quantity: 'text' },
		],
		rows: rows.map((row) => ({
			cells: [rowName(row), row.accuracy, row.energyJoules, front.has(row) ? 'yes' : 'no'],
		})),
	};
}
