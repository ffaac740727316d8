import type { Preparation } from '../activity/activity.ts';
import type { DataLayout } from './time-layout.ts';

/** Data a network is run on, read a few samples at a time. */
export interface SampleSource {
	/** What a report calls it: file name, data set name, or "random:SEED". */
	readonly name: string;
	readonly sha256: string | null;
	readonly random: boolean;
	readonly count: number;
	/** Shape of one sample without batch and time axes, e.g. [3, 32, 32]. */
	readonly sampleShape: readonly number[];
	/** Length of the data's own time axis (spike trains), or null when a sample is one static tensor. */
	readonly timesteps: number | null;
	/** Order of the leading axes in the file, where the data have a time axis. */
	readonly layout?: DataLayout;
	/** What was done to the data before the network saw them, where something was. */
	readonly preparation?: Preparation;
	/** Class of every sample, or null when there are no labels. */
	readonly labels: ArrayLike<number> | null;
	/** Samples start … end − 1: [batch, …sample], or [timesteps, batch, …sample] with a time axis. */
	read(start: number, end: number): Promise<Float32Array>;
	close(): void;
}
