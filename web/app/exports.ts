/** What leaves the page, made by the same code that prints it on the command line. */

import type { Analysis } from '../../src/reporting/analysis.ts';
import { bibliography } from '../../src/reporting/bibliography.ts';
import { renderAnalysis } from '../../src/reporting/formats.ts';
import { methodOfAll } from '../../src/reporting/method.ts';
import { reproduceCommand } from '../../src/reporting/reproduce.ts';
import { canDraw, pictureOf, rasterised, staticReport } from './pictures.ts';
import { changesOf, type Pricing } from './pricing.ts';

export type ExportName = 'latex' | 'csv' | 'markdown' | 'json' | 'bibtex' | 'method' | 'svg' | 'png' | 'report';

export interface Export {
	readonly name: ExportName;
	readonly title: string;
	readonly file: string;
	readonly type: string;
}

const drawn: ReadonlySet<ExportName> = new Set(['svg', 'png', 'report']);

const every: readonly Export[] = [
	{ name: 'latex', title: 'LaTeX table', file: 'energy.tex', type: 'application/x-tex' },
	{ name: 'csv', title: 'CSV', file: 'energy.csv', type: 'text/csv' },
	{ name: 'markdown', title: 'Markdown', file: 'energy.md', type: 'text/markdown' },
	{ name: 'json', title: 'JSON', file: 'energy.json', type: 'application/json' },
	{ name: 'bibtex', title: 'BibTeX', file: 'energy.bib', type: 'text/plain' },
	{ name: 'method', title: 'Method paragraph', file: 'method.txt', type: 'text/plain' },
	{ name: 'svg', title: 'Picture, SVG', file: 'energy.svg', type: 'image/svg+xml' },
	{ name: 'png', title: 'Picture, PNG', file: 'energy.png', type: 'image/png' },
	{ name: 'report', title: 'Report, HTML without script', file: 'report.html', type: 'text/html' },
];

export const exports = every.filter(({ name }) => canDraw || !drawn.has(name));

/** The content of an export: text, or the bytes of a picture. */
export async function exported(name: ExportName, analysis: Analysis, all: readonly Analysis[]): Promise<Blob | string> {
	switch (name) {
		case 'bibtex':
			return bibliography(analysis.estimates);
		case 'method':
			return `${methodOfAll(all)}\n`;
		case 'svg':
			return pictureOf(analysis, all);
		case 'png':
			return rasterised(await pictureOf(analysis, all));
		case 'report':
			return staticReport(all);
		default:
			return renderAnalysis(analysis, name);
	}
}

/** The command line that gives the same. */
export function commandOf(analysis: Analysis, pricing: Pricing): string {
	const set = changesOf(pricing).map((change) => ` --set ${change}`);
	return `npx ${reproduceCommand(analysis)}${set.join('')}`;
}

export function download(file: string, content: Blob | string, type: string): void {
	const address = URL.createObjectURL(typeof content === 'string' ? new Blob([content], { type }) : content);
	const link = document.createElement('a');
	link.href = address;
	link.download = file;
	link.click();
	setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
