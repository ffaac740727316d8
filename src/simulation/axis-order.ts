import type { Dimension } from '../model/graph.ts';

/** Images as [C, H, W] or as [H, W, C]. */
export type ImageOrder = 'channels-first' | 'channels-last';

/**
 * The order a sample has to be brought into where it is an image that fits the model's input only with its channels at the other
 * end: tfjs and TensorFlow take [H, W, C], data sets and PyTorch hold [C, H, W].
 *
 * @returns null when the sample is no image or fits in neither order
 */
export function orderThatFits(sample: readonly number[], wanted: readonly Dimension[]): ImageOrder | null {
	const fits = (shape: readonly number[]): boolean =>
		shape.length === wanted.length && shape.every((size, axis) => typeof wanted[axis] !== 'number' || size === wanted[axis]);
	if (sample.length < 3 || fits(sample)) return null;
	if (fits(turnedShape(sample, 'channels-last'))) return 'channels-last';
	return fits(turnedShape(sample, 'channels-first')) ? 'channels-first' : null;
}

/** Sizes that channels of pictures and of event cameras have. */
const usualChannels: ReadonlySet<number> = new Set([1, 2, 3, 4]);

/** Whether a sample looks like [H, W, C] where the network takes images of any size, so that nothing tells the order. */
export function orderIsOpen(sample: readonly number[], wanted: readonly Dimension[]): boolean {
	const [channels = 0, height, width = 0] = sample.slice(-3);
	const open = wanted.slice(-3).every((size) => typeof size !== 'number');
	return (
		sample.length >= 3 &&
		wanted.length === sample.length &&
		open &&
		usualChannels.has(width) &&
		!usualChannels.has(channels) &&
		height !== width
	);
}

/** The last three axes in the other order; what stands before them, timesteps, stays. */
export function turnedShape(sample: readonly number[], to: ImageOrder): number[] {
	const [a = 1, b = 1, c = 1] = sample.slice(-3);
	return [...sample.slice(0, -3), ...(to === 'channels-last' ? [b, c, a] : [c, a, b])];
}

/** Images one after another, [C, H, W] each, as [H, W, C] each; or the other way round. */
export function turnImages(values: Float32Array, shape: readonly number[], to: ImageOrder): Float32Array {
	const sample = shape.slice(-3);
	const size = sample.reduce((product, one) => product * one, 1);
	const [first = 1, , last = 1] = sample;
	// Seen as a matrix, turning is transposing: [C, H·W] to [H·W, C], or [H·W, C] to [C, H·W].
	const rows = to === 'channels-last' ? first : size / last;
	const columns = size / rows;
	const result = new Float32Array(values.length);
	for (let start = 0; start < values.length; start += size) {
		for (let row = 0; row < rows; row += 1) {
			for (let column = 0; column < columns; column += 1) {
				result[start + column * rows + row] = values[start + row * columns + column] as number;
			}
		}
	}
	return result;
}
