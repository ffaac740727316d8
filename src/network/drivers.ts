import type { GraphNode } from '../model/graph.ts';
import type { StatePairing } from '../model/model-file.ts';
import { dynamicInputs, type GraphIndex } from './graph-index.ts';
import type { ProductLayer, SynapticLayer } from './network.ts';
import { upstream } from './reachability.ts';
import type { SpikeContext } from './spike-paths.ts';

export interface DriverSearch extends SpikeContext {
	readonly synapticLayers: readonly SynapticLayer[];
	readonly products: readonly ProductLayer[];
	readonly states: readonly StatePairing[];
	readonly timesteps: number;
}

/** Where weighted input enters a membrane: the tensor, the layer it comes from and that layer's own output. */
export type Currents = ReadonlyMap<string, { readonly layer: string; readonly output: string }>;

export function currentsOf({ synapticLayers, products, timesteps, index }: DriverSearch): Currents {
	const currents = new Map<string, { layer: string; output: string }>();
	for (const { name, calls } of [...synapticLayers, ...products]) {
		const shared = timesteps > 1 && calls.every(({ output }) => output === calls[0]?.output);
		for (const { output } of calls) {
			currents.set(output, { layer: name, output });
			if (shared) currents.set(sharedCurrent(output, timesteps, index), { layer: name, output });
		}
	}
	return currents;
}

/**
 * Where weights are applied once for all timesteps, a bias or normalisation behind them is shared too: the current is
 * what the timesteps' membranes have in common, and not something a membrane kept.
 */
function sharedCurrent(output: string, timesteps: number, index: GraphIndex): string {
	for (let name = output; ; ) {
		const readers = index.consumers.get(name) ?? [];
		if (readers.length >= timesteps) return name;
		const [only, ...others] = readers;
		const next = only?.outputs[0];
		if (only === undefined || next === undefined || others.length > 0 || dynamicInputs(only, index).length !== 1) return output;
		name = next;
	}
}

/**
 * Synaptic outputs that enter the membrane a threshold looks at, without passing another neuron. A current that is stored
 * and reaches the membrane a timestep later (Norse's order) enters through what its state becomes.
 */
export function driversOf(threshold: GraphNode, currents: Currents, { index, sets, states }: DriverSearch): string[] {
	const becomes = new Map(states.map(({ input, output }) => [input, output]));
	const stop = (tensor: string): boolean => currents.has(tensor) || sets.get(tensor)?.kind !== 'any';
	const drivers = new Set<string>();
	const followed = new Set<string>();
	const open = dynamicInputs(threshold, index);
	for (let start = open.pop(); start !== undefined; start = open.pop()) {
		for (const tensor of currents.has(start) ? [start] : upstream(start, index, stop)) {
			const current = currents.get(tensor);
			if (current) drivers.add(current.output);
			const later = becomes.get(tensor);
			if (later === undefined || followed.has(later) || sets.get(tensor)?.kind !== 'any') continue;
			followed.add(later);
			open.push(later);
		}
	}
	return [...drivers];
}
