/** A few images of a set as samples.npz holds them. */
import type { LabelledImages } from '../formats/datasets/index.ts';
import { normalisedImages } from '../formats/datasets/index.ts';
import { encodeNpz } from '../formats/npy/index.ts';

/** The first images of each class in turn, so that a small sample holds all classes. */
function balancedSample(set: LabelledImages, count: number): Uint32Array {
	const byClass = set.classNames.map((): number[] => []);
	for (const [index, label] of set.labels.entries()) byClass[label]?.push(index);
	const chosen: number[] = [];
	for (let round = 0; chosen.length < Math.min(count, set.count); round++) {
		for (const indices of byClass) {
			const index = indices[round];
			if (index !== undefined && chosen.length < count) chosen.push(index);
		}
	}
	return Uint32Array.from(chosen);
}

/** samples.npz: `images` float32 [N, C, H, W] as the network wants them, `labels` int64 [N]. */
export function encodeSamples(set: LabelledImages, count: number): Uint8Array {
	const indices = balancedSample(set, count);
	const labels = BigInt64Array.from(indices, (index) => BigInt(set.labels[index] ?? 0));
	return encodeNpz(
		new Map([
			['images', { dtype: 'float32', shape: [indices.length, ...set.shape], data: normalisedImages(set, indices) }],
			['labels', { dtype: 'int64', shape: [indices.length], data: labels }],
		]),
	);
}
