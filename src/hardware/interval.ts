import type { Interval } from './estimate.ts';

export const exact = (value: number): Interval => ({ low: value, nominal: value, high: value });
const isExact = ({ low, high }: Interval): boolean => low === high;

/** All values at once: how a set of constants is handed to a formula. */
export type Corner = Float64Array;

/**
 * The two corners of a box of constants between which a quantity lies, each constant having one
 * value wherever it appears: correlated uses move together.
 *
 * Each constant's direction is found by moving it alone across its interval, the others at their
 * nominal values; for a quantity monotone in every constant the corners are its exact extremes.
 */
export function corners(quantity: (values: Corner) => number, intervals: readonly Interval[]): Corners {
	const probe = Float64Array.from(intervals, (interval) => interval.nominal);
	return cornersOfEnds(intervals, (index, interval) => {
		const ends = [interval.low, interval.high].map((value) => {
			probe[index] = value;
			return quantity(probe);
		}) as [number, number];
		probe[index] = interval.nominal;
		return ends;
	});
}

/** Two corners and what lies between them. */
export interface Corners {
	readonly low: Corner;
	readonly nominal: Corner;
	readonly high: Corner;
}

/** The same where the quantity at both ends of a constant is found otherwise. */
export function cornersOfEnds(
	intervals: readonly Interval[],
	quantityAt: (index: number, interval: Interval) => readonly [atLow: number, atHigh: number],
): Corners {
	const nominal = Float64Array.from(intervals, (interval) => interval.nominal);
	const low = nominal.slice();
	const high = nominal.slice();
	for (const [index, interval] of intervals.entries()) {
		if (isExact(interval)) continue;
		const [atLow, atHigh] = quantityAt(index, interval);
		if (atLow === atHigh) continue;
		low[index] = atLow < atHigh ? interval.low : interval.high;
		high[index] = atLow < atHigh ? interval.high : interval.low;
	}
	return { low, nominal, high };
}

/** An interval from three evaluations, in order whatever rounding or a non-monotone formula did. */
export function intervalOf(low: number, nominal: number, high: number): Interval {
	return { low: Math.min(low, nominal, high), nominal, high: Math.max(low, nominal, high) };
}
