import type { ValidationCase } from './case.ts';
import { type CaseFile, displayName } from './case-file.ts';
import { compareArchitectures } from './kinds/architecture.ts';
import { compareChipRuns } from './kinds/chip-run.ts';
import { compareCounts } from './kinds/counts.ts';
import { compareEquationGrid } from './kinds/equation-grid.ts';
import { compareLeaveOneOut } from './kinds/leave-one-out.ts';
import { compareOperatingPoints } from './kinds/operating-points.ts';
import { compareSpikeRates } from './kinds/spike-rates.ts';
import { type CountModel, compareToolCounts } from './kinds/tool-counts.ts';
import { type CaseResult, type Comparison, type JudgedComparison, judge } from './result.ts';

/** All reference points, recomputed, as `snn-energy validate --format json` prints them. */
export interface Scorecard {
	readonly schema: 'snn-energy/scorecard@1';
	readonly cases: readonly CaseResult[];
	/** Reference values held against a tolerance. */
	readonly judged: number;
	/** How many left it, known misses apart. */
	readonly outside: number;
	/** How many left it as their case says beforehand. */
	readonly misses: number;
	/** The judged values by what they are worth as evidence. */
	readonly worth: Readonly<Record<Worth, Tally>>;
}

/** Judged values, and how many of them are inside their tolerance. */
export interface Tally {
	readonly judged: number;
	readonly inside: number;
}

/** Silicon that the constants do not come from, silicon that they do, and what is not silicon. */
const worths = ['silicon', 'fitted', 'simulator', 'tool', 'publication', 'equations'] as const;
export type Worth = (typeof worths)[number];

function worthOf(authority: CaseResult['authority'], { fittedOn }: JudgedComparison): Worth {
	return authority === 'silicon' && fittedOn ? 'fitted' : authority;
}

/**
 * Recomputes every case and grades it.
 *
 * @param countModel  runs a model file and counts its events
 * @throws UserError if a case names what does not exist
 */
export async function scorecard(files: readonly CaseFile[], countModel: CountModel): Promise<Scorecard> {
	const cases: CaseResult[] = [];
	for (const { path, content } of files) {
		const comparisons = await compare(content, path, countModel);
		cases.push({
			case: content.name,
			title: content.title,
			file: displayName(path),
			authority: content.authority,
			source: content.source,
			comparisons: comparisons.map(judge),
		});
	}
	const judged = cases.flatMap(({ authority, comparisons }) =>
		comparisons
			.filter(({ verdict }) => verdict !== 'shown')
			.map((comparison) => ({ verdict: comparison.verdict, worth: worthOf(authority, comparison) })),
	);
	const count = (holds: (value: (typeof judged)[number]) => boolean): number => judged.filter(holds).length;
	return {
		schema: 'snn-energy/scorecard@1',
		cases,
		judged: judged.length,
		outside: count(({ verdict }) => verdict === 'out'),
		misses: count(({ verdict }) => verdict === 'miss'),
		worth: Object.fromEntries(
			worths.map((worth) => [
				worth,
				{
					judged: count((value) => value.worth === worth),
					inside: count((value) => value.worth === worth && value.verdict === 'in'),
				},
			]),
		) as Record<Worth, Tally>,
	};
}

async function compare(content: ValidationCase, path: string, countModel: CountModel): Promise<readonly Comparison[]> {
	switch (content.kind) {
		case 'operating-points':
			return compareOperatingPoints(content, path);
		case 'counts':
			return compareCounts(content, path);
		case 'leave-one-out':
			return compareLeaveOneOut(content, path);
		case 'chip-run':
			return compareChipRuns(content, path);
		case 'architecture':
			return compareArchitectures(content, path);
		case 'spike-rates':
			return compareSpikeRates(content, path);
		case 'equation-grid':
			return compareEquationGrid(content);
		case 'tool-counts':
			return compareToolCounts(content, path, countModel);
	}
}
