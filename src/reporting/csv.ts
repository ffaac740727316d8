/** Tables as CSV (RFC 4180): full precision, units in the column names, text that no spreadsheet runs as a formula. */

import { stringify } from 'csv-stringify/browser/esm/sync';
import type { Interval } from '../hardware/estimate.ts';
import { escapeCsvText } from './escaping.ts';
import { plainNumber } from './numbers.ts';
import { type Cell, type Column, isInterval, nominalOf, type Quantity, type Table } from './table.ts';

/** A table; a column that holds an interval anywhere becomes three: energy_J, energy_low_J, energy_high_J. */
export function renderCsvTable(bare: Table): string {
	const table = withCautionColumn(bare);
	const withBounds = table.columns.map((_, index) => table.rows.some((row) => isInterval(row.cells[index] ?? null)));
	const grouped = table.rows.some((row) => row.group !== undefined);
	const header = table.columns.flatMap((column, index) =>
		withBounds[index] ? [csvName(column), csvName(column, 'low'), csvName(column, 'high')] : [csvName(column)],
	);
	const rows = table.rows.map((row) => [
		...(grouped ? [row.group ?? ''] : []),
		...table.columns.flatMap((_, index) => {
			const cell = row.cells[index] ?? null;
			return withBounds[index] ? [csvCell(nominalOf(cell)), bound(cell, 'low'), bound(cell, 'high')] : [csvCell(cell)];
		}),
	]);
	return renderCsv([grouped ? ['group', ...header] : header, ...rows]);
}

/** A spreadsheet has no place before its rows: each says it. */
function withCautionColumn(table: Table): Table {
	const caution = table.cautions?.join(' ') ?? '';
	if (caution === '') return table;
	return {
		...table,
		columns: [...table.columns, { key: 'caution', title: 'caution', quantity: 'text' }],
		rows: table.rows.map((row) => ({ ...row, cells: [...row.cells, caution] })),
	};
}

const units: Partial<Record<Quantity, string>> = { joules: 'J', seconds: 's', bytes: 'B' };

/**
 * What stands at the head of a CSV column: words in small letters, the unit behind them, and "per_inference" behind counts
 * that are means over samples. Energies and latencies are per inference wherever they are of a network.
 */
export function csvName(
	{ key, quantity, perInference }: Pick<Column, 'key' | 'quantity' | 'perInference'>,
	bound?: 'low' | 'high',
): string {
	const [name = '', profile] = key.split(':', 2);
	const words = name
		.replace(/(PerInference|Joules|Seconds|Bytes)/g, '')
		.replace(/([a-z0-9])([A-Z])/g, '$1_$2')
		.toLowerCase();
	const unit = units[quantity];
	const parts = [words, bound, perInference ? 'per_inference' : undefined, unit].filter((part) => part !== undefined);
	return `${parts.join('_')}${profile === undefined ? '' : key.slice(name.length)}`;
}

/** Rows of finished cells; text is escaped here. */
export function renderCsv(rows: readonly (readonly (string | number | null)[])[]): string {
	return stringify(
		rows.map((row) => row.map((cell) => csvCell(cell))),
		{ record_delimiter: 'unix' },
	);
}

function csvCell(cell: Cell): string {
	if (cell === null) return '';
	if (typeof cell === 'string') return isPlainNumber(cell) ? cell : escapeCsvText(cell);
	return plainNumber(isInterval(cell) ? cell.nominal : cell);
}

/** Words this file itself wrote for a number, which a minus sign must not turn into text. */
function isPlainNumber(text: string): boolean {
	return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(text);
}

function bound(cell: Cell, key: keyof Interval): string {
	return isInterval(cell) ? plainNumber(cell[key]) : csvCell(cell);
}
