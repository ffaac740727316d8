import type { GraphNode } from '../model/graph.ts';
import type { GraphIndex } from './graph-index.ts';
import { nodePath, unique } from './names.ts';
import type { ProductCall, ProductLayer, SynapticLayer } from './network.ts';
import { upstream } from './reachability.ts';
import { type SpikeContext, spikeSources } from './spike-paths.ts';
import { activationProducts, productOperands } from './synapses.ts';

/**
 * Finds the matrix products of two activations (attention) and gives each use its timestep.
 *
 * Uses between the same weights belong to one product; the k-th is timestep k.
 */
export function productLayers(
	index: GraphIndex,
	synaptic: readonly SynapticLayer[],
	{ timesteps, step, varying }: { readonly timesteps: number; readonly step: boolean; readonly varying: ReadonlySet<string> },
): ProductLayer[] {
	const origin = new Map<string, string>();
	for (const { name, calls } of synaptic) for (const { output } of calls) origin.set(output, name);
	const groups = new Map<string, GraphNode[]>();
	for (const node of activationProducts(index)) {
		const operands = productOperands(node, index);
		if (!operands) continue;
		const { left, right } = operands;
		const key = `${originsOf(left, origin, index)} × ${originsOf(right, origin, index)}`;
		for (const output of node.outputs) origin.set(output, `(${key})`);
		groups.set(key, [...(groups.get(key) ?? []), node]);
	}
	const perStep = step ? 1 : timesteps;
	const populations = [...groups.values()].flatMap((nodes) => {
		const count = Math.ceil(nodes.length / perStep);
		return Array.from({ length: count }, (_, which) => nodes.filter((_node, at) => at % count === which));
	});
	const names = unique(populations.map(([first]) => productName(first as GraphNode, index)));
	return populations.map((nodes, at): ProductLayer => {
		const calls = nodes.map((node, timestep): ProductCall => {
			const operands = productOperands(node, index) as NonNullable<ReturnType<typeof productOperands>>;
			return { node: node.name, ...operands, output: node.outputs[0] ?? '', timestep: step ? 0 : timestep };
		});
		return {
			name: names[at] as string,
			op: nodes[0]?.op ?? '',
			calls,
			sources: [],
			timeInvariant:
				perStep > 1 && calls.length === 1 && calls.every(({ left, right }) => !varying.has(left) && !varying.has(right)),
		};
	});
}

/** The weights nearest upstream, as one string. */
function originsOf(tensor: string, origin: ReadonlyMap<string, string>, index: GraphIndex): string {
	const found = new Set<string>();
	if (origin.has(tensor)) found.add(origin.get(tensor) as string);
	else
		for (const name of upstream(tensor, index, (at) => origin.has(at)))
			if (origin.has(name)) found.add(origin.get(name) as string);
	return [...found].sort().join(' + ');
}

/** The module path; the operator where there is none ("/MatMul_3" of a network written in one piece). */
function productName(node: GraphNode, index: GraphIndex): string {
	const path = nodePath(node.name, node.op);
	return path === '' || index.graph.constants.has(path) ? node.op : path;
}

/** Adds to each product the names of the neuron layers whose spikes reach its operands. */
export function withProductSources(
	products: readonly ProductLayer[],
	context: SpikeContext,
	neuronOf: ReadonlyMap<string, string>,
): ProductLayer[] {
	return products.map((product) => {
		const names = new Set<string>();
		for (const { left, right } of product.calls) {
			for (const { threshold } of [left, right].flatMap((operand) => spikeSources(operand, context))) {
				const name = neuronOf.get(threshold.outputs[0] ?? '');
				if (name !== undefined) names.add(name);
			}
		}
		return { ...product, sources: [...names] };
	});
}
