import { addAnalog, addMagnitude, type MagnitudeCount, type Tally } from './tally.ts';

/** Reads one batch: adds to the tally and gives events by sample. `rows` samples count, the rest is padding. */
export type Reader = (
	results: Readonly<Record<string, { readonly data: unknown }>>,
	rows: number,
	into: Tally,
	perSample: Float64Array,
) => void;

/** Where the elements of a tensor sit and what each is worth. */
export interface Layout {
	readonly channels: number;
	readonly positions: number;
	/** Weight of an element by position (one entry: everywhere the same). */
	readonly byPosition: Float64Array;
	/** Weight of each element counting nonzero synapses only; null when it is the same as byPosition. */
	readonly effective: Float64Array | null;
}

/**
 * Sorts a tensor fetched as bytes by value: byte k stands for k quanta.
 *
 * Its first loop sees every element of an average-pooled spike tensor, so it only counts: most positions are worth the same, and
 * what the others (those at the border of a padded convolution) are worth less is taken off afterwards.
 */
export function levelReader(output: string, layout: Layout, quantum: number): Reader {
	const { channels, positions, byPosition, effective } = layout;
	const size = channels * positions;
	const usual = mostFrequent(byPosition);
	const others = byPosition.length === 1 ? [] : [...byPosition.keys()].filter((position) => byPosition[position] !== usual);
	// Two, taken in turns: adding to the number that was just added to has to wait for it.
	const even = new Uint32Array(256);
	const odd = new Uint32Array(256);
	const events = new Float64Array(256);
	const effectiveEvents = new Float64Array(256);
	return (results, rows, into, perSample) => {
		const data = results[output]?.data as Uint8Array;
		for (let sample = 0; sample < rows; sample += 1) {
			const base = sample * size;
			even.fill(0);
			odd.fill(0);
			for (let at = base; at < base + size - 1; at += 2) {
				(even[data[at] as number] as number) += 1;
				(odd[data[at + 1] as number] as number) += 1;
			}
			if (size % 2 === 1) (even[data[base + size - 1] as number] as number) += 1;
			for (let level = 0; level < 256; level += 1) {
				(even[level] as number) += odd[level] as number;
				events[level] = (even[level] as number) * usual;
			}
			for (const position of others) {
				const difference = (byPosition[position] as number) - usual;
				for (let channel = 0; channel < channels; channel += 1)
					(events[data[base + channel * positions + position] as number] as number) += difference;
			}
			if (effective) {
				effectiveEvents.fill(0);
				for (let at = 0; at < size; at += 1) (effectiveEvents[data[base + at] as number] as number) += effective[at] as number;
			}
			const found = new Map<number, MagnitudeCount>();
			let sampleEvents = 0;
			for (let level = 1; level < 256; level += 1) {
				if (even[level] === 0) continue;
				const count = {
					elements: even[level] as number,
					events: events[level] as number,
					effectiveEvents: (effective ? effectiveEvents[level] : events[level]) as number,
				};
				sampleEvents += count.events;
				found.set(Math.fround(level * quantum), count);
			}
			perSample[sample] = sampleEvents;
			addSample(into, found);
		}
	};
}

function mostFrequent(values: Float64Array): number {
	const times = new Map<number, number>();
	let most = values[0] as number;
	for (const value of values) {
		times.set(value, (times.get(value) ?? 0) + 1);
		if ((times.get(value) as number) > (times.get(most) as number)) most = value;
	}
	return most;
}

/** Sorts fetched values by magnitude, until there are more magnitudes than spikes can have. */
export function valueReader(output: string, layout: Layout): Reader {
	const { channels, positions, byPosition, effective } = layout;
	const size = channels * positions;
	return (results, rows, into, perSample) => {
		const data = results[output]?.data as Float32Array;
		for (let sample = 0; sample < rows; sample += 1) {
			const found = new Map<number, MagnitudeCount>();
			const all: MagnitudeCount = { elements: 0, events: 0, effectiveEvents: 0 };
			let lastMagnitude = 0;
			let last: MagnitudeCount = { elements: 0, events: 0, effectiveEvents: 0 };
			const base = sample * size;
			for (let at = 0; at < size; at += 1) {
				const value = data[base + at] as number;
				if (value === 0) continue;
				const magnitude = value < 0 ? -value : value;
				const events = (byPosition.length === 1 ? byPosition[0] : byPosition[at % positions]) as number;
				const nonzeroWeights = effective ? (effective[at] as number) : events;
				all.elements += 1;
				all.events += events;
				all.effectiveEvents += nonzeroWeights;
				if (found.size > into.limit) continue;
				if (magnitude !== lastMagnitude) {
					last = found.get(magnitude) ?? { elements: 0, events: 0, effectiveEvents: 0 };
					found.set(magnitude, last);
					lastMagnitude = magnitude;
				}
				last.elements += 1;
				last.events += events;
				last.effectiveEvents += nonzeroWeights;
			}
			perSample[sample] = all.events;
			if (found.size > into.limit) {
				addAnalog(into, all.elements, all.events, all.effectiveEvents);
				into.records?.push(noRecord());
			} else addSample(into, found);
		}
	};
}

function addSample(into: Tally, found: ReadonlyMap<number, MagnitudeCount>): void {
	for (const [magnitude, count] of found) addMagnitude(into, magnitude, count.elements, count.events, count.effectiveEvents);
	if (!into.records) return;
	if (!into.magnitudes) {
		into.records.push(noRecord());
		return;
	}
	let theta = Number.POSITIVE_INFINITY;
	for (const magnitude of into.magnitudes.keys()) theta = Math.min(theta, magnitude);
	const record = { ...noRecord(), theta: Number.isFinite(theta) ? theta : 0 };
	for (const [magnitude, count] of found) {
		record.all += count.events;
		// Averages of thirds or ninths differ from θ by rounding only.
		if (Math.abs(magnitude / theta - 1) < 1e-5) record.events += count.events;
		record.weighted += magnitude * count.events;
	}
	into.records.push(record);
}

const noRecord = (): { sample: number; theta: number; events: number; weighted: number; all: number } => ({
	sample: 0,
	theta: 0,
	events: 0,
	weighted: 0,
	all: 0,
});
