import type { GraphNode } from '../../model/graph.ts';
import { formOf, keepsPlaces, operatorFacts } from '../../model/operators/index.ts';
import { elementCount, tensorValues } from '../../model/tensors.ts';
import { dynamicInputs, intAttribute, intsAttribute } from '../graph-index.ts';
import { upstream } from '../reachability.ts';
import type { Size } from './batch-sizes.ts';
import type { GraphFacts } from './graph-facts.ts';
import { sameSize, type TimePlace } from './time-places.ts';

/** A tensor that is taken apart along one axis into `count` pieces of equal size: timesteps, perhaps. */
export interface Seed {
	readonly tensor: string;
	readonly count: number;
	readonly place: TimePlace;
	/** True where it tells nothing by itself: most of the pieces are taken, or all are one. */
	readonly partial?: true;
}

/** What a Gather or Slice takes from an axis: the `index`-th of `count` equal pieces. */
export interface Taken {
	readonly axis: number;
	readonly count: number;
	readonly index: number;
	/** Distance between the pieces: their length, or 1 where every `count`-th element is taken. */
	readonly inner: Size;
	/** True when the axis disappears. */
	readonly drops: boolean;
}

export function takenBy(node: GraphNode, facts: GraphFacts): Taken | null {
	if (node.domain !== '') return null;
	if (node.op === 'Gather') return takenByGather(node, facts);
	return node.op === 'Slice' ? takenBySlice(node, facts) : null;
}

function takenByGather(node: GraphNode, facts: GraphFacts): Taken | null {
	const shape = facts.shapeOf(node.inputs[0] ?? '');
	const indices = facts.constantOf(node.inputs[1] ?? '');
	const axis = wrapped(intAttribute(node, 'axis', 0), shape?.length ?? 0);
	const size = shape?.[axis];
	if (!size || size[0] !== size[1] || !indices || elementCount(indices.dims) !== 1 || indices.dims.length > 1) return null;
	const [index = 0] = tensorValues(indices);
	return { axis, count: size[0], index: index < 0 ? index + size[0] : index, inner: [1, 1], drops: indices.dims.length === 0 };
}

const wrapped = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** Bounds may depend on the batch ([t·B : (t + 1)·B]), as long as the piece they name does not. */
function takenBySlice(node: GraphNode, facts: GraphFacts): Taken | null {
	const shape = facts.shapeOf(node.inputs[0] ?? '');
	const listed = (attribute: string, position: number): readonly Size[] | null => {
		const own = intsAttribute(node, attribute)?.map((value): Size => [value, value]);
		const name = node.inputs[position];
		return own ?? (name ? facts.integersOf(name) : null);
	};
	const [starts, ends] = [listed('starts', 1), listed('ends', 2)];
	const [start, end] = [starts?.[0], ends?.[0]];
	if (!shape || starts?.length !== 1 || !start || !end) return null;
	const axis = wrapped((listed('axes', 3) ?? [[0, 0]])[0]?.[0] ?? 0, shape.length);
	const size = shape[axis];
	const [step] = listed('steps', 4)?.[0] ?? [1];
	if (!size || step < 1) return null;
	const pieces = ([0, 1] as const).map((at) => piece(start[at], end[at], step, size[at]));
	const [one, other] = pieces;
	if (!one || !other || one.count !== other.count || one.index !== other.index) return null;
	return { axis, count: one.count, index: one.index, inner: [one.inner, other.inner], drops: false };
}

/** Which of how many equal pieces of an axis a range is. */
function piece(start: number, end: number, step: number, size: number): { count: number; index: number; inner: number } | null {
	const clamp = (value: number): number => Math.min(size, Math.max(0, value < 0 ? value + size : value));
	const [from, to] = [clamp(start), clamp(end)];
	if (step > 1) return from < step && to > size - step && size % step === 0 ? { count: step, index: from, inner: 1 } : null;
	const length = to - from;
	return length > 0 && size % length === 0 && from % length === 0
		? { count: size / length, index: from / length, inner: length }
		: null;
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

/** Every tensor that the graph takes apart into at least two equal pieces, or takes the first or most of them of. */
export function findSeeds(facts: GraphFacts): Seed[] {
	const groups = new Map<string, Seed & { readonly found: Map<number, string> }>();
	const seeds: Seed[] = [];
	for (const node of facts.index.graph.nodes) {
		const [tensor = ''] = node.inputs;
		const pieces = splitPieces(node, facts);
		if (pieces && node.outputs.length >= 2) {
			seeds.push({ tensor, count: node.outputs.length, place: { axis: pieces.axis, inner: pieces.size } });
			continue;
		}
		const taken = takenBy(node, facts);
		if (!taken || taken.count < 2 || facts.index.isConstant(tensor)) continue;
		const { axis, count, inner, index } = taken;
		const key = `${tensor}|${axis}|${count}|${inner.join(',')}`;
		const group = groups.get(key) ?? { tensor, count, place: { axis, inner }, found: new Map() };
		group.found.set(index, node.outputs[0] ?? '');
		groups.set(key, group);
	}
	for (const { tensor, count, place, found } of groups.values()) {
		if (found.size === count) seeds.push({ tensor, count, place });
		else if (goOn(found, facts)) seeds.push({ tensor, count, place });
		else if (found.size * 2 > count) seeds.push({ tensor, count, place, partial: true });
	}
	return seeds;
}

/**
 * Whether pieces from the first on each meet what the one before it led to, as a membrane goes on. Such a loop leaves out the
 * last pieces, which reach no answer where currents wait a timestep.
 */
function goOn(pieces: ReadonlyMap<number, string>, { index }: GraphFacts): boolean {
	const meets = (start: string, before: string): boolean => {
		let front = [start];
		for (let steps = 0; steps < operatorsToMembrane && front.length > 0; steps += 1) {
			const readers = new Set(front.flatMap((tensor) => index.consumers.get(tensor) ?? []));
			const beside = [...readers].flatMap((node) => dynamicInputs(node, index)).filter((input) => !front.includes(input));
			for (const other of beside) {
				const behind = upstream(other, index);
				if (behind.has(before) && !behind.has(start)) return true;
			}
			front = [...readers].flatMap(({ outputs }) => outputs);
		}
		return false;
	};
	return pieces.size > 1 && [...pieces.keys()].every((at) => at === 0 || meets(pieces.get(at) ?? '', pieces.get(at - 1) ?? ''));
}

/** A frame enters the membrane within so many operators: a bias, currents beside it, the synaptic current. */
const operatorsToMembrane = 6;

/** The graph's inputs and what is made of their elements, not of their sizes alone. */
function ofData({ graph }: GraphFacts['index']): Set<string> {
	const made = new Set(graph.inputs.map(({ name }) => name));
	for (const node of graph.nodes) {
		if (operatorFacts(node)?.readsShape) continue;
		const sized = operatorFacts(node)?.sizedBy ?? [];
		if (node.inputs.some((input, at) => made.has(input) && !sized.includes(at)))
			for (const output of node.outputs) made.add(output);
	}
	return made;
}

/** Axes that data are repeated along: all timesteps of an input that does not change, where others tell how many those are. */
export function findRepeats({ index, shapeOf }: GraphFacts): Seed[] {
	const made = ofData(index);
	return index.graph.nodes.flatMap((node): Seed[] => {
		const [tensor = ''] = node.outputs;
		const [input = ''] = node.inputs;
		const [from, to] = [shapeOf(input), shapeOf(tensor)];
		// Constants that are spread over channels are no data.
		if (operatorFacts(node)?.sizedBy === undefined || !keepsPlaces(node) || !from || !to || !made.has(input)) return [];
		const added = to.length - from.length;
		return to.flatMap((size, axis): Seed[] =>
			size[0] > 1 && size[0] === size[1] && (axis < added || sameSize(from[axis - added], [1, 1]))
				? [{ tensor, count: size[0], place: { axis, inner: [1, 1] }, partial: true }]
				: [],
		);
	});
}

/**
 * Tensors joined along an axis of which each is one timestep: each depends on what the one before it made by itself, as a
 * membrane goes on. A layer behind the last neuron may be reached from here alone.
 */
export function findJoins({ index, shapeOf }: GraphFacts): Seed[] {
	return index.graph.nodes.flatMap((node): Seed[] => {
		const [tensor = ''] = node.outputs;
		if (formOf(node) !== 'joined' || node.inputs.length < 2 || !index.consumers.has(tensor)) return [];
		const shapes = node.inputs.map(shapeOf);
		const [first] = shapes;
		const axis = wrapped(intAttribute(node, 'axis', 0), first?.length ?? 0);
		const inner = first?.[axis];
		const alike = shapes.every(
			(shape) => shape?.length === first?.length && shape?.every((size, at) => sameSize(size, first?.[at])),
		);
		// Channels of skip connections are joined along an axis of their own: a timestep is one entry, or a batch of them.
		if (!inner || !alike || (axis > 0 && !sameSize(inner, [1, 1]))) return [];
		let before: ReadonlySet<string> = new Set();
		let own: readonly string[] = [];
		for (const [at, input] of node.inputs.entries()) {
			if (index.isConstant(input)) return [];
			const reached = upstream(input, index);
			if (at > 0 && !own.some((name) => reached.has(name))) return [];
			own = [...reached].filter((name) => !before.has(name) && index.producer.has(name));
			before = reached;
		}
		return [{ tensor, count: node.inputs.length, place: { axis, inner } }];
	});
}

/** True when a graph could have its timesteps folded into an axis: cheap, before anything is measured. */
export function mayBeFolded(nodes: readonly GraphNode[]): boolean {
	const reads = new Map<string, number>();
	const shapes = new Set<string>();
	const read = new Set(nodes.flatMap(({ inputs }) => inputs));
	for (const node of nodes) {
		const { op, inputs, outputs } = node;
		if (op === 'Concat' && inputs.length >= 2 && read.has(outputs[0] ?? '')) return true;
		if (operatorFacts(node)?.readsShape) shapes.add(outputs[0] ?? '');
		if (shapes.has(inputs[0] ?? '')) continue;
		if (op === 'Split' && outputs.length >= 2) return true;
		if (op !== 'Gather' && op !== 'Slice') continue;
		const count = (reads.get(inputs[0] ?? '') ?? 0) + 1;
		if (count >= 2) return true;
		reads.set(inputs[0] ?? '', count);
	}
	return false;
}
