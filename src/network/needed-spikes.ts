import type { Network } from './network.ts';
import { downstream } from './reachability.ts';
import { spikeSources } from './spike-paths.ts';

/**
 * Spiking layers something waits for: weights, products, other neurons or the answer. A last layer whose membrane is the
 * answer need never fire.
 */
export function neededToFire({ index, valueSets, states, readout, ...network }: Network): Set<string> {
	const context = { index, sets: valueSets, feedback: new Map(states.map(({ input, output }) => [input, output])) };
	const layerOf = new Map(
		network.neuronLayers.flatMap(({ name, calls }) => calls.map(({ decision }) => [decision, name] as const)),
	);
	const needed = new Set([...network.synapticLayers, ...network.products].flatMap(({ sources }) => sources));
	for (const { threshold } of spikeSources(readout.output, context)) {
		const layer = layerOf.get(threshold.outputs[0] ?? '');
		if (layer !== undefined) needed.add(layer);
	}
	for (const { name, spiking, calls } of network.neuronLayers) {
		if (!spiking || needed.has(name)) continue;
		const reached = [...downstream(calls[0]?.spikes ?? '', index)].flatMap((tensor) => layerOf.get(tensor) ?? []);
		if (reached.some((layer) => layer !== name)) needed.add(name);
	}
	return needed;
}
