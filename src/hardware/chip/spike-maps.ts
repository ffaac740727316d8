import { columnsBetween, rowsBetween } from './mesh.ts';
import type { CoreRun, Packing } from './pack.ts';
import type { ChipParameters } from './parameters.ts';
import type { Connection } from './populations.ts';
import { neuronsIn, type Reach, rowCount, rowOf, tensorIndex, visitTargets } from './reach.ts';

/**
 * What one spike of each neuron of a population costs on the chip: integers by neuron, in the [channels, height,
 * width] order of its spike tensor. Every count of a run is linear in the spikes: with s the 0/1 spike tensor of
 * a timestep, packets = Σ sᵢ·packetsᵢ, and likewise for hops and events.
 */
export interface SpikeMaps {
	/** Population the spikes come from; null: the network's input, which sends from outside the chip. */
	readonly source: string | null;
	readonly neurons: number;
	/** Cores a spike is sent to. */
	readonly packets: Uint32Array;
	readonly hopsEast: Uint32Array;
	readonly hopsWest: Uint32Array;
	readonly hopsNorth: Uint32Array;
	readonly hopsSouth: Uint32Array;
	readonly synapticEvents: Uint32Array;
	/** Where they go: neuron n's row of `destinations`, or −1. One entry per connection that leaves the population. */
	readonly routes: readonly Route[];
}

/** Destination cores and synaptic events on each, shared by all neurons of a row. */
export interface Route {
	readonly connection: Connection;
	/** Row of each neuron, in tensor order; −1: its spikes are dropped by pooling. */
	readonly rowOf: Int32Array;
	/** First destination of each row [rows + 1]. */
	readonly offsets: Uint32Array;
	/** Core number. */
	readonly core: Uint32Array;
	/** Synapses read on that core. */
	readonly events: Uint32Array;
}

/** The maps of every population that sends spikes, and of the network's input. */
export function spikeMaps(packing: Packing, chip: ChipParameters): readonly SpikeMaps[] {
	const bySource = new Map<string | null, { connection: Connection; target: CoreRun }[]>();
	for (const target of packing.runs) {
		for (const connection of target.population.inputs) {
			const leaving = bySource.get(connection.source) ?? [];
			leaving.push({ connection, target });
			bySource.set(connection.source, leaving);
		}
	}
	const runs = new Map(packing.runs.map((run) => [run.population.name, run]));
	return [...bySource].map(([source, leaving]) =>
		mapsOf(source, leaving, source === null ? null : (runs.get(source) ?? null), chip),
	);
}

function mapsOf(
	source: string | null,
	leaving: readonly { readonly connection: Connection; readonly target: CoreRun }[],
	home: CoreRun | null,
	chip: ChipParameters,
): SpikeMaps {
	const neurons = Math.max(...leaving.map(({ connection }) => neuronsIn(connection.reach.source)));
	const maps = {
		packets: new Uint32Array(neurons),
		hopsEast: new Uint32Array(neurons),
		hopsWest: new Uint32Array(neurons),
		hopsNorth: new Uint32Array(neurons),
		hopsSouth: new Uint32Array(neurons),
		synapticEvents: new Uint32Array(neurons),
	};
	const routes = leaving.map(({ connection, target }) => routeOf(connection, target));
	for (const route of routes) {
		const { reach } = route.connection;
		let row = -1;
		let from = -1;
		let cost = { packets: 0, events: 0, east: 0, west: 0, north: 0, south: 0 };
		for (let ordered = 0; ordered < neuronsIn(reach.source); ordered++) {
			const neuron = tensorIndex(reach.source, ordered);
			const nextRow = route.rowOf[neuron] as number;
			if (nextRow < 0) continue;
			const nextFrom = home === null ? -1 : home.firstCore + Math.floor(ordered / home.neuronsPerCore);
			if (nextRow !== row || nextFrom !== from) cost = costOfRow(route, nextRow, home === null ? null : nextFrom, chip);
			row = nextRow;
			from = nextFrom;
			(maps.packets[neuron] as number) += cost.packets;
			(maps.synapticEvents[neuron] as number) += cost.events;
			(maps.hopsEast[neuron] as number) += cost.east;
			(maps.hopsWest[neuron] as number) += cost.west;
			(maps.hopsNorth[neuron] as number) += cost.north;
			(maps.hopsSouth[neuron] as number) += cost.south;
		}
	}
	return { source, neurons, ...maps, routes };
}

function costOfRow(route: Route, row: number, from: number | null, chip: ChipParameters) {
	const cost = { packets: 0, events: 0, east: 0, west: 0, north: 0, south: 0 };
	for (let k = route.offsets[row] as number; k < (route.offsets[row + 1] as number); k++) {
		cost.packets++;
		cost.events += route.events[k] as number;
		if (from === null) continue;
		const columns = columnsBetween(chip, from, route.core[k] as number);
		const rows = rowsBetween(chip, from, route.core[k] as number);
		if (columns > 0) cost.east += columns;
		else cost.west -= columns;
		if (rows > 0) cost.north += rows;
		else cost.south -= rows;
	}
	return cost;
}

function routeOf(connection: Connection, target: CoreRun): Route {
	const { reach } = connection;
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
	const rowOfNeuron = new Int32Array(neuronsIn(reach.source));
	for (let ordered = 0; ordered < rowOfNeuron.length; ordered++) {
		rowOfNeuron[tensorIndex(reach.source, ordered)] = rowOf(reach, ordered);
	}
	return { connection, rowOf: rowOfNeuron, offsets, core: Uint32Array.from(core), events: Uint32Array.from(events) };
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
