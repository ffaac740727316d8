import type { GraphNode } from '../model/graph.ts';
import { formOf, passesOn } from '../model/operators/index.ts';
import type { SynapticLayer } from './network.ts';
import { upstream } from './reachability.ts';
import { type SpikeContext, type SpikeSource, spikeSources } from './spike-paths.ts';

/**
 * Timesteps of a neuron layer's places in an unrolled graph. As many places as timesteps: one each, in order. Fewer, where
 * an exporter has computed the first timestep away or left out what nothing reads: a place has the timestep at which
 * weights read its spikes, or at which they stand in the answer.
 */
export function neuronTimesteps(
	places: readonly SpikeSource[],
	readAt: ReadonlyMap<GraphNode, number>,
	timesteps: number,
	context: SpikeContext,
): number[] {
	if (places.length >= timesteps) return places.map((_, at) => at);
	let before = -1;
	return places.map(({ threshold, spikes }, place) => {
		const known = readAt.get(threshold) ?? stackedAt(spikes, timesteps, context);
		// Spikes that stand in the answer once more, later, leave a timestep for each place that follows.
		const latest = timesteps - (places.length - place);
		before = Math.max(before + 1, Math.min(known ?? 0, latest));
		return before;
	});
}

/**
 * The timestep of each neuron's spikes by the weights that first read them.
 *
 * @param recurrent  names of layers that work on the spikes of the timestep before
 */
export function readingTimesteps(
	layers: readonly SynapticLayer[],
	recurrent: ReadonlySet<string>,
	context: SpikeContext,
): Map<GraphNode, number> {
	const readAt = new Map<GraphNode, number>();
	for (const { name, calls } of layers) {
		const lag = recurrent.has(name) || startsOnNothing(calls, context) ? 1 : 0;
		for (const { input, timestep } of calls) {
			if (timestep === 'every') continue;
			const at = Math.max(0, timestep - lag);
			for (const { threshold } of spikeSources(input, context)) readAt.set(threshold, Math.min(at, readAt.get(threshold) ?? at));
		}
	}
	return readAt;
}

/** Weights that see no spikes at first, and later those that they have had a part in: the spikes of the timestep before. */
function startsOnNothing(calls: SynapticLayer['calls'], context: SpikeContext): boolean {
	const [first, ...later] = calls;
	if (!first || later.length === 0 || spikeSources(first.input, context).length > 0) return false;
	if (!later.every(({ input }) => spikeSources(input, context).length > 0)) return false;
	return upstream(later.at(-1)?.input ?? '', context.index).has(first.output);
}

/** Position among the T tensors that are joined into an answer, or null. */
function stackedAt(spikes: string, timesteps: number, { index }: SpikeContext): number | null {
	const open = [spikes];
	const seen = new Set<string>();
	for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
		if (seen.has(tensor)) continue;
		seen.add(tensor);
		for (const node of index.consumers.get(tensor) ?? []) {
			if (formOf(node) === 'joined' && node.inputs.length === timesteps) return node.inputs.indexOf(tensor);
			if (passesOn(node)) open.push(node.outputs[0] ?? '');
		}
	}
	return null;
}
