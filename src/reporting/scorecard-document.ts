/** Reference points recomputed, as a document: a page by case, or every value. */

import type { Scorecard, Tally, Worth } from '../hardware/validation/index.ts';
import { formatPercent, formatQuantity, formatSignificant } from './numbers.ts';
import type { Printable } from './printable.ts';
import type { Column, Row, Section, Table } from './table.ts';

const grades = 'exact, A to 1 %, B to 5 %, C to 10 %, D to 25 %, E beyond';

const valueColumns: readonly Column[] = [
	{ key: 'quantity', title: 'quantity', quantity: 'text' },
	{ key: 'ours', title: 'ours', quantity: 'text' },
	{ key: 'theirs', title: 'theirs', quantity: 'text' },
	{ key: 'error', title: 'error', quantity: 'text' },
	{ key: 'grade', title: 'grade', quantity: 'text', meaning: grades },
	{ key: 'verdict', title: 'verdict', quantity: 'text', meaning: 'in or out of the stated tolerance, or a known miss' },
];

const caseColumns: readonly Column[] = [
	{ key: 'case', title: 'case', quantity: 'text' },
	{ key: 'values', title: 'values', quantity: 'count' },
	{ key: 'inside', title: 'inside', quantity: 'count' },
	{ key: 'misses', title: 'known misses', quantity: 'count' },
	{ key: 'fitted', title: 'fitted on', quantity: 'count', meaning: 'values the constants come from' },
	{ key: 'median', title: 'median error', quantity: 'percent' },
	{ key: 'largest', title: 'largest error', quantity: 'percent' },
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
	{ key: 'fittedOn', title: 'fitted on', quantity: 'text' },
	{ key: 'verdict', title: 'verdict', quantity: 'text' },
];

type Case = Scorecard['cases'][number];
type Comparison = Case['comparisons'][number];

/** So many values still fit the page beside the table of cases. */
const fewValues = 40;

/** @param verbose  every value, its note and its source; else a page by case, with values if they are few */
export function describeScorecard(result: Scorecard, { verbose = false } = {}): Printable {
	const values = verbose || result.judged <= fewValues;
	const sections: Section[] = [
		{
			heading: 'Reference values',
			blocks: [
				{ kind: 'paragraph', text: summaryOf(result) },
				{ kind: 'table', table: caseTable(result) },
			],
		},
		...(values ? [{ heading: 'Values', blocks: [{ kind: 'table', table: valueTable(result) } as const] }] : []),
		list('Outside, and why where it is known', missesOf(result)),
		...(values ? [list('Notes', notesOf(result))] : []),
		...(values
			? [
					list(
						'Sources',
						result.cases.map(({ case: name, title, source }) => `${name}: ${title}. ${source}.`),
					),
				]
			: []),
	];
	const { silicon } = result.worth;
	return {
		record: result,
		table: exactTable(result),
		document: {
			title: silicon.judged === 0 ? 'Scorecard' : `Scorecard: ${siliconWords(silicon)}`,
			sections: sections.filter(({ blocks }) => blocks.length > 0),
		},
	};
}

const sentenceCase = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}`;

const siliconWords = ({ inside, judged }: Tally): string =>
	`${inside} of ${judged} independent predictions of silicon inside their tolerance`;

const worthWords: Readonly<Record<Exclude<Worth, 'silicon'>, string>> = {
	fitted: 'of silicon that the constants were fitted on',
	simulator: 'of other simulators',
	tool: 'counts of other tools',
	publication: 'of published arithmetic',
	equations: 'of printed equations',
};

function summaryOf({ judged, outside, misses, worth }: Scorecard): string {
	const share = ({ inside, judged: all }: Tally): string => (inside === all ? `${all}` : `${inside} of ${all}`);
	const others = (Object.entries(worthWords) as [Exclude<Worth, 'silicon'>, string][])
		.filter(([name]) => worth[name].judged > 0)
		.map(([name, words]) => `${share(worth[name])} ${words}`);
	const { silicon } = worth;
	const first =
		silicon.judged === 0 ? 'No prediction of silicon is among these cases.' : `${sentenceCase(siliconWords(silicon))}.`;
	const rest = others.length === 0 ? '' : ` Apart from ${silicon.judged === 0 ? 'that' : 'them'}: ${others.join(', ')}.`;
	return `${first}${rest} Of all ${judged} values ${misses} are known misses and ${outside} ${outside === 1 ? 'is' : 'are'} out unexpectedly. Errors are ours minus theirs; grades: ${grades}.`;
}

function caseTable({ cases }: Scorecard): Table {
	const rows = cases.map((entry): Row => {
		const judged = entry.comparisons.filter(({ verdict }) => verdict !== 'shown');
		const count = (holds: (comparison: Comparison) => boolean): number => judged.filter(holds).length;
		const errors = judged.map(({ error }) => Math.abs(error ?? 0)).sort((left, right) => left - right);
		return {
			group: groupWords[entry.authority],
			cells: [
				entry.case,
				judged.length,
				count(({ verdict }) => verdict === 'in'),
				count(({ verdict }) => verdict === 'miss'),
				count(({ fittedOn }) => fittedOn === true),
				errors[Math.floor((errors.length - 1) / 2)] ?? null,
				errors.at(-1) ?? null,
			],
		};
	});
	const order = Object.values(groupWords);
	rows.sort((left, right) => order.indexOf(left.group ?? '') - order.indexOf(right.group ?? ''));
	return { id: 'cases', caption: 'Ours against theirs, by case; --verbose prints every value.', columns: caseColumns, rows };
}

const groupWords: Readonly<Record<Case['authority'], string>> = {
	silicon: 'silicon, measured',
	simulator: 'another simulator',
	tool: 'counts of another tool',
	publication: 'published arithmetic',
	equations: 'printed equations',
};

function valueTable({ cases }: Scorecard): Table {
	const rows = cases.flatMap(({ case: name, authority, comparisons }) =>
		comparisons.map(
			(comparison): Row => ({
				group: `${[name, comparison.subject].filter(Boolean).join(': ')} (${authority})`,
				cells: [
					comparison.quantity,
					value(comparison.ours, comparison),
					comparison.theirs === null ? '' : value(comparison.theirs, comparison),
					errorText(comparison),
					comparison.grade ?? '',
					comparison.fittedOn ? `${comparison.verdict}, fitted on` : comparison.verdict,
				],
			}),
		),
	);
	return { id: 'scorecard', caption: 'Ours against theirs.', columns: valueColumns, rows };
}

/** One line a case and reason, with the span of the errors. */
function missesOf({ cases }: Scorecard): string[] {
	return cases.flatMap(({ case: name, comparisons }) => {
		const beyond = comparisons.filter(({ verdict }) => verdict === 'miss' || verdict === 'out');
		const reasons = new Set(beyond.map(({ miss }) => miss ?? null));
		return [...reasons].map((reason) => {
			const same = beyond.filter(({ miss }) => (miss ?? null) === reason);
			const errors = same.map(({ error }) => error ?? 0);
			const [least, most] = [Math.min(...errors), Math.max(...errors)].map((error) => errorText({ error }));
			const span = least === most ? least : `${least} to ${most}`;
			const which = same.length <= 3 ? same.map(({ quantity }) => quantity).join('; ') : `${same.length} values`;
			return `${name}, ${which} (${span}): ${reason ?? 'unexpected.'}`;
		});
	});
}

function notesOf({ cases }: Scorecard): string[] {
	const notes = cases.flatMap(({ comparisons }) =>
		comparisons.flatMap(({ subject, quantity, note }) =>
			note === null ? [] : [`${[subject, quantity].filter(Boolean).join(', ')}: ${note}`],
		),
	);
	return [...new Set(notes)];
}

function list(heading: string, items: readonly string[]): Section {
	return { heading, blocks: items.length === 0 ? [] : [{ kind: 'list', items }] };
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
						comparison.fittedOn ? 'yes' : '',
						comparison.verdict,
					],
				}),
			),
		),
	};
}

function value(amount: number, { unit }: Comparison): string {
	if (unit === 'J' || unit === 's' || unit === 'W') return formatQuantity(amount, unit);
	const rate = unit === '1/s' ? ' /s' : '';
	return `${amount >= 1000 ? amount.toLocaleString('en', { maximumFractionDigits: 1 }) : formatSignificant(amount, 4)}${rate}`;
}

function errorText({ error }: Pick<Comparison, 'error'>): string {
	if (error === null) return '';
	if (Math.abs(error) <= 1e-9) return '0';
	const sign = error > 0 ? '+' : '';
	return Math.abs(error) < 5e-4 ? `${sign}${error.toExponential(0)}` : `${sign}${formatPercent(error)}`;
}
