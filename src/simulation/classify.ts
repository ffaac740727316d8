import type { GradedRule, InputKind, SpikeTest } from '../activity/activity.ts';
import type { SampleRecord, Tally } from './tally.ts';

/** The tallies of one layer's input, one per timestep, and whether its values come out of thresholds. */
export interface InputEvidence {
	readonly tallies: readonly Tally[];
	readonly fromThreshold: boolean;
	/** All spikes of a timestep are of one height, as the graph proves. */
	readonly oneHeight: boolean;
	/** Numbers that are zero wherever no neuron fires. */
	readonly amplitudes: boolean;
}

export interface Operations {
	readonly acs: number;
	readonly macs: number;
	/** Whether dense hardware has to multiply the whole tensor at this timestep. */
	readonly dense: boolean;
}

export interface Classification {
	readonly inputKind: InputKind;
	/** θ: the smallest nonzero magnitude, when every element is a whole multiple of it; null where there is no such height, or one for each timestep. */
	readonly theta: number | null;
	/** True when there is one height for each timestep. */
	readonly byTimestep: boolean;
	/** True when values come out of thresholds but are not multiples of one height, nor means of such. */
	readonly inexact: boolean;
	readonly perTimestep: readonly Operations[];
	/** The same for one recorded sample at one timestep. */
	readonly operationsOfRecord: (record: SampleRecord, tally: Tally) => { acs: number; macs: number };
}

/** Rounding of averages (thirds, ninths) leaves multiples of θ inexact in float32 by about this much. */
const tolerance = 1e-5;

/**
 * Decides which synaptic events are accumulates and which are multiply-accumulates.
 *
 * θ is the smallest nonzero magnitude over the run if every magnitude is a whole multiple of it; elements ±θ are spikes
 * (one AC an event), elements k·θ are graded (one MAC, or k ACs). Without such a θ the input is analog. Several
 * magnitudes count as graded spikes only when they come out of thresholds.
 *
 * Where every timestep has a height of its own, as in few-spikes and phase coding, the weights of that timestep could hold
 * it, and each spike is one AC. Spikes with an amplitude that is no multiple of a height are one MAC each; the zeros
 * between them are not computed.
 *
 * @param test grain: single elements; or the whole tensor of a timestep, or of the layer, which one graded or analog
 *   element turns into MACs (as NeuroBench and others count)
 */
export function classify(evidence: InputEvidence, test: SpikeTest, graded: GradedRule): Classification {
	const { tallies, fromThreshold, oneHeight, amplitudes } = evidence;
	const events = fromThreshold || amplitudes;
	const magnitudes = [...new Set(tallies.flatMap((one) => [...(one.magnitudes?.keys() ?? [])]))].sort((a, b) => a - b);
	// An infinite value has no height that the weights could hold.
	const finite = magnitudes.every(Number.isFinite);
	const analog = !finite || tallies.some(({ magnitudes }) => magnitudes === null);
	const [smallest = null] = magnitudes;
	const multiples = smallest !== null && areMultiples(magnitudes, smallest);
	const lattice = !analog && (magnitudes.length <= 1 || (fromThreshold && multiples));
	const single = (one: Tally): boolean => one.magnitudes !== null && one.magnitudes.size <= 1;
	const byTimestep = finite && magnitudes.length > 1 && (oneHeight || (amplitudes && !lattice)) && tallies.every(single);
	const theta = lattice && !byTimestep ? smallest : null;
	const inputKind: InputKind =
		byTimestep || (lattice && magnitudes.length <= 1) ? 'spikes' : lattice || events ? 'graded' : 'analog';

	const layerSingle = tallies.every(single);
	const spikesAlone = (one: Tally): boolean => (test === 'layer' ? layerSingle : single(one));

	const perTimestep = tallies.map((one): Operations => {
		if (test !== 'element') {
			return spikesAlone(one) ? { acs: one.events, macs: 0, dense: false } : { acs: 0, macs: one.events, dense: true };
		}
		if (one.active === 0) return { acs: 0, macs: 0, dense: false };
		if (byTimestep) return { acs: one.events, macs: 0, dense: false };
		if (theta === null || one.magnitudes === null) return { acs: 0, macs: one.events, dense: !events };
		let acs = 0;
		let macs = 0;
		for (const [magnitude, { events }] of one.magnitudes) {
			const multiple = Math.round(magnitude / theta);
			if (multiple === 1) acs += events;
			else if (graded === 'ac') acs += multiple * events;
			else macs += events;
		}
		return { acs, macs, dense: false };
	});

	const operationsOfRecord = (record: SampleRecord, one: Tally): { acs: number; macs: number } => {
		if (one.active === 0 || record.all === 0) return { acs: 0, macs: 0 };
		if (test !== 'element') return spikesAlone(one) ? { acs: record.all, macs: 0 } : { acs: 0, macs: record.all };
		if (byTimestep) return { acs: record.all, macs: 0 };
		if (theta === null || one.magnitudes === null) return { acs: 0, macs: record.all };
		if (graded === 'ac') return { acs: Math.round(record.weighted / theta), macs: 0 };
		// Had this sample held an element of the final θ, θ would have been that small already.
		const acs = Math.round(record.theta / theta) === 1 ? record.events : 0;
		return { acs, macs: record.all - acs };
	};
	return {
		inputKind: test === 'element' || layerSingle === (inputKind === 'spikes') ? inputKind : 'mixed',
		theta,
		byTimestep,
		inexact: fromThreshold && !lattice && !byTimestep && (analog || !haveCommonPart(magnitudes)),
		perTimestep,
		operationsOfRecord,
	};
}

/** Means over many neurons may hold no single spike: their height is then a part of the smallest, down to this one. */
const smallestPart = 16;

/** Whether all magnitudes are whole multiples of a part of the smallest. */
const haveCommonPart = (magnitudes: readonly number[]): boolean =>
	Array.from({ length: smallestPart }, (_, at) => (magnitudes[0] ?? 0) / (at + 1)).some((unit) => areMultiples(magnitudes, unit));

const areMultiples = (magnitudes: readonly number[], unit: number): boolean =>
	magnitudes.every((value) => isMultiple(value, unit));

function isMultiple(value: number, unit: number): boolean {
	const ratio = value / unit;
	return Math.round(ratio) >= 1 && Math.abs(ratio - Math.round(ratio)) <= tolerance * ratio;
}
