import type { ReportDocument, Table } from './table.ts';

/** One result in the forms it can be printed in. */
export interface Printable {
	/** For people. */
	readonly document: ReportDocument;
	/** Everything, for programs. */
	readonly record: unknown;
	/** The table a spreadsheet wants. */
	readonly table: Table;
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
