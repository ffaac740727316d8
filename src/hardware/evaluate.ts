import { UserError } from '../errors.ts';
import { oncePer } from '../once-per.ts';
import { type LayerEvents, type NetworkEvents, structureIndex } from './events.ts';
import type { Corner } from './interval.ts';
import { type Placement, placeStores, storeTraffic, type Traffic } from './memory.ts';
import * as messages from './messages.ts';
import { eventNames, structureNames } from './profile/vocabulary.ts';
import type { CompiledMemory, CompiledStore, CompiledTerm, Program } from './program.ts';

/** Energies and times of one network under one corner of a profile's constants: joules, seconds. */
export interface Evaluation {
	readonly energyJoules: number;
	/** 0 when the profile prices no latency. */
	readonly latencySeconds: number;
	/** By the profile's energy terms, summed over timesteps. */
	readonly layers: readonly { readonly termJoules: Float64Array; readonly perTimestepJoules: Float64Array }[];
	readonly inferenceJoules: Float64Array;
	readonly latencyTermSeconds: Float64Array;
	/** Seconds of the layers and timesteps that each resource of the roofline limits; [layer][resource]. */
	readonly boundSeconds: readonly Float64Array[];
	readonly inferenceSeconds: Float64Array;
	readonly placements: readonly (readonly Placement[])[];
}

/** Called with every store's traffic at every layer and timestep. */
export type TrafficObserver = (layer: number, timestep: number, store: number, levels: readonly Traffic[]) => void;

/**
 * Evaluates every formula: energy and latency terms once per layer and timestep and summed, the
 * terms of the whole inference once.
 *
 * @throws UserError if a formula gives a negative number or none
 */
export function evaluate(program: Program, events: NetworkEvents, corner: Corner, observe?: TrafficObserver): Evaluation {
	const slots = new Float64Array(program.slotCount);
	program.setConstants(slots, corner);
	const setStructure = (layer: LayerEvents): void => {
		slots.set(layer.structure, program.structureSlot);
		slots[program.structureSlot + timestepsPosition] = events.timesteps;
		slots[program.structureSlot + depthPosition] = events.depth;
	};
	const { memory } = program;
	const placements = memory ? placedOnce(memory, events, slots, setStructure) : [];
	const tally = memory ? memoryTally(memory) : null;
	const resources = new Float64Array(program.resources.length);
	const latencyTermSeconds = new Float64Array(program.latency.length);
	const boundSeconds = events.layers.map(() => new Float64Array(program.roofline.length));
	const eventSums = new Float64Array(eventNames.length);
	const structureSums = new Float64Array(structureNames.length);
	const layers = events.layers.map((layer, layerNumber) => {
		setStructure(layer);
		for (let index = 0; index < program.resources.length; index++)
			resources[index] = (resources[index] ?? 0) + checked(program.resources[index] as CompiledTerm, slots, layer.name, null);
		accumulate(structureSums, layer.structure);
		const termJoules = new Float64Array(program.energy.length);
		const perTimestepJoules = new Float64Array(layer.counts.length);
		for (const [step, counts] of layer.counts.entries()) {
			slots.set(counts, program.eventSlot);
			slots[program.timestepSlot] = step + 1;
			accumulate(eventSums, counts);
			tally?.fill(slots, placements[layerNumber] ?? [], step, (store, levels) => observe?.(layerNumber, step, store, levels));
			let joules = 0;
			for (let index = 0; index < program.energy.length; index++) {
				const value = checked(program.energy[index] as CompiledTerm, slots, layer.name, step + 1);
				termJoules[index] = (termJoules[index] ?? 0) + value;
				joules += value;
			}
			for (let index = 0; index < program.latency.length; index++) {
				latencyTermSeconds[index] =
					(latencyTermSeconds[index] ?? 0) + checked(program.latency[index] as CompiledTerm, slots, layer.name, step + 1);
			}
			addBound(program.roofline, slots, boundSeconds[layerNumber] as Float64Array, layer.name, step + 1);
			perTimestepJoules[step] = joules;
		}
		return { termJoules, perTimestepJoules };
	});
	// From here on the slots hold sums over layers and timesteps.
	slots.set(eventSums, program.eventSlot);
	slots.set(structureSums, program.structureSlot);
	slots[program.structureSlot + timestepsPosition] = events.timesteps;
	slots[program.structureSlot + depthPosition] = events.depth;
	tally?.fillSums(slots);
	for (const [index, { term }] of program.resources.entries())
		slots[program.extraSlot(`resource ${term.name}`)] = resources[index] ?? 0;
	const layerEnergy = layers.reduce((sum, { termJoules }) => sum + total(termJoules), 0);
	slots[program.extraSlot('layers')] = layers.length;
	slots[program.extraSlot('layerEnergy')] = layerEnergy;
	const layerSeconds = boundSeconds.reduce((sum, bounds) => sum + total(bounds), total(latencyTermSeconds));
	slots[program.extraSlot('layerLatency')] = layerSeconds;
	const inferenceSeconds = Float64Array.from(program.inferenceLatency, (term) =>
		checked(term, slots, 'the whole inference', null),
	);
	const latencySeconds = layerSeconds + total(inferenceSeconds);
	slots[program.extraSlot('latency')] = latencySeconds;
	const inferenceJoules = Float64Array.from(program.inferenceEnergy, (term) => checked(term, slots, 'the whole inference', null));
	return {
		energyJoules: layerEnergy + total(inferenceJoules),
		latencySeconds,
		layers,
		inferenceJoules,
		latencyTermSeconds,
		boundSeconds,
		inferenceSeconds,
		placements,
	};
}

/** Most corners move prices, not sizes: then everything lies where it lay. */
function placedOnce(
	memory: CompiledMemory,
	events: NetworkEvents,
	slots: Float64Array,
	setStructure: (layer: LayerEvents) => void,
): Evaluation['placements'] {
	const known = placementsOf(memory)(events);
	const key = memory.sizeSlots.map((slot) => slots[slot]).join();
	const found = known.get(key) ?? placeStores(memory, events.layers, slots, setStructure);
	known.set(key, found);
	return found;
}

const placementsOf = oncePer((_: CompiledMemory) => oncePer((_: NetworkEvents) => new Map<string, Evaluation['placements']>()));

const timestepsPosition = structureIndex('timesteps');
const depthPosition = structureIndex('depth');

function checked({ term, evaluate }: CompiledTerm, slots: Float64Array, layer: string, timestep: number | null): number {
	const value = evaluate(slots);
	if (value >= 0 && value < Number.POSITIVE_INFINITY) return value;
	throw new UserError(messages.notANumber(term.origin.file, term.origin.line, term.name, layer, timestep, value));
}

/** Adds the longest of the roofline's times to the resource it belongs to. */
function addBound(
	roofline: readonly CompiledTerm[],
	slots: Float64Array,
	seconds: Float64Array,
	layer: string,
	timestep: number,
): void {
	let longest = 0;
	let limiting = -1;
	for (let index = 0; index < roofline.length; index++) {
		const value = checked(roofline[index] as CompiledTerm, slots, layer, timestep);
		if (value > longest) {
			longest = value;
			limiting = index;
		}
	}
	if (limiting >= 0) seconds[limiting] = (seconds[limiting] ?? 0) + longest;
}

function accumulate(sums: Float64Array, values: Float64Array): void {
	for (let index = 0; index < sums.length; index++) sums[index] = (sums[index] ?? 0) + (values[index] ?? 0);
}

export function total(values: Float64Array): number {
	let sum = 0;
	for (const value of values) sum += value;
	return sum;
}

interface MemoryTally {
	/** Writes a layer's traffic at one timestep into the slots of the memory functions. */
	readonly fill: (
		slots: Float64Array,
		placements: readonly Placement[],
		step: number,
		observe: (store: number, levels: readonly Traffic[]) => void,
	) => void;
	/** Writes the sums over layers and timesteps; a footprint is summed over layers only. */
	readonly fillSums: (slots: Float64Array) => void;
}

function memoryTally(memory: CompiledMemory): MemoryTally {
	const { stores, slotOf, slotsPerStore } = memory;
	const sums = new Float64Array(stores.length * slotsPerStore);
	const scratch: Traffic[] = memory.levels.map(() => ({ readBits: 0, writtenBits: 0, energyJoules: 0 }));
	return {
		fill: (slots, placements, step, observe) => {
			for (let index = 0; index < stores.length; index++) {
				const store = stores[index] as CompiledStore;
				const placement = placements[index];
				if (!placement) continue;
				storeTraffic(memory, store, placement, slots, store.reads(slots), store.writes(slots), scratch);
				const first = slotOf(index);
				let joules = 0;
				let bits = 0;
				for (let level = 0; level < scratch.length; level++) {
					const { readBits, writtenBits, energyJoules } = scratch[level] as Traffic;
					joules += energyJoules;
					bits += readBits + writtenBits;
					slots[first + 2 + 2 * level] = energyJoules;
					slots[first + 3 + 2 * level] = readBits + writtenBits;
				}
				slots[first] = joules;
				slots[first + 1] = bits;
				slots[first + slotsPerStore - 1] = placement.footprintBits;
				const last = step === 0 ? slotsPerStore : slotsPerStore - 1;
				const sum = index * slotsPerStore;
				for (let offset = 0; offset < last; offset++)
					sums[sum + offset] = (sums[sum + offset] ?? 0) + (slots[first + offset] ?? 0);
				observe(index, scratch);
			}
		},
		fillSums: (slots) => slots.set(sums, slotOf(0)),
	};
}
