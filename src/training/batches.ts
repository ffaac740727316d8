/** Which images a step sees, and how they are augmented: both follow from (seed, stage, epoch, step) alone. */
import type { LabelledImages } from '../formats/datasets/index.ts';
import { permutation, randomStream } from './random.ts';

export interface Augmentation {
	/** Random crop after padding by this many pixels (of the colour mean); 0 for none. */
	readonly crop: number;
	readonly flip: boolean;
	/**
	 * Side in pixels of a square that is blanked (to the colour mean) around a pixel drawn anywhere in the image, so that at the
	 * border less of it falls inside; 0 for none. Cutout, DeVries & Taylor, arXiv:1708.04552.
	 */
	readonly cutout: number;
}

export interface Batch {
	readonly images: Float32Array;
	readonly labels: Uint16Array;
}

/** The order of a set's images in one epoch. */
export const epochOrder = (count: number, seed: number, stage: number, epoch: number): Uint32Array =>
	permutation(count, randomStream(seed, 2, stage, epoch));

/**
 * Normalised and augmented images.
 *
 * @param indices  the images of this batch
 * @param stream  names the random numbers of the augmentation
 * @returns images [N, C, H, W]
 */
export function augmentedBatch(
	set: LabelledImages,
	indices: ArrayLike<number>,
	augmentation: Augmentation,
	stream: readonly number[],
): Batch {
	const [channels, height, width] = set.shape;
	const plane = height * width;
	const size = channels * plane;
	const count = indices.length;
	const images = new Float32Array(count * size);
	const labels = new Uint16Array(count);
	const random = randomStream(...stream);
	const { crop, flip, cutout } = augmentation;
	for (let i = 0; i < count; i++) {
		const index = indices[i] as number;
		labels[i] = set.labels[index] as number;
		const down = crop > 0 ? (random() % (2 * crop + 1)) - crop : 0;
		const along = crop > 0 ? (random() % (2 * crop + 1)) - crop : 0;
		const mirrored = flip && (random() & 1) === 1;
		// An odd side lies around the pixel, an even one begins cutout / 2 pixels before it.
		const top = cutout > 0 ? (random() % height) - Math.floor(cutout / 2) : 0;
		const left = cutout > 0 ? (random() % width) - Math.floor(cutout / 2) : 0;
		for (let c = 0; c < channels; c++) {
			const factor = 1 / (255 * (set.normalisation.deviation[c] ?? 1));
			const offset = -(set.normalisation.mean[c] ?? 0) / (set.normalisation.deviation[c] ?? 1);
			const from = index * size + c * plane;
			const to = i * size + c * plane;
			for (let y = 0; y < height; y++) {
				const sourceRow = y + down;
				if (sourceRow < 0 || sourceRow >= height) continue;
				for (let x = 0; x < width; x++) {
					const sourceColumn = (mirrored ? width - 1 - x : x) + along;
					if (sourceColumn < 0 || sourceColumn >= width) continue;
					images[to + y * width + x] = (set.pixels[from + sourceRow * width + sourceColumn] as number) * factor + offset;
				}
			}
			for (let y = Math.max(0, top); y < Math.min(height, top + cutout); y++) {
				const row = to + y * width;
				images.fill(0, row + Math.max(0, left), row + Math.max(0, Math.min(width, left + cutout)));
			}
		}
	}
	return { images, labels };
}
