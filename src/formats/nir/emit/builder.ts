import type { Attribute, Dimension } from '../../../model/graph.ts';
import { float32Tensor } from '../../../model/tensors.ts';
import * as draft from '../../graph-draft.ts';
import type { Shape } from '../shapes.ts';

export const withBatch = (shape: Shape): readonly Dimension[] => ['batch', ...shape];

/** Adds an operator of the layer `layer` whose output is called `output`. */
export const add = (
	builder: draft.GraphDraft,
	layer: string,
	op: string,
	inputs: readonly string[],
	output: string,
	attributes: Readonly<Record<string, Attribute>> = {},
): string => draft.add(builder, layer, op, inputs, attributes, output);

export function floats(builder: draft.GraphDraft, name: string, values: ArrayLike<number>, shape: Shape): string {
	builder.constants.set(name, float32Tensor(values, shape));
	return name;
}

export const openState = (builder: draft.GraphDraft, name: string, shape: Shape): string =>
	draft.openState(builder, name, withBatch(shape));

export const closeState = (builder: draft.GraphDraft, input: string, output: string, shape: Shape): void =>
	draft.closeState(builder, input, output, withBatch(shape));
