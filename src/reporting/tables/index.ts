/** The paper tables as files: the same input gives the same bytes. */

import { renderCsvTable } from '../csv.ts';
import { escapeMarkdown } from '../escaping.ts';
import { renderLatexTable } from '../latex.ts';
import { renderMarkdownTable } from '../markdown.ts';
import { roundingRule } from '../numbers.ts';
import type { Table } from '../table.ts';
import { accuracyTable, latencyTable } from './accuracy.ts';
import { computedNetworks } from './computed.ts';
import { dataflowsTable } from './dataflows.ts';
import { energyTable, spikeRateTable } from './energy.ts';
import { type MeasuredRun, measuredRuns } from './measured.ts';
import { publishedSources } from './published.ts';

export { type MeasuredRun, measuredRuns } from './measured.ts';
export { ownTables } from './own.ts';

export interface ReportFile {
	readonly file: string;
	readonly text: string;
}

/** The four tables of the paper in our own layout, and what memory makes of them by dataflow. */
export function paperTables(runs: readonly MeasuredRun[]): Table[] {
	const computed = computedNetworks();
	return [
		accuracyTable(runs),
		latencyTable(runs),
		energyTable(computed, runs),
		spikeRateTable(computed, runs),
		dataflowsTable(runs),
	];
}

/** Each table as CSV, Markdown and LaTeX, one HTML report a family of models, and a page that lists them. */
export async function reportFiles(runs: Parameters<typeof measuredRuns>[0]): Promise<ReportFile[]> {
	const measured = measuredRuns(runs);
	const tables = paperTables(measured);
	const files = tables.flatMap((table) => tableFiles(table, sources(table)));
	const families = [...new Set(measured.map(({ family }) => family))];
	const { renderHtmlReport } = await import('../html/report.ts');
	for (const family of families) {
		const analyses = measured.filter((run) => run.family === family).map(({ analysis }) => analysis);
		files.push({ file: `${family}.html`, text: await renderHtmlReport(analyses) });
	}
	files.push({ file: 'README.md', text: contents(tables, families) });
	return files;
}

/** A table as CSV, Markdown and LaTeX. */
export const tableFiles = (table: Table, notes = `${escapeMarkdown(roundingRule)}\n`): ReportFile[] => [
	{ file: `${table.id}.csv`, text: renderCsvTable(table) },
	{ file: `${table.id}.md`, text: `${renderMarkdownTable(table)}\n\n${notes}` },
	{ file: `${table.id}.tex`, text: renderLatexTable(table) },
];

/** A page with the table between `<!-- tables: ID -->` and `<!-- /tables -->` written anew; other text stays as it is. */
export function withTables(page: string, tables: readonly Table[]): string {
	return page.replaceAll(
		/(<!-- tables: ([a-z-]+) -->\n)[\s\S]*?(<!-- \/tables -->)/g,
		(whole, start: string, id: string, end: string) => {
			const table = tables.find((candidate) => candidate.id === id);
			return table ? `${start}\n${renderMarkdownTable(table)}\n\n${end}` : whole;
		},
	);
}

function sources(table: Table): string {
	const used = Object.entries(publishedSources).filter(([key]) =>
		table.rows.some(({ cells }) => cells.some((cell) => cell === key || cell === `${key} sheet`)),
	);
	const lines = used.map(([key, citation]) => `- ${escapeMarkdown(key)}: ${escapeMarkdown(citation)}`);
	const list = lines.length === 0 ? '' : `Sources:\n\n${lines.join('\n')}\n\n`;
	return `${list}${escapeMarkdown(roundingRule)}\n`;
}

function contents(tables: readonly Table[], families: readonly string[]): string {
	const rows = tables.map(
		({ id, caption }) => `- ${id}: [Markdown](${id}.md), [CSV](${id}.csv), [LaTeX](${id}.tex). ${escapeMarkdown(caption)}`,
	);
	const pages = families.map(
		(family) =>
			`- [${escapeMarkdown(family)}.html](${encodeURIComponent(family)}.html): the models of models/${escapeMarkdown(family)} side by side.`,
	);
	return `# Tables and reports

Every file here is written by \`npm run tables\`; \`npm run tables -- --check\` fails when one of them is stale. Rows are of three
kinds that are never mixed: *published* (printed by others, cited), *computed* (from published layer lists and spike rates, by this
tool's formulas) and *measured* (runs of the models in models/, saved beside them as NAME.analysis.json by \`npm run tables -- --measure\`).

${[...rows, ...pages].join('\n')}
`;
}
