import { totalmem } from 'node:os';
import { elementCount } from '../model/tensors.ts';
import type { Geometry } from './plan.ts';

/** Samples run at once where nothing speaks for fewer. */
export const defaultBatch = 16;

/** Memory the tensors of one batch may take: 2 GB, or an eighth of a smaller machine's. */
const batchBytes = Math.min(2 ** 31, totalmem() / 8);

/**
 * Samples that run at once in the memory one batch may take, between 1 and 16.
 *
 * A sample needs its neurons' membranes, spikes and one intermediate result between them; and of the layer under way
 * the operand and the result of all timesteps, in onnxruntime's own layout and in the graph's.
 */
export function batchThatFits(
	{ inputShapes, outputShapes, neuronShapes }: Pick<Geometry, 'inputShapes' | 'outputShapes' | 'neuronShapes'>,
	timesteps: number,
	most = batchBytes,
): number {
	const neurons = neuronShapes.reduce((sum, shape) => sum + elementCount(shape), 0);
	const widest = inputShapes.reduce(
		(widestYet, shape, at) => Math.max(widestYet, elementCount(shape) + elementCount(outputShapes[at] ?? [])),
		0,
	);
	const bytes = Float32Array.BYTES_PER_ELEMENT * (3 * neurons + 2 * timesteps * widest);
	return Math.min(defaultBatch, Math.max(1, Math.floor(most / Math.max(1, bytes))));
}
