import type { Activity } from '../activity/activity.ts';
import { UserError } from '../errors.ts';
import {
	type Accounting,
	bitsFor,
	breakEven,
	compareWithDense,
	type Estimate,
	type Interval,
	loadProfile,
	type Profile,
} from '../hardware/index.ts';
import { readInputText } from '../inputs.ts';
import { parseJson } from '../json.ts';
import { comparable } from '../network/findings.ts';
import { priceActivity } from '../pricing.ts';
import { comparedNames, type FairVariant } from '../reporting/compare.ts';
import { withoutCommonBeginning } from '../reporting/escaping.ts';
import { type Analysis, activityOf, looksLikeAnalysis, parseAnalysis } from '../reporting/index.ts';
import { denseMacsPerPass, networkActivity, perInference } from '../reporting/quantities.ts';
import * as messages from './messages.ts';
import { readSavedRun } from './saved-run.ts';

/** How event counts are priced; a saved analysis keeps the profiles it has where none is named, and its prices where nothing is. */
export interface Pricing {
	readonly profiles: readonly string[] | undefined;
	readonly set: readonly string[];
	/** Undefined: exact counts, or those a saved result has. */
	readonly accountings: readonly Accounting[] | undefined;
}

const defaultProfile = '45nm';

export function priced(activity: Activity, { profiles, set, accountings }: Pricing): Analysis {
	return priceActivity(activity, { profiles: profiles ?? [defaultProfile], set, accountings: accountings ?? ['exact'] });
}

/**
 * The analysis in a saved file: as it is, or priced again where that is asked for or it has no prices.
 *
 * @returns null when the file is no saved run, such as a model
 * @throws UserError if it cannot be read or is damaged
 */
export function savedResult(file: string, pricing: Pricing): Analysis | null {
	const activity = readSavedRun(file);
	if (activity === null) return null;
	const text = readInputText(file);
	if (pricing.profiles !== undefined || !looksLikeAnalysis(parseJson(text))) return priced(activity, pricing);
	const analysis = parseAnalysis(text, file);
	if (analysis.estimates.length === 0) return priced(activity, pricing);
	if (pricing.set.length === 0 && pricing.accountings === undefined) return analysis;
	return priced(activity, { ...pricing, profiles: [...new Set(analysis.estimates.map(({ profile }) => profile))] });
}

/** Saved results only. @throws UserError naming the file that is none */
export function savedResults(files: readonly string[], pricing: Pricing): Analysis[] {
	return files.map((file) => {
		const result = savedResult(file, pricing);
		if (result === null) throw new UserError(messages.notASavedResult(file));
		return result;
	});
}

/**
 * The ways a plain network could fairly be run, priced: dense, skipping zeros as measured, and with as many bits as
 * the timesteps of each spiking network beside it can tell apart.
 */
export function fairVariants(
	analyses: readonly Analysis[],
	set: readonly string[],
): (analysis: Analysis, estimate: Estimate) => readonly FairVariant[] {
	const names = comparedNames(analyses);
	const spiking = names.filter((_, at) => networkActivity(analyses[at] as Analysis).spiking);
	const short = new Map(withoutCommonBeginning(spiking).map((name, at) => [spiking[at], name]));
	return (analysis, { profile: name, accounting }) => {
		if (accounting !== 'exact' || !comparable(analysis.balance)) return [];
		const profile = loadProfileOrNull(name, set);
		if (profile === null) return [];
		const twin = activityOf(analysis);
		const variants: FairVariant[] = [];
		const comparison = compareWithDense(twin, profile);
		const dense = denseMacsPerPass(analysis.layers);
		const add = (variant: Omit<FairVariant, 'energyJoules'>, energy: number | null, interval?: Interval): void => {
			if (energy === null || variants.some(({ name: known }) => known === variant.name)) return;
			variants.push({ ...variant, energyJoules: interval ?? { low: energy, nominal: energy, high: energy } });
		};
		for (const { name: rival, energyJoules, assumption: formula } of breakEven(twin, profile, { twin }).rivals) {
			if (rival === 'dense') add({ name: rival, formula, macs: dense, exact: true }, energyJoules, comparison?.dnnEnergyJoules);
			const macs = perInference(analysis.totals.macs, analysis.run);
			if (rival === 'zero-skipping') add({ name: rival, formula, macs, exact: true }, energyJoules);
			if (rival === 'int8') add({ name: rival, formula, macs: dense, exact: false }, energyJoules);
		}
		for (const [at, other] of analyses.entries()) {
			if (!networkActivity(other).spiking || !comparable(other.balance)) continue;
			// Its bits and its zeros say nothing of a plain network of another structure.
			if (denseMacsPerPass(other.layers) !== dense) continue;
			const { rivals } = breakEven(activityOf(other), profile);
			const bits = `${bitsFor(other.run.timesteps)}-bit`;
			for (const { name: rival, energyJoules, assumption: formula } of rivals) {
				if (rival === 'quantized') add({ name: bits, formula, macs: dense, exact: false }, energyJoules);
				const macs = perInference(other.totals.synapticEvents, other.run);
				if (rival === 'matched')
					add({ name: `${bits}, zeros of ${short.get(names[at])}`, formula, macs, exact: false }, energyJoules);
			}
		}
		return variants;
	};
}

/** A profile by the name a result carries; null where it is not at hand. */
export function loadProfileOrNull(name: string, set: readonly string[]): Profile | null {
	try {
		return loadProfile(name, { set });
	} catch (error) {
		if (error instanceof UserError) return null;
		throw error;
	}
}
