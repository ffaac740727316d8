import { sameBytes } from '../../bytes.ts';
import type { Attribute, ConstantTensor, GraphNode } from '../../model/graph.ts';
import type { GraphIndex } from '../../network/graph-index.ts';
import { type Surroundings, worksEntryByEntry } from './rules.ts';

/** Nodes of several timesteps that are computed as one, and which of their operands differ. */
export interface Group {
	/** By timestep. */
	readonly nodes: readonly GraphNode[];
	/** By input position. */
	readonly changing: readonly boolean[];
}

export interface GroupSearch {
	readonly index: GraphIndex;
	readonly shapes: ReadonlyMap<string, readonly number[]>;
	/** Tensors known to have the batch on their first axis. */
	readonly leading: ReadonlySet<string>;
	/** Uses of weights, by timestep: where folding pays. */
	readonly seeds: readonly (readonly GraphNode[])[];
}

/**
 * Finds nodes of different timesteps that can be computed together: equal operators with equal constants, none of which
 * needs a result of another of them, directly or through nodes grouped before. Starts at the uses of weights and goes on to
 * what stands before and behind them (pooling, reshapes, normalisation), as far as the neurons: there a timestep needs the
 * one before.
 */
export function findGroups({ index, shapes, leading, seeds }: GroupSearch): Map<GraphNode, Group> {
	const groupOf = new Map<GraphNode, Group>();
	const { constants } = index.graph;
	const around: Surroundings = { shapeOf: (tensor) => shapes.get(tensor), constantOf: (tensor) => constants.get(tensor) };

	const makeGroup = (nodes: readonly GraphNode[]): Group | null => {
		const [first] = nodes;
		if (first === undefined || new Set(nodes).size < 2 || new Set(nodes).size < nodes.length) return null;
		if (nodes.some((node) => groupOf.has(node) || !sameOperator(node, first))) return null;
		const changing = first.inputs.map((_, position) => {
			const tensors = nodes.map(({ inputs }) => inputs[position] as string);
			if (equalConstants(tensors, constants)) return false;
			return new Set(tensors).size > 1 || leading.has(tensors[0] as string);
		});
		const alike = first.inputs.every((_, position) =>
			nodes.every(({ inputs }) => {
				const [a, b] = [inputs[position] as string, first.inputs[position] as string];
				return !changing[position] || (shapes.has(a) && shapes.get(a)?.join() === shapes.get(b)?.join() && !constants.has(a));
			}),
		);
		if (!alike || !worksEntryByEntry(first, changing, around)) return null;
		// The same of the same: onnxruntime computes it once.
		if (first.inputs.every((input, at) => nodes.every(({ inputs }) => inputs[at] === input))) return null;
		// Two operands are laid out alike only if both have the batch in front.
		const several = changing.filter(Boolean).length > 1;
		if (several && !nodes.every(({ inputs }) => inputs.every((input, at) => !changing[at] || leading.has(input)))) return null;
		return needsItself(nodes, groupOf, index) ? null : { nodes, changing };
	};

	const open: Group[] = [];
	const accept = (nodes: readonly GraphNode[]): void => {
		const group = makeGroup(nodes);
		if (!group) return;
		for (const node of nodes) groupOf.set(node, group);
		open.push(group);
	};
	for (const nodes of seeds) accept(nodes);
	for (let group = open.shift(); group !== undefined; group = open.shift()) {
		for (const candidate of neighbours(group, index)) accept(candidate);
	}
	return groupOf;
}

/** Nodes of all timesteps right before and right behind a group that correspond to each other. */
function* neighbours({ nodes, changing }: Group, index: GraphIndex): Generator<readonly GraphNode[]> {
	for (const [position, changes] of changing.entries()) {
		if (!changes) continue;
		const before = nodes.map(({ inputs }) => index.producer.get(inputs[position] as string));
		if (before.every((node) => node !== undefined)) yield before;
	}
	const readers = nodes.map(({ outputs }) => index.consumers.get(outputs[0] as string) ?? []);
	for (const at of (readers[0] ?? []).keys()) {
		const behind = readers.map((one) => one[at]);
		if (behind.every((node) => node !== undefined)) yield behind;
	}
}

/** Whether one of the nodes needs the result of another, where nodes of one group are computed together. */
function needsItself(nodes: readonly GraphNode[], groupOf: ReadonlyMap<GraphNode, Group>, index: GraphIndex): boolean {
	const own = new Set(nodes);
	const seen = new Set<GraphNode>();
	const open = [...nodes];
	for (let node = open.pop(); node !== undefined; node = open.pop()) {
		for (const output of node.outputs) {
			for (const reader of index.consumers.get(output) ?? []) {
				for (const peer of groupOf.get(reader)?.nodes ?? [reader]) {
					if (own.has(peer)) return true;
					if (seen.has(peer)) continue;
					seen.add(peer);
					open.push(peer);
				}
			}
		}
	}
	return false;
}

function sameOperator(a: GraphNode, b: GraphNode): boolean {
	if (a === b) return true;
	if (a.op !== b.op || a.domain !== b.domain || a.inputs.length !== b.inputs.length) return false;
	if (a.attributes.size !== b.attributes.size || a.inputs.some((input, at) => (input === '') !== (b.inputs[at] === '')))
		return false;
	return [...a.attributes].every(([name, attribute]) => sameAttribute(attribute, b.attributes.get(name)));
}

function sameAttribute(a: Attribute, b: Attribute | undefined): boolean {
	if (a === b) return true;
	if (a.kind !== b?.kind || a.kind === 'graph' || a.kind === 'tensor') return false;
	return JSON.stringify(a.value) === JSON.stringify(b.value);
}

/** Exporters write small constants anew at every timestep. */
function equalConstants(names: readonly string[], constants: ReadonlyMap<string, ConstantTensor>): boolean {
	const [first, ...others] = names.map((name) => constants.get(name));
	if (first === undefined) return false;
	return others.every(
		(one) =>
			one === first ||
			(one !== undefined &&
				one.type === first.type &&
				one.dims.join() === first.dims.join() &&
				sameBytes(one.bytes, first.bytes)),
	);
}

/** Tensors whose first axis is the batch, or a fixed multiple of it, sample by sample. */
export function batchLeading(
	index: GraphIndex,
	start: Iterable<string>,
	shapes: ReadonlyMap<string, readonly number[]>,
): Set<string> {
	const leading = new Set(start);
	const { constants, nodes } = index.graph;
	const around: Surroundings = { shapeOf: (tensor) => shapes.get(tensor), constantOf: (tensor) => constants.get(tensor) };
	for (const node of nodes) {
		const [output = ''] = node.outputs;
		const changing = node.inputs.map((input) => leading.has(input));
		if (worksEntryByEntry(node, changing, around) && !fixesFirst(node, constants)) leading.add(output);
	}
	return leading;
}

/** A reshape that writes a number where the batch stands. */
function fixesFirst(node: GraphNode, constants: ReadonlyMap<string, ConstantTensor>): boolean {
	return node.op === 'Reshape' && firstSize(node, constants) > 0;
}

/** First size a reshape asks for: -1, 0 or a number. */
export function firstSize(node: GraphNode, constants: ReadonlyMap<string, ConstantTensor>): number {
	const constant = constants.get(node.inputs[1] ?? '');
	if (constant?.type !== 'int64') return 0;
	const { buffer, byteOffset } = constant.bytes;
	return Number(new DataView(buffer, byteOffset).getBigInt64(0, true));
}
