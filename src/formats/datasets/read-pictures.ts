import { normalise } from './normalise.ts';
import { type PictureFit, readFitted } from './picture.ts';
import type { LabelledImages } from './types.ts';

/** Pictures of one folder, and how they become numbers. */
export interface Pictures extends Pick<LabelledImages, 'shape' | 'normalisation'> {
	readonly paths: readonly string[];
	readonly fit: PictureFit;
}

/**
 * Reads pictures as numbers.
 *
 * @returns float32 [paths.length, C, H, W]
 * @throws UserError naming the picture that is broken or has another size
 */
export function readPictures(pictures: Pictures): Float32Array {
	const { paths, fit, shape } = pictures;
	const size = shape[0] * shape[1] * shape[2];
	const values = new Float32Array(paths.length * size);
	for (const [index, path] of paths.entries())
		normalise(readFitted(path, fit).planes, pictures, values.subarray(index * size, (index + 1) * size));
	return values;
}
