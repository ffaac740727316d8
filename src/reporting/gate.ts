/** Limits a build can fail on: at most so much energy and latency, at least so much accuracy. */

import type { Interval } from '../hardware/estimate.ts';
import { siPrefixes } from '../si-prefixes.ts';
import type { Analysis } from './analysis.ts';
import { accuracyOf } from './compare.ts';
import { invalidAccuracyLimit, invalidLimit, limitWithoutValue } from './messages.ts';
import { formatAccuracyPercent, formatInterval, formatQuantity } from './numbers.ts';
import { estimateName } from './sentences.ts';

export interface Limits {
	readonly maxEnergyJoules?: number;
	readonly maxLatencySeconds?: number;
	/** Between 0 and 1. */
	readonly minAccuracy?: number;
}

/**
 * Joules of an option such as "50uJ", "50 µJ" or "1.2mJ".
 *
 * @throws UserError naming the option when it is no positive energy
 */
export function parseEnergyLimit(text: string, option = 'max-energy'): number {
	const value = parseQuantity(text, 'J');
	if (value === null) throw invalidLimit(option, text, 'such as 50uJ, 1.2mJ or 800nJ');
	return value;
}

/**
 * Seconds of an option such as "1ms" or "250us".
 *
 * @throws UserError naming the option when it is no positive time
 */
export function parseLatencyLimit(text: string, option = 'max-latency'): number {
	const value = parseQuantity(text, 's');
	if (value === null) throw invalidLimit(option, text, 'such as 1ms, 250us or 2s');
	return value;
}

/**
 * A fraction of an option such as "0.9" or "90%".
 *
 * @throws UserError when it is not between 0 and 1
 */
export function parseAccuracyLimit(text: string): number {
	const match = /^\s*(\d+(?:\.\d+)?|\.\d+)\s*(%?)\s*$/.exec(text);
	const value = match === null ? Number.NaN : Number(match[1]) / (match[2] === '%' ? 100 : 1);
	if (!(value >= 0 && value <= 1)) throw invalidAccuracyLimit(text);
	return value;
}

function parseQuantity(text: string, unit: 'J' | 's'): number | null {
	const match = /^\s*(\d+(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)\s*([fpnuµμmkM]?)(J|s)\s*$/i.exec(text);
	if (match === null || match[3] !== unit) return null;
	const scale = siPrefixes[match[2] ?? ''];
	const value = Number(match[1]) * (scale ?? Number.NaN);
	return Number.isFinite(value) && value > 0 ? value : null;
}

/**
 * Sentences for every limit that is broken, under every profile the run was priced with; none when all hold.
 * Nominal values decide.
 *
 * @throws UserError when a limit is set on something the run does not know
 */
export function brokenLimits(analysis: Analysis, limits: Limits): string[] {
	const broken: string[] = [];
	const { maxEnergyJoules, maxLatencySeconds, minAccuracy } = limits;
	if (maxEnergyJoules !== undefined) {
		if (analysis.estimates.length === 0) throw limitWithoutValue('max-energy', 'no profile priced the run');
		for (const estimate of analysis.estimates)
			checkMost(
				broken,
				`energy on ${estimateName(estimate)}`,
				estimate.energyPerInferenceJoules,
				maxEnergyJoules,
				'J',
				'max-energy',
			);
	}
	if (maxLatencySeconds !== undefined) {
		const timed = analysis.estimates.filter((estimate) => estimate.latencyPerInferenceSeconds !== null);
		if (timed.length === 0) throw limitWithoutValue('max-latency', 'no profile of the run prices latency');
		for (const estimate of timed) {
			const latency = estimate.latencyPerInferenceSeconds as Interval;
			checkMost(broken, `latency on ${estimateName(estimate)}`, latency, maxLatencySeconds, 's', 'max-latency');
		}
	}
	if (minAccuracy !== undefined) {
		const accuracy = accuracyOf(analysis);
		if (accuracy === null) throw limitWithoutValue('min-accuracy', 'the run has no labels and so no accuracy');
		if (accuracy < minAccuracy)
			broken.push(
				`accuracy is ${formatAccuracyPercent(accuracy)}, below the ${formatAccuracyPercent(minAccuracy)} of --min-accuracy`,
			);
	}
	return broken;
}

function checkMost(broken: string[], what: string, value: Interval, limit: number, unit: 'J' | 's', option: string): void {
	if (value.nominal > limit)
		broken.push(`${what} is ${formatInterval(value, unit)}, above the ${formatQuantity(limit, unit)} of --${option}`);
}
