import { type Graph, node } from '../model/graph.ts';
import { compares } from '../model/operators/index.ts';
import { valueAtRest } from './rest-value.ts';
import { freshNames } from './rewrite/fresh-names.ts';
import { type SpikeContext, spikeSources } from './spike-paths.ts';
import { finite, type ValueSet } from './value-sets.ts';

/**
 * Adds the spikes of neurons that only say where they stay silent: weights read u < θ, and no tensor of the graph holds
 * u ≥ θ. What counts are the spikes that fire.
 *
 * @param read  tensors that weights are applied to, and outputs
 * @returns the graph, the value sets of what was added, and the decisions it was added for
 */
export function withSpikesOfSilence(
	graph: Graph,
	read: Iterable<string>,
	context: SpikeContext,
): { readonly graph: Graph; readonly sets: ReadonlyMap<string, ValueSet>; readonly silent: readonly string[] } {
	const silent = new Set<string>();
	for (const tensor of read) {
		for (const { threshold, spikes } of spikeSources(tensor, context)) {
			const [decision = ''] = threshold.outputs;
			if (compares(threshold) && valueAtRest(spikes, context) === 1 && valueAtRest(decision, context) === 1) silent.add(decision);
		}
	}
	if (silent.size === 0) return { graph, sets: new Map(), silent: [] };
	const names = freshNames(graph);
	const sets = new Map<string, ValueSet>();
	const nodes = graph.nodes.flatMap((own) => {
		const [decision = ''] = own.outputs;
		if (!silent.has(decision)) return [own];
		const name = names.take(`${decision}/fires`);
		sets.set(name, finite([0, 1], true));
		return [own, node('Not', [decision], [name], { name })];
	});
	return { graph: { ...graph, nodes }, sets, silent: [...silent] };
}
