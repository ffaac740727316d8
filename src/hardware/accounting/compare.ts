import type { Activity } from '../../activity/activity.ts';
import type { Estimate } from '../estimate.ts';
import { estimate } from '../price.ts';
import type { Profile } from '../profile/types.ts';
import { type Accounting, accountingMethod, accountingNames } from './accountings.ts';

/** One network under one profile, counted in one way. */
export interface AccountingRow {
	readonly accounting: Accounting;
	readonly title: string;
	readonly citation: string;
	readonly meaning: string;
	readonly estimate: Estimate;
	/** Nominal energy over that of the exact events. */
	readonly relativeToExact: number;
}

/** One run under several accountings, priced by one profile. */
export interface AccountingComparison {
	readonly profile: string;
	readonly rows: readonly AccountingRow[];
	/** Largest nominal energy over the smallest. */
	readonly spread: number;
}

/** What one network costs under several accountings: same run, same prices, other counts. */
export function compareAccountings(
	activity: Activity,
	profile: Profile,
	names: readonly Accounting[] = accountingNames,
): AccountingComparison {
	const exactJoules = estimate(activity, profile).energyPerInferenceJoules.nominal;
	const rows = names.map((name): AccountingRow => {
		const { title, citation, meaning } = accountingMethod(name);
		const priced = estimate(activity, profile, { accounting: name });
		const joules = priced.energyPerInferenceJoules.nominal;
		return {
			accounting: name,
			title,
			citation,
			meaning,
			estimate: priced,
			relativeToExact: exactJoules > 0 ? joules / exactJoules : 1,
		};
	});
	const energies = rows.map((row) => row.estimate.energyPerInferenceJoules.nominal);
	const least = Math.min(...energies);
	return { profile: profile.name, rows, spread: least > 0 ? Math.max(...energies) / least : 1 };
}
