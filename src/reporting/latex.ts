/**
 * Tables for LaTeX: booktabs rules, siunitx columns aligned at the decimal point. The energies
 * of a table share one SI prefix, named in the headings, and so do the times; numbers carry the same three
 * significant digits as everywhere else.
 */

import { formatCell, unitOf } from './cells.ts';
import { escapeLatex } from './escaping.ts';
import {
	formatCount,
	formatHundredths,
	formatPercent,
	formatSignificant,
	formatUnder,
	hasSpread,
	type Prefix,
	prefixOf,
	type Unit,
} from './numbers.ts';
import {
	type Cell,
	type Column,
	isInterval,
	nominalOf,
	type Quantity,
	type ReportDocument,
	type Row,
	type Table,
	tablesOf,
} from './table.ts';

/** Packages a document needs to include these tables. */
export const latexPreamble = [
	'\\usepackage[T1]{fontenc}',
	'\\usepackage[utf8]{inputenc}',
	'\\usepackage{textcomp}',
	'\\usepackage{booktabs}',
	'\\usepackage{siunitx}',
] as const;

const siPrefixes: Readonly<Record<string, string>> = {
	f: '\\femto',
	p: '\\pico',
	n: '\\nano',
	µ: '\\micro',
	m: '\\milli',
	'': '',
	k: '\\kilo',
	M: '\\mega',
	G: '\\giga',
	T: '\\tera',
};
const siUnits: Readonly<Record<Unit, string>> = { J: '\\joule', s: '\\second', W: '\\watt', J·s: '\\joule\\second', B: '\\byte' };

/** All tables of a document, one float each; the title goes into the captions. */
export function renderLatex(document: ReportDocument): string {
	const caption = (table: Table): string => [...(document.cautions ?? []), `${document.title}: ${table.caption}`].join(' ');
	return `${latexHeader()}\n${tablesOf(document)
		.map((table) => renderTabular({ ...table, caption: caption(table) }))
		.join('\n')}`;
}

/** One table as a file of its own, to be \input. */
export function renderLatexTable(table: Table): string {
	return `${latexHeader()}\n${renderTabular(table)}`;
}

function latexHeader(): string {
	return `% Needs, in the preamble:\n${latexPreamble.map((line) => `%   ${line}`).join('\n')}\n`;
}

/** One printed column of a table column: intervals have three. */
interface PrintedColumn {
	readonly heading: string;
	readonly numeric: boolean;
	readonly words: (row: Row) => string;
	/** Digits before and after the decimal point, for siunitx; the alignment of a column of words. */
	readonly format: string;
}

function renderTabular(table: Table): string {
	const prefixes = sharedPrefixes(table);
	const printed = table.columns.flatMap((column, index) => printColumn(column, index, table.rows, prefixes));
	const specification = printed
		.map((column) => (column.numeric ? `S[table-format=${column.format}]` : column.format))
		.join('\n    ');
	const line = (cells: readonly string[]) => `    ${cells.join(' & ')} \\\\`;
	const body: string[] = [];
	let group: string | undefined;
	table.rows.forEach((row, index) => {
		if (row.group !== undefined && row.group !== group) {
			if (group !== undefined) body.push('    \\midrule');
			body.push(`    \\multicolumn{${printed.length}}{l}{\\textit{${escapeLatex(row.group)}}} \\\\`);
		}
		group = row.group;
		if (row.emphasis && index > 0) body.push('    \\midrule');
		body.push(line(printed.map((column) => column.words(row))));
	});
	return [
		'\\begin{table}',
		'  \\centering',
		'  \\setlength{\\belowcaptionskip}{6pt}',
		`  \\caption{${escapeLatex(table.caption)}}`,
		`  \\label{tab:${table.id.replace(/[^A-Za-z0-9-]+/g, '-')}}`,
		'  \\sisetup{group-digits=integer, group-separator={,}, group-minimum-digits=4}',
		...(printed.length > 8
			? [printed.length > 14 ? '  \\scriptsize\\setlength{\\tabcolsep}{2pt}' : '  \\footnotesize\\setlength{\\tabcolsep}{4pt}']
			: []),
		`  \\begin{tabular}{\n    ${specification}\n  }`,
		'    \\toprule',
		line(printed.map((column) => (column.numeric ? `{${column.heading}}` : column.heading))),
		'    \\midrule',
		...body,
		'    \\bottomrule',
		'  \\end{tabular}',
		'\\end{table}',
		'',
	].join('\n');
}

function printColumn(
	column: Column,
	index: number,
	rows: readonly Row[],
	prefixes: ReadonlyMap<Quantity, Prefix>,
): PrintedColumn[] {
	const title = escapeLatex(column.title);
	const cells = rows.map((row) => row.cells[index] ?? null);
	if (column.quantity === 'text' || column.quantity === 'worded') {
		const words = (row: Row) => escapeLatex(formatCell(row.cells[index] ?? null, 'text'));
		const format = column.quantity === 'text' ? 'l' : 'r';
		return [{ heading: title, numeric: false, words, format }];
	}
	const prefix = prefixes.get(column.quantity) ?? { exponent: 0, symbol: '' };
	const unit = unitWords(column, prefix);
	const print = (heading: string, pick: (cell: Cell) => number | null): PrintedColumn => {
		const digits = (cell: Cell) => {
			const value = pick(cell);
			return value === null ? null : plainDigits(value, column, prefix);
		};
		return {
			heading,
			numeric: true,
			words: (row) => digits(row.cells[index] ?? null) ?? '{--}',
			format: tableFormat(cells.map(digits)),
		};
	};
	const nominal = print(`${title}${unit}`, nominalOf);
	if (!cells.some((cell) => isInterval(cell) && hasSpread(cell))) return [nominal];
	const bound = (key: 'low' | 'high') => print(key, (cell) => (isInterval(cell) ? cell[key] : null));
	return [nominal, bound('low'), bound('high')];
}

/** One prefix for all energies of a table, one for all times: that of the middle magnitude, so that most numbers read as 1 … 999. */
function sharedPrefixes(table: Table): ReadonlyMap<Quantity, Prefix> {
	const values = new Map<Quantity, number[]>();
	table.columns.forEach(({ quantity }, index) => {
		if (unitOf(quantity) === null) return;
		const found = table.rows.map((row) => Math.abs(nominalOf(row.cells[index] ?? null) ?? 0));
		values.set(quantity, [...(values.get(quantity) ?? []), ...found.filter((value) => value > 0 && Number.isFinite(value))]);
	});
	return new Map(
		[...values].map(([quantity, found]) => {
			const sorted = found.sort((one, other) => one - other);
			return [quantity, prefixOf(sorted[sorted.length >> 1] ?? 0)];
		}),
	);
}

function unitWords(column: Column, prefix: Prefix): string {
	const unit = unitOf(column.quantity);
	if (unit !== null) return ` (\\unit{${siPrefixes[prefix.symbol] ?? ''}${siUnits[unit]}})`;
	if (column.quantity === 'percent' || column.quantity === 'accuracy') return ' (\\unit{\\percent})';
	return '';
}

/** The digits alone, no thousands separators: siunitx groups them. */
function plainDigits(value: number, column: Column, prefix: Prefix): string | null {
	if (!Number.isFinite(value)) return null;
	const bare = (words: string) => words.replaceAll(',', '');
	if (unitOf(column.quantity) !== null) return bare(formatUnder(value, prefix));
	if (column.quantity === 'count') return bare(formatCount(value));
	if (column.quantity === 'hundredths') return bare(formatHundredths(value));
	if (column.quantity === 'accuracy') return (value * 100).toFixed(2);
	if (column.quantity === 'percent') {
		const words = bare(formatPercent(value)).replace(' %', '');
		return /[<>]/.test(words) ? bare(formatSignificant(value * 100)) : words;
	}
	return bare(formatSignificant(value));
}

function tableFormat(words: readonly (string | null)[]): string {
	let whole = 1;
	let decimals = 0;
	let negative = false;
	for (const word of words) {
		if (word === null) continue;
		const [before = '', after = ''] = word.replace('-', '').split('.');
		negative ||= word.startsWith('-');
		whole = Math.max(whole, before.length);
		decimals = Math.max(decimals, after.length);
	}
	return `${negative ? '-' : ''}${whole}.${decimals}`;
}
