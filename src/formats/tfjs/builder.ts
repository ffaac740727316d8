import { UserError } from '../../errors.ts';
import { ints } from '../../model/attributes.ts';
import type { Attribute } from '../../model/graph.ts';
import { float32Tensor, mostElements } from '../../model/tensors.ts';
import { add, type GraphDraft, graphDraft, integers } from '../graph-draft.ts';

import { messages } from './messages.ts';

/** A size, or the batch, which is free. */
export type Size = number | 'batch';
export type Shape = readonly Size[];

/**
 * A tensor between two layers. `shape` is in the model's own order of axes (channels last); "channels-first" says that the tensor
 * itself is [batch, channels, height, width] (or [batch, channels, length]), so that convolutions need not turn it again and again.
 */
export interface Value {
	readonly tensor: string;
	readonly shape: Shape;
	readonly order: 'plain' | 'channels-first';
}

/** The graph while it is written, and what is known of the model. */
export interface Builder extends GraphDraft {
	readonly file: string;
	/** The same tensor in the other order of axes, once it was made. */
	readonly turned: Map<string, string>;
	/** Inputs whose images are [channels, height, width], because their first layer takes them so. */
	readonly channelsFirstInputs: Set<string>;
	/** Layers that act in training only. */
	readonly trainingOnly: string[];
	/** Layers with a membrane potential. */
	readonly spiking: string[];
	/** How many timesteps the layers say the model runs, and whether its output is a sum over them. */
	readonly timesteps: { count: number | null; summed: boolean };
}

export function newBuilder(file: string): Builder {
	return {
		file,
		...graphDraft(),
		turned: new Map(),
		channelsFirstInputs: new Set(),
		trainingOnly: [],
		spiking: [],
		timesteps: { count: null, summed: false },
	};
}

/** Adds a float32 constant; a weight used twice is stored once. */
export function floats(builder: Builder, name: string, values: ArrayLike<number>, shape: readonly number[]): string {
	if (!builder.constants.has(name)) {
		builder.constants.set(name, float32Tensor(values, shape));
	}
	return name;
}

export function scalar(builder: Builder, layer: string, value: number): string {
	return floats(builder, `${layer}/${value}`, [value], []);
}

export function plainValue(builder: Builder, layer: string, tensor: string, shape: Shape): Value {
	return checked(builder, layer, { tensor, shape, order: 'plain' });
}

export function channelsFirstValue(builder: Builder, layer: string, tensor: string, shape: Shape): Value {
	return checked(builder, layer, { tensor, shape, order: 'channels-first' });
}

function checked(builder: Builder, layer: string, value: Value): Value {
	const sizes = value.shape.filter((size): size is number => size !== 'batch');
	const elements = sizes.reduce((product, size) => product * size, 1);
	if (!sizes.every((size) => Number.isSafeInteger(size) && size > 0)) {
		throw new UserError(messages.wrongInput(builder.file, layer, 'a larger input', value.shape));
	}
	if (elements > mostElements) {
		throw new UserError(messages.tooManyElements(builder.file, layer, elements));
	}
	return value;
}

/** The tensor with its axes as the shape says. */
export function plain(builder: Builder, value: Value): string {
	return value.order === 'plain' ? value.tensor : turn(builder, value.tensor, moveChannels(value.shape.length, 'last'));
}

/** The tensor with the channels right after the batch. */
export function channelsFirst(builder: Builder, value: Value): string {
	return value.order === 'channels-first' ? value.tensor : turn(builder, value.tensor, moveChannels(value.shape.length, 'first'));
}

function moveChannels(rank: number, to: 'first' | 'last'): number[] {
	const between = Array.from({ length: rank - 2 }, (_, index) => index + 1);
	return to === 'first' ? [0, rank - 1, ...between] : [0, ...between.map((axis) => axis + 1), 1];
}

function turn(builder: Builder, tensor: string, perm: readonly number[]): string {
	const known = builder.turned.get(tensor);
	if (known !== undefined) {
		return known;
	}
	const base = tensor.replace(/:0$/, '');
	const output = add(builder, base, 'Transpose', [tensor], { perm: ints(perm) });
	builder.turned.set(tensor, output);
	builder.turned.set(output, tensor);
	return output;
}

/** Every element by itself: the order of axes does not matter. */
export function elementwise(
	builder: Builder,
	layer: string,
	op: string,
	value: Value,
	more: readonly string[] = [],
	attributes: Readonly<Record<string, Attribute>> = {},
): Value {
	return { ...value, tensor: add(builder, layer, op, [value.tensor, ...more], attributes) };
}

export function reshape(builder: Builder, layer: string, value: Value, shape: Shape): Value {
	const sizes = shape.map((size) => (size === 'batch' ? -1 : size));
	const target = integers(builder, `${layer}/shape`, sizes);
	return plainValue(builder, layer, add(builder, layer, 'Reshape', [plain(builder, value), target]), shape);
}
