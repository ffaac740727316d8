import type { GraphNode } from '../../model/graph.ts';
import { lookUp } from '../../model/look-up.ts';
import { tensorValues } from '../../model/tensors.ts';
import { intAttribute, intsAttribute } from '../graph-index.ts';
import { elementwise } from '../reachability.ts';
import type { GraphFacts } from './graph-facts.ts';
import type { Size } from './measure.ts';

/**
 * Where the timesteps of a tensor are: axis `axis` has size outer·T·inner, and an element's timestep is
 * floor(index / inner) mod T. An axis of its own has inner = outer = 1; [T·B, …] has inner = B, [B·T, …] inner = 1.
 */
export interface TimePlace {
	readonly axis: number;
	readonly inner: Size;
}

export type Shape = readonly Size[];

const times = (a: Size, b: Size): Size => [a[0] * b[0], a[1] * b[1]];
const product = (sizes: Shape): Size => sizes.reduce<Size>(times, [1, 1]);
export const sameSize = (a: Size | undefined, b: Size | undefined): boolean =>
	a !== undefined && b !== undefined && a[0] === b[0] && a[1] === b[1];
export const sameShape = (a: Shape, b: Shape): boolean =>
	a.length === b.length && a.every((size, axis) => sameSize(size, b[axis]));
export const samePlace = (a: TimePlace, b: TimePlace): boolean => a.axis === b.axis && sameSize(a.inner, b.inner);
export const isOne = (size: Size | undefined): boolean => sameSize(size, [1, 1]);

const divides = (part: Size, whole: Size): boolean => whole[0] % part[0] === 0 && whole[1] % part[1] === 0;

export function fits(place: TimePlace, shape: Shape, timesteps: number): boolean {
	const size = shape[place.axis];
	return size !== undefined && divides(times(place.inner, [timesteps, timesteps]), size);
}

/** True when the axis holds nothing but timesteps. */
export const isExplicit = (place: TimePlace, shape: Shape, timesteps: number): boolean =>
	isOne(place.inner) && sameSize(shape[place.axis], [timesteps, timesteps]);

/** Shape of one timestep, with the axis kept. */
export const partShape = (place: TimePlace, shape: Shape, timesteps: number): Shape =>
	shape.map((size, axis): Size => (axis === place.axis ? [size[0] / timesteps, size[1] / timesteps] : size));

/** Elements between two timesteps in row-major order: unchanged by any reshape. */
const flatStride = (place: TimePlace, shape: Shape): Size => times(place.inner, product(shape.slice(place.axis + 1)));

function placeAt(stride: Size, shape: Shape, timesteps: number): TimePlace | null {
	for (let axis = shape.length - 1; axis >= 0; axis -= 1) {
		const suffix = product(shape.slice(axis + 1));
		if (suffix[0] === 0 || suffix[1] === 0 || !divides(suffix, stride)) continue;
		const place = { axis, inner: [stride[0] / suffix[0], stride[1] / suffix[1]] as const };
		if (fits(place, shape, timesteps)) return place;
	}
	return null;
}

export const reshaping = new Set(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze']);

/** Where the timesteps of input `position` are in the node's first output, or null when the node does not keep them apart. */
export function forwardPlace(
	node: GraphNode,
	position: number,
	place: TimePlace,
	facts: GraphFacts,
	timesteps: number,
): TimePlace | null {
	const [input, output] = [facts.shapeOf(node.inputs[position] ?? ''), facts.shapeOf(node.outputs[0] ?? '')];
	if (!input || !output) return null;
	if (reshaping.has(node.op)) return position === 0 ? placeAt(flatStride(place, input), output, timesteps) : null;
	const pair = axisPairs(node, position, input, output, facts).find(([from]) => from === place.axis);
	return pair && sameSize(input[pair[0]], output[pair[1]]) ? { axis: pair[1], inner: place.inner } : null;
}

/** The reverse: where the timesteps of the first output are in input `position`. */
export function backwardPlace(
	node: GraphNode,
	position: number,
	place: TimePlace,
	facts: GraphFacts,
	timesteps: number,
): TimePlace | null {
	const [input, output] = [facts.shapeOf(node.inputs[position] ?? ''), facts.shapeOf(node.outputs[0] ?? '')];
	if (!input || !output) return null;
	if (reshaping.has(node.op)) return position === 0 ? placeAt(flatStride(place, output), input, timesteps) : null;
	const pair = axisPairs(node, position, input, output, facts).find(([, to]) => to === place.axis);
	return pair && sameSize(input[pair[0]], output[pair[1]]) ? { axis: pair[0], inner: place.inner } : null;
}

type AxisPairs = readonly (readonly [input: number, output: number])[];
type PairRule = (node: GraphNode, position: number, input: Shape, output: Shape, facts: GraphFacts) => AxisPairs;

const none: AxisPairs = [];
const upTo = (count: number): number[] => Array.from({ length: Math.max(0, count) }, (_, axis) => axis);
const wrapped = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** Broadcasting lines axes up from the last one. */
const aligned: PairRule = (_, __, input, output) => upTo(input.length).map((axis) => [axis, axis + output.length - input.length]);
/** Only the first axis of the first input is kept row by row. */
const rows: PairRule = (_, position) => (position === 0 ? [[0, 0]] : none);
/** The first input's axes, except some. */
const except =
	(axes: (node: GraphNode, input: Shape, facts: GraphFacts) => readonly number[] | null): PairRule =>
	(node, position, input, _, facts) => {
		const excluded = position === 0 || node.op === 'Concat' ? axes(node, input, facts) : null;
		return excluded
			? upTo(input.length)
					.filter((axis) => !excluded.includes(axis))
					.map((axis) => [axis, axis])
			: none;
	};
const before =
	(fallback: number): PairRule =>
	(node, position, input) =>
		position === 0 ? upTo(wrapped(intAttribute(node, 'axis', fallback), input.length)).map((axis) => [axis, axis]) : none;

/** Axes given as an attribute or as a constant input. */
function listedAxes(node: GraphNode, inputPosition: number, facts: GraphFacts): readonly number[] | null {
	const attribute = intsAttribute(node, 'axes');
	if (attribute) return attribute;
	const name = node.inputs[inputPosition];
	const constant = name ? facts.constantOf(name) : null;
	return constant ? Array.from(tensorValues(constant)) : null;
}

const reduced: PairRule = (node, position, input, output, facts) => {
	if (position !== 0) return none;
	const given = listedAxes(node, 1, facts);
	const axes = (given ?? upTo(input.length)).map((axis) => wrapped(axis, input.length));
	const keep = upTo(input.length).filter((axis) => !axes.includes(axis));
	return input.length === output.length ? keep.map((axis) => [axis, axis]) : keep.map((axis, at) => [axis, at]);
};

const rules: Readonly<Record<string, PairRule>> = {
	...Object.fromEntries(
		[
			'Conv',
			'ConvTranspose',
			'MaxPool',
			'AveragePool',
			'LpPool',
			'GlobalAveragePool',
			'GlobalMaxPool',
			'InstanceNormalization',
			'LRN',
			'DepthToSpace',
			'SpaceToDepth',
			'Resize',
			'Upsample',
			'GroupNormalization',
		].map((op) => [op, rows]),
	),
	...Object.fromEntries(
		['ReduceMean', 'ReduceSum', 'ReduceMax', 'ReduceMin', 'ReduceProd', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare'].map((op) => [
			op,
			reduced,
		]),
	),
	BatchNormalization: except(() => [1]),
	Softmax: before(-1),
	LogSoftmax: before(-1),
	LayerNormalization: before(-1),
	Concat: except((node, input) => [wrapped(intAttribute(node, 'axis', 0), input.length)]),
	Split: except((node, input) => [wrapped(intAttribute(node, 'axis', 0), input.length)]),
	Slice: except((node, input, facts) => {
		const starts = facts.constantOf(node.inputs[1] ?? '');
		const axes = listedAxes(node, 3, facts) ?? (starts ? upTo(tensorValues(starts).length) : null);
		return axes?.map((axis) => wrapped(axis, input.length)) ?? null;
	}),
	Pad: except(() => []),
	Tile: except(() => []),
	CumSum: except((node, input, facts) => {
		const axis = facts.constantOf(node.inputs[1] ?? '');
		return axis ? [wrapped(tensorValues(axis)[0] as number, input.length)] : null;
	}),
	Transpose: (node, position, input) => {
		const permutation = intsAttribute(node, 'perm') ?? upTo(input.length).reverse();
		return position === 0 ? permutation.map((from, to) => [from, to]) : none;
	},
	Gather: (node, position, input, output) => {
		if (position !== 0) return none;
		const at = wrapped(intAttribute(node, 'axis', 0), input.length);
		return upTo(input.length)
			.filter((axis) => axis !== at)
			.map((axis) => [axis, axis < at ? axis : axis + output.length - input.length]);
	},
	Gemm: (node, position) => (position === 0 && intAttribute(node, 'transA', 0) === 0 ? [[0, 0]] : none),
	MatMul: (node, position, input, output, facts) => {
		const other = facts.shapeOf(node.inputs[1 - position] ?? '');
		if (!other || other.length < 2 || input.length < 2) return none;
		// Rows of the left operand stay rows of the product; of the right one only the batch axes do.
		return upTo(input.length - (position === 0 ? 1 : 2)).map((axis) => [axis, axis + output.length - input.length]);
	},
	Expand: (node, position, input, output, facts) => (position === 0 ? aligned(node, position, input, output, facts) : none),
};

/** Operators whose output axes line up with the axes of every input, as broadcasting does. */
export const alignedOperators = new Set(
	[
		...elementwise,
		'And',
		'Or',
		'Xor',
		'Equal',
		'Mean',
		'PRelu',
		'Erf',
		'HardSigmoid',
		'HardSwish',
		'Mish',
		'Gelu',
		'Softplus',
		'Softsign',
		'Selu',
		'Celu',
		'ThresholdedRelu',
		'Log',
		'Reciprocal',
		'Sin',
		'Cos',
		'IsNaN',
		'IsInf',
		'Mod',
		'CastLike',
	].filter((op) => !reshaping.has(op) && !(op in rules)),
);

function axisPairs(node: GraphNode, position: number, input: Shape, output: Shape, facts: GraphFacts): AxisPairs {
	if (node.domain !== '') return none;
	const rule = lookUp(rules, node.op) ?? (alignedOperators.has(node.op) ? aligned : null);
	return rule ? rule(node, position, input, output, facts) : none;
}
