import { createHash } from 'node:crypto';
import type { GraphNode } from '../model/graph.ts';
import { elementCount } from '../model/tensors.ts';
import { dynamicInputs, type GraphIndex } from './graph-index.ts';
import { synapticName } from './names.ts';

/** A node that applies constant weights to activations. */
export interface SynapticUse {
	readonly node: GraphNode;
	readonly weight: string;
	readonly bias: string | null;
	readonly weightPosition: 0 | 1;
	readonly input: string;
	readonly output: string;
}

/** All uses of one weight, in topological order. */
export interface SynapticGroup {
	readonly name: string;
	readonly uses: readonly SynapticUse[];
}

const weightOperators = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);

/** The use of weights a node stands for, or null when it applies none. */
export function synapticUse(node: GraphNode, index: GraphIndex): SynapticUse | null {
	if (!weightOperators.has(node.op) || node.domain !== '') return null;
	const [a = '', b = '', bias = ''] = node.inputs;
	const [output = ''] = node.outputs;
	const isWeight = (name: string): boolean => index.isConstant(name);
	if (isWeight(b) && !isWeight(a)) {
		return { node, weight: b, bias: isWeight(bias) ? bias : null, weightPosition: 1, input: a, output };
	}
	if (isWeight(a) && !isWeight(b) && (node.op === 'MatMul' || node.op === 'Gemm')) {
		return { node, weight: a, bias: isWeight(bias) ? bias : null, weightPosition: 0, input: b, output };
	}
	return null;
}

/** Nodes that multiply activations by activations: not synapses, and named in the report. */
export function activationProducts(index: GraphIndex): GraphNode[] {
	return index.graph.nodes.filter(
		(node) => weightOperators.has(node.op) && dynamicInputs(node, index).length >= 2 && !synapticUse(node, index),
	);
}

/**
 * Groups the uses of weights by weight. Uses belong together when they read the same constant, constants
 * folded from the same initialiser, or, in graphs whose exporter copied a weight for every timestep, equal bytes.
 *
 * @param constantRoots for folded constants, the initialiser they come from
 * @param mergeEqual whether equal copies of a weight are one layer (only graphs with spikes repeat a layer over time)
 */
export function synapticGroups(
	index: GraphIndex,
	constantRoots: ReadonlyMap<string, string>,
	mergeEqual: boolean,
): SynapticGroup[] {
	const groups = new Map<string, SynapticUse[]>();
	for (const node of index.graph.nodes) {
		const use = synapticUse(node, index);
		if (!use) continue;
		const root = constantRoots.get(use.weight) ?? use.weight;
		const key = `${mergeEqual ? contentKey(use.weight, index) : root}|${attributesKey(node)}`;
		const uses = groups.get(key);
		if (uses) uses.push(use);
		else groups.set(key, [use]);
	}
	return [...groups.values()].map((uses) => {
		const [first] = uses as [SynapticUse];
		return { name: synapticName(constantRoots.get(first.weight) ?? first.weight, first.node.name, first.node.op), uses };
	});
}

/** Weights of different layers practically never hold equal bytes; copies of one weight always do. */
function contentKey(weight: string, index: GraphIndex): string {
	const tensor = index.graph.constants.get(weight);
	if (!tensor || elementCount(tensor.dims) < 2) return weight;
	return `${tensor.dims.join('x')}:${createHash('sha1').update(tensor.bytes).digest('hex')}`;
}

function attributesKey(node: GraphNode): string {
	const entries = [...node.attributes].map(
		([name, attribute]) => `${name}=${JSON.stringify('value' in attribute ? attribute.value : '')}`,
	);
	return `${node.op}(${entries.sort().join(',')})`;
}
