import type { CoreRun, Packing } from './pack.ts';
import { neuronsIn, tensorIndex } from './reach.ts';
import type { SpikeMaps } from './spike-maps.ts';

/** What the cores of a chip handle in one timestep, by core. Sums of integers when the spikes are 0 and 1. */
export interface CoreLoads {
	readonly spikes: Float64Array;
	readonly packetsOut: Float64Array;
	readonly packetsIn: Float64Array;
	readonly synapticEvents: Float64Array;
}

export function emptyLoads(cores: number): CoreLoads {
	return {
		spikes: new Float64Array(cores),
		packetsOut: new Float64Array(cores),
		packetsIn: new Float64Array(cores),
		synapticEvents: new Float64Array(cores),
	};
}

/**
 * The load the spikes of one population put on the cores it lies on and the cores it sends to.
 *
 * @param spikes  by neuron in tensor order [channels, height, width]: 1 where the neuron fired (exact), or its
 *   firing probability (mean)
 */
export function loadsOf(maps: SpikeMaps, packing: Packing, spikes: ArrayLike<number>): CoreLoads {
	const loads = emptyLoads(packing.cores);
	const home = packing.runs.find(({ population }) => population.name === maps.source);
	if (home !== undefined) addSent(loads, maps, home, spikes);
	for (const { rowOf, offsets, core, events } of maps.routes) {
		// Neurons of a row send to the same cores: add up the row first, then visit its cores once.
		const byRow = new Float64Array(offsets.length - 1);
		for (let neuron = 0; neuron < rowOf.length; neuron++) {
			const row = rowOf[neuron] as number;
			if (row >= 0) (byRow[row] as number) += spikes[neuron] as number;
		}
		for (let row = 0; row < byRow.length; row++) {
			const weight = byRow[row] as number;
			if (weight === 0) continue;
			for (let k = offsets[row] as number; k < (offsets[row + 1] as number); k++) {
				(loads.packetsIn[core[k] as number] as number) += weight;
				(loads.synapticEvents[core[k] as number] as number) += weight * (events[k] as number);
			}
		}
	}
	return loads;
}

function addSent(loads: CoreLoads, maps: SpikeMaps, home: CoreRun, spikes: ArrayLike<number>): void {
	const { shape } = home.population;
	for (let ordered = 0; ordered < neuronsIn(shape); ordered++) {
		const neuron = tensorIndex(shape, ordered);
		const weight = spikes[neuron] as number;
		if (weight === 0) continue;
		const core = home.firstCore + Math.floor(ordered / home.neuronsPerCore);
		(loads.spikes[core] as number) += weight;
		(loads.packetsOut[core] as number) += weight * (maps.packets[neuron] as number);
	}
}
