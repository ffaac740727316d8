import { UserError } from '../errors.ts';
import type { Graph, GraphNode, Model } from '../model/graph.ts';
import { operatorFacts } from '../model/operators/index.ts';
import { int64Tensor, tensorValues } from '../model/tensors.ts';
import { foldConstants } from '../network/fold-constants.ts';
import { indexGraph } from '../network/graph-index.ts';
import { nodePath, unique } from '../network/names.ts';
import { freshNames } from '../network/rewrite/fresh-names.ts';
import { type Measured, measure } from '../network/rewrite/measure.ts';
import { constantDims } from '../network/rewrite/part-emitter.ts';
import { tidied } from '../network/rewrite/tidy.ts';
import { valueSets } from '../network/value-sets.ts';
import { foldNormalisations } from './batch-normalisation.ts';
import { withBiases } from './biases.ts';
import * as messages from './messages.ts';

/** A ReLU of the plain network, which becomes a layer of neurons. */
export interface Activation {
	readonly name: string;
	readonly node: GraphNode;
	readonly input: string;
	readonly output: string;
	/** Highest value it lets through (ReLU6), or null. */
	readonly ceiling: number | null;
}

/** A plain network made ready for conversion. */
export interface PlainNetwork {
	readonly model: Model;
	readonly measured: Measured;
	readonly activations: readonly Activation[];
	/** The class scores. */
	readonly output: string;
	readonly assumptions: readonly string[];
}

/**
 * Folds constants and BatchNormalization, drops what stands behind the class scores, brings ReLU in front of max pooling
 * (they commute), and finds the ReLUs.
 *
 * @param trainable  gives weights without a bias one of zeros, for training to change
 * @throws UserError when the network has no ReLU, spikes already, or several outputs could be the class scores
 */
export async function readPlainNetwork(
	source: Model,
	file: string,
	wanted: string | undefined,
	{ trainable = false }: { readonly trainable?: boolean } = {},
): Promise<PlainNetwork> {
	const assumptions: string[] = [];
	const { model } = await foldConstants(source, file);
	const sets = valueSets(indexGraph(model.graph));
	if ([...sets.values()].some((set) => set.kind !== 'any' && set.spiking)) throw new UserError(messages.alreadySpiking(file));
	const chosen = chooseOutput(model.graph, file, wanted);
	const { graph: folded, folded: count } = foldNormalisations(tidied({ ...model.graph, outputs: [chosen] }));
	if (count > 0) assumptions.push(messages.normalisationFolded(count));
	const trimmed = withoutTail(folded, assumptions);
	const ordered = tidied(activationsBeforePools(trimmed));
	const graph = trainable ? withBiases(ordered) : ordered;
	const activations = findActivations(graph);
	if (activations.length === 0) throw new UserError(messages.noActivation(file));
	const measured = await measure({ ...model, graph });
	if (!measured) throw new UserError(messages.shapesUnknown(file));
	const ready = { ...model, graph: tidied(withConstantShapes(graph, measured)) };
	return { model: ready, measured, activations: findActivations(ready.graph), output: graph.outputs[0]?.name ?? '', assumptions };
}

/** Reshapes whose target the exporter computes from the shape of the data get it as a constant. */
function withConstantShapes(graph: Graph, measured: Measured): Graph {
	const names = freshNames(graph);
	const constants = new Map(graph.constants);
	const nodes = graph.nodes.map((one): GraphNode => {
		const [data = '', target = ''] = one.inputs;
		const shape = one.op === 'Reshape' && !constants.has(target) ? measured.shapeOf(one.outputs[0] ?? '') : null;
		// Two axes that depend on the batch cannot be written down.
		if (!shape || shape.filter(([a, b]) => a !== b).length > 1) return one;
		const dims = names.take(`${one.name}.shape`);
		constants.set(dims, int64Tensor(constantDims(shape)));
		return { ...one, inputs: [data, dims] };
	});
	return { ...graph, nodes, constants };
}

function chooseOutput(graph: Graph, file: string, wanted: string | undefined): Graph['outputs'][number] {
	const names = graph.outputs.map(({ name }) => name);
	const found = wanted === undefined ? graph.outputs[0] : graph.outputs.find(({ name }) => name === wanted);
	if (!found) throw new UserError(messages.outputUnknown(file, wanted ?? '', names));
	if (wanted === undefined && names.length > 1) throw new UserError(messages.severalOutputs(file, names));
	return found;
}

function withoutTail(graph: Graph, assumptions: string[]): Graph {
	const index = indexGraph(graph);
	let [output] = graph.outputs;
	for (let last = index.producer.get(output?.name ?? ''); output && last && operatorFacts(last)?.rate === 'scores'; ) {
		assumptions.push(messages.tailDropped(last.op));
		output = { ...output, name: last.inputs[0] ?? '' };
		last = index.producer.get(output.name);
	}
	return output ? { ...graph, outputs: [output] } : graph;
}

/** ReLU of a maximum is the maximum of ReLUs: the pooling then sees spikes, whose counts it can compare. */
function activationsBeforePools(graph: Graph): Graph {
	const index = indexGraph(graph);
	const outputs = new Set(graph.outputs.map(({ name }) => name));
	const changed = new Map<GraphNode, GraphNode>();
	for (const pool of graph.nodes) {
		const [output = ''] = pool.outputs;
		const [only, ...others] = index.consumers.get(output) ?? [];
		if (pool.op !== 'MaxPool' || !only || others.length > 0 || outputs.has(output) || ceilingOf(only, graph) === undefined)
			continue;
		// The first of the two nodes keeps the tensor between them, the second the result.
		changed.set(pool, { ...only, inputs: [pool.inputs[0] ?? '', ...only.inputs.slice(1)], outputs: [output] });
		changed.set(only, { ...pool, inputs: [output], outputs: only.outputs });
	}
	return { ...graph, nodes: graph.nodes.map((one) => changed.get(one) ?? one) };
}

/** The ceiling of a ReLU (null: none), or undefined for other operators. */
function ceilingOf({ op, inputs, attributes }: GraphNode, graph: Graph): number | null | undefined {
	if (op === 'Relu') return null;
	if (op !== 'Clip') return undefined;
	const bound = (name: string, position: number): number | null => {
		const attribute = attributes.get(name);
		if (attribute?.kind === 'float') return attribute.value;
		const constant = graph.constants.get(inputs[position] ?? '');
		return constant ? (tensorValues(constant)[0] ?? null) : null;
	};
	return bound('min', 1) === 0 ? bound('max', 2) : undefined;
}

function findActivations(graph: Graph): Activation[] {
	const found = graph.nodes.flatMap((one): Activation[] => {
		const ceiling = ceilingOf(one, graph);
		if (ceiling === undefined) return [];
		return [
			{
				name: nodePath(one.name, one.op) || one.name,
				node: one,
				input: one.inputs[0] ?? '',
				output: one.outputs[0] ?? '',
				ceiling,
			},
		];
	});
	const names = unique(found.map(({ name }) => name.replace(/^\//, '').replace(/\//g, '.')));
	return found.map((activation, at) => ({ ...activation, name: names[at] as string }));
}
