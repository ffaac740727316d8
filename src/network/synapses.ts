import { sha256 } from '#platform/digest';
import { intAttribute } from '../model/attributes.ts';
import type { ConstantTensor, Graph, GraphNode } from '../model/graph.ts';
import { operatorFacts } from '../model/operators/index.ts';
import type { ValueSet } from '../model/operators/value-set.ts';
import { elementCount, float32Tensor, tensorValues } from '../model/tensors.ts';
import type { GraphIndex } from './graph-index.ts';
import { synapticName } from './names.ts';
import type { ProductCall } from './network.ts';
import { zeroBased } from './rewrite/integer-operands.ts';

/** A node that applies constant weights to activations. */
export interface SynapticUse {
	readonly node: GraphNode;
	readonly weight: string;
	readonly bias: string | null;
	readonly weightPosition: 0 | 1;
	readonly input: string;
	readonly output: string;
}

/** All uses of one weight, in topological order. */
export interface SynapticGroup {
	readonly name: string;
	readonly uses: readonly SynapticUse[];
	/** Smallest number of weights between an input of the graph and the layer; 0 where it was not asked for. */
	readonly depth: number;
}

/** The use of weights a node stands for, or null when it applies none. */
export function synapticUse(node: GraphNode, index: GraphIndex): SynapticUse | null {
	const facts = operatorFacts(node)?.weights;
	const input = (position: number | null | undefined): string => node.inputs[position ?? -1] ?? '';
	for (const operands of facts?.operands ?? []) {
		const [weight, data] = [input(operands.weight), input(operands.data)];
		if (data === '' || !index.isConstant(weight) || index.isConstant(data)) continue;
		const bias = input(facts?.bias);
		// Integers whose zero is another number are looked at with that number taken away.
		const shifted = zeroBased(data, input(operands.dataZero));
		return {
			node,
			weight,
			bias: index.isConstant(bias) ? bias : null,
			weightPosition: operands.side === 'right' ? 1 : 0,
			input: index.producer.has(shifted) ? shifted : data,
			output: node.outputs[0] ?? '',
		};
	}
	return null;
}

/** Nodes that multiply activations by activations: not synapses, and named in the report. */
export function activationProducts(index: GraphIndex): GraphNode[] {
	return index.graph.nodes.filter((node) => {
		const [operands] = operatorFacts(node)?.weights?.operands ?? [];
		if (!operands || synapticUse(node, index)) return false;
		return [operands.weight, operands.data].every((position) => isDynamic(node.inputs[position] ?? '', index));
	});
}

const isDynamic = (tensor: string, index: GraphIndex): boolean => tensor !== '' && !index.isConstant(tensor);

/** The operands of a matrix product of two activations as they are counted; null for products that are laid out otherwise. */
export function productOperands(node: GraphNode, index: GraphIndex): Pick<ProductCall, 'left' | 'right' | 'transposed'> | null {
	const facts = operatorFacts(node)?.weights;
	const [operands] = facts?.operands ?? [];
	if (!facts || !operands || facts.geometry !== 'matrix' || (node.inputs[facts.bias ?? -1] ?? '') !== '') return null;
	// onnxruntime's FusedMatMul may also exchange the batch with the rows.
	if (['transBatchA', 'transBatchB'].some((name) => intAttribute(node, name, 0) === 1)) return null;
	const transposes = (side: 'left' | 'right'): boolean => facts.transposes?.(node, side) ?? false;
	const counted = (position: number, zero: number | undefined): string => {
		const tensor = node.inputs[position] ?? '';
		const shifted = zeroBased(tensor, node.inputs[zero ?? -1] ?? '');
		return index.producer.has(shifted) ? shifted : tensor;
	};
	return {
		left: counted(operands.data, operands.dataZero),
		right: counted(operands.weight, operands.weightZero),
		transposed: { left: transposes('left'), right: transposes('right') },
	};
}

/**
 * Weights as the numbers they stand for, up to a scale: integers with their zero point taken away, so that a weight that adds
 * nothing is 0.
 */
export function weightsApplied(node: GraphNode, weight: string, constants: Graph['constants']): ConstantTensor {
	const tensor = constants.get(weight) as ConstantTensor;
	const facts = operatorFacts(node)?.weights;
	const operands = facts?.operands.find(({ weight: position }) => node.inputs[position] === weight);
	const zero = constants.get(node.inputs[operands?.weightZero ?? -1] ?? '');
	if (!facts || !operands || !zero) return tensor;
	const zeros = tensorValues(zero);
	if (zeros.every((value) => value === 0)) return tensor;
	const { dims } = tensor;
	const transposed = facts.transposes?.(node, operands.side) ?? false;
	// One zero point for all, or one for each output.
	const axis = facts.geometry !== 'matrix' ? 0 : dims.length - ((operands.side === 'right') !== transposed ? 1 : 2);
	const inner = elementCount(dims.slice(axis + 1));
	const values = Float32Array.from(tensorValues(tensor), (value, at) => {
		const channel = zeros.length === 1 ? 0 : Math.floor(at / inner) % zeros.length;
		return value - (zeros[channel] as number);
	});
	return float32Tensor(values, dims);
}

/**
 * Groups the uses of weights by weight. Uses belong together when they read the same constant, constants
 * folded from the same initialiser, or, in graphs whose exporter copied a weight for every timestep, equal bytes.
 *
 * In a graph with spikes, a weight that is used at several depths, or copied to them, is a layer at each: what lies between
 * the input and a use is the same at every timestep.
 *
 * @param constantRoots for folded constants, the initialiser they come from
 * @param foldedUses timesteps of uses, by node, where they are known
 * @param mergeEqual whether equal copies of a weight are one layer (only graphs with spikes repeat a layer over time)
 */
export function synapticGroups(
	index: GraphIndex,
	constantRoots: ReadonlyMap<string, string>,
	mergeEqual: boolean,
	foldedUses: ReadonlyMap<string, number> = new Map(),
): SynapticGroup[] {
	const depths = mergeEqual ? weightDepths(index) : null;
	const byWeight = new Map<string, Map<number | null, SynapticUse[]>>();
	for (const node of index.graph.nodes) {
		const use = synapticUse(node, index);
		if (!use) continue;
		const root = constantRoots.get(use.weight) ?? use.weight;
		const key = `${mergeEqual ? contentKey(use.weight, index) : root}|${attributesKey(node)}`;
		const depth = depths ? (depths.get(use.input) ?? null) : 0;
		const layers = byWeight.get(key) ?? new Map<number | null, SynapticUse[]>();
		byWeight.set(key, layers.set(depth, [...(layers.get(depth) ?? []), use]));
	}
	const position = ({ node }: SynapticUse): number => index.position.get(node) ?? 0;
	const timestepOf = ({ node }: SynapticUse): number => foldedUses.get(node.name) ?? 0;
	return [...byWeight.values()]
		.flatMap((layers) => {
			// A use that no input reaches (before the first spikes) belongs to the first layer of its weight.
			const known = [...layers.keys()].flatMap((depth) => depth ?? []);
			const first = known.length > 0 ? Math.min(...known) : 0;
			const early = layers.get(null) ?? [];
			return [...new Set([first, ...known])].map((depth): SynapticGroup => {
				const uses = [...(depth === first ? early : []), ...(layers.get(depth) ?? [])].sort(
					(a, b) => timestepOf(a) - timestepOf(b) || position(a) - position(b),
				);
				const [named] = uses as [SynapticUse];
				const name = synapticName(constantRoots.get(named.weight) ?? named.weight, named.node.name, named.node.op);
				return { name, uses, depth };
			});
		})
		.sort(({ uses: [a] }, { uses: [b] }) => position(a as SynapticUse) - position(b as SynapticUse));
}

/**
 * Recurrent weights meet the zero state before the first spikes. Where a quantiser rounded that use's copy otherwise than the
 * later ones (a weight that stands in the file, and copies made of it), it is a group of one use of nothing but zeros, beside
 * one of all later timesteps. They are one layer.
 */
export function withFirstUses(
	groups: readonly SynapticGroup[],
	timesteps: number,
	{ constants }: Graph,
	sets: ReadonlyMap<string, ValueSet>,
): readonly SynapticGroup[] {
	const layer = ({ node, weight, weightPosition }: SynapticUse): string =>
		`${constants.get(weight)?.dims.join('x')}|${weightPosition}|${attributesKey(node)}`;
	const silent = ({ input }: SynapticUse): boolean => {
		const set = sets.get(input);
		return set?.kind === 'finite' && set.values.every((value) => value === 0);
	};
	const joined = new Map<SynapticGroup, readonly SynapticGroup[]>();
	for (const key of new Set(groups.map(({ uses }) => layer(uses[0] as SynapticUse)))) {
		const same = groups.filter(({ uses }) => layer(uses[0] as SynapticUse) === key);
		const firsts = same.filter(({ uses }) => uses.length === 1 && silent(uses[0] as SynapticUse));
		const laters = same.filter(({ uses }) => uses.length === timesteps - 1);
		if (firsts.length !== laters.length) continue;
		for (const [at, later] of laters.entries()) {
			const first = firsts[at] as SynapticGroup;
			joined.set(first, [{ ...later, name: first.name, uses: [...first.uses, ...later.uses] }]).set(later, []);
		}
	}
	return groups.flatMap((group) => joined.get(group) ?? [group]);
}

/**
 * The smallest number of weights between the graph's inputs and each tensor that depends on them. Shapes carry no values and
 * are no way.
 */
function weightDepths(index: GraphIndex): Map<string, number> {
	const depths = new Map(index.graph.inputs.map(({ name }): [string, number] => [name, 0]));
	for (const node of index.graph.nodes) {
		if (operatorFacts(node)?.elements === 'made') continue;
		const reached = node.inputs.flatMap((input) => depths.get(input) ?? []);
		if (reached.length === 0) continue;
		const depth = Math.min(...reached) + (synapticUse(node, index) ? 1 : 0);
		for (const output of node.outputs) depths.set(output, depth);
	}
	return depths;
}

/** Weights of different layers seldom hold equal bytes; copies of one weight always do. */
function contentKey(weight: string, index: GraphIndex): string {
	const tensor = index.graph.constants.get(weight);
	if (!tensor || elementCount(tensor.dims) < 2) return weight;
	return `${tensor.dims.join('x')}:${sha256().update(tensor.bytes).hex()}`;
}

export function attributesKey(node: GraphNode): string {
	const entries = [...node.attributes].map(
		([name, attribute]) => `${name}=${JSON.stringify('value' in attribute ? attribute.value : '')}`,
	);
	return `${node.op}(${entries.sort().join(',')})`;
}
