import { UserError } from '../../../errors.ts';
import { integers } from '../../graph-draft.ts';
import { type Builder, floats, type Shape, type Size, type Value } from '../builder.ts';
import { messages } from '../messages.ts';
import type { Weight } from '../weights.ts';
import type { GraphDefNode } from './nodes.ts';

/** What a node of the graph gives: a tensor computed from the data, a stored weight, or sizes of a shape. */
export type GraphValue =
	| { readonly kind: 'tensor'; readonly value: Value }
	| { readonly kind: 'weight'; readonly weight: Weight }
	| { readonly kind: 'sizes'; readonly sizes: readonly Size[]; readonly single: boolean };

export interface NodeContext {
	readonly builder: Builder;
	readonly node: GraphDefNode;
}

export type NodeEmitter = (inputs: readonly GraphValue[], context: NodeContext) => GraphValue;

export const tensorResult = (value: Value): GraphValue => ({ kind: 'tensor', value });

export function inputAt(inputs: readonly GraphValue[], index: number, { node }: NodeContext): GraphValue {
	const input = inputs[index];
	if (input === undefined) {
		throw new UserError(messages.unknownInput(node.file, node.name, `input ${index + 1}`));
	}
	return input;
}

/** An input as a tensor; a weight becomes a constant. */
export function tensorAt(inputs: readonly GraphValue[], index: number, context: NodeContext): Value {
	const input = inputAt(inputs, index, context);
	switch (input.kind) {
		case 'tensor':
			return input.value;
		case 'weight': {
			const { name, values, shape, kind } = input.weight;
			const tensor =
				kind === 'integer' ? integerConstant(context.builder, input.weight) : floats(context.builder, name, values, shape);
			return { tensor, shape, order: 'plain' };
		}
		case 'sizes': {
			const sizes = numbersOf(input, context, 'a shape');
			const shape: Shape = input.single ? [] : [sizes.length];
			return { tensor: integers(context.builder, `${context.node.name}/sizes`, sizes), shape, order: 'plain' };
		}
	}
}

function integerConstant(builder: Builder, weight: Weight): string {
	if (!builder.constants.has(weight.name)) {
		builder.constants.set(weight.name, {
			type: 'int64',
			dims: weight.shape,
			bytes: new Uint8Array(BigInt64Array.from(Array.from(weight.values, BigInt)).buffer),
		});
	}
	return weight.name;
}

/** A stored weight; anything computed is refused. */
export function weightAt(inputs: readonly GraphValue[], index: number, context: NodeContext, what: string): Weight {
	const input = inputAt(inputs, index, context);
	if (input.kind !== 'weight') {
		throw new UserError(messages.notConstant(context.node.file, context.node.name, what));
	}
	return input.weight;
}

/** Sizes that may include the batch. */
export function sizesAt(inputs: readonly GraphValue[], index: number, context: NodeContext, what: string): readonly Size[] {
	const input = inputAt(inputs, index, context);
	if (input.kind === 'tensor') {
		throw new UserError(messages.notConstant(context.node.file, context.node.name, what));
	}
	return input.kind === 'sizes' ? input.sizes : Array.from(input.weight.values);
}

/** Whole numbers that do not depend on the batch. */
export function numbersAt(inputs: readonly GraphValue[], index: number, context: NodeContext, what: string): number[] {
	const sizes = sizesAt(inputs, index, context, what);
	return numbersOf({ kind: 'sizes', sizes, single: false }, context, what);
}

function numbersOf(value: Extract<GraphValue, { kind: 'sizes' }>, { node }: NodeContext, what: string): number[] {
	return value.sizes.map((size) => {
		if (size === 'batch' || !Number.isSafeInteger(size)) {
			throw new UserError(messages.notConstant(node.file, node.name, what));
		}
		return size;
	});
}
