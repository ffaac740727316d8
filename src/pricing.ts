import type { Activity } from './activity/activity.ts';
import { checkOptions } from './check-options.ts';
import {
	type Accounting,
	compareWithDense,
	type DataflowStudy,
	type DenseComparison,
	dataflowStudy,
	type Estimate,
	estimate,
	loadProfile,
	type Profile,
} from './hardware/index.ts';
import { type Analysis, buildAnalysis } from './reporting/analysis.ts';

/** Which hardware profiles to price with, and what to change in them. */
export interface PriceOptions {
	/** Names or paths of hardware profiles. */
	readonly profiles: readonly string[];
	/** Changes of constants, "NAME=VALUE". */
	readonly set?: readonly string[] | undefined;
	readonly accountings?: readonly Accounting[] | undefined;
}

/** Prices an Activity under one or more profiles. @throws UserError for unknown or invalid profiles */
export function priceActivity(activity: Activity, options: PriceOptions): Analysis {
	checkOptions({ ...options, profiles: options.profiles ?? null });
	const load = (name: string): Profile => loadProfile(name, { set: options.set ?? [] });
	const profiles = options.profiles.map(load);
	return priceWith(activity, profiles, options.accountings, (profile) => studyOf(activity, profile, load));
}

/**
 * The same with profiles that are loaded.
 *
 * @param study  the band over dataflows that belongs to a profile, or null
 */
export function priceWith(
	activity: Activity,
	profiles: readonly Profile[],
	accountings: readonly Accounting[] = ['exact'],
	study: (profile: Profile) => DataflowStudy | null = () => null,
): Analysis {
	const estimates = profiles.flatMap((profile): Estimate[] =>
		accountings.map((accounting) => estimate(activity, profile, { accounting })),
	);
	// A ratio belongs to the energy beside it; several accountings stand beside the exact one's.
	const compared = accountings.length === 1 ? accountings[0] : 'exact';
	const comparisons = profiles.flatMap((profile): DenseComparison[] => {
		const comparison = compareWithDense(activity, profile, compared);
		return comparison ? [comparison] : [];
	});
	const studies = profiles.flatMap((profile): DataflowStudy[] => {
		const found = accountings.includes('exact') ? study(profile) : null;
		return found ? [found] : [];
	});
	return buildAnalysis(activity, estimates, comparisons, studies);
}

/** The band over dataflows: the profile's own, or its companion's with the same arithmetic; null where neither has any. */
export const dataflowsOf = (activity: Activity, profile: Profile, set: readonly string[]): DataflowStudy | null =>
	studyOf(activity, profile, (name) => loadProfile(name, { set }));

/** The same with a way of one's own to come by the companion. */
export function studyOf(activity: Activity, profile: Profile, load: (name: string) => Profile): DataflowStudy | null {
	const companion = profile.memoryProfile === null ? profile : load(profile.memoryProfile);
	return dataflowStudy(activity, profile.name, companion);
}
