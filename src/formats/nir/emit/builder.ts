import {
	type Attribute,
	type ConstantTensor,
	type Dimension,
	type GraphNode,
	node as makeNode,
	type TensorInfo,
} from '../../../model/graph.ts';
import { float32Tensor, int64Tensor } from '../../../model/tensors.ts';
import type { StatePairing } from '../../source.ts';
import type { Shape } from '../shapes.ts';

/** Name of the batch dimension of every input and output. */
export const batch = 'batch';

/** A graph while it is written: nodes in order, constants, and the states of a step model. */
export interface Builder {
	readonly nodes: GraphNode[];
	readonly constants: Map<string, ConstantTensor>;
	readonly inputs: TensorInfo[];
	readonly outputs: TensorInfo[];
	readonly states: StatePairing[];
	/** How often each operator name was used, because a graph must not use one twice. */
	readonly names: Map<string, number>;
}

export function newBuilder(): Builder {
	return { nodes: [], constants: new Map(), inputs: [], outputs: [], states: [], names: new Map() };
}

/**
 * Adds an operator of the layer `layer` and returns its output.
 * @param output name of the output tensor; the operator is called "layer/op", then "layer/op_1" …
 */
export function add(
	builder: Builder,
	layer: string,
	op: string,
	inputs: readonly string[],
	output: string,
	attributes: Readonly<Record<string, Attribute>> = {},
): string {
	const name = `${layer}/${op}`;
	const used = builder.names.get(name) ?? 0;
	builder.names.set(name, used + 1);
	builder.nodes.push(makeNode(op, inputs, [output], { name: used === 0 ? name : `${name}_${used}`, attributes }));
	return output;
}

export function floats(builder: Builder, name: string, values: ArrayLike<number>, shape: Shape): string {
	builder.constants.set(name, float32Tensor(values, shape));
	return name;
}

export function integers(builder: Builder, name: string, values: readonly number[]): string {
	builder.constants.set(name, int64Tensor(values));
	return name;
}

export const withBatch = (shape: Shape): readonly Dimension[] => [batch, ...shape];

/** Adds a state: an input that holds it before the timestep. {@link closeState} names what it becomes. */
export function openState(builder: Builder, name: string, shape: Shape): string {
	builder.inputs.push({ name, type: 'float32', dims: withBatch(shape) });
	return name;
}

export function closeState(builder: Builder, input: string, output: string, shape: Shape): void {
	builder.outputs.push({ name: output, type: 'float32', dims: withBatch(shape) });
	builder.states.push({ input, output, initial: 0 });
}
