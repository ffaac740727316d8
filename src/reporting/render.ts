/** One Analysis in any format. */

import type { Sensitivity } from '../hardware/sensitivity.ts';
import type { Analysis } from './analysis.ts';
import { describeAnalysis } from './describe.ts';
import { plainJson } from './escaping.ts';
import { type LatexOptions, renderLatex } from './latex.ts';
import { renderMarkdown } from './markdown.ts';
import { sealed } from './seal.ts';
import type { Section } from './table.ts';
import { renderTerminal, type TerminalOptions } from './terminal.ts';

/** The forms a result can be printed in. */
export const reportFormats = ['table', 'json', 'csv', 'markdown', 'latex', 'html'] as const;
/** A form a result can be printed in. */
export type ReportFormat = (typeof reportFormats)[number];

/** What a printed result shows besides the analysis, and how. */
export interface RenderOptions extends TerminalOptions, LatexOptions {
	/** Every layer in a row of its own, with every column. */
	readonly verbose?: boolean;
	/** What the estimates depend on, for the HTML report. */
	readonly sensitivities?: readonly Sensitivity[];
	/** Further sections of the HTML report, e.g. break-even and scorecard. */
	readonly sections?: readonly Section[];
}

/**
 * A result as text, ending in a line break. JSON and CSV carry full precision; the others print the
 * same rounded numbers in their own way.
 */
export async function renderAnalysis(analysis: Analysis, format: ReportFormat, options: RenderOptions = {}): Promise<string> {
	switch (format) {
		case 'table':
			return renderTerminal(describeAnalysis(analysis, options.verbose), options);
		case 'json':
			return renderJson(sealed(analysis));
		case 'csv': {
			const { renderAnalysisCsv } = await import('./analysis-csv.ts');
			return renderAnalysisCsv(analysis);
		}
		case 'markdown':
			return renderMarkdown(describeAnalysis(analysis, options.verbose));
		case 'latex':
			return renderLatex(describeAnalysis(analysis, options.verbose), options);
		case 'html': {
			const { renderHtmlReport } = await import('./html/report.ts');
			return renderHtmlReport([analysis], options);
		}
	}
}

/** JSON that never holds -0; a number JSON cannot hold is a bug upstream and stops here. */
export function renderJson(value: unknown): string {
	const text = JSON.stringify(
		value,
		(_key, entry: unknown) => {
			if (typeof entry !== 'number') return entry;
			if (!Number.isFinite(entry)) throw new RangeError(`a result holds ${entry}, which is no number`);
			return entry === 0 ? 0 : entry;
		},
		'\t',
	);
	return `${plainJson(text)}\n`;
}
