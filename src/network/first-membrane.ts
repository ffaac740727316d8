import type { GraphNode } from '../model/graph.ts';
import { dynamicInputs } from './graph-index.ts';
import type { SpikeContext } from './spike-paths.ts';

/** A membrane of the first timestep that is nothing but what weights gave. */
export interface FirstMembrane {
	readonly membrane: string;
	/** Tensors in which a later timestep can meet it again as memory. */
	readonly keptAs: readonly string[];
}

/**
 * Unrolled graphs that begin without states compare the weights' output itself at the first timestep. What later timesteps
 * take from it is memory. Where the weights work once for all timesteps, that output is also each timestep's current, and only
 * what spikes made of it (a reset) is memory.
 *
 * @param shared  whether a later timestep is driven by the tensor
 */
export function firstMembrane(
	threshold: GraphNode,
	synapticOutputs: ReadonlySet<string>,
	shared: (tensor: string) => boolean,
	{ index, sets }: SpikeContext,
): FirstMembrane | null {
	let [membrane, ...others] = dynamicInputs(threshold, index);
	while (membrane !== undefined && others.length === 0 && !synapticOutputs.has(membrane)) {
		const node = index.producer.get(membrane);
		[membrane, ...others] = node && sets.get(membrane)?.kind === 'any' ? dynamicInputs(node, index) : [];
	}
	if (membrane === undefined || others.length > 0) return null;
	const own = membrane;
	if (!shared(own)) return { membrane: own, keptAs: [own] };
	const afterReset = (index.consumers.get(own) ?? []).filter((node) => {
		const beside = dynamicInputs(node, index).filter((input) => input !== own);
		return beside.length > 0 && beside.every((input) => sets.get(input)?.kind !== 'any');
	});
	return {
		membrane: own,
		keptAs: afterReset.flatMap(({ outputs }) => outputs.filter((output) => sets.get(output)?.kind === 'any')),
	};
}
