/**
 * A shard is computed in pieces small enough that each layer's values stay in the processor's cache, and that five timesteps
 * need no more memory than one: most of a spiking layer's work is many passes over its values.
 *
 * Loss and gradient are sums over images, so the pieces change nothing but rounding. Only batch normalisation looks at all
 * images at once; it forbids pieces.
 */
import type { Layout } from './parameters.ts';
import type { Plan } from './plan.ts';
import { product } from './plan.ts';

export interface ShardResult {
	/** d(mean loss of the shard)/d(parameter), in the layout's order. */
	readonly gradient: Float32Array;
	/** Batch mean and variance of each normalised convolution, in the layout's order. */
	readonly statistics: Float32Array;
	/** Sum of the losses of the shard's images, what their spikes cost included. */
	readonly lossSum: number;
	readonly correct: number;
	readonly count: number;
	/** Nonzero outputs of each neuron layer, summed over images and timesteps. */
	readonly spikes: readonly number[];
}

export interface Shard {
	/** [N, C, H, W], normalised. */
	readonly images: Float32Array;
	readonly labels: Uint8Array | Uint16Array;
	readonly timesteps: number;
	readonly dropout: number;
	readonly labelSmoothing: number;
	/** Probabilities [N, classes] to learn in place of the labels'; the labels then only tell what is correct. */
	readonly targets?: Float32Array;
	/** What the loss adds for every spike of each neuron layer of an image: energy-aware training. None: spikes cost nothing. */
	readonly spikePrices?: readonly number[];
	/** Names the dropout masks. */
	readonly stream: readonly number[];
	/** Which image of the stream the first one is, when this is a piece of a larger shard. */
	readonly firstImage?: number;
}

const bytesPerNumber = 4;
/** The largest layer's values over all timesteps. Measured: 8 to 32 images of 32 channels of 32×32 compute fastest. */
export const cacheBytes = 5 * 2 ** 20;
/** On a GPU pieces only bound the memory. */
export const gpuBytes = 256 * 2 ** 20;

/**
 * How many images are computed at once.
 *
 * @param budget  bytes the largest layer's values may take
 */
export function pieceSize(plan: Plan, layout: Layout, timesteps: number, count: number, budget: number): number {
	if (layout.mode.normalised) return count;
	const steps = layout.mode.neuron === 'lif' ? timesteps : 1;
	const sizes = plan.operations.map(({ outputShape }) => product(outputShape));
	const inBudget = budget / (bytesPerNumber * steps * Math.max(...sizes));
	// A piece also moves every weight's gradient: it should compute more values than it moves.
	const worthwhile = layout.size / (steps * sizes.reduce((sum, size) => sum + size, 0));
	const largest = Math.min(count, Math.max(1, Math.floor(inBudget), Math.ceil(worthwhile)));
	// Pieces of nearly the same size: 128 images at most 50 at a time are 43, 43, 42.
	return Math.ceil(count / Math.ceil(count / largest));
}

/** Cuts a shard; each piece remembers where its images stood, because dropout masks are drawn by image. */
export function piecesOf(shard: Shard, size: number): Shard[] {
	const count = shard.labels.length;
	if (size >= count) return [shard];
	const values = shard.images.length / count;
	const classes = (shard.targets?.length ?? 0) / count;
	const first = shard.firstImage ?? 0;
	return Array.from({ length: Math.ceil(count / size) }, (_, index) => {
		const [from, to] = [index * size, Math.min(count, (index + 1) * size)];
		return {
			...shard,
			images: shard.images.subarray(from * values, to * values),
			labels: shard.labels.subarray(from, to),
			...(shard.targets && { targets: shard.targets.subarray(from * classes, to * classes) }),
			firstImage: first + from,
		};
	});
}

/** The result of the whole shard: the gradient is the mean over its images, the rest are sums. */
export function joinPieces(results: readonly ShardResult[]): ShardResult {
	const [only] = results;
	if (only && results.length === 1) return only;
	const count = results.reduce((sum, result) => sum + result.count, 0);
	const gradient = new Float32Array(only?.gradient.length ?? 0);
	const spikes = new Array<number>(only?.spikes.length ?? 0).fill(0);
	for (const result of results) {
		const share = result.count / count;
		for (let i = 0; i < gradient.length; i++) gradient[i] = (gradient[i] as number) + share * (result.gradient[i] as number);
		for (const [index, sum] of result.spikes.entries()) spikes[index] = (spikes[index] as number) + sum;
	}
	return {
		gradient,
		statistics: new Float32Array(0),
		lossSum: results.reduce((sum, { lossSum }) => sum + lossSum, 0),
		correct: results.reduce((sum, { correct }) => sum + correct, 0),
		count,
		spikes,
	};
}
