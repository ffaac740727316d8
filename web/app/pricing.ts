import type { Activity } from '../../src/activity/activity.ts';
import { type Accounting, accountingNames, loadProfile, type Profile, withConstants } from '../../src/hardware/index.ts';
import { nominalEnergyJoules } from '../../src/hardware/price.ts';
import { programOf, shareProgram } from '../../src/hardware/program.ts';
import { borrowDirections } from '../../src/hardware/sweep.ts';
import { priceWith, studyOf } from '../../src/pricing.ts';
import type { Analysis } from '../../src/reporting/analysis.ts';
import { formatSignificant } from '../../src/reporting/numbers.ts';

/** What the counts are priced with: all that a link has to carry. */
export interface Pricing {
	/** "45nm", or "45nm-memory:weight-stationary" with a dataflow. */
	readonly profile: string;
	/** Changed constants, "0.4pJ" by name. */
	readonly set: Readonly<Record<string, string>>;
	readonly accounting: Accounting;
}

const loaded = new Map<string, Profile>();

/** Forgets a profile whose file was replaced. */
export const forgetProfiles = (): void => loaded.clear();

/** A profile as it is published. @throws UserError */
export function profileNamed(name: string): Profile {
	const known = loaded.get(name) ?? loadProfile(name);
	loaded.set(name, known);
	return known;
}

export const changesOf = ({ set }: Pick<Pricing, 'set'>): string[] =>
	Object.entries(set).map(([name, value]) => `${name}=${value}`);

/** With its changed constants. */
export const profileOf = (pricing: Pricing): Profile => withConstants(profileNamed(pricing.profile), changesOf(pricing));

/** The profile as it was when nothing moved. */
let rested: Profile | null = null;

/** The whole answer: what the command line gives for the same profile, constants and accounting. @throws UserError */
export function priceWhole(activity: Activity, pricing: Pricing): Analysis {
	const changes = changesOf(pricing);
	const own = profileOf(pricing);
	rested = own;
	const load = (name: string): Profile => withConstants(profileNamed(name), changes);
	const study = (profile: Profile) => studyOf(activity, profile, load);
	return priceWith(activity, [own], [pricing.accounting], study);
}

/** What a moving slider shows: everything but the band over dataflows, which stays as it was until the slider rests. */
export function priceMoving(activity: Activity, pricing: Pricing, before: Analysis): Analysis {
	const { dataflows } = before;
	const profile = profileOf(pricing);
	if (rested && rested !== profile) {
		shareProgram(programOf(rested), profile);
		borrowDirections(programOf(rested), programOf(profile));
	}
	const analysis = priceWith(activity, [profile], [pricing.accounting]);
	return dataflows === undefined ? analysis : { ...analysis, dataflows };
}

export interface Choice {
	readonly value: string;
	readonly title: string;
	readonly joules: number | null;
}

/** Another reading of the same counts and what it would cost; null where it gives no number. */
export const joulesOf = (activity: Activity, pricing: Pricing): number | null => {
	try {
		return nominalEnergyJoules(activity, profileOf(pricing), { accounting: pricing.accounting });
	} catch {
		return null;
	}
};

/** Every way of counting with what it gives here. */
export const accountingChoices = (activity: Activity, pricing: Pricing): Choice[] =>
	accountingNames.map((accounting) => ({
		value: accounting,
		title: accounting,
		joules: joulesOf(activity, { ...pricing, accounting }),
	}));

/** Every dataflow the profile can price, with what it gives here; none for hardware that has one order only. */
export function dataflowChoices(activity: Activity, pricing: Pricing): Choice[] {
	const bare = bareName(pricing.profile);
	const { dataflows } = profileNamed(bare);
	return dataflows.map(({ name, title }, index) => {
		const value = index === 0 ? bare : `${bare}:${name}`;
		return { value, title, joules: joulesOf(activity, { ...pricing, profile: value }) };
	});
}

/** "−12 %" of another reading against this one. */
export const deltaWords = (joules: number, now: number): string => {
	const percent = 100 * (joules / now - 1);
	const sign = percent > 0 ? '+' : '−';
	return Math.abs(percent) < 0.05 ? 'the same' : `${sign}${formatSignificant(Math.abs(percent), 2)} %`;
};

/** The profile's name without its dataflow. */
export const bareName = (profile: string): string => profile.replace(/:[a-z][a-z0-9-]*$/, '');
