import type { Activity, LayerActivity, LayerGeometry, NeuronLayerActivity, SynapticLayerActivity } from '../activity/activity.ts';
import { noReuseCounts } from '../activity/counts.ts';
import {
	type EventRow,
	type FormedRow,
	formedNeuronEvents,
	formedSynapticEvents,
	neuronEvents,
	type OutputSizes,
	reuseEvents,
	synapticEvents,
} from '../activity/events.ts';
import { oncePer } from '../once-per.ts';
import { eventNames, structureNames } from './profile/vocabulary.ts';

/**
 * Event counts as formulas see them: means per inference of each layer at each timestep. Accountings,
 * the DNN baseline and what-if runs are other tables of the same shape.
 */
export interface NetworkEvents {
	readonly timesteps: number;
	/** Synaptic layers on the longest path from input to output. */
	readonly depth: number;
	readonly layers: readonly LayerEvents[];
}

export interface LayerEvents {
	readonly name: string;
	readonly kind: 'synaptic' | 'neuron';
	/** By {@link structureIndex}. */
	readonly structure: Float64Array;
	/** One array a timestep, by {@link eventIndex}. */
	readonly counts: readonly Float64Array[];
}

const indexOf = (names: readonly string[]): ReadonlyMap<string, number> => new Map(names.map((name, index) => [name, index]));
const eventPositions = indexOf(eventNames);
const structurePositions = indexOf(structureNames);

function position(positions: ReadonlyMap<string, number>, name: string): number {
	const index = positions.get(name);
	if (index === undefined) throw new RangeError(`"${name}" is not a name of the vocabulary`);
	return index;
}

export const eventIndex = (name: string): number => position(eventPositions, name);
export const structureIndex = (name: string): number => position(structurePositions, name);

/** A vector of events by name; what is not named is 0. */
export function eventVector(values: Readonly<Record<string, number>>): Float64Array {
	return vector(values, eventNames.length, eventIndex);
}

function structureVector(values: Readonly<Record<string, number>>): Float64Array {
	return vector(values, structureNames.length, structureIndex);
}

function vector(values: Readonly<Record<string, number>>, length: number, index: (name: string) => number): Float64Array {
	const result = new Float64Array(length);
	for (const [name, value] of Object.entries(values)) result[index(name)] = value;
	return result;
}

/** The events of a run, exactly as counted, divided by the number of samples. */
export const eventsOf = oncePer((activity: Activity): NetworkEvents => {
	const { timesteps, samples } = activity.run;
	const depth = networkDepth(activity.layers);
	return {
		timesteps,
		depth,
		layers: activity.layers.map((layer) =>
			layer.kind === 'synaptic'
				? eventsOfSynapses(layer, samples, timesteps, depth)
				: eventsOfNeurons(layer, samples, timesteps, depth),
		),
	};
});

function eventsOfSynapses(layer: SynapticLayerActivity, samples: number, timesteps: number, depth: number): LayerEvents {
	const { geometry } = layer;
	const [kernelHeight, kernelWidth] = pair(geometry.kernel);
	const [strideHeight, strideWidth] = pair(geometry.stride);
	const spikes = layer.inputKind === 'spikes' || layer.inputKind === 'graded';
	return withJointReads({
		name: layer.name,
		kind: 'synaptic',
		structure: structureVector({
			synapses: geometry.synapses,
			effectiveSynapses: geometry.effectiveSynapses,
			inputElements: geometry.inputElements,
			outputElements: geometry.outputElements,
			weightElements: geometry.weightElements,
			biasElements: geometry.biasElements,
			inputChannels: geometry.inputShape[0] ?? 1,
			outputChannels: channelsOf(geometry),
			kernelHeight,
			kernelWidth,
			strideHeight,
			strideWidth,
			groups: geometry.groups,
			convolution: geometry.kernel ? 1 : 0,
			spikingInput: spikes ? 1 : 0,
			gradedInput: layer.inputKind === 'graded' ? 1 : 0,
			inputBits: layer.inputKind === 'spikes' ? 1 : 0,
			skipsZeros: spikes ? 1 : 0,
			synaptic: 1,
			timesteps,
			depth,
		}),
		counts: layer.perTimestep.map((counts, timestep) => {
			const repeats = layer.reuse?.perTimestep[timestep] ?? noReuseCounts;
			return eventVector({
				...meanOf(synapticEvents, counts, samples),
				...meanOf(reuseEvents, repeats, samples),
				...formed(formedSynapticEvents, counts, geometry, samples),
			});
		}),
	});
}

/** Means per inference of what formulas count. */
function meanOf(table: Readonly<Record<string, EventRow>>, counts: object, samples: number): Record<string, number> {
	const known = counts as Readonly<Record<string, number>>;
	return Object.fromEntries(
		Object.entries(table).flatMap(([name, { inFormulas }]) =>
			inFormulas === false ? [] : [[name, (known[name] ?? 0) / samples]],
		),
	);
}

function formed<Counts>(
	table: Readonly<Record<string, FormedRow<Counts>>>,
	counts: Counts,
	layer: OutputSizes,
	samples: number,
): Record<string, number> {
	return Object.fromEntries(
		Object.entries(table).map(([name, { form }]) => [name, form ? form(counts, layer, samples) / samples : 0]),
	);
}

/** Outputs that share a window of inputs. A linear layer over tokens has as many as its weights say, wherever its axes lie. */
function channelsOf({ kernel, outputShape, outputElements, weightElements, denseMacs }: LayerGeometry): number {
	if (kernel || weightElements === 0 || denseMacs === 0) return outputShape[0] ?? 1;
	return Math.max(1, Math.round((weightElements / denseMacs) * outputElements));
}

/**
 * Fills in `jointReads`: the connections whose input is nonzero at some timestep, charged at the first. With one timestep
 * it is exact; with several, the timesteps are taken as independent, which lies between full overlap and none.
 */
export function withJointReads(layer: LayerEvents): LayerEvents {
	const reads = eventIndex('weightReads');
	const joint = eventIndex('jointReads');
	const connections = layer.structure[structureIndex('synapses')] ?? 0;
	const each = layer.counts.map((counts) => counts[reads] ?? 0);
	const active = each.filter((value) => value > 0);
	const never = active.reduce((product, value) => product * (1 - Math.min(1, value / Math.max(connections, value))), 1);
	// A single active timestep is taken as it is: 1 - (1 - r) would lose its last digits.
	const union = active.length === 1 ? (active[0] ?? 0) : Math.max(0, ...active, connections * (1 - never));
	return {
		...layer,
		counts: layer.counts.map((counts, step) => {
			const filled = counts.slice();
			filled[joint] = step === 0 ? union : 0;
			return filled;
		}),
	};
}

function pair(values: readonly number[] | null): [number, number] {
	if (!values || values.length === 0) return [1, 1];
	// A one-dimensional kernel runs along the width.
	return values.length === 1 ? [1, values[0] ?? 1] : [values[0] ?? 1, values[1] ?? 1];
}

function eventsOfNeurons(layer: NeuronLayerActivity, samples: number, timesteps: number, depth: number): LayerEvents {
	return {
		name: layer.name,
		kind: 'neuron',
		structure: structureVector({
			neurons: layer.neurons,
			outputElements: layer.neurons,
			stateWords: layer.stateWords,
			spiking: layer.spiking ? 1 : 0,
			kernelHeight: 1,
			kernelWidth: 1,
			strideHeight: 1,
			strideWidth: 1,
			groups: 1,
			timesteps,
			depth,
		}),
		counts: layer.perTimestep.map((counts) =>
			eventVector({
				...meanOf(neuronEvents, counts, samples),
				...formed(formedNeuronEvents, counts, { outputElements: layer.neurons, biasElements: 0 }, samples),
			}),
		),
	};
}

/**
 * Synaptic layers on the longest path. Layers stand in the order of the data flow; a layer with a
 * known source follows it, one that sums several paths follows the deepest layer before it.
 */
function networkDepth(layers: readonly LayerActivity[]): number {
	const neuronDepth = new Map<string, number>();
	let deepestNeuron = 0;
	let pending = 0;
	let deepest = 0;
	for (const layer of layers) {
		if (layer.kind === 'synaptic') {
			const below = layer.source === null ? deepestNeuron : (neuronDepth.get(layer.source) ?? deepestNeuron);
			pending = Math.max(pending, below + 1);
			deepest = Math.max(deepest, below + 1);
		} else {
			const depth = pending === 0 ? deepestNeuron : pending;
			neuronDepth.set(layer.name, depth);
			deepestNeuron = Math.max(deepestNeuron, depth);
			pending = 0;
		}
	}
	return deepest;
}

/** Sums of one event over layers and timesteps. */
export function totalOf(events: NetworkEvents, name: string): number {
	const index = eventIndex(name);
	let sum = 0;
	for (const { counts } of events.layers) for (const step of counts) sum += step[index] ?? 0;
	return sum;
}

/** The same events with all timesteps in one: enough to see which way a constant moves the total. */
export const collapseTimesteps = oncePer((events: NetworkEvents): NetworkEvents => {
	return {
		...events,
		layers: events.layers.map((layer) => {
			const sum = new Float64Array(eventNames.length);
			for (const step of layer.counts)
				for (let index = 0; index < sum.length; index++) sum[index] = (sum[index] ?? 0) + (step[index] ?? 0);
			return { ...layer, counts: [sum] };
		}),
	};
});
