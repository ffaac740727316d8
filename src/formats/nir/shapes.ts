import { UserError } from '../../errors.ts';
import { elementCount, mostElements } from '../../model/tensors.ts';
import type { FlatGraph, FlatNode } from './flatten.ts';
import { assumptions, messages } from './messages.ts';
import type { NirArray, NirConv1d, NirConv2d, NirFlatten } from './records.ts';

export type Shape = readonly number[];

/** Shapes without batch dimension. */
export interface NodeShapes {
	readonly input: Shape;
	readonly output: Shape;
}

/** An axis with its padding, or a pooling window, longer than this is damage too. */
const longestAxis = 2 ** 24;
const largestWindow = 4096;

const same = (one: Shape, other: Shape) => one.length === other.length && one.every((size, axis) => size === other[axis]);

/**
 * The shapes of every node, from the inputs onwards; in recurrent graphs a neuron's shape also comes from its parameters.
 * @throws UserError if shapes contradict each other or cannot be told
 */
export function inferShapes(graph: FlatGraph, notes: string[], file: string): Map<string, NodeShapes> {
	const sources = new Map<string, string[]>([...graph.nodes.keys()].map((name) => [name, []]));
	const targets = new Map<string, string[]>([...graph.nodes.keys()].map((name) => [name, []]));
	for (const [from, to] of graph.edges) {
		sources.get(to)?.push(from);
		targets.get(from)?.push(to);
	}
	const shapes = new Map<string, NodeShapes>();
	const pending = [...graph.nodes.keys()];
	for (let name = pending.shift(); name !== undefined; name = pending.shift()) {
		const node = graph.nodes.get(name);
		if (node === undefined || shapes.has(name)) {
			continue;
		}
		const known = sources.get(name)?.map((source) => shapes.get(source)?.output) ?? [];
		const input = node.type === 'Input' ? node.shape : (known.find((shape) => shape !== undefined) ?? ownShape(node));
		if (input !== undefined) {
			const next = (targets.get(name) ?? []).map((target) => graph.nodes.get(target)).filter((target) => target !== undefined);
			shapes.set(name, { input, output: checked(outputShape(name, node, input, next, notes, file), name, file) });
			pending.push(...(targets.get(name) ?? []));
		}
	}
	for (const [name, froms] of sources) {
		const shape = shapes.get(name);
		if (shape === undefined) {
			throw new UserError(messages.unknownShape(file, name));
		}
		for (const from of froms) {
			const received = shapes.get(from)?.output;
			if (received !== undefined && !same(received, shape.input)) {
				throw new UserError(messages.shapesDiffer(file, name, shape.input, received));
			}
		}
	}
	return shapes;
}

function checked(shape: Shape, name: string, file: string): Shape {
	if (!shape.every((size) => Number.isInteger(size) && size > 0)) {
		throw new UserError(messages.emptyShape(file, `node "${name}"`, shape));
	}
	if (elementCount(shape) > mostElements) {
		throw new UserError(messages.tooLarge(file, name, elementCount(shape)));
	}
	return shape;
}

/** A neuron layer's shape as its parameters have it, where they are more than one number for all. */
function ownShape(node: FlatNode): Shape | undefined {
	const parameters = Object.values(node).filter((value): value is NirArray => typeof value === 'object' && 'values' in value);
	const isNeuron = 'r' in node || node.type === 'Threshold' || node.type === 'Scale' || node.type === 'Delay';
	return isNeuron ? parameters.find((parameter) => parameter.values.length > 1)?.shape : undefined;
}

function outputShape(
	name: string,
	node: FlatNode,
	input: Shape,
	next: readonly FlatNode[],
	notes: string[],
	file: string,
): Shape {
	switch (node.type) {
		case 'Input':
			return input;
		case 'Affine':
		case 'Linear': {
			const [outputs = 0, inputs = 0] = node.weight.shape;
			if (node.weight.shape.length !== 2) {
				throw new UserError(messages.badField(file, `node "${name}"`, 'weight', `[${node.weight.shape.join(', ')}]`, 'two axes'));
			}
			if (input.at(-1) === inputs) {
				return [...input.slice(0, -1), outputs];
			}
			if (elementCount(input) === inputs) {
				notes.push(assumptions.flattened(name, input));
				return [outputs];
			}
			throw new UserError(messages.wrongInput(file, name, node.type, `${inputs} inputs`, input));
		}
		case 'Conv1d':
		case 'Conv2d':
			return convolutionOutput(name, node, input, file);
		case 'SumPool2d':
		case 'AvgPool2d': {
			if (input.length !== 3) {
				throw new UserError(messages.wrongInput(file, name, node.type, '[channels, height, width]', input));
			}
			const [kernel, stride, padding] = [pair(node.kernelSize), pair(node.stride), pair(node.padding)];
			if (Math.max(...kernel) > largestWindow) {
				throw new UserError(messages.tooLarge(file, name, kernel[0] * kernel[1]));
			}
			const extent = (axis: 0 | 1) => windows(input[axis + 1] ?? 0, kernel[axis], stride[axis], 2 * padding[axis], 1);
			return [input[0] ?? 0, extent(0), extent(1)];
		}
		case 'Flatten':
			return flattenOutput(name, node, input, next, notes, file);
		default:
			return input;
	}
}

/** Two sizes from one for both axes or one each. */
export function pair(sizes: readonly number[]): readonly [number, number] {
	return [sizes[0] ?? 1, sizes[1] ?? sizes[0] ?? 1];
}

function windows(size: number, kernel: number, stride: number, padding: number, dilation: number): number {
	const possible = stride > 0 && kernel > 0 && dilation > 0 && padding >= 0 && size + padding <= longestAxis;
	return possible ? Math.floor((size + padding - dilation * (kernel - 1) - 1) / stride) + 1 : 0;
}

/** Zeros before and after each axis. */
export function convolutionPadding(node: NirConv1d | NirConv2d): { before: number[]; after: number[] } {
	const axes = node.type === 'Conv1d' ? 1 : 2;
	const at = (sizes: readonly number[], axis: number) => sizes[axis] ?? sizes[0] ?? 0;
	const total = Array.from({ length: axes }, (_, axis) => {
		const reach = (at(node.dilation, axis) || 1) * ((node.weight.shape[axis + 2] ?? 1) - 1);
		return typeof node.padding === 'string' ? (node.padding === 'same' ? reach : 0) : 2 * at(node.padding, axis);
	});
	const before = total.map((size) => Math.floor(size / 2));
	return { before, after: total.map((size, axis) => size - (before[axis] ?? 0)) };
}

function convolutionOutput(name: string, node: NirConv1d | NirConv2d, input: Shape, file: string): Shape {
	const axes = node.type === 'Conv1d' ? 1 : 2;
	const weight = node.weight.shape;
	if (weight.length !== axes + 2) {
		throw new UserError(messages.badField(file, `node "${name}"`, 'weight', `[${weight.join(', ')}]`, `${axes + 2} axes`));
	}
	const channels = (weight[1] ?? 0) * node.groups;
	const place = axes === 1 ? `[${channels}, length]` : `[${channels}, height, width]`;
	const said = node.inputShape;
	const contradicts = said !== undefined && said.length === axes && !same(said, input.slice(1));
	if (input.length !== axes + 1 || input[0] !== channels || contradicts) {
		const expected = contradicts ? `[${[channels, ...said].join(', ')}]` : place;
		throw new UserError(messages.wrongInput(file, name, node.type, expected, input));
	}
	if (node.groups < 1 || (weight[0] ?? 0) % node.groups !== 0) {
		throw new UserError(messages.badField(file, `node "${name}"`, 'groups', String(node.groups), `a divisor of ${weight[0]}`));
	}
	const { before, after } = convolutionPadding(node);
	const extents = Array.from({ length: axes }, (_, axis) => {
		const stride = node.stride[axis] ?? node.stride[0] ?? 1;
		const dilation = node.dilation[axis] ?? node.dilation[0] ?? 1;
		return windows(input[axis + 1] ?? 0, weight[axis + 2] ?? 0, stride, (before[axis] ?? 0) + (after[axis] ?? 0), dilation);
	});
	return [weight[0] ?? 0, ...extents];
}

function flattenOutput(
	name: string,
	node: NirFlatten,
	input: Shape,
	next: readonly FlatNode[],
	notes: string[],
	file: string,
): Shape {
	const literal = joinAxes(input, node.startDim, node.endDim);
	// PyTorch counts the batch axis, and early exporters kept its numbers: the next layer's weights tell.
	const withBatch = joinAxes([1, ...input], node.startDim, node.endDim)?.slice(1) ?? null;
	const wanted = next.flatMap((target) => (target.type === 'Affine' || target.type === 'Linear' ? [target.weight.shape[1]] : []));
	const fits = (shape: Shape | null) => shape !== null && wanted.every((inputs) => inputs === shape.at(-1));
	if (!fits(literal) && node.startDim >= 1 && fits(withBatch) && withBatch !== null) {
		notes.push(assumptions.flattenWithBatch(name));
		return withBatch;
	}
	if (literal === null) {
		const range = `${node.startDim} to ${node.endDim}`;
		throw new UserError(messages.wrongInput(file, name, 'Flatten', `an input with axes ${range}`, input));
	}
	return literal;
}

function joinAxes(shape: Shape, startDim: number, endDim: number): Shape | null {
	const start = startDim < 0 ? startDim + shape.length : startDim;
	const end = endDim < 0 ? endDim + shape.length : endDim;
	if (start < 0 || end >= shape.length || start > end) {
		return null;
	}
	return [...shape.slice(0, start), elementCount(shape.slice(start, end + 1)), ...shape.slice(end + 1)];
}
