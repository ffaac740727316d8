import { type Attribute, type ConstantTensor, type Graph, type GraphNode, node } from '../../model/graph.ts';
import { formOf, isSpiking, operatorFacts, reshapes } from '../../model/operators/index.ts';
import { elementCount, elementTypeCodes, float32Scalar, int64Tensor, tensorValues } from '../../model/tensors.ts';
import { dynamicInputs, type GraphIndex, indexGraph } from '../graph-index.ts';
import { scalarOf } from '../one-value.ts';
import { type ValueSet, valueSets } from '../value-sets.ts';
import type { Size } from './batch-sizes.ts';
import { freshNames } from './fresh-names.ts';
import { type GraphFacts, graphFacts } from './graph-facts.ts';
import type { Measured } from './measure.ts';
import { sameShape, sameSize } from './time-places.ts';

/**
 * Writes weights that are applied element by element, `(k[:, None] * W).sum(-1)`, as the matrix product they are. Every axis is
 * summed over, a row of the data, a column of the weights, or one of both (a stack of matrices).
 *
 * Without columns, the same operators scale and pool: `(x * mask).sum(-1)` chooses, averages, or decodes. Those are weights only
 * where spikes meet different heights, and not across what was joined, as timesteps are.
 */
export function withoutProductSums(graph: Graph, measured: Measured): Graph {
	const facts = graphFacts(graph, measured);
	const names = freshNames(graph);
	const constants = new Map(graph.constants);
	let sets: ReadonlyMap<string, ValueSet> | undefined;
	const isSpikes = (tensor: string): boolean => {
		sets ??= valueSets(facts.index);
		const set = sets.get(tensor);
		return set !== undefined && set.kind !== 'any' && isSpiking(set);
	};
	const constant = (tensor: ConstantTensor): string => {
		const name = names.take('product/constant');
		constants.set(name, tensor);
		return name;
	};
	const making: Making = { facts, take: names.take, constant };
	const written = new Map<GraphNode, readonly GraphNode[]>();
	const taken = new Set<string>();
	const readings = [...graph.nodes.filter(addsUp), ...graph.nodes.filter((own) => !addsUp(own)).reverse()];
	for (const own of readings) {
		const sum = taken.has(own.outputs[0] ?? '') ? null : addsUp(own) ? productSum(own, facts) : outerProduct(own, facts);
		const axes = sum && axesOf(sum, facts);
		if (!sum || !axes) continue;
		const { inner, columns } = axes;
		const dense = inner.length > 0 && columns.length > 0;
		const sparse = isSpikes(sum.data) && hasHeights(sum, facts.index) && (columns.length > 0 || !isChoice(sum, axes, facts));
		if (!dense && !sparse) continue;
		written.set(own, asMatrixProduct(own, sum, axes, making));
		for (const product of sum.products) taken.add(product);
	}
	return { ...graph, nodes: graph.nodes.flatMap((own) => written.get(own) ?? [own]), constants };
}

/** Cheap, before anything is measured: a tensor times a constant of several numbers that is added up, or spread over an axis of size 1. */
export function hasProductSums(graph: Graph): boolean {
	const index = indexGraph(graph);
	return graph.nodes.some((own) => {
		if (addsUp(own)) return factorsOf(own.inputs[0] ?? '', index).weights.length > 0;
		if (formOf(own) !== 'product') return false;
		const { data, weights } = factorsOf(own.outputs[0] ?? '', index);
		const moved = index.producer.get(data);
		// Only what was cut out or given another axis has one of size 1.
		return weights.length > 0 && moved !== undefined && operatorFacts(moved)?.elements === 'moved';
	});
}

interface ProductSum {
	readonly data: string;
	/** True where spikes choose weights, Where(s, W, 0): the data are the condition. */
	readonly chooses: boolean;
	/** Constants whose product the weights are. */
	readonly weights: readonly string[];
	/** Axes that are summed over, counted from the last one (1). */
	readonly summed: readonly number[];
	readonly rank: number;
	/** Tensors on the way from the data to the sum. */
	readonly products: readonly string[];
}

type Factors = Pick<ProductSum, 'data' | 'weights' | 'chooses' | 'products'>;

const addsUp = (own: GraphNode): boolean => {
	const facts = operatorFacts(own);
	return facts?.joins !== undefined && facts.rate === 'linear';
};

/** What a tensor is a product of: one tensor of the network, and constants of several numbers. */
function factorsOf(tensor: string, index: GraphIndex): Factors {
	const weights: string[] = [];
	const products: string[] = [];
	for (let data = tensor; ; ) {
		const own = index.producer.get(data);
		const [only, ...others] = own ? dynamicInputs(own, index) : [];
		const form = own && formOf(own);
		const wide = own?.inputs.find((input) => isWide(input, index));
		if (!own || only === undefined || others.length > 0 || wide === undefined) return { data, weights, products, chooses: false };
		if (form === 'choice' && own.inputs[0] === only && own.inputs[1] === wide && scalarOf(own.inputs[2] ?? '', index) === 0)
			return { data: only, weights: [...weights, wide], products: [...products, data], chooses: true };
		if (form !== 'product') return { data, weights, products, chooses: false };
		weights.push(wide);
		products.push(data);
		data = only;
	}
}

const isWide = (tensor: string, { graph }: GraphIndex): boolean => elementCount(graph.constants.get(tensor)?.dims ?? []) > 1;

/** Spikes of an axis of size 1 that a constant spreads over several places: weights of one input each. */
function outerProduct(own: GraphNode, facts: GraphFacts): ProductSum | null {
	const [output = ''] = own.outputs;
	const factors = formOf(own) === 'product' ? factorsOf(output, facts.index) : null;
	const rank = facts.shapeOf(output)?.length;
	if (!factors || factors.weights.length === 0 || rank === undefined) return null;
	return { ...factors, data: withoutRepeats(factors.data, facts), summed: [], rank };
}

function productSum(own: GraphNode, facts: GraphFacts): ProductSum | null {
	if (!addsUp(own)) return null;
	const found = operatorFacts(own);
	const [input = '', output = ''] = [own.inputs[0], own.outputs[0]];
	const [shape, result] = [facts.shapeOf(input), facts.shapeOf(output)];
	const factors = factorsOf(input, facts.index);
	if (factors.weights.length === 0 || !shape || !result || found?.axes?.kind !== 'pairs') return null;
	const kept = found.axes.of(
		{
			node: own,
			rankOf: () => shape.length,
			outputRank: result.length,
			constantOf: (at) => facts.constantOf(own.inputs[at] ?? ''),
		},
		0,
	);
	const rank = shape.length;
	const summed = shape.flatMap((_, axis) => (kept.some(([from]) => from === axis) ? [] : [rank - axis]));
	return summed.length === 0 ? null : { ...factors, data: withoutRepeats(factors.data, facts), summed, rank };
}

/** The tensor that Expand or Tile repeats along axes of size 1, as a product does by itself. */
function withoutRepeats(tensor: string, facts: GraphFacts): string {
	for (let name = tensor; ; ) {
		const own = facts.index.producer.get(name);
		const [before = ''] = own?.inputs ?? [];
		const [from, to] = [facts.shapeOf(before), facts.shapeOf(name)];
		const repeats = own && operatorFacts(own)?.sizedBy !== undefined && operatorFacts(own)?.elements === 'moved';
		if (!repeats || !from || !to || from.length > to.length || facts.index.isConstant(before)) return name;
		if (!from.every((size, at) => size[1] === 1 || sameSize(size, to[at + to.length - from.length]))) return name;
		name = before;
	}
}

/** The axes of a product by what they are, counted from the last one, the outermost first. */
interface Axes {
	readonly rows: readonly number[];
	readonly stack: readonly number[];
	readonly inner: readonly number[];
	readonly columns: readonly number[];
	/** Sizes of the product by axis counted from the last. */
	sizeAt(axis: number): Size;
}

const one: Size = [1, 1];
const sizeOf = (shape: readonly Size[], axis: number): Size => shape[shape.length - axis] ?? one;

function axesOf({ data, weights, summed, rank }: ProductSum, facts: GraphFacts): Axes | null {
	const shape = facts.shapeOf(data);
	const shapes = weights.map((name) => facts.shapeOf(name) ?? []);
	if (!shape || shape.length > rank || shapes.some((dims) => dims.length > rank)) return null;
	const types = new Set(weights.map((name) => facts.index.graph.constants.get(name)?.type));
	if ([...types].join() !== 'float32') return null;
	const ofWeights = (axis: number): number => Math.max(...shapes.map((dims) => sizeOf(dims, axis)[0]));
	const all = Array.from({ length: rank }, (_, at) => rank - at);
	const rows: number[] = [];
	const stack: number[] = [];
	const inner: number[] = [];
	const columns: number[] = [];
	for (const axis of all) {
		const own = sizeOf(shape, axis);
		const other = ofWeights(axis);
		const isSummed = summed.includes(axis);
		const both = other > 1 && own[0] === other && own[1] === other;
		if (isSummed && both) inner.push(axis);
		else if (isSummed && (own[1] > 1 || other > 1)) return null;
		else if (!isSummed && both) stack.push(axis);
		else if (other > 1) {
			if (own[1] !== 1) return null;
			columns.push(axis);
		} else if (!isSummed) rows.push(axis);
	}
	const sizeAt = (axis: number): Size => {
		const own = sizeOf(shape, axis);
		const other = ofWeights(axis);
		return own[1] === 1 && other > 1 ? [other, other] : own;
	};
	const open = rows.filter((axis) => sizeAt(axis)[0] !== sizeAt(axis)[1]);
	return (inner.length > 0 || (summed.length === 0 && columns.length > 0)) && open.length < 2
		? { rows, stack, inner, columns, sizeAt }
		: null;
}

/** Whether weights have several heights; spikes times one height, or 0, are chosen, averaged or masked. */
function hasHeights({ weights }: ProductSum, { graph }: GraphIndex): boolean {
	const heights = new Set<number>();
	for (const name of weights) {
		const tensor = graph.constants.get(name);
		for (const value of tensor ? tensorValues(tensor) : []) if (value !== 0) heights.add(value);
	}
	return heights.size > 1;
}

/** Whether the axis that is summed over was joined, as timesteps are, or holds the levels of a neuron: then the sum decodes. */
function isChoice({ data }: ProductSum, { inner }: Axes, { index, shapeOf }: GraphFacts): boolean {
	const seen = new Set<string>();
	const open = [data];
	for (let name = open.pop(); name !== undefined; name = open.pop()) {
		const own = index.producer.get(name);
		if (!own || seen.has(name)) continue;
		seen.add(name);
		if (formOf(own) === 'joined') return true;
		const facts = operatorFacts(own);
		// A decision with a level for each entry makes the axis.
		const made = dynamicInputs(own, index).every((input) =>
			inner.some((axis) => sizeOf(shapeOf(input) ?? [], axis)[1] < sizeOf(shapeOf(name ?? '') ?? [], axis)[1]),
		);
		if (facts?.elements !== 'each') continue;
		if (made) return true;
		open.push(...dynamicInputs(own, index));
	}
	return false;
}

interface Making {
	readonly facts: GraphFacts;
	take(wanted: string): string;
	/** The name a constant is kept under. */
	constant(tensor: ConstantTensor): string;
}

/** A tensor and the sizes of its axes. */
interface Laid {
	readonly name: string;
	readonly shape: readonly Size[];
}

function asMatrixProduct(own: GraphNode, sum: ProductSum, axes: Axes, { facts, take, constant }: Making): GraphNode[] {
	const { rows, stack, inner, columns, sizeAt } = axes;
	const nodes: GraphNode[] = [];
	const [output = ''] = own.outputs;
	const add = (op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>> = {}): string => {
		const name = take(`${own.name}/${op}`);
		nodes.push(node(op, inputs, [name], { name, attributes }));
		return name;
	};
	const reshaped = ({ name, shape }: Laid, to: readonly Size[]): string => {
		const same = (other: readonly Size[]): boolean => sameShape(other, to);
		if (same(shape)) return name;
		const [before = ''] = facts.index.producer.get(name)?.inputs ?? [];
		const moved = facts.index.producer.get(name);
		if (moved && reshapes(moved) && !facts.index.isConstant(before) && same(facts.shapeOf(before) ?? [])) return before;
		return add('Reshape', [name, constant(int64Tensor(to.map(([a, b]) => (a === b ? a : -1))))]);
	};
	/** Axes of size 1 may stand anywhere; only the others have to be turned. */
	const turned = ({ name, shape }: Laid, wanted: readonly number[]): Laid => {
		const order = wanted.filter((axis) => axis <= shape.length);
		const wide = order.filter((axis) => sizeOf(shape, axis)[1] > 1);
		if (wide.every((axis, at) => at === 0 || axis < (wide[at - 1] as number))) return { name, shape };
		const perm = { kind: 'ints' as const, value: order.map((axis) => shape.length - axis) };
		return { name: add('Transpose', [name], { perm }), shape: order.map((axis) => sizeOf(shape, axis)) };
	};
	const sizes = (list: readonly number[]): Size[] => list.map(sizeAt);
	const count = (list: readonly number[]): Size => {
		const product = list.reduce((so, axis) => so * sizeAt(axis)[0], 1);
		return [product, product];
	};
	const [factor = '', ...factors] = sum.weights;
	const type = elementTypeCodes[facts.index.graph.constants.get(factor)?.type ?? 'float32'];
	const given = { name: sum.data, shape: facts.shapeOf(sum.data) ?? [] };
	const laid = turned(given, [...rows, ...stack, ...columns, ...inner]);
	const flat = reshaped(laid, [...sizes(rows), ...sizes(stack), ...(stack.length > 0 ? [one] : []), count(inner)]);
	const data = sum.chooses ? add('Cast', [flat], { to: { kind: 'int', value: type } }) : flat;
	const rank = Math.max(...sum.weights.map((name) => facts.shapeOf(name)?.length ?? 0));
	const weights = {
		name: factors.reduce((so, next) => add('Mul', [so, next]), factor),
		shape: Array.from({ length: rank }, (_, at): Size => (rows.includes(rank - at) ? one : sizeAt(rank - at))),
	};
	const matrix = reshaped(turned(weights, [...stack, ...inner, ...columns, ...rows]), [
		...sizes(stack),
		count(inner),
		count(columns),
	]);
	const product = take(`${output}/product`);
	nodes.push(node('MatMul', [data, matrix], [product], { name: own.name }));
	const order = [...rows, ...stack, ...columns];
	const spread = sizes(order);
	const back = [...order].sort((a, b) => b - a);
	const perm = back.map((axis) => order.indexOf(axis));
	const inOrder = perm.every((axis, at) => axis === at);
	const joined = inOrder
		? product
		: add('Transpose', [add('Reshape', [product, dimsOf(spread)])], { perm: { kind: 'ints', value: perm } });
	const isMean = operatorFacts(own)?.joins?.op === 'Mean';
	const total = isMean ? add('Div', [joined, constant(float32Scalar(count(inner)[0]))]) : joined;
	nodes.push(node('Reshape', [total, dimsOf(facts.shapeOf(output) ?? [])], [output], { name: take(`${own.name}/Reshape`) }));
	return nodes;

	function dimsOf(shape: readonly Size[]): string {
		return constant(int64Tensor(shape.map(([a, b]) => (a === b ? a : -1))));
	}
}
