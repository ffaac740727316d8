/**
 * Which columns of a table are printed, how large and how wide, so that it fits a column of a paper: smaller type, wrapped
 * text, fewer columns, and where none of these is enough the columns in panels one below the other.
 */

import { digitsPoints, narrowest, type TypeSize, textPoints, typeSizes } from './latex-width.ts';

/** A printed column, with its words as plain text, from which widths are estimated. */
export interface PrintedColumn {
	readonly key: string;
	/** Words above the column. */
	readonly title: string;
	/** Unit below them: as LaTeX, and as plain text to measure. */
	readonly unit: { readonly latex: string; readonly plain: string } | null;
	readonly numeric: boolean;
	/** siunitx's table-format of numbers; l or r of words. */
	readonly format: string;
	readonly cells: readonly string[];
	/** Cells that are BibTeX keys. */
	readonly cited?: ReadonlySet<string>;
	/** Left out when the table is too wide, highest first; 0 stays. */
	readonly dropOrder: number;
}

export interface PlacedColumn extends PrintedColumn {
	/** Lines of the words above it. */
	readonly head: readonly string[];
	/** Points a column of wrapped text has; null where nothing is wrapped. */
	readonly wrap: number | null;
}

export interface Layout {
	readonly size: TypeSize;
	/** Space on either side of a column, in points. */
	readonly separation: number;
	readonly wide: boolean;
	/** Each a table of its own, the first column repeated. */
	readonly panels: readonly (readonly PlacedColumn[])[];
	/** Titles of columns that were left out. */
	readonly dropped: readonly string[];
}

/** Points of one column of a two-column paper, and of the text of a one-column one: the narrowest of the usual styles. */
export const columnPoints = { narrow: 226, wide: 340 } as const;

const steps: readonly { readonly size: TypeSize; readonly separation: number; readonly wrapped: boolean }[] = [
	{ size: 'small', separation: 4, wrapped: false },
	{ size: 'footnotesize', separation: 3.5, wrapped: false },
	{ size: 'footnotesize', separation: 3, wrapped: true },
	{ size: 'scriptsize', separation: 2.5, wrapped: true },
];

/**
 * @param mayDrop  whether columns may be left out: not those a user named
 */
export function layoutOf(columns: readonly PrintedColumn[], mayDrop: boolean): Layout {
	const orders = [...new Set(columns.map(({ dropOrder }) => dropOrder))]
		.filter((order) => order > 0)
		.sort((one, other) => other - one);
	const levels = mayDrop ? [Number.POSITIVE_INFINITY, ...orders] : [Number.POSITIVE_INFINITY];
	const fitting = (points: number, limits: readonly number[]): Layout | null => {
		for (const limit of limits) {
			const kept = columns.filter(({ dropOrder }) => dropOrder < limit);
			for (const { size, separation, wrapped } of steps) {
				const placed = place(kept, size, separation, points, wrapped);
				if (placed !== null) return finish(size, separation, false, [placed]);
			}
		}
		return null;
	};
	const finish = (size: TypeSize, separation: number, wide: boolean, panels: readonly (readonly PlacedColumn[])[]): Layout => {
		const kept = new Set(panels.flat().map(({ key }) => key));
		return { size, separation, wide, panels, dropped: columns.filter(({ key }) => !kept.has(key)).map(({ title }) => title) };
	};
	const narrow = fitting(columnPoints.narrow, levels);
	if (narrow !== null) return narrow;
	const wide = fitting(columnPoints.wide, levels);
	if (wide !== null) return { ...wide, wide: true };
	const least = columns.filter(({ dropOrder }) => !mayDrop || dropOrder === 0);
	return finish('scriptsize', 2.5, true, panelsOf(least));
}

/** Height that a float has beside its caption, in points. */
const floatPoints = 480;

/** The rows of each float: as many as a page has room for. @returns first row and the one behind the last */
export function partsOf(panels: Layout['panels'], rows: number, size: TypeSize): (readonly [number, number])[] {
	const heightOf = (row: number): number =>
		panels.reduce((sum, panel) => {
			const lines = panel.map(({ cells, wrap }) =>
				wrap === null ? 1 : Math.ceil((1.2 * textPoints(cells[row] ?? '', size)) / wrap),
			);
			return sum + 1.2 * typeSizes[size] * Math.max(1, ...lines);
		}, 0);
	const parts: (readonly [number, number])[] = [];
	let start = 0;
	let height = 0;
	for (let row = 0; row < rows; row += 1) {
		height += heightOf(row);
		if (height <= floatPoints || row === start) continue;
		parts.push([start, row]);
		start = row;
		height = heightOf(row);
	}
	return [...parts, [start, rows]];
}

/** As many columns as fit beside the first, then the next ones below. */
function panelsOf(columns: readonly PrintedColumn[]): PlacedColumn[][] {
	const [first, ...others] = columns;
	if (first === undefined) return [[]];
	const panels: PlacedColumn[][] = [];
	let panel: readonly PrintedColumn[] = [first];
	let placed: PlacedColumn[] | null = null;
	for (const column of others) {
		const more: PlacedColumn[] | null = place([...panel, column], 'scriptsize', 2.5, columnPoints.wide, true);
		if (more === null && placed !== null) {
			panels.push(placed);
			panel = [first, column];
			placed = place(panel, 'scriptsize', 2.5, columnPoints.wide, true);
			continue;
		}
		panel = [...panel, column];
		placed = more;
	}
	return [...panels, placed ?? panel.map((column) => atWidth(column, 'scriptsize', 60))];
}

/** The columns in so many points, longest texts wrapped first; null where they do not fit. */
function place(
	columns: readonly PrintedColumn[],
	size: TypeSize,
	separation: number,
	points: number,
	wrapped: boolean,
): PlacedColumn[] | null {
	const room = points - 2 * separation * Math.max(0, columns.length - 1);
	const widths = columns.map((column) => naturalWidth(column, size));
	let excess = widths.reduce((sum, width) => sum + width, 0) - room;
	if (excess > 0 && !wrapped) return null;
	while (excess > 0) {
		// The widest text gives way, as far as its words and a readable number of lines allow.
		const at = widestShrinkable(columns, widths, size);
		if (at === null) return null;
		const give = Math.min(excess, (widths[at] ?? 0) - leastWidth(columns[at] as PrintedColumn, size), 8);
		widths[at] = (widths[at] ?? 0) - give;
		excess -= give;
	}
	return columns.map((column, index) => atWidth(column, size, widths[index] ?? 0));
}

function widestShrinkable(columns: readonly PrintedColumn[], widths: readonly number[], size: TypeSize): number | null {
	let best: number | null = null;
	for (const [index, column] of columns.entries()) {
		const width = widths[index] ?? 0;
		if (column.numeric || width - leastWidth(column, size) < 0.5) continue;
		if (best === null || width > (widths[best] ?? 0)) best = index;
	}
	return best;
}

/** Lines a cell may be wrapped to before columns are left out instead; a sentence may have more. */
const mostLines = 3;

function leastWidth(column: PrintedColumn, size: TypeSize): number {
	const full = Math.max(...column.cells.map((cell) => textPoints(cell, size)), 0);
	const words = Math.max(...column.cells.map((cell) => narrowest(cell, size)), narrowest(column.title, size));
	return Math.min(naturalWidth(column, size), Math.max(words, Math.min((1.25 * full) / mostLines, 80), 30));
}

/** Numbers: the wider of digits and head, whose words may stand one below the other; text: its longest cell. */
function naturalWidth(column: PrintedColumn, size: TypeSize): number {
	const unit = textPoints(column.unit?.plain ?? '', size);
	const words = Math.max(0, ...column.title.split(' ').map((word) => textPoints(word, size)));
	const head = column.numeric ? Math.max(words, unit) : textPoints(column.title, size);
	const body = column.numeric
		? digitsPoints(column.format, size)
		: Math.max(0, ...column.cells.map((cell) => textPoints(cell, size)));
	return Math.max(head, body);
}

function atWidth(column: PrintedColumn, size: TypeSize, width: number): PlacedColumn {
	const wraps = !column.numeric && column.cells.some((cell) => textPoints(cell, size) > width + 0.01);
	return {
		...column,
		head: headLines(column.title, size, Math.max(width, 1)),
		wrap: wraps ? Math.floor(width * 10) / 10 : null,
	};
}

/** Words of a head, as many on a line as fit over the column. */
function headLines(title: string, size: TypeSize, width: number): string[] {
	const lines: string[] = [];
	for (const word of title.split(' ')) {
		const last = lines.at(-1);
		if (last !== undefined && textPoints(`${last} ${word}`, size) <= width) lines[lines.length - 1] = `${last} ${word}`;
		else lines.push(word);
	}
	return lines.filter((line) => line !== '');
}
