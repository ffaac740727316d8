/** Tables as CSV (RFC 4180): full precision, units in the column names, text that no spreadsheet runs as a formula. */

import type { Interval } from '../hardware/estimate.ts';
import { escapeCsvText } from './escaping.ts';
import { plainNumber } from './numbers.ts';
import { type Cell, isInterval, nominalOf, type Table } from './table.ts';

/** A table; a column that holds an interval anywhere becomes three: key, keyLow, keyHigh. */
export function renderCsvTable(table: Table): string {
	const withBounds = table.columns.map((_, index) => table.rows.some((row) => isInterval(row.cells[index] ?? null)));
	const grouped = table.rows.some((row) => row.group !== undefined);
	const header = table.columns.flatMap(({ key }, index) => (withBounds[index] ? [key, `${key}Low`, `${key}High`] : [key]));
	const rows = table.rows.map((row) => [
		...(grouped ? [row.group ?? ''] : []),
		...table.columns.flatMap((_, index) => {
			const cell = row.cells[index] ?? null;
			return withBounds[index] ? [csvCell(nominalOf(cell)), bound(cell, 'low'), bound(cell, 'high')] : [csvCell(cell)];
		}),
	]);
	return renderCsv([grouped ? ['group', ...header] : header, ...rows]);
}

/** Rows of finished cells; text is escaped here. */
export function renderCsv(rows: readonly (readonly (string | number | null)[])[]): string {
	return rows.map((row) => `${row.map((cell) => quoted(csvCell(cell))).join(',')}\n`).join('');
}

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

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
