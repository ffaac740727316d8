/** One network, counted in several published ways. */

import type { AccountingComparison } from '../hardware/index.ts';
import { formatRatio } from './numbers.ts';
import type { Printable } from './printable.ts';
import type { Table } from './table.ts';

export function describeAccountings(comparison: AccountingComparison): Printable {
	const table: Table = {
		id: 'accountings',
		caption: 'The same run and the same prices, events counted differently.',
		columns: [
			{ key: 'accounting', title: 'accounting', quantity: 'text' },
			{ key: 'title', title: 'counts', quantity: 'text', dropOrder: 1 },
			{ key: 'energyJoules', title: 'energy', quantity: 'joules' },
			{ key: 'relativeToExact', title: '÷ exact', quantity: 'ratio' },
		],
		rows: comparison.rows.map(({ accounting, title, estimate, relativeToExact }) => ({
			cells: [accounting, title, estimate.energyPerInferenceJoules.nominal, relativeToExact],
		})),
	};
	return {
		record: comparison,
		table,
		document: {
			title: `Accountings on ${comparison.profile}: ${formatRatio(comparison.spread)} from least to most`,
			sections: [
				{ heading: 'Energy', blocks: [{ kind: 'table', table }] },
				{
					heading: 'What they count',
					blocks: [
						{
							kind: 'list',
							items: comparison.rows.map(({ accounting, meaning, citation }) => `${accounting}: ${meaning} (${citation}.)`),
						},
					],
				},
			],
		},
	};
}
