import type { GraphNode } from '../model/graph.ts';
import type { GraphIndex } from './graph-index.ts';
import type { Network, NeuronLayer, ProductLayer, SynapticLayer } from './network.ts';

type Layer = SynapticLayer | ProductLayer | NeuronLayer;

/**
 * The place of every layer in the data flow: by its distance from the input, and after the layers that feed it. A neuron whose
 * current arrives a timestep later is computed before the weights that make the current. Layers that feed each other stay where
 * the graph has them.
 */
export function layerOrder(
	network: Pick<Network, 'index' | 'synapticLayers' | 'products' | 'neuronLayers'>,
): ReadonlyMap<Layer, number> {
	const { index, synapticLayers, products, neuronLayers } = network;
	const levels = levelsFromInput(index);
	const computed = (tensor: string | undefined): readonly [number, number] => {
		const node = index.producer.get(tensor ?? '');
		return node ? [levels.get(node) ?? 0, index.position.get(node) ?? 0] : [0, 0];
	};
	const weighted = [...synapticLayers, ...products];
	const layers: Layer[] = [
		...weighted.map((layer) => ({ layer, at: computed(layer.calls[0]?.output) })),
		...neuronLayers.map((layer) => ({ layer, at: computed(layer.calls[0]?.spikes) })),
	]
		.sort(({ at: a }, { at: b }) => a[0] - b[0] || a[1] - b[1])
		.map(({ layer }) => layer);
	const maker = new Map(weighted.flatMap((layer) => layer.calls.map(({ output }) => [output, layer] as const)));
	const named = new Map(neuronLayers.map((layer) => [layer.name, layer]));
	const feeders = new Map<Layer, ReadonlySet<Layer>>();
	for (const layer of weighted) feeders.set(layer, new Set(layer.sources.flatMap((name) => named.get(name) ?? [])));
	for (const layer of neuronLayers)
		feeders.set(layer, new Set(layer.calls.flatMap(({ drivers }) => drivers.flatMap((output) => maker.get(output) ?? []))));
	const before = new Map(layers.map((layer) => [layer, ancestors(layer, feeders)]));
	const inLoop = (a: Layer, b: Layer): boolean => before.get(a)?.has(b) === true && before.get(b)?.has(a) === true;

	const placed = new Map<Layer, number>();
	let open = layers;
	while (open.length > 0) {
		const ready = open.find((layer) =>
			[...(feeders.get(layer) ?? [])].every((feeder) => placed.has(feeder) || inLoop(layer, feeder)),
		);
		const next = ready ?? (open[0] as Layer);
		placed.set(next, placed.size);
		open = open.filter((layer) => layer !== next);
	}
	return placed;
}

function ancestors(layer: Layer, feeders: ReadonlyMap<Layer, ReadonlySet<Layer>>): Set<Layer> {
	const found = new Set<Layer>();
	const open = [layer];
	for (let one = open.pop(); one; one = open.pop()) {
		for (const feeder of feeders.get(one) ?? []) {
			if (found.has(feeder)) continue;
			found.add(feeder);
			open.push(feeder);
		}
	}
	return found;
}

/** The number of nodes on the longest way from the inputs to each node. */
function levelsFromInput({ graph, producer }: GraphIndex): Map<GraphNode, number> {
	const levels = new Map<GraphNode, number>();
	for (const node of graph.nodes) {
		const before = node.inputs.map((input) => levels.get(producer.get(input) as GraphNode) ?? 0);
		levels.set(node, 1 + Math.max(0, ...before));
	}
	return levels;
}
