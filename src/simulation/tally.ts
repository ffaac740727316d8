/**
 * Running integer counts of one tensor at one timestep. Elements are kept apart by magnitude as long as the magnitudes
 * are few, so that "spike or number?" can be decided when the whole run is known.
 */

/** Elements of one magnitude and the synaptic events they cause. */
export interface MagnitudeCount {
	elements: number;
	events: number;
	effectiveEvents: number;
}

export interface Tally {
	active: number;
	events: number;
	effectiveEvents: number;
	/** By magnitude |x| > 0; null once there were more than the limit: analog. */
	magnitudes: Map<number, MagnitudeCount> | null;
	/** Largest number of magnitudes that can still be spikes. */
	readonly limit: number;
	/** Per-sample events at the smallest magnitude so far, for tensors with several magnitudes. */
	readonly records: SampleRecord[] | null;
}

/** What one sample contributed, given the smallest magnitude seen until then. */
export interface SampleRecord {
	/** Index of the sample in the run. */
	sample: number;
	readonly theta: number;
	/** Events of elements of magnitude theta. */
	readonly events: number;
	/** Σ |x|·F over all elements, for charging graded spikes as several accumulates. */
	readonly weighted: number;
	/** Events of all nonzero elements. */
	readonly all: number;
}

export function tally(limit: number, open: boolean): Tally {
	return { active: 0, events: 0, effectiveEvents: 0, magnitudes: new Map(), limit, records: open ? [] : null };
}

export function addMagnitude(to: Tally, magnitude: number, elements: number, events: number, effectiveEvents: number): void {
	if (elements === 0) return;
	to.active += elements;
	to.events += events;
	to.effectiveEvents += effectiveEvents;
	if (to.magnitudes === null) return;
	const known = to.magnitudes.get(magnitude);
	if (known) {
		known.elements += elements;
		known.events += events;
		known.effectiveEvents += effectiveEvents;
	} else if (to.magnitudes.size < to.limit) to.magnitudes.set(magnitude, { elements, events, effectiveEvents });
	else to.magnitudes = null;
}

/** Elements that are numbers for certain. */
export function addAnalog(to: Tally, elements: number, events: number, effectiveEvents: number): void {
	if (elements === 0) return;
	to.active += elements;
	to.events += events;
	to.effectiveEvents += effectiveEvents;
	to.magnitudes = null;
}
