/** A finished document in any format: what the smaller commands print. */

import { renderCsvTable } from './csv.ts';
import { type LatexOptions, renderLatex } from './latex.ts';
import { renderMarkdown } from './markdown.ts';
import { renderJson } from './render.ts';
import type { ReportDocument, Table } from './table.ts';
import { renderTerminal, type TerminalOptions } from './terminal.ts';

export const documentFormats = ['table', 'json', 'csv', 'markdown', 'latex'] as const;
export type DocumentFormat = (typeof documentFormats)[number];

/** One result in the forms it can be printed in. */
export interface Printable {
	/** For people. */
	readonly document: ReportDocument;
	/** Everything, for programs. */
	readonly record: unknown;
	/** The table a spreadsheet wants. */
	readonly table: Table;
}

/** The result as text, ending in a line break. */
export function renderDocument(result: Printable, format: DocumentFormat, options: TerminalOptions & LatexOptions = {}): string {
	switch (format) {
		case 'table':
			return renderTerminal(result.document, options);
		case 'json':
			return renderJson(result.record);
		case 'csv':
			return renderCsvTable({ ...result.table, cautions: result.document.cautions ?? [] });
		case 'markdown':
			return renderMarkdown(result.document);
		case 'latex':
			return renderLatex(result.document, options);
	}
}

/** A result with what must be known before its numbers: first in a document and in a record. */
export function withCautions(result: Printable, cautions: readonly string[]): Printable {
	if (cautions.length === 0) return result;
	return {
		...result,
		record: { cautions, ...(result.record as object) },
		document: { ...result.document, cautions: [...cautions, ...(result.document.cautions ?? [])] },
	};
}
