/** A document as GitHub-flavoured Markdown. */

import { columnWords, isNumeric } from './cells.ts';
import { escapeMarkdown } from './escaping.ts';
import type { Block, ReportDocument, Table } from './table.ts';

export function renderMarkdown(document: ReportDocument): string {
	const parts = [`# ${escapeMarkdown(document.title)}`];
	for (const caution of document.cautions ?? []) parts.push(`> **${escapeMarkdown(caution)}**`);
	for (const section of document.sections)
		parts.push(`## ${escapeMarkdown(section.heading)}`, ...section.blocks.map(renderBlock));
	return `${parts.join('\n\n')}\n`;
}

/** One table with its caption below it, and above it what must be known before its numbers. */
export function renderMarkdownTable(table: Table): string {
	const { columns } = table;
	const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
	const rows: string[] = [];
	let group: string | undefined;
	for (const row of table.rows) {
		if (row.group !== undefined && row.group !== group)
			rows.push(line(columns.map((_, index) => (index === 0 ? `**${escapeMarkdown(row.group ?? '')}**` : ''))));
		group = row.group;
		const words = columns.map((column, index) => escapeMarkdown(columnWords(column, row.cells[index] ?? null)));
		rows.push(line(row.emphasis ? words.map((word) => (word.trim() === '' ? '' : `**${word}**`)) : words));
	}
	return [
		...(table.cautions ?? []).flatMap((caution) => [`> **${escapeMarkdown(caution)}**`, '']),
		line(columns.map((column) => escapeMarkdown(column.title))),
		line(columns.map((column) => (isNumeric(column.quantity) ? '--:' : ':--'))),
		...rows,
		'',
		`*${escapeMarkdown([table.caption, table.note ?? ''].join(' ').trim())}*`,
	].join('\n');
}

function renderBlock(block: Block): string {
	switch (block.kind) {
		case 'paragraph':
			return escapeMarkdown(block.text);
		case 'list':
			return block.items.map((item) => `- ${escapeMarkdown(item)}`).join('\n');
		case 'facts':
			return block.facts
				.map(({ label, text, strong }) => {
					const words = escapeMarkdown(text);
					return `- ${escapeMarkdown(label)}: ${strong ? `**${words}**` : words}`;
				})
				.join('\n');
		case 'table':
			return renderMarkdownTable(block.table);
	}
}
