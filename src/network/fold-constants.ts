import type { Tensor } from 'onnxruntime-common';
import type { ConstantTensor, ElementType, Graph, GraphNode, Model } from '../model/graph.ts';
import { isRandom } from '../model/operators/index.ts';
import { elementCount } from '../model/tensors.ts';
import { createSession, fromRuntime, runSession } from '../runtime/session.ts';

/** A model whose constant parts are constants, and where each constant came from. */
export interface FoldedModel {
	readonly model: Model;
	/** For a constant made by folding: the largest initialiser it was made from. The weight's identity over timesteps. */
	readonly constantRoots: ReadonlyMap<string, string>;
}

/**
 * Evaluates every node that depends on constants only (weights behind Transpose, Reshape or
 * DequantizeLinear, thresholds behind Clip, leaks behind Sigmoid …) and puts the results into the
 * graph as constants, so that structure and counting see plain weights.
 *
 * Evaluation is done by onnxruntime itself: the folded values are those the network would compute.
 *
 * @throws UserError in onnxruntime's words when it refuses the nodes
 */
export async function foldConstants(model: Model, file: string): Promise<FoldedModel> {
	const { graph } = model;
	const constants = new Map(graph.constants);
	const roots = new Map<string, string>();
	const aliases = new Map<string, string>();
	const rootOf = (name: string): string => roots.get(name) ?? name;
	const foldable: GraphNode[] = [];
	const folded = new Set<string>();
	const remaining: GraphNode[] = [];

	for (const node of graph.nodes) {
		const literal = constantNode(node);
		const [output] = node.outputs;
		if (literal && output !== undefined) {
			constants.set(output, literal);
			continue;
		}
		const known = (input: string): boolean => input === '' || constants.has(input) || folded.has(input);
		const hasGraph = [...node.attributes.values()].some(({ kind }) => kind === 'graph');
		if (!node.inputs.every(known) || node.inputs.length === 0 || hasGraph || isRandom(node, (name) => constants.get(name))) {
			remaining.push(node);
			continue;
		}
		const [input] = node.inputs;
		if (node.op === 'Identity' && input !== undefined && output !== undefined) {
			aliases.set(output, input);
			roots.set(output, rootOf(input));
			const value = constants.get(input);
			if (value) constants.set(output, value);
			else {
				foldable.push(node);
				folded.add(output);
			}
			continue;
		}
		foldable.push(node);
		const root = node.inputs
			.filter((name) => name !== '')
			.map(rootOf)
			.reduce((best, name) => (sizeOf(constants.get(name)) > sizeOf(constants.get(best)) ? name : best));
		for (const name of node.outputs) {
			folded.add(name);
			roots.set(name, root);
		}
	}

	if (foldable.length > 0) {
		const needed = new Set(
			remaining.flatMap((node) => [...node.inputs, ...outerReads(node)]).concat(graph.outputs.map(({ name }) => name)),
		);
		const wanted = [...folded].filter((name) => needed.has(name));
		if (wanted.length > 0) {
			const values = await evaluate(model, constants, foldable, wanted, file);
			for (const [name, value] of values) constants.set(name, value);
		}
	}
	const used = new Set(
		remaining.flatMap((node) => [...node.inputs, ...outerReads(node)]).concat(graph.outputs.map(({ name }) => name)),
	);
	const kept = new Map([...constants].filter(([name]) => used.has(name)));
	return { model: { ...model, graph: { ...graph, nodes: remaining, constants: kept } }, constantRoots: roots };
}

const sizeOf = (tensor: ConstantTensor | undefined): number => (tensor ? elementCount(tensor.dims) : -1);

/** Names read by subgraphs, which may be constants of the outer graph. */
function outerReads(node: GraphNode): string[] {
	return [...node.attributes.values()].flatMap((attribute) =>
		attribute.kind === 'graph'
			? [
					...attribute.value.nodes.flatMap((inner) => [...inner.inputs, ...outerReads(inner)]),
					...attribute.value.outputs.map(({ name }) => name),
				]
			: [],
	);
}

/** A graph in which Constant nodes are constants. */
export function literalsAsConstants(graph: Graph): Graph {
	const constants = new Map(graph.constants);
	const nodes = graph.nodes.filter((node) => {
		const literal = constantNode(node);
		const [output] = node.outputs;
		if (literal && output !== undefined) constants.set(output, literal);
		return !literal;
	});
	return { ...graph, nodes, constants };
}

function constantNode(node: GraphNode): ConstantTensor | null {
	if (node.op !== 'Constant' || node.domain !== '') return null;
	for (const [name, attribute] of node.attributes) {
		if (name === 'value' && attribute.kind === 'tensor') return attribute.value;
		if (attribute.kind === 'float') return raw('float32', [], Float32Array.of(attribute.value));
		if (attribute.kind === 'int') return raw('int64', [], BigInt64Array.of(BigInt(attribute.value)));
		if (attribute.kind === 'floats') return raw('float32', [attribute.value.length], Float32Array.from(attribute.value));
		if (attribute.kind === 'ints') return raw('int64', [attribute.value.length], BigInt64Array.from(attribute.value, BigInt));
	}
	return null;
}

const raw = (type: ElementType, dims: readonly number[], array: ArrayBufferView): ConstantTensor => ({
	type,
	dims,
	bytes: new Uint8Array(array.buffer, array.byteOffset, array.byteLength),
});

async function evaluate(
	model: Model,
	constants: ReadonlyMap<string, ConstantTensor>,
	nodes: readonly GraphNode[],
	wanted: readonly string[],
	file: string,
): Promise<Map<string, ConstantTensor>> {
	const read = new Set(nodes.flatMap(({ inputs }) => inputs));
	const graph: Graph = {
		name: 'constants',
		nodes,
		constants: new Map([...constants].filter(([name]) => read.has(name))),
		inputs: [],
		outputs: wanted.map((name) => ({ name, type: null, dims: null })),
	};
	const session = await createSession({ ...model, graph }, file);
	try {
		const results = await runSession(session, {}, wanted, file);
		return new Map(wanted.map((name) => [name, fromRuntime(results[name] as Tensor)]));
	} finally {
		await session.release();
	}
}
