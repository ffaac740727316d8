import { isSpiking } from '../../model/operators/index.ts';
import { upstream } from '../reachability.ts';
import type { SpikeContext } from '../spike-paths.ts';
import type { FoundStructure } from './book.ts';

/** What all bookings ask about a structure. */
export interface Books extends FoundStructure {
	/** Tensors the graph's outputs are computed from; the rest is computed for nobody. */
	readonly needed: ReadonlySet<string>;
	readonly spikeContext: SpikeContext;
	/** For every decision of a neuron layer: the layer and its timestep. */
	readonly decisions: ReadonlyMap<string, { readonly layer: string; readonly timestep: number }>;
	/** Tensors that carry a layer's spikes on. */
	readonly spikes: ReadonlyMap<string, string>;
	/** Outputs of weights and of products of activations, with their layer. */
	readonly currents: ReadonlyMap<string, string>;
	/** The arithmetic in front of the decisions and sums of neuron layers: membranes, thresholds, resets, with the layer. */
	readonly membranes: ReadonlyMap<string, string>;
	isSpikes(tensor: string): boolean;
	isNumber(tensor: string): boolean;
}

export function openBooks(found: FoundStructure): Books {
	const { index, valueSets, states, neuronLayers } = found;
	const feedback = new Map(states.map(({ input, output }) => [input, output]));
	const isSpikes = (tensor: string): boolean => {
		const set = valueSets.get(tensor);
		return set !== undefined && isSpiking(set) && set.kind !== 'any';
	};
	const isNumber = (tensor: string): boolean => !index.isConstant(tensor) && (valueSets.get(tensor)?.kind ?? 'any') === 'any';
	const currents = new Map<string, string>();
	for (const { name, calls } of [...found.synapticLayers, ...found.products])
		for (const { output } of calls) currents.set(output, name);
	const decisions = new Map<string, { layer: string; timestep: number }>();
	const spikes = new Map<string, string>();
	for (const { name, spiking, calls } of neuronLayers) {
		for (const call of calls) {
			if (spiking) decisions.set(call.decision, { layer: name, timestep: call.timestep });
			if (spiking) spikes.set(call.spikes, name);
		}
	}
	return {
		...found,
		needed: neededTensors(found),
		spikeContext: { index, sets: valueSets, feedback, masked: found.masked ?? new Map() },
		decisions,
		spikes,
		currents,
		membranes: membranesOf(found, feedback, currents, isNumber),
		isSpikes,
		isNumber,
	};
}

function neededTensors({ index }: FoundStructure): Set<string> {
	const needed = new Set<string>();
	for (const { name } of index.graph.outputs)
		if (!needed.has(name)) for (const tensor of upstream(name, index, (at) => needed.has(at))) needed.add(tensor);
	return needed;
}

function membranesOf(
	{ index, neuronLayers }: FoundStructure,
	feedback: ReadonlyMap<string, string>,
	currents: ReadonlyMap<string, string>,
	isNumber: (tensor: string) => boolean,
): Map<string, string> {
	const membranes = new Map<string, string>();
	for (const { name, spiking, calls } of neuronLayers) {
		const open: string[] = [];
		for (const call of calls) {
			open.push(...call.heldStates);
			if (spiking) open.push(...(index.producer.get(call.decision)?.inputs ?? []));
			else open.push(call.spikes);
		}
		for (let start = open.pop(); start !== undefined; start = open.pop()) {
			if (membranes.has(start) || index.isConstant(start) || start === '') continue;
			membranes.set(start, name);
			const continued = feedback.get(start);
			if (continued !== undefined) open.push(continued);
			// Behind a current another layer begins; spikes come from a layer of their own.
			if (currents.has(start) || !isNumber(start)) continue;
			open.push(...(index.producer.get(start)?.inputs ?? []));
		}
	}
	return membranes;
}
