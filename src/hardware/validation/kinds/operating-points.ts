import { UserError } from '../../../errors.ts';
import type { Estimate } from '../../estimate.ts';
import { estimate } from '../../price.ts';
import { loadProfile } from '../../profile/load.ts';
import { energy, parseQuantity, sameDimension, time } from '../../profile/units.ts';
import type { Count, OperatingPointsCase } from '../case.ts';
import * as messages from '../messages.ts';
import type { Comparison } from '../result.ts';
import { neuronLayer, synapticLayer, syntheticActivity } from '../synthetic-activity.ts';

type Point = OperatingPointsCase['points'][number];

/** Prices the counts of every operating point; one comparison each. */
export function compareOperatingPoints(content: OperatingPointsCase, path: string): readonly Comparison[] {
	return content.points.map((point): Comparison => {
		const profile = loadProfile(content.profile, { set: point.set ?? [] });
		const priced = estimate(activityOf(point, content.name), profile);
		const place = `point "${point.name}"`;
		return {
			subject: '',
			quantity: `${quantityWords[point.published.quantity]}, ${point.name}`,
			unit: units[point.published.quantity],
			ours: quantityOf(priced, point, path, place),
			theirs: publishedValue(point, path, place),
			tolerance: point.tolerance,
			note: point.note ?? null,
		};
	});
}

const quantityWords = { averagePower: 'average power', energy: 'energy', latency: 'time' } as const;
const units = { averagePower: 'W', energy: 'J', latency: 's' } as const;

function activityOf(point: Point, name: string) {
	const { timesteps } = point;
	const neurons = numberOf(point.neurons);
	const synapticEvents = numberOf(point.synapticEvents);
	const counts = {
		synapticEvents,
		effectiveEvents: synapticEvents,
		acs: synapticEvents,
		weightReads: synapticEvents,
		denseMacs: synapticEvents,
	};
	const spikes = numberOf(point.spikes);
	return syntheticActivity(name, { samples: 1, timesteps }, [
		synapticLayer('synapses', timesteps, counts),
		neuronLayer('neurons', neurons, timesteps, {
			neuronUpdates: neurons * timesteps,
			drivenUpdates: numberOf(point.drivenUpdates),
			spikes,
			spikeSum: spikes,
		}),
	]);
}

function numberOf(count: Count | undefined): number {
	if (count === undefined) return 0;
	return typeof count === 'number' ? count : count.reduce((product, factor) => product * factor, 1);
}

function quantityOf(priced: Estimate, point: Point, path: string, place: string): number {
	const energyJoules =
		point.terms === undefined ? priced.energyPerInferenceJoules.nominal : sumOfTerms(priced, point.terms, path, place);
	if (point.published.quantity === 'energy') return energyJoules;
	const seconds = priced.latencyPerInferenceSeconds?.nominal;
	if (seconds === undefined) throw new UserError(messages.noLatency(path, place, priced.profile));
	return point.published.quantity === 'latency' ? seconds : energyJoules / seconds;
}

function sumOfTerms(priced: Estimate, terms: readonly string[], path: string, place: string): number {
	return terms.reduce((sum, term) => {
		const interval = priced.terms[term];
		if (interval === undefined) throw new UserError(messages.unknownTerm(path, place, term, Object.keys(priced.terms)));
		return sum + interval.nominal;
	}, 0);
}

function publishedValue(point: Point, path: string, place: string): number {
	const { quantity, value } = point.published;
	const power = energy.map((exponent, index) => exponent - (time[index] ?? 0));
	const wanted = { averagePower: power, energy, latency: time }[quantity];
	const parsed = parseQuantity(value);
	if (parsed === null || !sameDimension(parsed.dimension, wanted)) {
		const expected = { averagePower: 'a power', energy: 'an energy', latency: 'a time' }[quantity];
		throw new UserError(messages.badPublishedValue(path, place, value, expected));
	}
	return parsed.si;
}
