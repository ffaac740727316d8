/** A document for the terminal: aligned columns that fit the line, bold where allowed, nothing a pipe would trip over. */

import { columnWords, isNumeric } from './cells.ts';
import { shorten, shortenNames, visible } from './escaping.ts';
import type { Block, Column, Fact, ReportDocument, Row, Table } from './table.ts';

/** How a result is laid out in a terminal. */
export interface TerminalOptions {
	/** Columns of the line; 100 when unknown. */
	readonly width?: number;
	/** Bold and dim by ANSI sequences; false when piped or NO_COLOR is set. */
	readonly colour?: boolean;
}

/**
 * Options for the stream results go to: the width of the terminal, or COLUMNS, or 100; bold type only in a terminal
 * without NO_COLOR.
 */
export function terminalOptions(
	stream: { readonly isTTY?: boolean; readonly columns?: number },
	environment: Readonly<Record<string, string | undefined>>,
): TerminalOptions {
	const asked = Number(environment.COLUMNS);
	const width = (stream.isTTY ? stream.columns : undefined) || (Number.isInteger(asked) && asked > 0 ? asked : defaultWidth);
	const colour = stream.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb';
	return { width: Math.min(width, 140), colour };
}

const defaultWidth = 100;
const narrowest = 30;

export function renderTerminal(document: ReportDocument, options: TerminalOptions = {}): string {
	const width = Math.max(narrowest, options.width ?? defaultWidth);
	const style = styles(options.colour ?? false);
	const parts = [style.bold(shorten(visible(document.title), width))];
	if (document.cautions?.length)
		parts.push(document.cautions.map((text) => style.bold(wrap(text, width, '! ', '  '))).join('\n'));
	document.sections.forEach((section, index) => {
		const blocks = section.blocks.map((block) => renderBlock(block, width, style));
		parts.push([...(index === 0 ? [] : [style.bold(section.heading)]), joinBlocks(section.blocks, blocks)].join('\n'));
	});
	return `${parts.join('\n\n')}\n`;
}

/** A blank line after a table that something follows. */
function joinBlocks(blocks: readonly Block[], texts: readonly string[]): string {
	return texts
		.map((text, index) => (blocks[index]?.kind === 'table' && index < texts.length - 1 ? `${text}\n` : text))
		.join('\n');
}

interface Style {
	readonly bold: (text: string) => string;
	readonly dim: (text: string) => string;
}

function styles(colour: boolean): Style {
	const ansi = (open: number, close: number) => (text: string) => (colour ? `\u001b[${open}m${text}\u001b[${close}m` : text);
	return { bold: ansi(1, 22), dim: ansi(2, 22) };
}

function renderBlock(block: Block, width: number, style: Style): string {
	switch (block.kind) {
		case 'paragraph':
			return wrap(block.text, width, '', '');
		case 'list':
			return block.items.map((item) => wrap(item, width, '- ', '  ')).join('\n');
		case 'facts': {
			if (width < 60) return stackedFacts(block.facts, width, style);
			const labels = block.facts.map((fact) => shorten(visible(fact.label), 28));
			const indent = Math.min(Math.max(0, ...labels.map(textWidth)) + 2, Math.floor(width / 2));
			return block.facts
				.map((fact, index) => {
					const label = (labels[index] ?? '').padEnd(indent - 1);
					const text = wrap(fact.text, width, `${label} `, ' '.repeat(indent));
					return fact.strong ? style.bold(text) : text;
				})
				.join('\n');
		}
		case 'table':
			return renderTable(block.table, width, style);
	}
}

function stackedFacts(facts: readonly Fact[], width: number, style: Style): string {
	return facts
		.map(({ label, text, strong }) => {
			const words = wrap(`${visible(label)}: ${text}`, width, '', '  ');
			return strong ? style.bold(words) : words;
		})
		.join('\n');
}

interface Layout {
	readonly columns: readonly number[];
	readonly compact: boolean;
	readonly nominalOnly: boolean;
	readonly textLength: number;
}

/** The first layout that fits: full, intervals without bounds, compact counts, fewer columns, shorter names, and at last one block a row. */
function renderTable(table: Table, width: number, style: Style): string {
	const all = table.columns.map((_, index) => index);
	const dropOrders = [...new Set(all.map((index) => dropOrder(table, index)))]
		.filter((order) => order > 0)
		.sort((one, other) => other - one);
	const layouts: Layout[] = [];
	const add = (columns: readonly number[], compact: boolean, nominalOnly: boolean, lengths: readonly number[]) => {
		for (const textLength of lengths) layouts.push({ columns, compact, nominalOnly, textLength });
	};
	add(all, false, false, [64, 40]);
	add(all, false, true, [64, 40, 28]);
	add(all, true, true, [28, 22]);
	let fewest = all;
	for (const order of dropOrders) {
		fewest = all.filter((index) => dropOrder(table, index) < order);
		add(fewest, true, true, [32, 22]);
	}
	add(fewest, true, true, [16, 12]);
	const unlike = new Set(table.rows.map(({ cells }) => cells[0])).size;
	for (const tellsApart of [true, false])
		for (const layout of layouts) {
			const lines = grid(table, layout);
			if (tellsApart && new Set(lines.slice(1).map(([name]) => name)).size < unlike) continue;
			const widths = layout.columns.map((_, index) => Math.max(...lines.map((line) => textWidth(line[index] ?? ''))));
			if (sum(widths) + 2 * (widths.length - 1) <= width) return draw(table, layout, lines, widths, style);
		}
	return stacked(table, width, style);
}

function dropOrder(table: Table, index: number): number {
	return table.columns[index]?.dropOrder ?? 0;
}

/** Words of every cell, the heading first. */
function grid(table: Table, layout: Layout): string[][] {
	const columns = layout.columns.map((index) => {
		const column = table.columns[index];
		const words = table.rows.map((row) => cellText(column, row, index, layout));
		const isText = column?.quantity === 'text' || column?.quantity === 'worded';
		return [
			shorten(visible(column?.title ?? ''), layout.textLength),
			...(isText ? groupsOf(table).flatMap(([start, end]) => shortenNames(words.slice(start, end), layout.textLength)) : words),
		];
	});
	return [-1, ...table.rows.keys()].map((row) => columns.map((words) => words[row + 1] ?? ''));
}

/** Where each group of rows begins and ends; one group where there are none. */
function groupsOf({ rows }: Table): (readonly [start: number, end: number])[] {
	const starts = rows.flatMap((row, at) => (at === 0 || row.group !== rows[at - 1]?.group ? [at] : []));
	return starts.map((start, at) => [start, starts[at + 1] ?? rows.length]);
}

function cellText(column: Column | undefined, row: Row, index: number, layout: Layout): string {
	if (column === undefined) return '';
	const nominalOnly = layout.nominalOnly && !column.keepsBounds;
	const words = columnWords(column, row.cells[index] ?? null, { compact: layout.compact, nominalOnly });
	return column.quantity === 'text' || column.quantity === 'worded' ? visible(words) : words;
}

function draw(table: Table, layout: Layout, lines: readonly string[][], widths: readonly number[], style: Style): string {
	const [heading = [], ...rows] = lines;
	const right = layout.columns.map((index) => isNumeric(table.columns[index]?.quantity ?? 'text'));
	const row = (cells: readonly string[], styled: (text: string) => string): string =>
		cells
			.map((cell, at) => {
				const padding = ' '.repeat((widths[at] as number) - textWidth(cell));
				return right[at] ? padding + styled(cell) : styled(cell) + padding;
			})
			.join('  ')
			.trimEnd();
	const rule = widths.map((columnWidth) => style.dim('─'.repeat(columnWidth))).join('  ');
	const drawn = [row(heading, style.bold), rule];
	let group: string | undefined;
	rows.forEach((cells, index) => {
		const { group: own, emphasis } = table.rows[index] as Row;
		if (own !== undefined && own !== group) {
			if (group !== undefined) drawn.push(rule);
			drawn.push(style.bold(shorten(visible(own), sum(widths))));
		}
		group = own;
		if (emphasis && index > 0) drawn.push(rule);
		drawn.push(row(cells, emphasis ? style.bold : (text) => text));
	});
	return drawn.join('\n');
}

/** For lines too narrow for a table: one block a row, one line a cell. */
function stacked(table: Table, width: number, style: Style): string {
	const layout: Layout = { columns: [], compact: true, nominalOnly: true, textLength: width };
	return table.rows
		.map((row) => {
			const [first, ...columns] = table.columns;
			const head = style.bold(shorten(cellText(first, row, 0, layout), width));
			const lines = columns.flatMap((column, index) => {
				if (row.cells[index + 1] == null) return [];
				return wrap(cellText(column, row, index + 1, layout), width, `  ${column.title}: `, '    ');
			});
			return [head, ...lines].join('\n');
		})
		.join('\n');
}

/** Breaks text at spaces so that every line fits; words longer than a line are cut. */
export function wrap(text: string, width: number, first: string, rest: string): string {
	const lines: string[] = [];
	let line = first;
	let empty = true;
	for (let word of visible(text).split(' ')) {
		while (textWidth(rest) + textWidth(word) > width && textWidth(rest) < width - 1) {
			const room = width - textWidth(empty ? line : rest);
			if (!empty) lines.push(line);
			lines.push(`${empty ? line : rest}${[...word].slice(0, room).join('')}`);
			word = [...word].slice(room).join('');
			line = rest;
			empty = true;
		}
		if (empty) line += word;
		else if (textWidth(line) + 1 + textWidth(word) <= width) line += ` ${word}`;
		else {
			lines.push(line);
			line = rest + word;
		}
		empty = false;
	}
	return [...lines, line].join('\n');
}

/** Cells a text takes in a terminal: combining marks none, East Asian wide characters and emoji two. */
export function textWidth(text: string): number {
	let width = 0;
	for (const character of text) {
		if (/\p{M}/u.test(character)) continue;
		width +=
			/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
				character,
			)
				? 2
				: 1;
	}
	return width;
}

function sum(numbers: readonly number[]): number {
	return numbers.reduce((total, number) => total + number, 0);
}
