/** Pieces of the report page. Every text that comes in is escaped here and nowhere else. */

import type { Card } from '../answer-cards.ts';
import { columnWords, formatCell, isNumeric } from '../cells.ts';
import type { Chart } from '../charts/chart.ts';
import { drawSvg } from '../charts/draw.ts';
import { pageTheme } from '../charts/theme.ts';
import { escapeHtml } from '../escaping.ts';
import { type Block, type Fact, isInterval, type Row, type Section, type Table } from '../table.ts';
import { styleSheet } from './style.ts';

const wideWidth = 960;
const narrowWidth = 350;

/** A heading that the table of contents links to, and what stands below it (markup). */
export interface PageSection {
	readonly id: string;
	readonly heading: string;
	readonly body: string;
	readonly warning?: boolean;
}

function sectionElement(section: PageSection): string {
	const tag = section.warning ? ' class="warnings"' : '';
	return `<section id="${section.id}"${tag}>\n<h2>${escapeHtml(section.heading)}</h2>\n${section.body}\n</section>`;
}

export function paragraph(text: string, style = ''): string {
	return `<p${style === '' ? '' : ` class="${style}"`}>${escapeHtml(text)}</p>`;
}

export function list(items: readonly string[]): string {
	return `<ul>\n${items.map((item) => `<li>${escapeHtml(item)}</li>`).join('\n')}\n</ul>`;
}

export function facts(entries: readonly Fact[]): string {
	const lines = entries.map(
		({ label, text, strong }) => `<dt>${escapeHtml(label)}</dt><dd${strong ? ' class="strong"' : ''}>${escapeHtml(text)}</dd>`,
	);
	return `<dl>\n${lines.join('\n')}\n</dl>`;
}

/** An answer in large type: label, value, and the interval or circumstance below. */
export function cards(entries: readonly Card[]): string {
	const items = entries.map(
		({ label, value, detail }) =>
			`<li><span class="label">${escapeHtml(label)}</span> <span class="value">${escapeHtml(value)}</span> <span class="detail">${escapeHtml(detail)}</span></li>`,
	);
	return `<ul class="cards">\n${items.join('\n')}\n</ul>`;
}

/** A table that scrolls sideways on its own, by keyboard too. */
export function tableElement(table: Table): string {
	const { columns } = table;
	const style = (index: number) => (isNumeric(columns[index]?.quantity ?? 'text') ? ' class="number"' : '');
	const heading = columns.map((column, index) => {
		const meaning = column.meaning === undefined ? '' : ` title="${escapeHtml(column.meaning)}"`;
		return `<th scope="col"${style(index)}${meaning}>${escapeHtml(column.title)}</th>`;
	});
	const lines: string[] = [];
	let group: string | undefined;
	for (const row of table.rows) {
		if (row.group !== undefined && row.group !== group)
			lines.push(`<tr class="group"><th scope="rowgroup" colspan="${columns.length}">${escapeHtml(row.group)}</th></tr>`);
		group = row.group;
		lines.push(rowElement(row, table, style));
	}
	return `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(table.caption)}">
<table>
<caption>${escapeHtml([table.caption, table.note ?? ''].join(' ').trim())}</caption>
<thead><tr>${heading.join('')}</tr></thead>
<tbody>
${lines.join('\n')}
</tbody>
</table>
</div>`;
}

function rowElement(row: Row, table: Table, style: (index: number) => string): string {
	const cells = table.columns.map((column, index) => {
		const cell = row.cells[index] ?? null;
		const words = isInterval(cell) ? intervalWords(formatCell(cell, column.quantity)) : escapeHtml(columnWords(column, cell));
		return index === 0 ? `<th scope="row"${style(index)}>${words}</th>` : `<td${style(index)}>${words}</td>`;
	});
	return `<tr${row.emphasis ? ' class="total"' : ''}>${cells.join('')}</tr>`;
}

/** The nominal value, its bounds on a line of their own. */
function intervalWords(words: string): string {
	const [nominal = '', bounds] = words.split(' (');
	return bounds === undefined ? escapeHtml(nominal) : `${escapeHtml(nominal)} <span class="bounds">(${escapeHtml(bounds)}</span>`;
}

/** A chart at two widths, what it says in words, and its numbers as a table to open. */
export async function figure(chart: Chart): Promise<string> {
	const wide = await drawSvg(chart, { width: wideWidth, theme: pageTheme });
	const narrow = await drawSvg(chart, { width: narrowWidth, theme: pageTheme });
	return `<figure>
<div class="wide">${wide}</div>
<div class="narrow">${narrow}</div>
<figcaption>${escapeHtml(chart.title)}. ${escapeHtml(chart.alternative)}</figcaption>
<details><summary>Numbers of this chart</summary>
${tableElement(chart.table)}
</details>
</figure>`;
}

/** Markup that unfolds when its summary is chosen. */
export function folded(summary: string, body: string): string {
	return `<details><summary>${escapeHtml(summary)}</summary>\n${body}\n</details>`;
}

function blockElement(block: Block): string {
	switch (block.kind) {
		case 'paragraph':
			return paragraph(block.text);
		case 'list':
			return list(block.items);
		case 'facts':
			return facts(block.facts);
		case 'table':
			return tableElement(block.table);
	}
}

/** A document's section as part of the page. */
export function documentSection(section: Section, id: string): PageSection {
	return { id, heading: section.heading, body: section.blocks.map(blockElement).join('\n') };
}

export interface Page {
	readonly title: string;
	readonly subtitle: string;
	/** Markup right below the title: the answer. */
	readonly opening: string;
	readonly sections: readonly PageSection[];
	readonly generator: string;
}

/** The whole file. No script, no link to anything outside; the policy in its head forbids both. */
export function pageElement(page: Page): string {
	const contents = page.sections.map(({ id, heading }) => `<li><a href="#${id}">${escapeHtml(heading)}</a></li>`);
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="generator" content="${escapeHtml(page.generator)}">
<link rel="icon" href="data:,">
<title>${escapeHtml(page.title)}</title>
<style>
${styleSheet.trim()}
</style>
</head>
<body>
<a class="skip" href="#main">Skip to the answer</a>
<header>
<h1>${escapeHtml(page.title)}</h1>
<p class="subtitle">${escapeHtml(page.subtitle)}</p>
</header>
<main id="main">
${page.opening}
<nav aria-label="Contents"><ul>
${contents.join('\n')}
</ul></nav>
${page.sections.map(sectionElement).join('\n')}
</main>
<footer>${paragraph(page.generator, 'note')}</footer>
</body>
</html>
`;
}
