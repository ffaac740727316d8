/** What the class scores of the samples so far say, whichever way the samples are cut into parts. */
export interface ScoreRange {
	readonly classes: number;
	/** Samples whose classes all have the same score. */
	flat: number;
	/** Lowest and highest score of each class; empty before the first sample. */
	readonly low: number[];
	readonly high: number[];
	/** Largest class number among the labels; −1 without labels. */
	highestLabel: number;
}

export const scoreRange = (classes: number): ScoreRange => ({ classes, flat: 0, low: [], high: [], highestLabel: -1 });

/** @param scores  [rows, classes] */
export function addToRange(
	range: ScoreRange,
	scores: Float64Array,
	rows: number,
	labels: ArrayLike<number> | null,
	first: number,
): void {
	const { classes, low, high } = range;
	for (let row = 0; row < rows; row += 1) {
		const base = row * classes;
		let flat = true;
		for (let at = 0; at < classes; at += 1) {
			const value = scores[base + at] as number;
			if (value !== scores[base]) flat = false;
			if (!(value >= (low[at] ?? Number.POSITIVE_INFINITY))) low[at] = value;
			if (!(value <= (high[at] ?? Number.NEGATIVE_INFINITY))) high[at] = value;
		}
		if (flat) range.flat += 1;
		if (labels) range.highestLabel = Math.max(range.highestLabel, labels[first + row] as number);
	}
}

export function joinRanges(ranges: readonly (ScoreRange | null)[]): ScoreRange | null {
	const [first] = ranges;
	if (!first) return null;
	const joined = scoreRange(first.classes);
	for (const one of ranges) {
		if (!one) return null;
		joined.flat += one.flat;
		joined.highestLabel = Math.max(joined.highestLabel, one.highestLabel);
		for (const [at, value] of one.low.entries()) joined.low[at] = Math.min(joined.low[at] ?? value, value);
		for (const [at, value] of one.high.entries()) joined.high[at] = Math.max(joined.high[at] ?? value, value);
	}
	return joined;
}
