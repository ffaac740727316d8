/** Reference points recomputed, as a document. */

import type { Scorecard } from '../hardware/validation/index.ts';
import { formatPercent, formatQuantity, formatSignificant } from './numbers.ts';
import type { Printable } from './render-document.ts';
import type { Column, Row, Table } from './table.ts';

const columns: readonly Column[] = [
	{ key: 'quantity', title: 'quantity', quantity: 'text' },
	{ key: 'ours', title: 'ours', quantity: 'text' },
	{ key: 'theirs', title: 'theirs', quantity: 'text' },
	{ key: 'error', title: 'error', quantity: 'text' },
	{ key: 'grade', title: 'grade', quantity: 'text', meaning: 'exact, A to 1 %, B to 5 %, C to 10 %, D to 25 %, E beyond' },
	{ key: 'verdict', title: 'verdict', quantity: 'text', meaning: 'in or out of the stated tolerance' },
];

const exactColumns: readonly Column[] = [
	{ key: 'case', title: 'case', quantity: 'text' },
	{ key: 'authority', title: 'authority', quantity: 'text' },
	{ key: 'subject', title: 'subject', quantity: 'text' },
	{ key: 'quantity', title: 'quantity', quantity: 'text' },
	{ key: 'unit', title: 'unit', quantity: 'text' },
	{ key: 'ours', title: 'ours', quantity: 'number' },
	{ key: 'theirs', title: 'theirs', quantity: 'number' },
	{ key: 'relativeError', title: 'error', quantity: 'number' },
	{ key: 'tolerance', title: 'tolerance', quantity: 'number' },
	{ key: 'grade', title: 'grade', quantity: 'text' },
	{ key: 'verdict', title: 'verdict', quantity: 'text' },
];

type Comparison = Scorecard['cases'][number]['comparisons'][number];

export function describeScorecard(result: Scorecard): Printable {
	const rows = result.cases.flatMap(({ case: name, authority, comparisons }) =>
		comparisons.map(
			(comparison): Row => ({
				group: `${[name, comparison.subject].filter(Boolean).join(': ')} (${authority})`,
				cells: [
					comparison.quantity,
					value(comparison.ours, comparison),
					comparison.theirs === null ? '' : value(comparison.theirs, comparison),
					errorText(comparison),
					comparison.grade ?? '',
					verdict(comparison),
				],
			}),
		),
	);
	const notes = result.cases.flatMap(({ comparisons }) =>
		comparisons.flatMap(({ subject, quantity, note }) => {
			if (note === null) return [];
			return [`${[subject, quantity].filter(Boolean).join(', ')}: ${note}`];
		}),
	);
	const sources = result.cases.map(({ case: name, title, source }) => `${name}: ${title}. ${source}.`);
	const { judged, outside } = result;
	const summary =
		outside === 0
			? `All ${judged} reference values are inside their stated tolerance.`
			: `${outside} of ${judged} reference values left their stated tolerance.`;
	return {
		record: result,
		table: exactTable(result),
		document: {
			title: `Scorecard: ${judged - outside} of ${judged} reference values inside their tolerance`,
			sections: [
				{
					heading: 'Reference values',
					blocks: [
						{ kind: 'paragraph', text: `${summary} Errors are ours minus theirs; grades: ${columns[4]?.meaning}.` },
						{ kind: 'table', table: { id: 'scorecard', caption: 'Ours against theirs.', columns, rows } },
					],
				},
				{ heading: 'Notes', blocks: [{ kind: 'list', items: [...new Set(notes)] }] },
				{ heading: 'Sources', blocks: [{ kind: 'list', items: sources }] },
			],
		},
	};
}

function exactTable(result: Scorecard): Table {
	return {
		id: 'scorecard',
		caption: 'Ours against theirs.',
		columns: exactColumns,
		rows: result.cases.flatMap(({ case: name, authority, comparisons }) =>
			comparisons.map(
				(comparison): Row => ({
					cells: [
						name,
						authority,
						comparison.subject,
						comparison.quantity,
						comparison.unit,
						comparison.ours,
						comparison.theirs,
						comparison.error,
						comparison.tolerance,
						comparison.grade,
						verdict(comparison),
					],
				}),
			),
		),
	};
}

function value(amount: number, { unit }: Comparison): string {
	if (unit === 'J' || unit === 's' || unit === 'W') return formatQuantity(amount, unit);
	return amount >= 1000 ? amount.toLocaleString('en', { maximumFractionDigits: 1 }) : formatSignificant(amount, 4);
}

function errorText({ error }: Comparison): string {
	if (error === null) return '';
	if (Math.abs(error) <= 1e-9) return '0';
	const sign = error > 0 ? '+' : '';
	return Math.abs(error) < 5e-4 ? `${sign}${error.toExponential(0)}` : `${sign}${formatPercent(error)}`;
}

function verdict({ theirs, tolerance, within }: Comparison): string {
	if (theirs === null || tolerance === null) return 'shown';
	return within ? 'in' : 'out';
}
