import type { LabelledImages } from './types.ts';

/**
 * One image as numbers: (pixel/255 − mean)/deviation of its channel.
 *
 * @param pixels  [C, H, W]
 * @param out  [C, H, W], written
 */
export function normalise(
	pixels: Uint8Array,
	{ shape, normalisation }: Pick<LabelledImages, 'shape' | 'normalisation'>,
	out: Float32Array,
): void {
	const [channels, height, width] = shape;
	const plane = height * width;
	for (let c = 0; c < channels; c++) {
		const mean = normalisation.mean[c] ?? 0;
		const factor = 1 / (normalisation.deviation[c] ?? 1);
		for (let p = c * plane; p < (c + 1) * plane; p++) out[p] = ((pixels[p] as number) / 255 - mean) * factor;
	}
}
