/** A published operating point: its counts as a run, priced under one set of constants. */

import type { Activity, SynapticCounts } from '../../activity/activity.ts';
import { UserError } from '../../errors.ts';
import { evaluate, total } from '../evaluate.ts';
import { eventsOf, type NetworkEvents } from '../events.ts';
import type { Profile } from '../profile/types.ts';
import { energy, frequency, parseQuantity, power, sameDimension, time } from '../profile/units.ts';
import { programOf } from '../program.ts';
import type { Count, PointCounts, PointQuantity, PublishedQuantity } from './case.ts';
import * as messages from './messages.ts';
import { neuronLayer, synapticLayer, syntheticActivity } from './synthetic-activity.ts';

/** A number, or the product of its factors; 0 when left out. */
export function numberOf(count: Count | undefined): number {
	if (count === undefined) return 0;
	return typeof count === 'number' ? count : count.reduce((product, factor) => product * factor, 1);
}

/** One inference with a point's counts, all of them in its first timestep and its first layer. */
function activityOfPoint(point: PointCounts, name: string): Activity {
	const { timesteps } = point;
	const macs = numberOf(point.macs);
	const synapticEvents = point.synapticEvents === undefined ? numberOf(point.acs) + macs : numberOf(point.synapticEvents);
	const weights = numberOf(point.weights);
	const counts: Partial<SynapticCounts> = {
		synapticEvents,
		effectiveEvents: synapticEvents,
		acs: point.acs === undefined ? synapticEvents - macs : numberOf(point.acs),
		macs,
		macsDense: point.macsDense === undefined ? macs : numberOf(point.macsDense),
		weightReads: synapticEvents,
		denseMacs: point.denseMacs === undefined ? synapticEvents : numberOf(point.denseMacs),
		activeInputs: numberOf(point.activeInputs),
		inputElements: numberOf(point.inputs),
	};
	const neurons = numberOf(point.neurons);
	const spikes = numberOf(point.spikes);
	const further = Array.from({ length: (point.layers ?? 1) - 1 }, (_, index) => [
		synapticLayer(`synapses ${index + 2}`, timesteps, {}),
		neuronLayer(`neurons ${index + 2}`, 0, timesteps, {}),
	]);
	return syntheticActivity(name, { samples: 1, timesteps }, [
		synapticLayer('synapses', timesteps, counts, { geometry: { weightElements: weights } }),
		neuronLayer('neurons', neurons, timesteps, {
			neuronUpdates: neurons * timesteps,
			drivenUpdates: numberOf(point.drivenUpdates),
			spikes,
			spikeSum: spikes,
			stateReads: numberOf(point.stateReads),
			stateWrites: numberOf(point.stateWrites),
		}),
		...further.flat(),
	]);
}

export const eventsOfPoint = (point: PointCounts, name: string): NetworkEvents => eventsOf(activityOfPoint(point, name));

/** What a point costs: joules of an inference by term, and seconds; null where the profile prices no latency. */
export interface PricedPoint {
	readonly termJoules: ReadonlyMap<string, number>;
	readonly latencySeconds: number | null;
	/** Inferences that come out together. */
	readonly batch: number;
}

/** @param constants  values in SI units that replace the profile's own */
export function pricePoint(
	events: NetworkEvents,
	profile: Profile,
	constants: ReadonlyMap<string, number> = new Map(),
): PricedPoint {
	const program = programOf(profile);
	const corner = Float64Array.from(program.given, (name, index) => constants.get(name) ?? program.intervals[index]?.nominal ?? 0);
	const evaluation = evaluate(program, events, corner);
	const joules = (index: number): number => evaluation.layers.reduce((sum, { termJoules }) => sum + (termJoules[index] ?? 0), 0);
	const prices = [program.latency, program.roofline, program.inferenceLatency].some((terms) => terms.length > 0);
	return {
		termJoules: new Map([
			...program.energy.map(({ term }, index) => [term.name, joules(index)] as const),
			...program.inferenceEnergy.map(({ term }, index) => [term.name, evaluation.inferenceJoules[index] ?? 0] as const),
		]),
		latencySeconds: prices ? evaluation.latencySeconds : null,
		batch: profile.constants.get('batch')?.value.nominal ?? 1,
	};
}

/** Where a value is published, for messages. */
export interface Place {
	readonly path: string;
	readonly point: string;
	readonly profile: string;
}

/** The priced point as the quantity that was published. */
export function quantityOf(
	priced: PricedPoint,
	quantity: PointQuantity,
	terms: readonly string[] | undefined,
	{ path, point, profile }: Place,
): number {
	const joules = sumOfTerms(priced.termJoules, terms, path, point);
	if (quantity === 'energy' || quantity === 'energyPerInference') return joules;
	const { latencySeconds: seconds, batch } = priced;
	if (seconds === null) throw new UserError(messages.noLatency(path, point, profile));
	if (quantity === 'latency') return seconds;
	return quantity === 'throughput' ? batch / seconds : (joules * batch) / seconds;
}

function sumOfTerms(
	termJoules: ReadonlyMap<string, number>,
	terms: readonly string[] | undefined,
	path: string,
	point: string,
): number {
	if (terms === undefined) return total(Float64Array.from(termJoules.values()));
	return terms.reduce((sum, term) => {
		const joules = termJoules.get(term);
		if (joules === undefined) throw new UserError(messages.unknownTerm(path, point, term, [...termJoules.keys()]));
		return sum + joules;
	}, 0);
}

export const quantityWords: Readonly<Record<PointQuantity, string>> = {
	averagePower: 'average power',
	energy: 'energy',
	energyPerInference: 'energy per inference',
	latency: 'time',
	throughput: 'inferences per second',
};

export const quantityUnits: Readonly<Record<PointQuantity, string>> = {
	averagePower: 'W',
	energy: 'J',
	energyPerInference: 'J',
	latency: 's',
	throughput: '1/s',
};

const dimensions = { averagePower: power, energy, energyPerInference: energy, latency: time, throughput: frequency };
const expected = {
	averagePower: 'a power',
	energy: 'an energy',
	energyPerInference: 'an energy',
	latency: 'a time',
	throughput: 'a rate',
};

/** A published value in SI units. */
export function publishedValue({ quantity, value }: PublishedQuantity, { path, point }: Place): number {
	const parsed = parseQuantity(value);
	if (parsed === null || !sameDimension(parsed.dimension, dimensions[quantity])) {
		throw new UserError(messages.badPublishedValue(path, point, value, expected[quantity]));
	}
	return parsed.si;
}
