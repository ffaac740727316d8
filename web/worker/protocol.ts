import type { Activity } from '../../src/activity/activity.ts';
import type { EventOptions } from '../../src/formats/events/options.ts';
import type { CountOptions, LoadOptions } from '../../src/pipeline.ts';

/** Files by the path under which messages and commands name them. */
export type NamedFiles = readonly (readonly [path: string, content: Blob])[];

/** What a run can be told besides its files: options of the command line. */
export type RunOptions = Pick<LoadOptions, 'timesteps' | 'dt' | 'reset' | 'readout' | 'output' | 'states'> &
	Pick<
		CountOptions,
		| 'samples'
		| 'reshape'
		| 'layout'
		| 'channels'
		| 'scale'
		| 'normalize'
		| 'assumeRate'
		| 'encoder'
		| 'spikeTest'
		| 'graded'
		| keyof EventOptions
	>;

export interface CountRequest {
	readonly files: NamedFiles;
	readonly model: string;
	/** A path, "random:SEED", or undefined for samples.npz beside the model. */
	readonly data: string | undefined;
	readonly labels: string | undefined;
	readonly options: RunOptions;
}

export type ToWorker = { readonly kind: 'prepare' } | { readonly kind: 'count'; readonly request: CountRequest };

export interface Progress {
	readonly stage: 'reading' | 'structure' | 'counting';
	readonly done: number;
	readonly samples: number;
}

export type FromWorker =
	| { readonly kind: 'ready' }
	| { readonly kind: 'progress'; readonly progress: Progress }
	| { readonly kind: 'counted'; readonly activity: Activity; readonly seconds: number }
	| { readonly kind: 'failed'; readonly message: string; readonly expected: boolean };
