import type { GraphNode } from '../../model/graph.ts';
import { type AxisCall, type AxisPairs, operatorFacts, reshapes } from '../../model/operators/index.ts';
import type { Size } from './batch-sizes.ts';
import type { GraphFacts } from './graph-facts.ts';

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

/** Where the timesteps of input `position` are in the node's first output, or null when the node does not keep them apart. */
export const forwardPlace = (...question: Across): TimePlace | null => across('forward', ...question);

/** The reverse: where the timesteps of the first output are in input `position`. */
export const backwardPlace = (...question: Across): TimePlace | null => across('backward', ...question);

type Across = [node: GraphNode, position: number, place: TimePlace, facts: GraphFacts, timesteps: number];

function across(way: 'forward' | 'backward', ...[node, position, place, facts, timesteps]: Across): TimePlace | null {
	const [input, output] = [facts.shapeOf(node.inputs[position] ?? ''), facts.shapeOf(node.outputs[0] ?? '')];
	if (!input || !output) return null;
	const [from, to] = way === 'forward' ? [input, output] : [output, input];
	if (reshapes(node)) return position === 0 ? placeAt(flatStride(place, from), to, timesteps) : null;
	const pairs = axisPairs(node, position, output, facts).map(([own, result]) =>
		way === 'forward' ? [own, result] : [result, own],
	);
	const [here, there] = pairs.find(([axis]) => axis === place.axis) ?? [];
	if (here === undefined || there === undefined || !sameSize(from[here], to[there])) return null;
	return { axis: there, inner: place.inner };
}

/** Pairs of axes that the operator keeps apart entry by entry. */
function axisPairs(node: GraphNode, position: number, output: Shape, facts: GraphFacts): AxisPairs {
	const axes = operatorFacts(node)?.axes;
	if (axes?.kind !== 'pairs') return [];
	const call: AxisCall = {
		node,
		outputRank: output.length,
		rankOf: (at) => facts.shapeOf(node.inputs[at] ?? '')?.length,
		constantOf: (at) => facts.constantOf(node.inputs[at] ?? ''),
	};
	return axes.of(call, position);
}
