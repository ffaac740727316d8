import type { DocumentFormat } from '../reporting/formats.ts';
import type { RunArguments } from './options.ts';

/** What a run can be explained by, in the order it is printed. */
export const explanations = ['constants', 'conventions', 'break-even', 'memory', 'dataflows'] as const;
export type Explanation = (typeof explanations)[number];

export interface ExplainArguments extends RunArguments {
	readonly run: string;
	readonly by?: string;
	readonly profile?: readonly string[];
	readonly set: readonly string[];
	readonly quantity: 'energy' | 'latency' | 'ratio';
	readonly sweep?: string;
	readonly accounting: string;
	readonly density: number;
	readonly dnn?: string;
	readonly format: DocumentFormat;
	readonly out?: string;
	readonly columns?: string;
}
