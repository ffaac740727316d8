/** What a reference point rests on. */
export const authorities = ['silicon', 'simulator', 'tool', 'publication', 'equations'] as const;
export type Authority = (typeof authorities)[number];

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
}

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
	const { ours, theirs, tolerance } = comparison;
	if (theirs === null) return { ...comparison, error: null, grade: null, within: true };
	const difference = ours - theirs;
	const error = difference === 0 ? 0 : theirs === 0 ? Math.sign(difference) * Number.MAX_VALUE : difference / Math.abs(theirs);
	const size = Math.abs(error);
	// A rounding of the last bit must not fail a value that sits on a bound.
	const inside = (bound: number): boolean => size <= bound * (1 + 1e-9);
	const grade = bounds.find(([, bound]) => inside(bound))?.[0] ?? 'E';
	return { ...comparison, error, grade, within: tolerance === null || inside(tolerance) };
}
