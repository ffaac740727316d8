/**
 * Which values a tensor can hold, as far as the graph alone proves it.
 *
 * - `finite`: exactly these values (sorted). A threshold gives {0, 1}; average pooling turns it into quarters.
 * - `discrete`: finitely many values that are not listed (too many, or the pooling divisor varies).
 * - `any`: a number; `low` and `high` bound it where a Clip or ReLU does.
 *
 * `spiking` tells that the values come out of a threshold, and are not merely constants or shapes.
 */
export type ValueSet =
	| { readonly kind: 'finite'; readonly values: readonly number[]; readonly spiking: boolean }
	| { readonly kind: 'discrete'; readonly spiking: boolean }
	| { readonly kind: 'any'; readonly low: number; readonly high: number };

/** More values than this are not listed one by one. */
export const longestList = 256;
/** More pairs of values than this are not combined one by one. */
const mostPairs = 65_536;

export const unbounded: ValueSet = { kind: 'any', low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

/** Any number between two bounds. */
export const between = (low: number, high: number): ValueSet =>
	Number.isNaN(low) || Number.isNaN(high) ? unbounded : { kind: 'any', low, high };

export function finite(values: Iterable<number>, spiking: boolean): ValueSet {
	const unique = [...new Set([...values].map((value) => value + 0))].sort((a, b) => a - b); // "+ 0" turns -0 into 0
	return unique.length <= longestList ? { kind: 'finite', values: unique, spiking } : { kind: 'discrete', spiking };
}

export const isDiscrete = (set: ValueSet): boolean => set.kind !== 'any';
export const isSpiking = (set: ValueSet): boolean => set.kind !== 'any' && set.spiking;

export function boundsOf(set: ValueSet): readonly [low: number, high: number] {
	if (set.kind === 'any') return [set.low, set.high];
	if (set.kind === 'finite') return [set.values[0] ?? 0, set.values.at(-1) ?? 0];
	return [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
}

/** What a tensor holds whose elements come from any of several others. */
export function union(sets: readonly ValueSet[], spiking = sets.some(isSpiking)): ValueSet {
	if (sets.length === 0) return unbounded;
	if (sets.every((set) => set.kind === 'finite'))
		return finite(
			sets.flatMap((set) => (set.kind === 'finite' ? set.values : [])),
			spiking,
		);
	if (sets.every(isDiscrete)) return { kind: 'discrete', spiking };
	const bounds = sets.map(boundsOf);
	return between(Math.min(...bounds.map(([low]) => low)), Math.max(...bounds.map(([, high]) => high)));
}

/** Finitely many values go in, finitely many come out; of numbers nothing is known. */
export const finitelyMany = (sets: readonly ValueSet[]): ValueSet =>
	sets.every(isDiscrete) ? { kind: 'discrete', spiking: sets.some(isSpiking) } : unbounded;

/** Every listed value through a function; null where there is no list. */
export const listed = (set: ValueSet, apply: (value: number) => number): ValueSet | null =>
	set.kind === 'finite' ? finite(set.values.map(apply), set.spiking) : null;

/** Every pair of listed values through a function; null where one side has no list. */
export function paired(a: ValueSet, b: ValueSet, apply: (a: number, b: number) => number): ValueSet | null {
	if (a.kind !== 'finite' || b.kind !== 'finite') return null;
	const spiking = a.spiking || b.spiking;
	if (a.values.length * b.values.length > mostPairs) return { kind: 'discrete', spiking };
	const values = a.values.flatMap((x) => b.values.map((y) => apply(x, y)));
	return values.some(Number.isNaN) ? unbounded : finite(values, spiking);
}

/** Sets known to hold whole numbers only (results of rounding), so that a later Clip can list them. */
const integral = new WeakSet<ValueSet>();
export const isIntegral = (set: ValueSet): boolean => integral.has(set);

/** A number that was rounded: a threshold with as many levels as whole numbers fit between the bounds. */
export function rounded(low: number, high: number): ValueSet {
	if (high - low < longestList)
		return finite(
			Array.from({ length: high - low + 1 }, (_, step) => low + step),
			true,
		);
	const whole: ValueSet = { kind: 'discrete', spiking: true };
	integral.add(whole);
	return whole;
}
