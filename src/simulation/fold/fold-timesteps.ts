import { int } from '../../model/attributes.ts';
import { type ConstantTensor, type Graph, type GraphNode, node } from '../../model/graph.ts';
import { elementCount, int64Tensor, tensorValues } from '../../model/tensors.ts';
import type { Network } from '../../network/network.ts';
import type { Pilot } from '../pilot.ts';
import { batchLeading, findGroups, firstSize, type Group } from './groups.ts';

/** Where one timestep's tensor lies in a folded one: part number `part` of `parts` equal parts of the first axis. */
export interface Place {
	readonly tensor: string;
	readonly part: number;
	readonly parts: number;
}

/** A graph in which stateless layers take several timesteps at once. */
export interface FoldedGraph {
	readonly graph: Graph;
	/** Folded twins of tensors; the tensors themselves are in the graph too, under their own names. */
	readonly places: ReadonlyMap<string, Place>;
}

const prefix = 'snn-energy/time/';

/**
 * Computes stateless stretches (convolutions, matrices, pooling, normalisation) for several timesteps at once, as one
 * larger batch: weights are then read once and not at every timestep. Neurons stay stepwise; so does everything inside a
 * loop through time, where a timestep needs the results of the one before.
 *
 * All tensors keep their names. Some of them are parts of a folded tensor now; `places` tells which.
 *
 * @param network   with its timesteps written out
 * @param batch     samples run at once
 * @param mostBytes largest operand and result of one folded layer; longer stretches of time are folded in parts
 * @returns null when nothing can be folded
 */
export function foldTimesteps(network: Network, pilot: Pilot, batch: number, mostBytes: number): FoldedGraph | null {
	const { graph } = network.model;
	if (network.mode !== 'unrolled' || graph.nodes.length > mostNodes || graph.nodes.some(hasSubgraph)) return null;
	const bytes = (tensor: string): number => (elementCount(pilot.shapes.get(tensor) ?? []) / pilot.batch) * batch * 4;
	const seeds = weightUses(network).flatMap((uses) => {
		const [first] = uses;
		const one = first ? bytes(first.input) + bytes(first.output) : 0;
		return inParts(
			uses.map(({ node: name }) => name),
			Math.floor(mostBytes / Math.max(1, one)),
		);
	});
	const byName = new Map(graph.nodes.map((one) => [one.name, one]));
	const calls = [...network.synapticLayers, ...network.neuronLayers].flatMap((layer) => [
		...layer.calls.flatMap((call) => ('spikes' in call ? [call.spikes] : [call.input, call.output])),
	]);
	const groupOf = findGroups({
		index: network.index,
		shapes: pilot.shapes,
		leading: batchLeading(network.index, calls, pilot.shapes),
		seeds: seeds.map((names) => names.flatMap((name) => byName.get(name) ?? [])),
	});
	return groupOf.size === 0 ? null : rewrite(graph, groupOf, network.model.opsets.get('') ?? 13);
}

/** Larger graphs than this take longer to prepare than they save. */
const mostNodes = 20_000;

const hasSubgraph = (one: GraphNode): boolean => [...one.attributes.values()].some(({ kind }) => kind === 'graph');

interface Use {
	readonly node: string;
	readonly input: string;
	readonly output: string;
}

/** Uses of the same weights at different timesteps; where a timestep uses them several times, first with first, second with second. */
function weightUses(network: Network): Use[][] {
	return network.synapticLayers.flatMap(({ calls, timeInvariant }) => {
		if (timeInvariant) return [];
		const byTimestep = new Map<number, Use[]>();
		for (const call of calls) {
			if (call.timestep === 'every') continue;
			byTimestep.set(call.timestep, [...(byTimestep.get(call.timestep) ?? []), call]);
		}
		const steps = [...byTimestep].sort(([a], [b]) => a - b).map(([, uses]) => uses);
		return (steps[0] ?? []).map((_, at) => steps.flatMap((uses) => uses[at] ?? []));
	});
}

/** Cuts a list into parts of about equal length, none longer than `most`. */
function inParts<T>(list: readonly T[], most: number): T[][] {
	const parts = Math.ceil(list.length / Math.max(1, most));
	const length = Math.ceil(list.length / Math.max(1, parts));
	return Array.from({ length: parts }, (_, at) => list.slice(at * length, (at + 1) * length));
}

function rewrite(graph: Graph, groupOf: ReadonlyMap<GraphNode, Group>, opset: number): FoldedGraph {
	const constants = new Map(graph.constants);
	const nodes: GraphNode[] = [];
	const places = new Map<string, Place>();
	/** Folded tensors by what they are made of. */
	const joined = new Map<string, string>();

	const laidOut = (tensors: readonly string[]): string => {
		const key = tensors.join('\n');
		const known = joined.get(key);
		if (known !== undefined) return known;
		const name = `${prefix}joined/${joined.size}`;
		nodes.push(node('Concat', tensors, [name], { attributes: { axis: int(0) } }));
		remember(tensors, name);
		return name;
	};
	const remember = (tensors: readonly string[], folded: string): void => {
		joined.set(tensors.join('\n'), folded);
		if (new Set(tensors).size < tensors.length) return;
		for (const [part, tensor] of tensors.entries()) {
			if (!places.has(tensor)) places.set(tensor, { tensor: folded, part, parts: tensors.length });
		}
	};
	const emit = (one: GraphNode, group: Group | undefined): void => {
		if (!group) {
			nodes.push(one);
			return;
		}
		const first = group.nodes[0] as GraphNode;
		const parts = group.nodes.length;
		const inputs = first.inputs.map((input, position) =>
			group.changing[position] ? laidOut(group.nodes.map((member) => member.inputs[position] as string)) : input,
		);
		if (first.op === 'Reshape') inputs[1] = longerReshape(first, parts, constants);
		const output = `${prefix}folded/${first.outputs[0]}`;
		nodes.push({ ...first, name: output, inputs, outputs: [output] });
		const outputs = group.nodes.map((member) => member.outputs[0] as string);
		nodes.push(
			node('Split', [output], outputs, {
				name: `${output}/parts`,
				attributes: { axis: int(0), ...(opset >= 18 ? { num_outputs: int(parts) } : {}) },
			}),
		);
		remember(outputs, output);
	};
	for (const [one, group] of inOrder(graph, groupOf)) emit(one, group);
	return { graph: { ...graph, nodes, constants }, places };
}

/** Nodes, and groups in place of their members, such that each stands behind what it needs. */
function inOrder(graph: Graph, groupOf: ReadonlyMap<GraphNode, Group>): [GraphNode, Group | undefined][] {
	const producer = new Map(graph.nodes.flatMap((one) => one.outputs.map((output) => [output, one] as const)));
	const needs = (one: GraphNode): GraphNode[] =>
		(groupOf.get(one)?.nodes ?? [one]).flatMap(({ inputs }) => inputs.flatMap((input) => producer.get(input) ?? []));
	const order: [GraphNode, Group | undefined][] = [];
	const done = new Set<GraphNode>();
	for (const last of graph.nodes) {
		const open = [last];
		for (let one = open.at(-1); one !== undefined; one = open.at(-1)) {
			const missing = done.has(one) ? [] : needs(one).filter((needed) => !done.has(needed));
			if (missing.length > 0) {
				open.push(...missing);
				continue;
			}
			open.pop();
			if (done.has(one)) continue;
			const group = groupOf.get(one);
			for (const member of group?.nodes ?? [one]) done.add(member);
			order.push([one, group]);
		}
	}
	return order;
}

/** The constant of a reshape that writes its first size as a number: that many for every timestep. */
function longerReshape(reshape: GraphNode, parts: number, constants: Map<string, ConstantTensor>): string {
	const name = reshape.inputs[1] as string;
	if (firstSize(reshape, constants) <= 0) return name;
	const longer = `${prefix}${name}x${parts}`;
	const [first = 0, ...rest] = tensorValues(constants.get(name) as ConstantTensor);
	constants.set(longer, int64Tensor([first * parts, ...rest]));
	return longer;
}
