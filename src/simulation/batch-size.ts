import { elementCount } from '../model/tensors.ts';
import type { Geometry } from './run-facts.ts';

/** Samples run at once where nothing speaks for fewer or more. */
export const defaultBatch = 16;

/** Small networks take as many samples as stay in a processor's cache, up to this many: calling operators is most of their time. */
const largestBatch = 256;
const cacheBytes = 2 ** 20;

/** Memory the tensors of one batch may take: 2 GB, or an eighth of a smaller runtime's. */
const batchBytes = (memoryBytes: number): number => Math.min(2 ** 31, memoryBytes / 8);

/**
 * Largest operand and result of a layer that takes several timesteps at once: 512 MB, because larger ones gain nothing, or a
 * share of a smaller runtime's memory.
 */
export const foldedBytes = (memoryBytes: number): number => Math.min(2 ** 29, memoryBytes / 32);

/** Above this much, onnxruntime's plan of one block for all tensors of a run costs more memory than it saves time. */
const mostPlannedBytes = 2 ** 30;

type Shapes = Pick<Geometry, 'inputShapes' | 'outputShapes' | 'neuronShapes'>;

/**
 * Bytes the tensors of one sample take: its neurons' membranes, spikes and one intermediate result between them; and of the
 * layer under way the operand and the result of all timesteps, in onnxruntime's own layout and in the graph's.
 */
function sampleBytes({ inputShapes, outputShapes, neuronShapes }: Shapes, timesteps: number): number {
	const neurons = neuronShapes.reduce((sum, shape) => sum + elementCount(shape), 0);
	const widest = inputShapes.reduce(
		(widestYet, shape, at) => Math.max(widestYet, elementCount(shape) + elementCount(outputShapes[at] ?? [])),
		0,
	);
	return Float32Array.BYTES_PER_ELEMENT * (3 * neurons + 2 * timesteps * widest);
}

/** Samples that run at once: 16, fewer where the memory one batch may take of a runtime's is short, up to 256 of a small network. */
export function batchThatFits(shapes: Shapes, timesteps: number, memoryBytes: number): number {
	const bytes = Math.max(1, sampleBytes(shapes, timesteps));
	const within = (most: number): number => Math.floor(most / bytes);
	return Math.max(
		Math.min(defaultBatch, Math.max(1, within(batchBytes(memoryBytes)))),
		Math.min(largestBatch, within(cacheBytes)),
	);
}

/** Batches from which on a plan of memory pays: it makes the second one twice as slow, and each later one about 4 % faster. */
const plannedBatches = 32;

/**
 * Whether onnxruntime lays out its memory as one block, which it then keeps beside the first run's: where the block is small enough
 * and there are batches enough.
 */
export const memoryIsPlanned = (shapes: Shapes, timesteps: number, batch: number, samples: number): boolean =>
	batch * sampleBytes(shapes, timesteps) <= mostPlannedBytes && samples >= plannedBatches * batch;

/**
 * Samples of one batch. All batches are one size, the last one filled up with rows that are not counted; where the user asked for no
 * size, samples are dealt out evenly, so that few rows are filled up.
 */
export function batchFor(samples: number, asked: number | undefined, fits: number): number {
	if (asked !== undefined) return Math.min(asked, samples);
	return Math.ceil(samples / Math.max(1, Math.ceil(samples / fits)));
}
