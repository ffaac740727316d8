import type { ConstantTensor, Graph, GraphNode } from '../../model/graph.ts';
import { node } from '../../model/graph.ts';
import { onlyMoves, operatorFacts, reshapes } from '../../model/operators/index.ts';
import { int64Tensor, tensorValues } from '../../model/tensors.ts';
import { intAttribute, intsAttribute } from '../graph-index.ts';
import type { Size } from './batch-sizes.ts';
import { type FreshNames, freshNames } from './fresh-names.ts';
import { type GraphFacts, graphFacts } from './graph-facts.ts';
import type { Measured } from './measure.ts';
import { axisAttribute } from './operators.ts';
import { constantDims, OpenShape } from './part-emitter.ts';
import { axisWrite } from './scatter-writes.ts';

const isWrite = (candidate: GraphNode): boolean => operatorFacts(candidate)?.rewritten === 'in-place write';
export const writesInPlace = ({ nodes }: Graph): boolean => nodes.some(isWrite);

/**
 * Takes writes into a buffer apart: `out[t] = spike`, `x[i] = conv(x[i])` and `v[:, 3] = 0`, which exporters write as a chain
 * of scatters, become a Concat of what was written. What reads one written position reads what was written there.
 *
 * Writes whose places depend on data (winners that a TopK chooses) stay as they are.
 */
export function withoutInPlaceWrites(graph: Graph, measured: Measured): Graph {
	const facts = graphFacts(graph, measured);
	const work: Work = {
		facts,
		names: freshNames(graph),
		constants: new Map(graph.constants),
		nodes: [],
		buffers: new Map(),
		pending: new Set(),
	};
	for (const candidate of graph.nodes) {
		if (write(candidate, work) || read(candidate, work)) continue;
		if (candidate.op !== 'Shape') for (const name of readsOf(candidate)) materialise(name, work);
		work.nodes.push(candidate.op === 'Shape' ? shapeOfBase(candidate, work) : candidate);
	}
	for (const { name } of graph.outputs) materialise(name, work);
	return { ...graph, nodes: work.nodes, constants: work.constants };
}

/** A tensor whose positions along one axis were replaced. */
interface Buffer {
	readonly axis: number;
	/** What is left at the positions that were not written. */
	readonly base: string;
	/** What was written, the axis kept with size 1. */
	readonly slots: ReadonlyMap<number, string>;
	readonly size: number;
	readonly slotShape: readonly Size[];
}

interface Work {
	readonly facts: GraphFacts;
	readonly names: FreshNames;
	readonly constants: Map<string, ConstantTensor>;
	readonly nodes: GraphNode[];
	readonly buffers: Map<string, Buffer>;
	/** Buffers that no node has written out yet: nothing has asked for the whole. */
	readonly pending: Set<string>;
}

/** Everything a node reads; its subgraphs may read the graph around them. */
function readsOf(candidate: GraphNode): string[] {
	const inner = [...candidate.attributes.values()].flatMap((attribute) =>
		attribute.kind === 'graph'
			? [...attribute.value.nodes.flatMap(readsOf), ...attribute.value.outputs.map(({ name }) => name)]
			: [],
	);
	return [...candidate.inputs, ...inner];
}

function emit(work: Work, op: string, inputs: readonly string[], wanted: string, axis?: number): string {
	const name = work.names.take(wanted);
	work.nodes.push(node(op, inputs, [name], { name, ...(axis === undefined ? {} : { attributes: axisAttribute(axis) }) }));
	return name;
}

function integers(work: Work, values: readonly number[], dims?: readonly number[]): string {
	const name = work.names.take('in-place/integers');
	work.constants.set(name, int64Tensor(values, dims));
	return name;
}

function write(candidate: GraphNode, work: Work): boolean {
	if (!isWrite(candidate)) return false;
	const [data = '', , updates = ''] = candidate.inputs;
	const [output = ''] = candidate.outputs;
	const found = axisWrite(candidate, work.facts);
	const size = found ? work.facts.shapeOf(data)?.[found.axis] : undefined;
	if (!found || !size || size[0] !== size[1]) return false;
	const { axis, positions, updateShape } = found;
	const slotShape = updateShape.map((own, at): Size => (at === axis ? [1, 1] : own));
	const target = openDims(updateShape);
	if (!target) return false;
	const known = work.buffers.get(data);
	const same = known?.axis === axis;
	if (!same) materialise(data, work);
	const slots = new Map(same ? known.slots : []);
	const whole = sameShape(work.facts.shapeOf(updates), updateShape)
		? updates
		: emit(work, 'Reshape', [updates, integers(work, target)], `${output}/written`);
	for (const [at, position] of positions.entries()) {
		slots.set(
			position,
			positions.length === 1 ? whole : emit(work, 'Gather', [whole, integers(work, [at])], `${output}/${position}`, axis),
		);
	}
	work.buffers.set(output, { axis, base: same ? known.base : data, slots, size: size[0], slotShape });
	work.pending.add(output);
	return true;
}

function openDims(shape: readonly Size[]): number[] | null {
	try {
		return constantDims(shape);
	} catch (cause) {
		if (cause instanceof OpenShape) return null;
		throw cause;
	}
}

const sameShape = (a: readonly Size[] | null, b: readonly Size[]): boolean =>
	a !== null && a.length === b.length && a.every((size, at) => size[0] === b[at]?.[0] && size[1] === b[at]?.[1]);

/** Reads of positions that are known are answered with what was written there. */
function read(candidate: GraphNode, work: Work): boolean {
	const buffer = work.buffers.get(candidate.inputs[0] ?? '');
	if (!buffer || !work.pending.has(candidate.inputs[0] ?? '')) return false;
	const [output = ''] = candidate.outputs;
	if (candidate.op === 'Gather') {
		const given = intAttribute(candidate, 'axis', 0);
		const index = work.constants.get(candidate.inputs[1] ?? '') ?? work.facts.constantOf(candidate.inputs[1] ?? '');
		if ((given < 0 ? given + buffer.slotShape.length : given) !== buffer.axis || !index || index.dims.length > 1) return false;
		const positions = Array.from(tensorValues(index), (value) => (value < 0 ? value + buffer.size : value));
		if (index.dims.length === 0) {
			const [position = 0] = positions;
			const slot = buffer.slots.get(position);
			if (slot === undefined) {
				materialise(buffer.base, work);
				work.nodes.push({ ...candidate, inputs: [buffer.base, ...candidate.inputs.slice(1)] });
				return true;
			}
			const shape = buffer.slotShape.filter((_, at) => at !== buffer.axis);
			const bare = withShape(slot, shape, work);
			if (bare !== null) work.nodes.push(node('Identity', [bare], [output], { name: candidate.name }));
			else {
				const target = openDims(shape);
				if (!target) return false;
				work.nodes.push(node('Reshape', [slot, integers(work, target)], [output], { name: candidate.name }));
			}
			return true;
		}
		return pieces(buffer, positions, output, candidate.name, work);
	}
	if (candidate.op === 'Slice') {
		const positions = slicedPositions(candidate, buffer, work);
		return positions !== null && pieces(buffer, positions, output, candidate.name, work);
	}
	return false;
}

/** The positions a Slice along the buffer's axis takes, or null. */
function slicedPositions(candidate: GraphNode, { axis, size, slotShape }: Buffer, { facts }: Work): number[] | null {
	const listed = (attribute: string, at: number): readonly number[] | null => {
		const own = intsAttribute(candidate, attribute);
		if (own) return own;
		const values = facts.integersOf(candidate.inputs[at] ?? '');
		return values?.every(([a, b]) => a === b) ? values.map(([value]) => value) : null;
	};
	const [start, ...more] = listed('starts', 1) ?? [];
	const [end] = listed('ends', 2) ?? [];
	const [along = 0] = listed('axes', 3) ?? [0];
	const [step = 1] = candidate.inputs[4] ? (listed('steps', 4) ?? [0]) : [1];
	if (start === undefined || end === undefined || more.length > 0 || step < 1) return null;
	if ((along < 0 ? along + slotShape.length : along) !== axis) return null;
	const clamp = (value: number): number => Math.min(size, Math.max(0, value < 0 ? value + size : value));
	const positions: number[] = [];
	for (let at = clamp(start); at < clamp(end); at += step) positions.push(at);
	return positions;
}

/** What the buffer holds at some positions, joined. */
function pieces(buffer: Buffer, positions: readonly number[], output: string, name: string, work: Work): boolean {
	if (positions.length === 0) return false;
	const parts: string[] = [];
	for (let at = 0; at < positions.length; ) {
		const position = positions[at] as number;
		const slot = buffer.slots.get(position);
		if (slot !== undefined) {
			parts.push(slot);
			at += 1;
			continue;
		}
		let end = at + 1;
		while (end < positions.length && positions[end] === position + end - at && !buffer.slots.has(positions[end] as number))
			end += 1;
		materialise(buffer.base, work);
		parts.push(
			end - at === buffer.size
				? buffer.base
				: emit(
						work,
						'Slice',
						[buffer.base, ...[position, position + end - at, buffer.axis].map((value) => integers(work, [value]))],
						`${output}/kept`,
					),
		);
		at = end;
	}
	const [only = ''] = parts;
	if (parts.length === 1) work.nodes.push(node('Identity', [only], [output], { name }));
	else work.nodes.push(node('Concat', parts, [output], { name, attributes: axisAttribute(buffer.axis) }));
	return true;
}

/** Writes a buffer out under its own name, once something needs the whole. */
function materialise(name: string, work: Work): void {
	const buffer = work.buffers.get(name);
	if (!buffer || !work.pending.delete(name)) return;
	pieces(
		buffer,
		Array.from({ length: buffer.size }, (_, at) => at),
		name,
		work.names.take(`${name}/Concat`),
		work,
	);
}

/** Shapes do not change when something is written: they are read off what was there before. */
function shapeOfBase(candidate: GraphNode, work: Work): GraphNode {
	let [name = ''] = candidate.inputs;
	for (let buffer = work.buffers.get(name); buffer && work.pending.has(name); buffer = work.buffers.get(name)) name = buffer.base;
	return { ...candidate, inputs: [name] };
}

/** The tensor a written one was reshaped from, where it has the shape that is wanted. */
function withShape(tensor: string, shape: readonly Size[], { facts }: Work): string | null {
	const count = (sizes: readonly Size[]): string =>
		([0, 1] as const).map((run) => sizes.reduce((product, size) => product * size[run], 1)).join();
	for (let name = tensor; ; ) {
		const own = facts.shapeOf(name);
		if (!own || count(own) !== count(shape)) return null;
		if (sameShape(own, shape)) return name;
		const producer = facts.index.producer.get(name);
		if (!producer || !keepsOrder(producer)) return null;
		name = producer.inputs[0] ?? '';
	}
}

/** Whether elements stay in row-major order as long as none is repeated. */
function keepsOrder(candidate: GraphNode): boolean {
	const axes = operatorFacts(candidate)?.axes;
	return onlyMoves(candidate) && (reshapes(candidate) || (axes?.kind === 'pairs' && axes.broadcasts));
}
