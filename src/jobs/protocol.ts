import type { CountOptions, LoadOptions } from '../pipeline.ts';
import type { Part } from '../scale/index.ts';
import type { SampleRange } from '../scale/sample-range.ts';

/** A model, its data and how to count: what every worker of a run is told alike. */
export interface ModelRun {
	readonly model: string;
	readonly load: LoadOptions;
	readonly count: Omit<CountOptions, 'signal' | 'onProgress'>;
}

/** What a worker is told: to count its samples, then perhaps to stop after the batch under way. */
export type WorkerRequest =
	| {
			readonly kind: 'count';
			readonly run: ModelRun;
			/** Samples [start, end), ascending and apart. */
			readonly ranges: readonly SampleRange[];
			/** How often it tells what it has counted. */
			readonly snapshotSeconds: number;
	  }
	| { readonly kind: 'stop' };

export type WorkerReply =
	| { readonly kind: 'progress'; readonly done: number }
	| { readonly kind: 'snapshot'; readonly part: Part }
	| { readonly kind: 'done'; readonly part: Part }
	| { readonly kind: 'failed'; readonly message: string; readonly exitCode: number; readonly internal: boolean };
