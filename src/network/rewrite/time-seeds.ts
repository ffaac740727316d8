import type { GraphNode } from '../graph.ts';
import { intAttribute, intsAttribute } from '../graph-index.ts';
import { elementCount, tensorValues } from '../tensors.ts';
import type { GraphFacts } from './graph-facts.ts';
import type { Size } from './measure.ts';
import { sameSize, type TimePlace } from './time-places.ts';

/** A tensor that is taken apart along one axis into `count` pieces of equal size: timesteps, perhaps. */
export interface Seed {
	readonly tensor: string;
	readonly count: number;
	readonly place: TimePlace;
}

/** What a Gather or Slice takes from an axis, when constants say it. */
export interface Taken {
	readonly axis: number;
	readonly start: number;
	readonly length: number;
	/** True when the axis disappears. */
	readonly drops: boolean;
}

export function takenBy(node: GraphNode, facts: GraphFacts): Taken | null {
	if (node.domain !== '') return null;
	const shape = facts.shapeOf(node.inputs[0] ?? '');
	if (!shape) return null;
	const wrapped = (axis: number): number => (axis < 0 ? axis + shape.length : axis);
	if (node.op === 'Gather') {
		const axis = wrapped(intAttribute(node, 'axis', 0));
		const indices = facts.constantOf(node.inputs[1] ?? '');
		const [size] = shape[axis] ?? [0];
		if (!indices || elementCount(indices.dims) !== 1 || indices.dims.length > 1) return null;
		const [index = 0] = tensorValues(indices);
		return { axis, start: index < 0 ? index + size : index, length: 1, drops: indices.dims.length === 0 };
	}
	if (node.op !== 'Slice') return null;
	const listed = (attribute: string, position: number): readonly number[] | null => {
		const constant = facts.constantOf(node.inputs[position] ?? '');
		return intsAttribute(node, attribute) ?? (constant ? Array.from(tensorValues(constant)) : null);
	};
	const [starts, ends] = [listed('starts', 1), listed('ends', 2)];
	const axes = listed('axes', 3) ?? starts?.map((_, axis) => axis) ?? null;
	const steps = listed('steps', 4);
	const [start, end, axis] = [starts?.[0], ends?.[0], axes?.[0]];
	if (starts?.length !== 1 || start === undefined || end === undefined || axis === undefined || (steps && steps[0] !== 1))
		return null;
	const size = shape[wrapped(axis)];
	if (!size || size[0] !== size[1]) return null;
	const clamp = (value: number): number => Math.min(size[0], Math.max(0, value < 0 ? value + size[0] : value));
	return { axis: wrapped(axis), start: clamp(start), length: Math.max(0, clamp(end) - clamp(start)), drops: false };
}

/** Equal pieces of a Split, with the size of one, or null. */
export function splitPieces(node: GraphNode, facts: GraphFacts): { readonly axis: number; readonly size: Size } | null {
	if (node.op !== 'Split' || node.domain !== '') return null;
	const shape = facts.shapeOf(node.inputs[0] ?? '');
	if (!shape) return null;
	const given = intAttribute(node, 'axis', 0);
	const axis = given < 0 ? given + shape.length : given;
	const sizes = node.outputs.map((output) => facts.shapeOf(output)?.[axis]);
	const [first] = sizes;
	return first && sizes.every((size) => sameSize(size, first)) ? { axis, size: first } : null;
}

/** Every tensor that the graph takes apart completely into at least two equal pieces. */
export function findSeeds(facts: GraphFacts): Seed[] {
	const starts = new Map<string, { tensor: string; axis: number; length: number; found: Set<number> }>();
	const seeds: Seed[] = [];
	for (const node of facts.index.graph.nodes) {
		const [tensor = ''] = node.inputs;
		const pieces = splitPieces(node, facts);
		if (pieces && node.outputs.length >= 2) {
			seeds.push({ tensor, count: node.outputs.length, place: { axis: pieces.axis, inner: pieces.size } });
			continue;
		}
		const taken = takenBy(node, facts);
		if (!taken || taken.length === 0 || facts.index.isConstant(tensor)) continue;
		const key = `${tensor}|${taken.axis}|${taken.length}`;
		const group = starts.get(key) ?? { tensor, axis: taken.axis, length: taken.length, found: new Set() };
		group.found.add(taken.start);
		starts.set(key, group);
	}
	for (const { tensor, axis, length, found } of starts.values()) {
		const size = facts.shapeOf(tensor)?.[axis];
		if (!size || size[0] !== size[1] || size[0] % length !== 0) continue;
		const count = size[0] / length;
		const whole = Array.from({ length: count }, (_, at) => at * length).every((start) => found.has(start));
		if (count >= 2 && whole) seeds.push({ tensor, count, place: { axis, inner: [length, length] } });
	}
	return seeds;
}

/** True when a graph could have its timesteps folded into an axis: cheap, before anything is measured. */
export function mayBeFolded(nodes: readonly GraphNode[]): boolean {
	const reads = new Map<string, number>();
	const shapes = new Set<string>();
	for (const { op, inputs, outputs } of nodes) {
		if (op === 'Shape') shapes.add(outputs[0] ?? '');
		if (shapes.has(inputs[0] ?? '')) continue;
		if (op === 'Split' && outputs.length >= 2) return true;
		if (op !== 'Gather' && op !== 'Slice') continue;
		const count = (reads.get(inputs[0] ?? '') ?? 0) + 1;
		if (count >= 2) return true;
		reads.set(inputs[0] ?? '', count);
	}
	return false;
}
