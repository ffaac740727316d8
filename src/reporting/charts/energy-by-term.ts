/** What the energy is spent on: one bar a profile, split by term. */

import type { Estimate } from '../../hardware/estimate.ts';
import { formatInterval, formatPercent } from '../numbers.ts';
import { ratioOrNull } from '../quantities.ts';
import { estimateName, termWords } from '../sentences.ts';
import type { Row, Table } from '../table.ts';
import { axisLabels, axisPrefix, type Chart, labelLength, scaled } from './chart.ts';

/** @returns null when there is nothing to tell apart: one profile with one term */
export function energyByTermChart(estimates: readonly Estimate[]): Chart | null {
	const used = estimates.map((estimate) => Object.entries(estimate.terms).filter(([, energy]) => energy.nominal !== 0));
	const terms = [...new Set(used.flatMap((entries) => entries.map(([term]) => term)))];
	if (terms.length < 2 && estimates.length < 2) return null;
	const prefix = axisPrefix(estimates.map((estimate) => estimate.energyPerInferenceJoules.high));
	return {
		id: 'energy-by-term',
		title: 'Energy by term',
		alternative: estimates.map((estimate, index) => sentence(estimate, used[index] ?? [])).join(' '),
		table: tableOf(estimates),
		specification: ({ width }) => {
			const labels = axisLabels(estimates.map(estimateName), labelLength(width));
			const values = estimates.flatMap((_, index) =>
				(used[index] ?? []).map(([term, energy]) => ({
					profile: labels[index],
					term: termWords(term),
					order: terms.indexOf(term),
					energy: scaled(energy, prefix).nominal,
				})),
			);
			const totals = estimates.map((estimate, index) => ({
				profile: labels[index],
				energy: scaled(estimate.energyPerInferenceJoules, prefix).nominal,
				words: formatInterval(estimate.energyPerInferenceJoules, 'J').split(' (')[0],
			}));
			const y = { field: 'profile', type: 'nominal', sort: null, title: null, axis: { ticks: false, domain: false } } as const;
			const title = `energy per inference (${prefix.symbol}J)`;
			return {
				width,
				height: { step: 34 },
				autosize: { type: 'fit-x', contains: 'padding' },
				layer: [
					{
						data: { values },
						mark: { type: 'bar', height: 20 },
						encoding: {
							y,
							x: { field: 'energy', type: 'quantitative', title, stack: 'zero' },
							order: { field: 'order' },
							...(terms.length > 1
								? { color: { field: 'term', type: 'nominal', sort: terms.map(termWords), title: null } as const }
								: {}),
						},
					},
					{
						data: { values: totals },
						mark: { type: 'text', align: 'left', dx: 5 },
						encoding: { y, x: { field: 'energy', type: 'quantitative' }, text: { field: 'words' } },
					},
				],
			};
		},
	};
}

function sentence(estimate: Estimate, used: readonly (readonly [string, { readonly nominal: number }])[]): string {
	const total = estimate.energyPerInferenceJoules.nominal;
	const parts = [...used]
		.sort(([, one], [, other]) => other.nominal - one.nominal)
		.map(([term, energy]) => `${termWords(term)} ${formatPercent(total === 0 ? 0 : energy.nominal / total)}`);
	return `${estimateName(estimate)}: ${parts.length === 0 ? 'nothing is priced' : parts.join(', ')}.`;
}

function tableOf(estimates: readonly Estimate[]): Table {
	return {
		id: 'energy-by-term',
		caption: 'Energy per inference by term.',
		columns: [
			{ key: 'profile', title: 'profile', quantity: 'text' },
			{ key: 'term', title: 'term', quantity: 'text' },
			{ key: 'energyJoules', title: 'energy', quantity: 'joules' },
			{ key: 'energyShare', title: 'share', quantity: 'percent' },
		],
		rows: estimates.flatMap((estimate): Row[] =>
			Object.entries(estimate.terms).map(([term, energy]) => ({
				cells: [
					estimateName(estimate),
					termWords(term),
					energy,
					ratioOrNull(energy.nominal, estimate.energyPerInferenceJoules.nominal),
				],
			})),
		),
	};
}
