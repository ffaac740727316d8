import { columnsBetween, rowsBetween } from './mesh.ts';
import type { CoreRun, Packing } from './pack.ts';
import type { ChipParameters } from './parameters.ts';
import { type Connection, homeNeuron } from './populations.ts';
import { neuronsIn, type Reach, rowCount, rowOf, tensorIndex, visitTargets } from './reach.ts';

/**
 * What one nonzero element of a synaptic layer's input costs on the chip: integers by element, in the order of the
 * input tensor ([channels, height, width], or flat). Every count of a run is linear in the nonzero mask: with m the
 * 0/1 mask at a timestep, packets = Σ mᵢ·packetsᵢ, and likewise for hops and events.
 */
export interface SpikeMaps {
	readonly connection: Connection;
	/** Population the spikes come from; null: the network's input, which sends from outside the chip. */
	readonly home: CoreRun | null;
	readonly target: CoreRun;
	/** Cores an element is sent to. */
	readonly packets: Uint32Array;
	readonly hopsEast: Uint32Array;
	readonly hopsWest: Uint32Array;
	readonly hopsNorth: Uint32Array;
	readonly hopsSouth: Uint32Array;
	readonly synapticEvents: Uint32Array;
	/** Core each element is sent from; −1: from outside the chip. */
	readonly fromCore: Int32Array;
	/** Row of `destinations` of each element. */
	readonly row: Uint32Array;
	readonly destinations: Destinations;
}

/** Destination cores and synaptic events on each, shared by all elements of a row. */
export interface Destinations {
	/** First destination of each row [rows + 1]. */
	readonly offsets: Uint32Array;
	/** Core number. */
	readonly core: Uint32Array;
	/** Synapses read on that core. */
	readonly events: Uint32Array;
}

/** The maps of every synaptic layer of a placed network, in the order of the data flow. */
export function spikeMaps(packing: Packing, chip: ChipParameters): readonly SpikeMaps[] {
	const runs = new Map(packing.runs.map((run) => [run.population.name, run]));
	return packing.runs.flatMap((target) =>
		target.population.inputs.map((connection) => {
			const home = connection.source === null ? null : (runs.get(connection.source) ?? null);
			return mapsOf(connection, home, target, chip);
		}),
	);
}

function mapsOf(connection: Connection, home: CoreRun | null, target: CoreRun, chip: ChipParameters): SpikeMaps {
	const { reach } = connection;
	const elements = neuronsIn(reach.source);
	const maps = {
		packets: new Uint32Array(elements),
		hopsEast: new Uint32Array(elements),
		hopsWest: new Uint32Array(elements),
		hopsNorth: new Uint32Array(elements),
		hopsSouth: new Uint32Array(elements),
		synapticEvents: new Uint32Array(elements),
		fromCore: new Int32Array(elements).fill(-1),
		row: new Uint32Array(elements),
	};
	const destinations = destinationsOf(reach, target);
	let cost = { packets: 0, events: 0, east: 0, west: 0, north: 0, south: 0 };
	let [row, from] = [-1, -2];
	for (let ordered = 0; ordered < elements; ordered++) {
		const nextRow = rowOf(reach, ordered);
		const nextFrom = home === null ? -1 : coreOf(home, homeNeuron(connection, home.population.shape, ordered));
		// Neighbours mostly share row and core, and with them the cost.
		if (nextRow !== row || nextFrom !== from) cost = costOfRow(destinations, nextRow, nextFrom, chip);
		[row, from] = [nextRow, nextFrom];
		const element = tensorIndex(reach.source, ordered);
		maps.row[element] = row;
		maps.fromCore[element] = from;
		maps.packets[element] = cost.packets;
		maps.synapticEvents[element] = cost.events;
		maps.hopsEast[element] = cost.east;
		maps.hopsWest[element] = cost.west;
		maps.hopsNorth[element] = cost.north;
		maps.hopsSouth[element] = cost.south;
	}
	return { connection, home, target, ...maps, destinations };
}

function coreOf(run: CoreRun, neuron: number): number {
	return run.firstCore + Math.floor(neuron / run.neuronsPerCore);
}

function costOfRow({ offsets, core, events }: Destinations, row: number, from: number, chip: ChipParameters) {
	const cost = { packets: 0, events: 0, east: 0, west: 0, north: 0, south: 0 };
	for (let k = offsets[row] as number; k < (offsets[row + 1] as number); k++) {
		cost.packets++;
		cost.events += events[k] as number;
		if (from < 0) continue;
		const columns = columnsBetween(chip, from, core[k] as number);
		const rows = rowsBetween(chip, from, core[k] as number);
		if (columns > 0) cost.east += columns;
		else cost.west -= columns;
		if (rows > 0) cost.north += rows;
		else cost.south -= rows;
	}
	return cost;
}

function destinationsOf(reach: Reach, target: CoreRun): Destinations {
	const rows = rowCount(reach);
	const offsets = new Uint32Array(rows + 1);
	const core: number[] = [];
	const events: number[] = [];
	for (let row = 0; row < rows; row++) {
		const byCore = [...eventsOnCores(reach, row, target.neuronsPerCore)].sort(([a], [b]) => a - b);
		for (const [place, count] of byCore) {
			core.push(target.firstCore + place);
			events.push(count);
		}
		offsets[row + 1] = core.length;
	}
	return { offsets, core: Uint32Array.from(core), events: Uint32Array.from(events) };
}

function eventsOnCores(reach: Reach, row: number, perCore: number): ReadonlyMap<number, number> {
	const events = new Map<number, number>();
	visitTargets(reach, row, (first, count) => {
		for (let at = first; at < first + count; ) {
			const core = Math.floor(at / perCore);
			const end = Math.min((core + 1) * perCore, first + count);
			events.set(core, (events.get(core) ?? 0) + end - at);
			at = end;
		}
	});
	return events;
}
