import type { Layout, Reader } from './readings.ts';
import { addAnalog, addMagnitude, type MagnitudeCount, type Tally } from './tally.ts';

/**
 * Sorts a tensor fetched as bytes by value: byte k stands for k quanta.
 *
 * This loop sees every element of an average-pooled spike tensor, so it is kept free of lookups and branches.
 */
export function levelReader(output: string, layout: Layout, quantum: number): Reader {
	const { channels, positions, byPosition, effective } = layout;
	const size = channels * positions;
	const elements = new Float64Array(256);
	const events = new Float64Array(256);
	const effectiveEvents = new Float64Array(256);
	const weights = byPosition.length === 1 ? null : byPosition;
	const everywhere = byPosition[0] as number;
	return (results, rows, into, perSample) => {
		const data = results[output]?.data as Uint8Array;
		for (let sample = 0; sample < rows; sample += 1) {
			elements.fill(0);
			events.fill(0);
			effectiveEvents.fill(0);
			let at = sample * size;
			for (let channel = 0; channel < channels; channel += 1) {
				for (let position = 0; position < positions; position += 1, at += 1) {
					const level = data[at] as number;
					(elements[level] as number) += 1;
					if (weights) (events[level] as number) += weights[position] as number;
					if (effective) (effectiveEvents[level] as number) += effective[at - sample * size] as number;
				}
			}
			if (!weights) for (let level = 1; level < 256; level += 1) events[level] = (elements[level] as number) * everywhere;
			const found = new Map<number, MagnitudeCount>();
			let sampleEvents = 0;
			for (let level = 1; level < 256; level += 1) {
				if (elements[level] === 0) continue;
				const count = {
					elements: elements[level] as number,
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
