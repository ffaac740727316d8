import type { Activity } from '../activity/activity.ts';
import { UserError } from '../errors.ts';
import { nearestNames } from '../nearest.ts';
import { denseEvents } from './dense.ts';
import type { Evidence, Interval } from './estimate.ts';
import { evaluate } from './evaluate.ts';
import { eventsOf, type NetworkEvents } from './events.ts';
import { exact } from './interval.ts';
import * as messages from './messages.ts';
import { pricesLatency } from './price.ts';
import { evaluateFormulas } from './profile/computed-constants.ts';
import type { Constant, Profile } from './profile/types.ts';
import { dimensionName, parseQuantity, sameDimension } from './profile/units.ts';
import { type Program, programOf } from './program.ts';
import { scaleToNode } from './scaling.ts';
import { dependencies } from './unpriced.ts';
import { withTimesteps } from './what-if.ts';

/** What is watched: joules or seconds per inference, or the DNN baseline's energy over the spiking network's. */
export type Quantity = 'energy' | 'latency' | 'ratio';

/** One bar of a tornado: what happens to the quantity when one constant moves alone. */
export interface SensitivityBar {
	readonly constant: string;
	readonly unit: string;
	/** In the constant's unit; a table's is a factor on its values. */
	readonly range: Interval;
	/** The profile's interval, or ±50 % because it has none. */
	readonly rangeFrom: 'interval' | 'default';
	readonly evidence: Evidence;
	/** The quantity with the constant at the low end of its range; null if the formulas then give no number ≥ 0. */
	readonly atLow: number | null;
	readonly atHigh: number | null;
	/** Distance between the two, relative to the nominal quantity. */
	readonly swing: number;
}

/** How far each constant of a profile moves one quantity of an estimate. */
export interface Sensitivity {
	readonly profile: string;
	readonly quantity: Quantity;
	readonly nominal: number;
	/** Largest swing first; constants that move nothing are left out. */
	readonly bars: readonly SensitivityBar[];
}

const defaultSpread = 0.5;

/** Which constants matter: each is varied alone over its interval, or by ±50 % where it has none. */
export function sensitivity(activity: Activity, profile: Profile, quantity: Quantity = 'energy'): Sensitivity {
	const program = programOf(profile);
	const measure = measureOf(program, eventsOf(activity), quantity);
	const corner = Float64Array.from(program.intervals, ({ nominal }) => nominal);
	const nominal = measure(corner);
	const terms = [
		...profile.energy,
		...profile.inferenceEnergy,
		...profile.latency,
		...profile.roofline,
		...profile.inferenceLatency,
	];
	const reachable = dependencies(profile, terms);
	const bars = program.given.flatMap((name, index): SensitivityBar[] => {
		const constant = profile.constants.get(name);
		if (!constant || !reachable.has(name)) return [];
		const { range, rangeFrom } = rangeOf(constant);
		const at = (value: number): number | null => measureOrNull(measure, corner, index, value);
		const atLow = at(range.low);
		const atHigh = at(range.high);
		const swing = nominal === 0 ? 0 : Math.abs((atHigh ?? nominal) - (atLow ?? nominal)) / nominal;
		if (swing === 0) return [];
		const unitSize = constant.table ? 1 : constant.unitSize;
		const inUnit = (value: number): number => Number((value / unitSize).toPrecision(12));
		return [
			{
				constant: name,
				unit: constant.table ? `× table of ${constant.unit}` : constant.unit,
				range: { low: inUnit(range.low), nominal: inUnit(range.nominal), high: inUnit(range.high) },
				rangeFrom,
				evidence: constant.evidence,
				atLow,
				atHigh,
				swing,
			},
		];
	});
	return { profile: profile.name, quantity, nominal, bars: bars.sort((left, right) => right.swing - left.swing) };
}

function rangeOf({ value }: Constant): { range: Interval; rangeFrom: 'interval' | 'default' } {
	if (value.low < value.high) return { range: value, rangeFrom: 'interval' };
	const ends = [value.nominal * (1 - defaultSpread), value.nominal * (1 + defaultSpread)].sort((left, right) => left - right) as [
		number,
		number,
	];
	return { range: { low: ends[0], nominal: value.nominal, high: ends[1] }, rangeFrom: 'default' };
}

function measureOf(program: Program, events: NetworkEvents, quantity: Quantity): (corner: Float64Array) => number {
	if (quantity === 'latency') return (corner) => evaluate(program, events, corner).latencySeconds;
	if (quantity === 'energy') return (corner) => evaluate(program, events, corner).energyJoules;
	const dense = denseEvents(events);
	return (corner) => {
		const spiking = evaluate(program, events, corner).energyJoules;
		return spiking === 0 ? 0 : evaluate(program, dense, corner).energyJoules / spiking;
	};
}

function measureOrNull(
	measure: (corner: Float64Array) => number,
	corner: Float64Array,
	index: number,
	value: number,
): number | null {
	const moved = corner.slice();
	moved[index] = value;
	try {
		return measure(moved);
	} catch (error) {
		if (error instanceof UserError) return null;
		throw error;
	}
}

/** One point of a sweep: a value of the variable, and what the run costs there. */
export interface SweepPoint {
	/** As given, e.g. "4 MiB" or "16". */
	readonly value: string;
	readonly energyJoules: number;
	/** null if the profile prices no latency. */
	readonly latencySeconds: number | null;
	/** DNN baseline over spiking network on the same hardware; null if it cannot run a DNN. */
	readonly ratio: number | null;
}

/** Energy, latency and ratio over several values of one variable. */
export interface Sweep {
	readonly profile: string;
	/** "timesteps", "node", or a constant. */
	readonly variable: string;
	readonly points: readonly SweepPoint[];
}

/**
 * The cost along one variable: the number of timesteps (measured ones first, then their mean), the
 * technology node in nanometres, or any constant of the profile (a width, a memory size, a price).
 *
 * @throws UserError if the variable is unknown or a value does not suit it
 */
export function sweep(activity: Activity, profile: Profile, variable: string, values: readonly string[]): Sweep {
	const events = eventsOf(activity);
	const points = values.map((value): SweepPoint => {
		if (variable === 'timesteps') return point(profile, withTimesteps(events, wholeNumber('timesteps', value, 10_000)), value);
		if (variable === 'node')
			return point(scaleToNode(profile, wholeNumber('node', value.replace(/\s*nm$/, ''), 1000)), events, value);
		return point(withConstant(profile, variable, value), events, value);
	});
	return { profile: profile.name, variable, points };
}

function point(profile: Profile, events: NetworkEvents, value: string): SweepPoint {
	const program = programOf(profile);
	const corner = Float64Array.from(program.intervals, ({ nominal }) => nominal);
	const { energyJoules, latencySeconds } = evaluate(program, events, corner);
	const supported = profile.dense.unsupported === null && energyJoules > 0;
	return {
		value,
		energyJoules,
		latencySeconds: pricesLatency(program) ? latencySeconds : null,
		ratio: supported ? evaluate(program, denseEvents(events), corner).energyJoules / energyJoules : null,
	};
}

function wholeNumber(name: string, text: string, most: number): number {
	const value = Number(text);
	if (Number.isInteger(value) && value >= 1 && value <= most) return value;
	throw new UserError(messages.badSweepValue(name, text, `a whole number from 1 to ${most}`));
}

/** The profile with one constant at another value; a computed one is then given. */
function withConstant(profile: Profile, name: string, text: string): Profile {
	const constant = profile.constants.get(name);
	if (!constant || constant.table) {
		const candidates = [...profile.constants.values()].filter(({ table }) => !table).map((candidate) => candidate.name);
		throw new UserError(messages.unknownConstant(name, profile.name, nearestNames(name, [...candidates, 'timesteps', 'node'])));
	}
	const parsed = parseQuantity(text);
	// A bare number is taken in the constant's own unit.
	const si = parsed?.unit === '' && constant.unit !== '' ? parsed.si * constant.unitSize : parsed?.si;
	const fits = parsed && (parsed.unit === '' || sameDimension(parsed.dimension, constant.dimension));
	if (!fits || si === undefined || si < 0) {
		throw new UserError(messages.badSweepValue(name, text, `a value of ${dimensionName(constant.dimension)}, at least 0`));
	}
	const changed = new Map(profile.constants).set(name, { ...constant, value: exact(si), formula: null });
	return { ...profile, constants: evaluateFormulas(changed) };
}
