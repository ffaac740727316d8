/**
 * A report before it has a format: headings, sentences and tables of typed cells. The renderers of
 * terminal, Markdown, LaTeX, CSV and HTML all print this, so a number is the same in each.
 */

import type { Interval } from '../hardware/estimate.ts';

/** What the cells of a column are; decides their wording and unit. 'worded': numbers already in words, aligned like numbers. */
export type Quantity =
	| 'text'
	| 'worded'
	| 'count'
	| 'percent'
	| 'accuracy'
	| 'ratio'
	| 'number'
	| 'hundredths'
	| 'joules'
	| 'seconds'
	| 'bytes';

export type Cell = string | number | Interval | null;

export interface Column {
	/** Name in CSV and JSON-like formats, unit included, e.g. "energyJoules". */
	readonly key: string;
	/** Heading a person reads. */
	readonly title: string;
	readonly quantity: Quantity;
	/** Left out when the line is too narrow, highest first; 0 stays always. */
	readonly dropOrder?: number;
	/** The bounds of its intervals are part of the answer and are never left out. */
	readonly keepsBounds?: boolean;
	/** A count that is a mean per inference, not a property of the network. */
	readonly perInference?: boolean;
	/** What stands where a cell has no number, such as "not measured". */
	readonly missing?: string;
	/** BibTeX keys of texts that are publications: LaTeX cites them. */
	readonly cites?: ReadonlyMap<string, string>;
	/** What the column means, for CSV headers, tooltips and captions. */
	readonly meaning?: string;
}

export interface Row {
	readonly cells: readonly Cell[];
	/** A sum or a result, set apart by a rule and bold type. */
	readonly emphasis?: boolean;
	/** Starts a group of rows under this heading. */
	readonly group?: string;
}

export interface Table {
	/** Identifies the table in file names and LaTeX labels, e.g. "layers". */
	readonly id: string;
	readonly caption: string;
	/** What changes the meaning of its numbers: stands before them in every format, for a table that stands alone. */
	readonly cautions?: readonly string[];
	/** How to read it: stands below the table on paper. */
	readonly note?: string;
	readonly columns: readonly Column[];
	readonly rows: readonly Row[];
}

export type Block =
	| { readonly kind: 'paragraph'; readonly text: string }
	| { readonly kind: 'list'; readonly items: readonly string[] }
	| { readonly kind: 'facts'; readonly facts: readonly Fact[] }
	| { readonly kind: 'table'; readonly table: Table };

/** A labelled answer: "Energy per inference: 1.67 µJ". */
export interface Fact {
	readonly label: string;
	readonly text: string;
	/** The answer itself, rather than its circumstances. */
	readonly strong?: boolean;
}

export interface Section {
	readonly heading: string;
	readonly blocks: readonly Block[];
}

export interface ReportDocument {
	readonly title: string;
	/** What the tables are about, for captions that stand away from the title: "fashion-cnn, T = 1". */
	readonly subject?: string;
	/** What changes the meaning of all numbers: stands before everything else in every format. */
	readonly cautions?: readonly string[];
	readonly sections: readonly Section[];
}

export function isInterval(cell: Cell): cell is Interval {
	return typeof cell === 'object' && cell !== null;
}

/** The one number of a cell: the nominal value of an interval; null for text and empty cells. */
export function nominalOf(cell: Cell): number | null {
	if (typeof cell === 'number') return cell;
	return isInterval(cell) ? cell.nominal : null;
}

/** All tables of a document, in order. */
export function tablesOf(document: ReportDocument): Table[] {
	return document.sections.flatMap((section) => section.blocks.flatMap((block) => (block.kind === 'table' ? [block.table] : [])));
}
