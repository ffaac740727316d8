import type { Finding } from '../network/findings.ts';
import type { RunFacts } from './run-facts.ts';
import type { CloseCounts, Run } from './run-state.ts';
import type { ScoreRange } from './score-range.ts';

/** Integer counts of the samples run so far. */
export type RunCounts = Pick<Run, 'synapses' | 'products' | 'spikes' | 'driven' | 'perSample'> & {
	/** Absent in what earlier versions saved. */
	readonly close?: CloseCounts;
};

/** What a run found out: from it an Activity is made, alone or joined with the records of other samples. */
export interface RunRecord {
	readonly facts: RunFacts;
	/** Samples counted; per-sample arrays may be longer. */
	readonly samples: number;
	/** Samples classified as labelled; null without labels, or where the answer is no class scores. */
	readonly correct: number | null;
	/** What the values on the first samples say against the structure. */
	readonly observed: readonly Finding[];
	/** null where the answer is no class scores. */
	readonly scores: ScoreRange | null;
	readonly counts: RunCounts;
}
