/** Batches of samples as a graph's input takes them. */
import { elementCount } from '../model/tensors.ts';
import { zeros } from './memory.ts';
import type { SampleSource } from './samples.ts';

/** Values and shape of the graph's input at one timestep. */
export type BatchFeed = (timestep: number) => { values: Float32Array; dims: readonly number[] };

/** Reads samples start … end − 1 as one batch of a graph, filled up with zeros to `batch` samples. */
export type Feeder = (start: number, end: number, batch: number) => Promise<BatchFeed>;

/** @param axis  position of the batch axis among the input's dimensions */
export function feeder(source: SampleSource, axis: 0 | 1): Feeder {
	const size = elementCount(source.sampleShape);
	const leading = source.timesteps ?? 1;
	return async (start, end, batch) => {
		const values = padded(await source.read(start, end), leading, (end - start) * size, batch * size);
		if (source.timesteps === null) return () => ({ values, dims: [batch, ...source.sampleShape] });
		if (axis === 1) return () => ({ values, dims: [leading, batch, ...source.sampleShape] });
		const width = batch * size;
		return (timestep) => ({
			values: values.subarray(timestep * width, (timestep + 1) * width),
			dims: [batch, ...source.sampleShape],
		});
	};
}

/** Fills a short last batch up with zeros, because the graph is made for one batch size; the extra rows are never counted. */
function padded(values: Float32Array, blocks: number, found: number, wanted: number): Float32Array {
	if (found === wanted) return values;
	const full = zeros([blocks, wanted], 'One batch of the input');
	for (let block = 0; block < blocks; block += 1) full.set(values.subarray(block * found, (block + 1) * found), block * wanted);
	return full;
}

export interface Batch {
	readonly start: number;
	readonly end: number;
	/** Samples in it. */
	readonly rows: number;
	/** Rows the graph is given: the samples and, in the last batch, what fills it up. */
	readonly size: number;
	readonly values: BatchFeed;
}

/**
 * Samples 0 … count − 1, batch by batch. The next batch is asked for before one is handed out: what reads on threads of its own
 * reads while this one is computed. One batch more is held in memory for it.
 */
export async function* batchesAhead(feed: Feeder, count: number, batch: number): AsyncGenerator<Batch, void, void> {
	const ask = (start: number): Promise<Batch> => {
		const end = Math.min(start + batch, count);
		const rows = end - start;
		const asked = feed(start, end, batch).then((values) => ({ start, end, rows, size: batch, values }));
		// Awaited after the batch under way, or never when that fails: until then a failure would count as unhandled.
		asked.catch(() => {});
		return asked;
	};
	let next: Promise<Batch> | null = count > 0 ? ask(0) : null;
	while (next) {
		const current: Batch = await next;
		next = current.end < count ? ask(current.end) : null;
		yield current;
	}
}
