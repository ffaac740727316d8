/** Intervals of proportions: how sure an accuracy on so many images is. */

/** The standard normal's 97.5 % point: 95 % lie between its negative and it. */
const z = 1.959964;

/** Wilson's 95 % interval of a proportion. */
export function confidenceInterval(correct: number, total: number): readonly [number, number] {
	const p = correct / total;
	const centre = p + (z * z) / (2 * total);
	const half = z * Math.sqrt((p * (1 - p)) / total + (z * z) / (4 * total * total));
	const scale = 1 + (z * z) / total;
	return [(centre - half) / scale, (centre + half) / scale];
}

interface Proportion {
	readonly correct: number;
	readonly total: number;
}

/**
 * Newcombe's 95 % interval of the difference of two proportions, as if they were of different images; on the same images
 * the true interval is narrower. (Newcombe 1998, Statistics in Medicine 17:873, method 10.)
 */
export function differenceInterval(a: Proportion, b: Proportion): readonly [number, number] {
	const [pa, pb] = [a.correct / a.total, b.correct / b.total];
	const [lowA, highA] = confidenceInterval(a.correct, a.total);
	const [lowB, highB] = confidenceInterval(b.correct, b.total);
	return [pa - pb - Math.hypot(pa - lowA, highB - pb), pa - pb + Math.hypot(highA - pa, pb - lowB)];
}
