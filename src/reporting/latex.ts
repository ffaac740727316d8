/**
 * Tables for LaTeX: booktabs rules, siunitx columns aligned at the decimal point. The energies
 * of a table share one SI prefix, named in the headings, and so do the times; numbers carry the same three
 * significant digits as everywhere else.
 */

import { UserError } from '../errors.ts';
import { nearestNames } from '../nearest.ts';
import { formatCell, unitOf } from './cells.ts';
import { escapeLatex, visible } from './escaping.ts';
import { layoutOf, type PlacedColumn, type PrintedColumn, partsOf } from './latex-layout.ts';
import { breakable } from './latex-width.ts';
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
	'\\usepackage{array}',
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

/** How tables are printed for LaTeX. */
export interface LatexOptions {
	/** What labels begin with, such as the name of the file the tables are written to. */
	readonly label?: string | undefined;
	/** Columns to print, by title or key, in this order; undefined: those that fit. */
	readonly columns?: readonly string[] | undefined;
}

/** All tables of a document that have rows, one float each. */
export function renderLatex(document: ReportDocument, options: LatexOptions = {}): string {
	const tables = tablesOf(document).filter(({ rows }) => rows.length > 0);
	const chosen = options.columns === undefined ? tables : tables.filter((table) => hasColumns(table, options.columns ?? []));
	if (chosen.length === 0 && options.columns !== undefined)
		throw new UserError(noSuchColumns(options.columns, tables), { exitCode: 2 });
	const label = options.label ?? document.title;
	return `${latexHeader()}\n${chosen
		.map((table) => {
			const caption =
				document.subject === undefined ? table.caption : `${table.caption.replace(/\.$/, '')}: ${document.subject}.`;
			return renderTabular(
				{ ...table, caption, cautions: document.cautions ?? [] },
				{ ...options, label: chosen.length === 1 && options.label !== undefined ? label : `${label}-${table.id}` },
			);
		})
		.join('\n')}`;
}

/** One table as a file of its own, to be \\input. */
export function renderLatexTable(table: Table, options: LatexOptions = {}): string {
	return `${latexHeader()}\n${renderTabular(table, { label: table.id, ...options })}`;
}

function latexHeader(): string {
	return `% Needs, in the preamble:\n${latexPreamble.map((line) => `%   ${line}`).join('\n')}\n`;
}

const isNamed = (column: Column, name: string): boolean =>
	[column.key, column.title].some((known) => known.toLowerCase() === name.toLowerCase());

const hasColumns = (table: Table, names: readonly string[]): boolean =>
	names.every((name) => table.columns.some((column) => isNamed(column, name)));

function noSuchColumns(names: readonly string[], tables: readonly Table[]): string {
	const known = [...new Set(tables.flatMap(({ columns }) => columns.map(({ title }) => title)))];
	const near = names.flatMap((name) => (known.some((title) => title === name) ? [] : nearestNames(name, known)));
	return `--columns ${names.join(',')}: no table has these columns.${near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ''} The tables have: ${tables.map(({ id, columns }) => `${id} (${columns.map(({ title }) => title).join(', ')})`).join('; ')}.`;
}

function renderTabular(table: Table, { label = table.id, columns: names }: LatexOptions): string {
	const prefixes = sharedPrefixes(table);
	const asked = names?.flatMap((name) => table.columns.filter((column) => isNamed(column, name))) ?? table.columns;
	const printed = asked.flatMap((column) => printColumn(column, table.columns.indexOf(column), table.rows, prefixes));
	const { size, separation, wide, panels, dropped } = layoutOf(printed, names === undefined);
	const float = wide ? 'table*' : 'table';
	const untitled = dropped.includes('') ? ['a column without a head'] : [];
	const leftOut = [...new Set(dropped.filter((title) => title !== '')), ...untitled];
	const parts = partsOf(panels, table.rows.length, size);
	const note =
		table.note === undefined
			? []
			: [`  \\par\\smallskip\\parbox{\\linewidth}{\\scriptsize\\raggedright ${breakableLatex(table.note)}}`];
	return [
		...(leftOut.length === 0 ? [] : [`% Left out to fit a column: ${visible(leftOut.join(', '))}. Name columns with --columns.`]),
		...parts.flatMap(([start, end], part) => [
			`\\begin{${float}}`,
			'  \\centering',
			'  \\setlength{\\belowcaptionskip}{6pt}',
			`  \\caption{${breakableLatex([...(table.cautions ?? []), table.caption].join(' '))}${part === 0 ? '' : ' (continued)'}}`,
			`  \\label{tab:${slug(label)}${part === 0 ? '' : `-${part + 1}`}}`,
			'  \\sisetup{group-digits=integer, group-separator={,}, group-minimum-digits=4}',
			`  \\${size}\\setlength{\\tabcolsep}{${separation}pt}`,
			panels.map((panel) => tabular(panel, table.rows, start, end)).join('\n  \\par\\medskip\n'),
			...(part === parts.length - 1 ? note : []),
			`\\end{${float}}`,
		]),
		'',
	].join('\n');
}

/** Letters and digits, everything else a hyphen. */
const slug = (text: string): string => text.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-+|-+$/g, '') || 'table';

/** Whether a row has something in a panel besides its name. */
const says = ([, ...others]: readonly PlacedColumn[], row: number): boolean =>
	others.length === 0 || others.some(({ cells }) => !['', '{--}'].includes(cells[row] ?? ''));

function tabular(columns: readonly PlacedColumn[], rows: readonly Row[], start: number, end: number): string {
	const specification = columns.map(({ numeric, format, wrap }) =>
		numeric ? `S[table-format=${format}]` : wrap === null ? format : `>{\\raggedright\\arraybackslash}p{${wrap}pt}`,
	);
	// A star at the beginning of a row would belong to the line break before it.
	const line = (cells: readonly string[]) => `    ${cells.join(' & ').replace(/^\*/, '{}*')} \\\\`;
	const lines = columns.map(({ head, unit }) => [...head.map(escapeLatex), ...(unit === null ? [] : [unit.latex])]);
	const heads = Math.max(...lines.map(({ length }) => length));
	const head = Array.from({ length: heads }, (_, at) =>
		line(
			columns.map(({ numeric }, index) => {
				const words = lines[index]?.[at - heads + (lines[index]?.length ?? 0)] ?? '';
				return words === '' || !numeric ? words : `{${words}}`;
			}),
		),
	);
	const body: string[] = [];
	let group: string | undefined;
	rows.forEach((row, index) => {
		if (index < start || index >= end || !says(columns, index)) return;
		if (row.group !== undefined && row.group !== group) {
			if (group !== undefined) body.push('    \\midrule');
			body.push(`    \\multicolumn{${columns.length}}{@{}l@{}}{\\textit{${escapeLatex(row.group)}}} \\\\`);
		}
		group = row.group;
		if (row.emphasis && index > start) body.push('    \\midrule');
		body.push(
			line(
				columns.map(({ cells, numeric, wrap, cited }) => {
					const words = cells[index] ?? '';
					if (cited?.has(words)) return `\\cite{${words}}`;
					if (numeric) return words;
					return wrap === null ? escapeLatex(words) : breakableLatex(words);
				}),
			),
		);
	});
	return [
		`  \\begin{tabular}{@{}\n    ${specification.join('\n    ')}\n  @{}}`,
		'    \\toprule',
		...head,
		'    \\midrule',
		...body,
		'    \\bottomrule',
		'  \\end{tabular}',
	].join('\n');
}

/** Text that may be broken where names have no spaces. */
const breakableLatex = (text: string): string =>
	breakable(text)
		.map((part) => `${escapeLatex(part)}${part.endsWith(' ') ? '' : '\\allowbreak{}'}`)
		.join('')
		.replace(/\\allowbreak\{\}$/, '');

function printColumn(
	column: Column,
	index: number,
	rows: readonly Row[],
	prefixes: ReadonlyMap<Quantity, Prefix>,
): PrintedColumn[] {
	const { key, title, quantity } = column;
	const cells = rows.map((row) => row.cells[index] ?? null);
	const start = { key, title, dropOrder: column.dropOrder ?? 0 };
	if (quantity === 'text' || quantity === 'worded') {
		const { cites } = column;
		const words = cells.map((cell) => formatCell(cell, 'text')).map((cell) => cites?.get(cell) ?? cell);
		const cited = new Set(cites?.values());
		return [{ ...start, unit: null, numeric: false, format: quantity === 'text' ? 'l' : 'r', cells: words, cited }];
	}
	const prefix = prefixes.get(quantity) ?? { exponent: 0, symbol: '' };
	const digits = (value: number | null): string | null => (value === null ? null : plainDigits(value, column, prefix));
	const numbers = cells.map((cell) => digits(nominalOf(cell)));
	const nominal: PrintedColumn = {
		...start,
		unit: unitWords(column, prefix),
		numeric: true,
		format: tableFormat(numbers),
		cells: numbers.map((words) => words ?? '{--}'),
	};
	if (!cells.some((cell) => isInterval(cell) && hasSpread(cell))) return [nominal];
	const ranges = cells.map((cell) =>
		isInterval(cell) && hasSpread(cell) ? `${digits(cell.low) ?? '–'}–${digits(cell.high) ?? '–'}` : '',
	);
	const range: PrintedColumn = {
		...start,
		key: `${key}Range`,
		title: 'range',
		unit: null,
		numeric: false,
		format: 'l',
		cells: ranges,
		// Bounds that are part of the answer go only with the number they bound.
		dropOrder: column.keepsBounds ? start.dropOrder : Math.max(start.dropOrder, 7),
	};
	return [nominal, range];
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

function unitWords(column: Column, prefix: Prefix): PrintedColumn['unit'] {
	const unit = unitOf(column.quantity);
	if (unit !== null)
		return { latex: `(\\unit{${siPrefixes[prefix.symbol] ?? ''}${siUnits[unit]}})`, plain: `(${prefix.symbol}${unit})` };
	if (column.quantity === 'percent' || column.quantity === 'accuracy') return { latex: '(\\%)', plain: '(%)' };
	return column.quantity === 'ratio' ? { latex: '(\\ensuremath{\\times})', plain: '(×)' } : null;
}

/** Decimals a number under a shared prefix has at most: what is smaller is said to be. */
const mostDecimals = 3;

/** The digits alone, no thousands separators: siunitx groups them. Words in braces where a number is too small to print. */
function plainDigits(value: number, column: Column, prefix: Prefix): string | null {
	if (!Number.isFinite(value)) return null;
	const bare = (words: string) => words.replaceAll(',', '');
	if (unitOf(column.quantity) !== null) {
		const digits = bare(formatUnder(value, prefix));
		if ((digits.split('.')[1]?.length ?? 0) <= mostDecimals) return digits;
		const rounded = Number(digits).toFixed(mostDecimals);
		return Number(rounded) === 0 ? '{\\textless{}0.001}' : rounded;
	}
	if (column.quantity === 'count') return bare(formatCount(value));
	if (column.quantity === 'hundredths') return bare(formatHundredths(value));
	if (column.quantity === 'accuracy') return (value * 100).toFixed(2);
	if (column.quantity === 'percent') {
		const words = bare(formatPercent(value)).replace(' %', '');
		return /[<>]/.test(words) ? `{${escapeLatex(words)}}` : words;
	}
	return bare(formatSignificant(value));
}

function tableFormat(words: readonly (string | null)[]): string {
	let whole = 1;
	let decimals = 0;
	let negative = false;
	for (const word of words) {
		if (word === null || word.startsWith('{')) continue;
		const [before = '', after = ''] = word.replace('-', '').split('.');
		negative ||= word.startsWith('-');
		whole = Math.max(whole, before.length);
		decimals = Math.max(decimals, after.length);
	}
	return `${negative ? '-' : ''}${whole}.${decimals}`;
}
