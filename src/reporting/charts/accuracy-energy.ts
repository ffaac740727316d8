/** What accuracy costs: one point a model, and the front no other model beats in both. */

import { type ComparedRow, type ModelComparison, paretoFront, rowName } from '../compare.ts';
import { formatAccuracyPercent, formatQuantity } from '../numbers.ts';
import { listInWords } from '../sentences.ts';
import type { Table } from '../table.ts';
import { axisLabels, axisPrefix, type Chart, labelLength, scaled } from './chart.ts';
import { type Place, placeLabels, places } from './labels.ts';

/** Energies that differ by more are drawn on a logarithmic axis: on a linear one most points would lie in a corner. */
const linearRange = 4;
const plotHeight = 240;
const kinds = ['DNN', 'SNN'] as const;

/** @returns null when fewer than two rows of the profile have an accuracy and a positive energy */
export function accuracyEnergyChart(comparison: ModelComparison, profile: string): Chart | null {
	const rows = comparison.rows.filter((row) => row.profile === profile && row.accuracy !== null && row.energyJoules.nominal > 0);
	if (rows.length < 2) return null;
	const front = new Set(paretoFront(rows));
	const energies = rows.map((row) => row.energyJoules.nominal);
	const prefix = axisPrefix(energies);
	const logarithmic = Math.max(...energies) / Math.min(...energies) > linearRange;
	return {
		id: 'accuracy-energy',
		title: `Accuracy against energy on ${profile}`,
		alternative: `No other model is both cheaper and at least as accurate as ${listInWords([...front].map(words))}.`,
		table: tableOf(rows, front, profile),
		specification: ({ width, theme }) => {
			const labels = pointLabels(rows, width);
			const points = rows.map((row, index) => ({
				label: labels[index] ?? '',
				family: familyOf(row),
				timesteps: row.model.analysis.run.timesteps,
				energy: scaled(row.energyJoules, prefix).nominal,
				accuracy: (row.accuracy ?? 0) * 100,
				kind: row.model.activity.spiking ? 'SNN' : 'DNN',
			}));
			const yDomain = spread(
				points.map(({ accuracy }) => accuracy),
				0.18,
				0.4,
				100,
			);
			const xDomain = logarithmic
				? logSpread(points.map(({ energy }) => energy))
				: [0, Math.max(...points.map(({ energy }) => energy)) * 1.12];
			const plot = { width: width - 62, height: plotHeight };
			const along = (value: number, [low = 0, high = 1]: readonly number[], log: boolean): number =>
				log ? (Math.log(value) - Math.log(low)) / (Math.log(high) - Math.log(low)) : (value - low) / (high - low);
			const sides = placeLabels(
				points.map(({ energy, accuracy, label }) => ({
					x: along(energy, xDomain, logarithmic) * plot.width,
					y: (1 - along(accuracy, yDomain, false)) * plot.height,
					label,
				})),
				plot,
				theme.fontSize,
				joined(points),
			);
			const values = points.map((point, index) => ({ ...point, side: sides[index] ?? 'above' }));
			const x = {
				field: 'energy',
				type: 'quantitative',
				title: `energy per inference (${prefix.symbol}J${logarithmic ? ', log' : ''})`,
				scale: { type: logarithmic ? ('log' as const) : ('linear' as const), domain: xDomain, nice: false },
				axis: logarithmic ? { values: logTicks(xDomain) } : {},
			} as const;
			const y = {
				field: 'accuracy',
				type: 'quantitative',
				title: 'accuracy (%)',
				scale: { domain: yDomain, nice: false, zero: false },
			} as const;
			const colours = { domain: [...kinds], range: [theme.series[5] ?? theme.muted, theme.accent] };
			return {
				width,
				height: plotHeight,
				autosize: { type: 'fit-x', contains: 'padding' },
				data: { values },
				layer: [
					{
						transform: [{ filter: "datum.kind === 'SNN'" }],
						mark: { type: 'line', color: theme.accent, strokeWidth: 1.2, opacity: 0.7 },
						encoding: { x, y, detail: { field: 'family' }, order: { field: 'timesteps' } },
					},
					{
						mark: { type: 'point', filled: true, opacity: 1 },
						encoding: {
							x,
							y,
							shape: { field: 'kind', type: 'nominal', title: null, scale: { domain: [...kinds], range: ['square', 'circle'] } },
							fill: { field: 'kind', type: 'nominal', title: null, scale: colours },
						},
					},
					...(Object.keys(places) as Place[])
						.filter((side) => sides.includes(side))
						.map((side) => ({
							transform: [{ filter: `datum.side === '${side}'` }],
							mark: { type: 'text' as const, baseline: 'middle' as const, ...places[side] },
							encoding: { x, y, text: { field: 'label' } },
						})),
				],
			};
		},
	};
}

/** The name of a network without its timesteps: points of one family are joined. */
const familyOf = ({ model }: ComparedRow): string => model.name.replace(/[ -]T ?=? ?\d+$/, '');

/** Neighbours in timesteps of each family of spiking networks, by their places. */
function joined(
	points: readonly { readonly kind: string; readonly family: string; readonly timesteps: number }[],
): [number, number][] {
	const spiking = [...points.entries()].filter(([, { kind }]) => kind === 'SNN');
	spiking.sort(([, one], [, other]) => one.timesteps - other.timesteps);
	return spiking.flatMap(([at, { family }], index) => {
		const next = spiking.slice(index + 1).find(([, other]) => other.family === family);
		return next === undefined ? [] : [[at, next[0]]];
	});
}

/** Names beside points, as long as the width allows; a family whose points are joined has its name once, the others their T. */
function pointLabels(rows: readonly ComparedRow[], width: number): string[] {
	const spiking = rows.filter(({ model }) => model.activity.spiking);
	const families = new Set(spiking.map(familyOf));
	const dnns = new Set(rows.filter(({ model }) => !model.activity.spiking).map(({ model }) => model.name));
	const names = rows.map((row) => {
		const steps = `T = ${row.model.analysis.run.timesteps}`;
		if (!row.model.activity.spiking) return row.variant === null || dnns.size > 1 ? rowName(row) : row.variant;
		const alone = spiking.filter((other) => familyOf(other) === familyOf(row)).length === 1;
		if (families.size === 1 && !alone) return steps;
		return alone ? `${familyOf(row)}, ${steps}` : `${familyOf(row)} ${steps}`;
	});
	return axisLabels(names, labelLength(width) + 14);
}

/** From the least to the most of some values, with room for labels on either side. */
function spread(values: readonly number[], share: number, least: number, limit: number): number[] {
	const [low, high] = [Math.min(...values), Math.max(...values)];
	const margin = Math.max(least, (high - low) * share);
	return [Math.max(0, low - margin), Math.min(limit + 0.2, high + margin)];
}

function logSpread(values: readonly number[]): number[] {
	const [low, high] = [Math.min(...values), Math.max(...values)];
	const margin = (high / low) ** 0.12;
	return [low / margin, high * margin];
}

/** 1, 2 and 5 of each decade within a range. */
function logTicks([low = 1, high = 10]: readonly number[]): number[] {
	const ticks: number[] = [];
	for (let decade = Math.floor(Math.log10(low)); decade <= Math.ceil(Math.log10(high)); decade += 1)
		for (const digit of [1, 2, 5]) {
			const tick = Number(`${digit}e${decade}`);
			if (tick >= low && tick <= high) ticks.push(tick);
		}
	return ticks;
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
			{ key: 'paretoOptimal', title: 'Pareto-optimal', quantity: 'text' },
		],
		rows: rows.map((row) => ({
			cells: [rowName(row), row.accuracy, row.energyJoules, front.has(row) ? 'yes' : 'no'],
		})),
	};
}
