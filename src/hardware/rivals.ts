import { synapticFromSpikes } from '../activity/counts.ts';
import { denseEvents } from './dense.ts';
import { evaluate } from './evaluate.ts';
import { eventIndex, type LayerEvents, type NetworkEvents, structureIndex } from './events.ts';
import type { Corner } from './interval.ts';
import type { CompiledTerm, Program } from './program.ts';

/** Joules of one network on one machine, for any choice of the profile's constants. */
export type Pricing = (corner: Corner) => number;

const at = (counts: Float64Array, name: string): number => counts[eventIndex(name)] ?? 0;
const structure = (layer: LayerEvents, name: string): number => layer.structure[structureIndex(name)] ?? 0;

/** A network priced by the profile's own formulas. */
export const asItIs =
	(program: Program, events: NetworkEvents): Pricing =>
	(corner) =>
		evaluate(program, events, corner).energyJoules;

/** Bits that tell 0 to T spikes apart. */
export function bitsFor(timesteps: number): number {
	return Math.ceil(Math.log2(timesteps + 1));
}

/** A DNN run whose hardware computes only nonzero activations. */
export function skippingEvents(events: NetworkEvents): NetworkEvents {
	let first = true;
	return {
		...events,
		layers: events.layers.map((layer) => {
			if (layer.kind === 'neuron') return layer;
			const skips = first ? 0 : 1;
			first = false;
			return {
				...layer,
				structure: changed(layer, { skipsZeros: skips }),
				counts: layer.counts.map((counts) => {
					const skipped = counts.slice();
					skipped[eventIndex('macsDense')] = at(counts, 'macs');
					return skipped;
				}),
			};
		}),
	};
}

/** The DNN baseline with activations of few bits behind its first layer, every connection computed. */
export function narrowDense(program: Program, events: NetworkEvents, bits: number): Pricing | null {
	const dense = denseEvents(events);
	const first = dense.layers.find(({ kind }) => kind === 'synaptic');
	const layers = dense.layers.map((layer) =>
		layer.kind === 'neuron' || layer === first ? layer : { ...layer, structure: changed(layer, { inputBits: bits }) },
	);
	const isNarrow = (layer: LayerEvents): boolean => layer.kind === 'synaptic' && structure(layer, 'inputBits') === bits;
	return repriced(program, { ...dense, layers }, isNarrow, 'macsDense', program.quantizedMac, bits);
}

/** The DNN baseline with weights and activations of 8-bit integers, every connection computed. */
export function int8Dense(program: Program, events: NetworkEvents): Pricing | null {
	const widths = program.profile.dense.int8Widths.map((name) => program.given.indexOf(name));
	const price = repriced(program, denseEvents(events), ({ kind }) => kind === 'synaptic', 'macsDense', program.int8Mac, 8);
	return (
		price &&
		((corner) => {
			const narrow = corner.slice();
			for (const width of widths) narrow[width] = 8;
			return price(narrow);
		})
	);
}

/**
 * The DNN that tells apart what the spiking network tells apart, on the same machine: activations of ⌈log2(T + 1)⌉ bits
 * that are zero where no spike came. With one timestep and binary activations the two are one network, and cost the same.
 */
export function matched(program: Program, events: NetworkEvents): Pricing | null {
	const bits = bitsFor(events.timesteps);
	const once = matchedEvents(events, bits);
	// An operation on one bit is an accumulate; whoever has no price for more bits still has that one.
	if (!program.quantizedMac) return bits === 1 ? asItIs(program, once) : null;
	const separate = repriced(program, once, (layer) => structure(layer, 'spikingInput') === 1, 'acs', program.quantizedMac, bits);
	if (bits > 1 || !separate) return separate;
	// Where one bit costs what an accumulate costs, the profile's own formulas give the same sum in their own order: the
	// equality is then exact, not up to rounding.
	const corner = Float64Array.from(program.intervals, ({ nominal }) => nominal);
	const own = asItIs(program, once);
	const difference = Math.abs(separate(corner) - own(corner));
	return difference <= 1e-12 * own(corner) ? own : separate;
}

/**
 * All timesteps as one pass. An input is nonzero if it spiked at any timestep; how many did follows from the counts as
 * if timesteps were independent. With one timestep nothing changes.
 */
function matchedEvents(events: NetworkEvents, bits: number): NetworkEvents {
	return {
		...events,
		timesteps: 1,
		layers: events.layers.map((layer) => {
			const layerStructure = changed(layer, { timesteps: 1 });
			if (layer.kind === 'neuron') return { ...layer, structure: layerStructure, counts: [onePassOfNeurons(layer)] };
			if (structure(layer, 'inputBits') > 0) layerStructure[structureIndex('inputBits')] = bits;
			return { ...layer, structure: layerStructure, counts: [onePass(layer)] };
		}),
	};
}

function onePass(layer: LayerEvents): Float64Array {
	const ran = layer.counts.find((counts) => at(counts, 'denseMacs') > 0) ?? layer.counts[0] ?? new Float64Array();
	const pass = ran.slice();
	const joint = at(layer.counts[0] ?? ran, 'jointReads');
	if (structure(layer, 'spikingInput') === 1) {
		const reads = layer.counts.reduce((sum, counts) => sum + at(counts, 'weightReads'), 0);
		// One timestep in use stays as counted, to the last digit.
		const share = layer.counts.length === 1 ? 1 : reads > 0 ? joint / reads : 0;
		for (const name of synapticFromSpikes)
			pass[eventIndex(name)] = layer.counts.reduce((sum, counts) => sum + at(counts, name), 0) * share;
	}
	for (const [name, most] of [
		['productEvents', at(pass, 'synapticEvents')],
		['partialSums', structure(layer, 'outputElements')],
		['uniqueWeights', structure(layer, 'weightElements')],
	] as const)
		if (layer.counts.length > 1)
			pass[eventIndex(name)] = Math.min(
				most,
				layer.counts.reduce((sum, counts) => sum + at(counts, name), 0),
			);
	pass[eventIndex('jointReads')] = at(pass, 'weightReads');
	return pass;
}

function onePassOfNeurons(layer: LayerEvents): Float64Array {
	const pass = (layer.counts[0] ?? new Float64Array()).slice();
	if (layer.counts.length === 1) return pass;
	const neurons = structure(layer, 'neurons');
	const silent = layer.counts.reduce((product, counts) => product * (1 - at(counts, 'spikes') / Math.max(1, neurons)), 1);
	const fired = neurons * (1 - silent);
	for (const name of ['spikes', 'spikeSum']) pass[eventIndex(name)] = fired;
	pass[eventIndex('neuronUpdates')] = neurons;
	const driven = layer.counts.reduce((sum, counts) => sum + at(counts, 'drivenUpdates'), 0);
	pass[eventIndex('drivenUpdates')] = Math.min(neurons, driven);
	pass[eventIndex('idleUpdates')] = neurons - Math.min(neurons, driven);
	for (const name of ['leakMultiplies', 'resets', 'stateReads', 'stateWrites']) pass[eventIndex(name)] = 0;
	return pass;
}

/** A network some of whose operations have a price of their own: they leave the profile's formulas and come back at it. */
function repriced(
	program: Program,
	events: NetworkEvents,
	concerns: (layer: LayerEvents) => boolean,
	operation: 'acs' | 'macsDense',
	price: CompiledTerm | null,
	bits: number,
): Pricing | null {
	if (!price) return null;
	let operations = 0;
	const removed = operation === 'acs' ? ['acs'] : ['macs', 'macsDense'];
	const layers = events.layers.map((layer) => {
		if (layer.kind === 'neuron' || !concerns(layer)) return layer;
		const counts = layer.counts.map((step) => {
			operations += at(step, operation);
			const rest = step.slice();
			for (const name of removed) rest[eventIndex(name)] = 0;
			return rest;
		});
		return { ...layer, counts };
	});
	const slots = new Float64Array(program.slotCount);
	return (corner) => {
		program.setConstants(slots, corner);
		slots[program.extraSlot('bits')] = bits;
		return evaluate(program, { ...events, layers }, corner).energyJoules + operations * price.evaluate(slots);
	};
}

function changed(layer: LayerEvents, values: Readonly<Record<string, number>>): Float64Array {
	const result = layer.structure.slice();
	for (const [name, value] of Object.entries(values)) result[structureIndex(name)] = value;
	return result;
}
