/**
 * The table of report formats: a row makes a choice of `--format` in every command, the endings of files that `--out` takes for it,
 * and the text. Each format's code is loaded when it is asked for.
 */

import type { Sensitivity } from '../hardware/sensitivity.ts';
import type { Analysis } from './analysis.ts';
import type { LatexOptions } from './latex.ts';
import type { Printable } from './printable.ts';
import type { ReportDocument, Section } from './table.ts';
import type { TerminalOptions } from './terminal.ts';

/** What a printed result shows besides the analysis, and how. */
export interface RenderOptions extends TerminalOptions, LatexOptions {
	/** Every layer in a row of its own, with every column. */
	readonly verbose?: boolean;
	/** What the estimates depend on, for the HTML report. */
	readonly sensitivities?: readonly Sensitivity[];
	/** Further sections of the HTML report, e.g. break-even and scorecard. */
	readonly sections?: readonly Section[];
}

type DocumentOptions = TerminalOptions & LatexOptions;

/** A format that prints documents: sections, tables and sentences, of any result. */
const ofDocument = (ending: string, load: () => Promise<(document: ReportDocument, options: DocumentOptions) => string>) => ({
	endings: [ending],
	analysis: async (analysis: Analysis, options: RenderOptions): Promise<string> => {
		const { describeAnalysis } = await import('./describe.ts');
		return (await load())(describeAnalysis(analysis, options.verbose), options);
	},
	result: async ({ document }: Printable, options: DocumentOptions): Promise<string> => (await load())(document, options),
});

const formats = {
	table: ofDocument('.txt', async () => (await import('./terminal.ts')).renderTerminal),
	json: {
		endings: ['.json'],
		analysis: async (analysis: Analysis) => {
			const [{ renderJson }, { sealed }] = await Promise.all([import('./json-text.ts'), import('./seal.ts')]);
			return renderJson(sealed(analysis));
		},
		result: async ({ record }: Printable) => (await import('./json-text.ts')).renderJson(record),
	},
	csv: {
		endings: ['.csv'],
		analysis: async (analysis: Analysis) => (await import('./analysis-csv.ts')).renderAnalysisCsv(analysis),
		result: async ({ table, document }: Printable) =>
			(await import('./csv.ts')).renderCsvTable({ ...table, cautions: document.cautions ?? [] }),
	},
	markdown: ofDocument('.md', async () => (await import('./markdown.ts')).renderMarkdown),
	latex: ofDocument('.tex', async () => (await import('./latex.ts')).renderLatex),
	html: {
		endings: ['.html', '.htm'],
		analysis: async (analysis: Analysis, options: RenderOptions) =>
			(await import('./html/report.ts')).renderHtmlReport([analysis], options),
		/** A page is made of analyses only. */
		result: null,
	},
};

/** A form a result can be printed in. */
export type ReportFormat = keyof typeof formats;
/** A form of results other than an Analysis. */
export type DocumentFormat = {
	[Name in ReportFormat]: (typeof formats)[Name]['result'] extends null ? never : Name;
}[ReportFormat];

/** The forms a result can be printed in. */
export const reportFormats = Object.keys(formats) as readonly ReportFormat[];
export const documentFormats = reportFormats.filter((name): name is DocumentFormat => formats[name].result !== null);

/** Of results whose substance is sentences more than tables, which LaTeX prints alone. */
export const pageFormats = documentFormats.filter((name) => name !== 'latex');

/** The format a file's ending stands for. */
export const formatByEnding: Readonly<Record<string, ReportFormat>> = Object.fromEntries(
	reportFormats.flatMap((name) => formats[name].endings.map((ending) => [ending, name])),
);

/**
 * An analysis as text, ending in a line break. JSON and CSV carry full precision; the others print the
 * same rounded numbers in their own way.
 */
export const renderAnalysis = (analysis: Analysis, format: ReportFormat, options: RenderOptions = {}): Promise<string> =>
	formats[format].analysis(analysis, options);

/** Any other result as text, ending in a line break. */
export const renderDocument = (result: Printable, format: DocumentFormat, options: DocumentOptions = {}): Promise<string> =>
	formats[format].result(result, options);
