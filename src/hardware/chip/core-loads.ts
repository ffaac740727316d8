import type { SpikeMaps } from './spike-maps.ts';

/** What the cores of a chip send and receive in one timestep, by core. Sums of integers when the mask is 0 and 1. */
export interface CoreLoads {
	readonly packetsOut: Float64Array;
	readonly packetsIn: Float64Array;
	readonly synapticEvents: Float64Array;
}

export function emptyLoads(cores: number): CoreLoads {
	return {
		packetsOut: new Float64Array(cores),
		packetsIn: new Float64Array(cores),
		synapticEvents: new Float64Array(cores),
	};
}

/**
 * Adds the load that the active elements of a synaptic layer's input put on the cores that send and receive them.
 *
 * @param active  by element in tensor order: 1 where the element is nonzero (exact), or how often it is (mean)
 */
export function addLoads(loads: CoreLoads, maps: SpikeMaps, active: ArrayLike<number>): void {
	const { fromCore, packets, row } = maps;
	const { offsets, core, events } = maps.destinations;
	// Elements of a row go to the same cores: add up the row first, then visit its cores once.
	const byRow = new Float64Array(offsets.length - 1);
	for (let element = 0; element < row.length; element++) {
		const weight = active[element] as number;
		if (weight === 0) continue;
		(byRow[row[element] as number] as number) += weight;
		const from = fromCore[element] as number;
		if (from >= 0) (loads.packetsOut[from] as number) += weight * (packets[element] as number);
	}
	for (let r = 0; r < byRow.length; r++) {
		const weight = byRow[r] as number;
		if (weight === 0) continue;
		for (let k = offsets[r] as number; k < (offsets[r + 1] as number); k++) {
			(loads.packetsIn[core[k] as number] as number) += weight;
			(loads.synapticEvents[core[k] as number] as number) += weight * (events[k] as number);
		}
	}
}
