import type { GraphNode } from '../../model/graph.ts';
import { formOf, onlyMoves } from '../../model/operators/index.ts';
import { elementCount, tensorValues } from '../../model/tensors.ts';
import { intAttribute, stringAttribute } from '../graph-index.ts';
import type { Size } from './batch-sizes.ts';
import type { GraphFacts } from './graph-facts.ts';

/** Whole positions of one axis that a scatter replaces, as `buffer[:, 3] = x` does. */
export interface AxisWrite {
	readonly axis: number;
	/** Positions along the axis; the k-th is the k-th slice of the updates. */
	readonly positions: readonly number[];
	/** The shape of the updates once every axis of the data is there; the written axis has the number of positions. */
	readonly updateShape: readonly Size[];
}

/**
 * Reads which whole slices of its data a ScatterND or ScatterElements replaces. Indices may be constants, or follow from
 * shapes as `buffer[:, t] = x` makes them; both batch sizes have to agree.
 *
 * @returns null where the places depend on data, or are not whole slices along one axis
 */
export function axisWrite(node: GraphNode, facts: GraphFacts): AxisWrite | null {
	if (stringAttribute(node, 'reduction', 'none') !== 'none') return null;
	const [data = '', indices = ''] = node.inputs;
	const shape = facts.shapeOf(data);
	if (!shape) return null;
	return node.op === 'ScatterND' ? writeND(indices, shape, facts) : writeElements(node, indices, shape, facts);
}

function writeND(indices: string, shape: readonly Size[], facts: GraphFacts): AxisWrite | null {
	const indexShape = facts.shapeOf(indices);
	const values = facts.integersOf(indices);
	const width = indexShape?.at(-1)?.[0] ?? 0;
	if (!values || width < 1 || width > shape.length) return null;
	const [first, second] = ([0, 1] as const).map((run) =>
		writtenBox(
			values.map((value) => value[run]),
			shape.slice(0, width).map((size) => size[run]),
		),
	);
	if (!first || !second || first.axis !== second.axis || first.positions.join() !== second.positions.join()) return null;
	return { ...first, updateShape: resized(shape, first.axis, first.positions.length) };
}

/** Coordinate tuples, row after row, that are all of every axis but one. */
function writtenBox(
	values: readonly number[],
	sizes: readonly number[],
): { readonly axis: number; readonly positions: readonly number[] } | null {
	const width = sizes.length;
	const rows = values.length / width;
	if (rows === 0) return null;
	const at = (row: number, axis: number): number => {
		const value = values[row * width + axis] as number;
		return value < 0 ? value + (sizes[axis] as number) : value;
	};
	for (let axis = 0; axis < width; axis += 1) {
		const others = elementCount(sizes.filter((_, other) => other !== axis));
		if (others === 0 || rows % others !== 0) continue;
		const count = rows / others;
		const box = sizes.map((size, other) => (other === axis ? count : size));
		// In row-major order the written axis takes its k-th position after every `inner` rows.
		const inner = elementCount(box.slice(axis + 1));
		const positions = Array.from({ length: count }, (_, k) => at(k * inner, axis));
		if (new Set(positions).size !== count) continue;
		let whole = true;
		for (let row = 0; row < rows && whole; row += 1) {
			let rest = row;
			for (let dim = width - 1; dim >= 0 && whole; dim -= 1) {
				const size = box[dim] as number;
				const place = rest % size;
				rest = (rest - place) / size;
				whole = at(row, dim) === (dim === axis ? positions[place] : place);
			}
		}
		if (whole) return { axis, positions };
	}
	return null;
}

const resized = (shape: readonly Size[], axis: number, count: number): Size[] =>
	shape.map((size, at): Size => (at === axis ? [count, count] : size));

function writeElements(node: GraphNode, indices: string, shape: readonly Size[], facts: GraphFacts): AxisWrite | null {
	const given = intAttribute(node, 'axis', 0);
	const axis = given < 0 ? given + shape.length : given;
	const indexShape = facts.shapeOf(indices);
	const [size] = shape[axis] ?? [];
	if (!indexShape || size === undefined || indexShape.length !== shape.length) return null;
	if (!indexShape.every((own, at) => at === axis || (own[0] === shape[at]?.[0] && own[1] === shape[at]?.[1]))) return null;
	const listed = repeatedAlong(indices, axis, indexShape, facts);
	if (!listed) return null;
	const positions = listed.map((value) => (value < 0 ? value + size : value));
	return new Set(positions).size === positions.length
		? { axis, positions, updateShape: resized(shape, axis, positions.length) }
		: null;
}

/** The numbers along one axis of an index tensor that is the same along all others, or null. */
function repeatedAlong(tensor: string, axis: number, shape: readonly Size[], facts: GraphFacts): number[] | null {
	const single = singleNumber(tensor, facts);
	const count = shape[axis]?.[0] ?? 0;
	if (single !== null) return count === 1 ? [single] : null;
	const values = facts.integersOf(tensor);
	if (!values) return null;
	const positions: number[] = [];
	for (const run of [0, 1] as const) {
		const sizes = shape.map((size) => size[run]);
		const inner = elementCount(sizes.slice(axis + 1));
		for (const [at, value] of values.entries()) {
			const place = Math.floor(at / inner) % count;
			positions[place] ??= value[run];
			if (positions[place] !== value[run]) return null;
		}
	}
	return positions.length === count ? positions : null;
}

/** The one number a tensor is made of by copying, however large it is. */
function singleNumber(tensor: string, facts: GraphFacts): number | null {
	for (let name = tensor; ; ) {
		const constant = facts.constantOf(name);
		if (constant && elementCount(constant.dims) === 1) return tensorValues(constant)[0] ?? null;
		const producer = facts.index.producer.get(name);
		if (constant || !producer || !(onlyMoves(producer) || formOf(producer) === 'cast')) return null;
		name = producer.inputs[0] ?? '';
	}
}
