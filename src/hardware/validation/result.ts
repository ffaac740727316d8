import type { Authority, Expectation } from './case.ts';

/** One number recomputed. */
export interface Comparison {
	/** What it is a number of: a network, an operating point; "" when the case has one subject. */
	readonly subject: string;
	readonly quantity: string;
	/** "" for plain numbers. */
	readonly unit: string;
	readonly ours: number;
	/** null: nothing published to hold it against; the row explains another. */
	readonly theirs: number | null;
	/** Largest |ours − theirs| ÷ |theirs| that passes; null: shown, not judged. */
	readonly tolerance: number | null;
	/** Why the two may differ. */
	readonly note: string | null;
	/** Why the model is known to leave the tolerance. */
	readonly miss?: string | null;
	/** Whether the profile's constants come from this very value. */
	readonly fittedOn?: boolean;
}

/** What a case says beforehand of a value, as a comparison carries it. */
export function expected(expectation: Expectation): Pick<Comparison, 'tolerance' | 'note' | 'miss' | 'fittedOn'> {
	const { tolerance, note = null, miss = null } = expectation;
	return { tolerance, note, miss, fittedOn: expectation['fitted-on'] ?? false };
}

/** A case that was run. */
export interface CaseResult {
	readonly case: string;
	readonly title: string;
	readonly file: string;
	readonly authority: Authority;
	readonly source: string;
	readonly comparisons: readonly JudgedComparison[];
}

export interface JudgedComparison extends Comparison {
	/** (ours − theirs) ÷ |theirs|; null without theirs. */
	readonly error: number | null;
	readonly grade: Grade | null;
	readonly within: boolean;
	readonly verdict: Verdict;
}

/** Inside the tolerance, out of it, out of it as the case says beforehand, or not judged. */
export type Verdict = 'in' | 'out' | 'miss' | 'shown';

/** By relative error: exact ≤ 10⁻⁹, A ≤ 1 %, B ≤ 5 %, C ≤ 10 %, D ≤ 25 %, E beyond. */
export type Grade = 'exact' | 'A' | 'B' | 'C' | 'D' | 'E';

const bounds: readonly (readonly [Grade, number])[] = [
	['exact', 1e-9],
	['A', 0.01],
	['B', 0.05],
	['C', 0.1],
	['D', 0.25],
];

/** Holds a comparison against its tolerance and grades it. */
export function judge(comparison: Comparison): JudgedComparison {
	const { ours, theirs, tolerance, miss } = comparison;
	if (theirs === null) return { ...comparison, error: null, grade: null, within: true, verdict: 'shown' };
	const difference = ours - theirs;
	const error = difference === 0 ? 0 : theirs === 0 ? Math.sign(difference) * Number.MAX_VALUE : difference / Math.abs(theirs);
	const size = Math.abs(error);
	// A rounding of the last bit must not fail a value that sits on a bound.
	const inside = (bound: number): boolean => size <= bound * (1 + 1e-9);
	const grade = bounds.find(([, bound]) => inside(bound))?.[0] ?? 'E';
	const within = tolerance === null || inside(tolerance);
	const verdict = tolerance === null ? 'shown' : within ? 'in' : miss ? 'miss' : 'out';
	return { ...comparison, error, grade, within, verdict };
}
