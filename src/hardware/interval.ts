import type { Interval } from './estimate.ts';

export const exact = (value: number): Interval => ({ low: value, nominal: value, high: value });
export const isExact = ({ low, high }: Interval): boolean => low === high;

/** All values at once: how a set of constants is handed to a formula. */
export type Corner = Float64Array;

/**
 * The two corners of a box of constants between which a quantity lies, each constant having one
 * value wherever it appears: correlated uses move together.
 *
 * Each constant's direction is found by moving it alone across its interval, the others at their
 * nominal values; for a quantity monotone in every constant the corners are its exact extremes.
 */
export function corners(
	quantity: (values: Corner) => number,
	intervals: readonly Interval[],
): { low: Corner; nominal: Corner; high: Corner } {
	const nominal = Float64Array.from(intervals, (interval) => interval.nominal);
	const low = nominal.slice();
	const high = nominal.slice();
	const probe = nominal.slice();
	for (const [index, interval] of intervals.entries()) {
		if (isExact(interval)) continue;
		probe[index] = interval.low;
		const atLow = quantity(probe);
		probe[index] = interval.high;
		const atHigh = quantity(probe);
		probe[index] = interval.nominal;
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
