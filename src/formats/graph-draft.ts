import { type Attribute, type ConstantTensor, type GraphNode, node as makeNode, type TensorInfo } from '../model/graph.ts';
import { int64Tensor } from '../model/tensors.ts';
import type { StatePairing } from './source.ts';

/** A graph while a reader writes it: nodes in order, constants, and the states of a step model. */
export interface GraphDraft {
	readonly nodes: GraphNode[];
	readonly constants: Map<string, ConstantTensor>;
	readonly inputs: TensorInfo[];
	readonly outputs: TensorInfo[];
	readonly states: StatePairing[];
	/** How often each operator name was used, because a graph must not use one twice. */
	readonly names: Map<string, number>;
}

export const graphDraft = (): GraphDraft => ({
	nodes: [],
	constants: new Map(),
	inputs: [],
	outputs: [],
	states: [],
	names: new Map(),
});

/**
 * Adds an operator of the layer `layer`, called "layer/op", then "layer/op_1" …, and returns the name of its output.
 *
 * @param output  by default the operator's name with ":0" behind it
 */
export function add(
	draft: GraphDraft,
	layer: string,
	op: string,
	inputs: readonly string[],
	attributes: Readonly<Record<string, Attribute>> = {},
	output?: string,
): string {
	const base = `${layer}/${op}`;
	const used = draft.names.get(base) ?? 0;
	draft.names.set(base, used + 1);
	const name = used === 0 ? base : `${base}_${used}`;
	const tensor = output ?? `${name}:0`;
	draft.nodes.push(makeNode(op, inputs, [tensor], { name, attributes }));
	return tensor;
}

/** Adds whole numbers as a constant under the first free name. */
export function integers(draft: GraphDraft, name: string, values: readonly number[]): string {
	let free = name;
	for (let count = 1; draft.constants.has(free); count++) free = `${name}_${count}`;
	draft.constants.set(free, int64Tensor(values));
	return free;
}

/** Adds a state of zeros: an input that holds it before the timestep. {@link closeState} names what it becomes. */
export function openState(draft: GraphDraft, name: string, dims: TensorInfo['dims']): string {
	draft.inputs.push({ name, type: 'float32', dims });
	return name;
}

export function closeState(draft: GraphDraft, input: string, output: string, dims: TensorInfo['dims']): void {
	draft.outputs.push({ name: output, type: 'float32', dims });
	draft.states.push({ input, output, initial: 0 });
}
