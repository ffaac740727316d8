import type { ValidationCase } from './case.ts';
import { type CaseFile, displayName } from './case-file.ts';
import { compareArchitectures } from './kinds/architecture.ts';
import { compareChipRuns } from './kinds/chip-run.ts';
import { compareEquationGrid } from './kinds/equation-grid.ts';
import { compareOperatingPoints } from './kinds/operating-points.ts';
import { compareSpikeRates } from './kinds/spike-rates.ts';
import { type CountModel, compareToolCounts } from './kinds/tool-counts.ts';
import { type CaseResult, type Comparison, judge } from './result.ts';

/** All reference points, recomputed, as `snn-energy validate --format json` prints them. */
export interface Scorecard {
	readonly schema: 'snn-energy/scorecard@1';
	readonly cases: readonly CaseResult[];
	/** Reference values held against a tolerance. */
	readonly judged: number;
	/** How many left it. */
	readonly outside: number;
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
	const judged = cases
		.flatMap(({ comparisons }) => comparisons)
		.filter(({ theirs, tolerance }) => theirs !== null && tolerance !== null);
	return {
		schema: 'snn-energy/scorecard@1',
		cases,
		judged: judged.length,
		outside: judged.filter(({ within }) => !within).length,
	};
}

async function compare(content: ValidationCase, path: string, countModel: CountModel): Promise<readonly Comparison[]> {
	switch (content.kind) {
		case 'operating-points':
			return compareOperatingPoints(content, path);
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
