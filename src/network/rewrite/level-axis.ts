import { int } from '../../model/attributes.ts';
import { type ConstantTensor, type Graph, type GraphNode, node } from '../../model/graph.ts';
import { compares, formOf, operatorFacts, passesOn } from '../../model/operators/index.ts';
import { elementBytes, elementCount, elementTypeCodes, int32Scalar } from '../../model/tensors.ts';
import { dynamicInputs, type GraphIndex, indexGraph, intAttribute } from '../graph-index.ts';
import type { Size } from './batch-sizes.ts';
import { type FreshNames, freshNames } from './fresh-names.ts';
import { type GraphFacts, graphFacts } from './graph-facts.ts';
import type { Measured } from './measure.ts';
import { axesNode } from './operators.ts';

/** More levels than this are no neuron that fires several times at once. */
const mostLevels = 256;

/** Deeper arithmetic between the levels and their sum is not looked at. */
const mostNodes = 64;

/**
 * Takes apart an axis that exists for the levels of a neuron alone: `(v[..., None] >= levels).sum(-1)` compares every membrane
 * with several numbers side by side and joins the answers. Written out, it is one comparison a level, of the same membrane.
 */
export function withoutLevelAxes(graph: Graph, measured: Measured, opset: number): Graph {
	const facts = graphFacts(graph, measured);
	const constants = new Map(graph.constants);
	const work: Work = { facts, names: freshNames(graph), constants, opset, nodes: [] };
	const nodes: GraphNode[] = [];
	/** Joins that keep the axis at size 1, and what they are without it. */
	const withoutAxis = new Map<string, { readonly left: string; readonly sizes: string }>();
	for (const own of graph.nodes) {
		const axis = levelAxis(own, facts);
		if (axis === null) {
			const kept = formOf(own) === 'same' ? withoutAxis.get(own.inputs[0] ?? '') : undefined;
			const dropped = kept?.sizes === facts.shapeOf(own.outputs[0] ?? '')?.join();
			nodes.push(kept && dropped ? node('Identity', [kept.left], own.outputs, { name: own.name }) : own);
			continue;
		}
		const left = joinLevels(own, axis, work);
		const shape = facts.shapeOf(own.inputs[0] ?? '') ?? [];
		if (left !== own.outputs[0])
			withoutAxis.set(own.outputs[0] ?? '', { left, sizes: shape.filter((_, at) => at !== shape.length - axis).join() });
		nodes.push(...work.nodes.splice(0));
	}
	return nodes.length === graph.nodes.length ? graph : { ...graph, nodes, constants };
}

/** Cheap, before anything is measured: a comparison with several numbers whose answers are joined. */
export function mayHaveLevelAxis(graph: Graph): boolean {
	const index = indexGraph(graph);
	return graph.nodes.some(
		(own) =>
			(operatorFacts(own)?.joins !== undefined || weighsLevels(own, graph) !== null) &&
			regionOf(own, index).some((one) => hasLevels(one) || isStack(one, index)),
	);
	function hasLevels(candidate: GraphNode): boolean {
		return candidate.inputs.some((name) => {
			const constant = graph.constants.get(name);
			return constant !== undefined && elementCount(constant.dims) > 1;
		});
	}
}

/** The one number for each level that a matrix product adds up levels with; null where it is another product. */
function weighsLevels(own: GraphNode, { constants }: Graph): ConstantTensor | null {
	const facts = operatorFacts(own);
	if (facts?.weights?.geometry !== 'matrix' || own.inputs.length !== 2 || facts.weights.transposes) return null;
	const weights = constants.get(own.inputs[1] ?? '');
	const [levels = 0, columns = 1, ...others] = weights?.dims ?? [];
	return weights && others.length === 0 && columns === 1 && levels > 1 && levels <= mostLevels ? weights : null;
}

interface Work {
	readonly facts: GraphFacts;
	readonly names: FreshNames;
	readonly constants: Map<string, ConstantTensor>;
	readonly opset: number;
	/** Made so far for the join at hand. */
	readonly nodes: GraphNode[];
}

const elementwise = (own: GraphNode): boolean => operatorFacts(own)?.elements === 'each' && own.outputs.length === 1;

/** The element-by-element arithmetic in front of a join, with a decision in it; empty where there is none. */
function regionOf({ inputs: [start = ''] }: GraphNode, index: GraphIndex): GraphNode[] {
	const region = new Set<GraphNode>();
	const open = [start];
	for (let name = open.pop(); name !== undefined && region.size < mostNodes; name = open.pop()) {
		const own = index.producer.get(name);
		if (!own || region.has(own) || !(elementwise(own) || isStack(own, index))) continue;
		region.add(own);
		if (elementwise(own)) open.push(...own.inputs);
	}
	return [...region].some((own) => decides(own) || !elementwise(own)) ? [...region] : [];
}

/** Whether a node puts decisions over one membrane beside each other, each with a level of its own. */
function isStack(own: GraphNode, index: GraphIndex): boolean {
	if (formOf(own) !== 'joined' || own.inputs.length < 2 || own.inputs.length > mostLevels) return false;
	const [first, ...others] = own.inputs.map((name) => lookedAt(name, index));
	return first !== null && others.every((membrane) => membrane === first);
}

/** The tensor a decision behind casts and reshapes looks at, beside constants; null where there is none. */
function lookedAt(tensor: string, index: GraphIndex): string | null {
	for (let name = tensor; ; ) {
		const own = index.producer.get(name);
		const inputs = own ? dynamicInputs(own, index) : [];
		const [only = ''] = inputs;
		if (!own || inputs.length !== 1) return null;
		if (decides(own)) return only;
		if (!passesOn(own)) return null;
		name = only;
	}
}

const deciding = new Set(['sign', 'floor', 'ceiling', 'nearest']);
const decides = (own: GraphNode): boolean => compares(own) || deciding.has(formOf(own) ?? '');

/** The axis a node joins, when it is one of levels alone: nothing but constants has more than one entry along it. */
function levelAxis(own: GraphNode, facts: GraphFacts): number | null {
	const found = operatorFacts(own);
	const shape = facts.shapeOf(own.inputs[0] ?? '');
	const result = facts.shapeOf(own.outputs[0] ?? '');
	const last = shape && weighsLevels(own, facts.index.graph) ? shape.length - 1 : null;
	if ((found?.joins === undefined && last === null) || found?.axes?.kind !== 'pairs' || !shape) return null;
	const kept = found.axes.of(
		{
			node: own,
			rankOf: () => shape.length,
			outputRank: result?.length ?? 0,
			constantOf: (at) => facts.constantOf(own.inputs[at] ?? ''),
		},
		0,
	);
	const gone = last === null ? shape.flatMap((_, axis) => (kept.some(([from]) => from === axis) ? [] : [axis])) : [last];
	const [axis, ...others] = gone;
	if (axis === undefined || others.length > 0 || !result) return null;
	const [first, second] = shape[axis] as Size;
	if (first !== second || first < 2 || first > mostLevels) return null;
	const region = regionOf(own, facts.index);
	const fromEnd = shape.length - axis;
	return region.length > 0 && isOfLevels(own.inputs[0] ?? '', fromEnd, new Set(region), facts) ? fromEnd : null;
}

/** Size of a tensor along an axis counted from the end, as broadcasting lines axes up. */
const sizeAt = (shape: readonly Size[], fromEnd: number): Size => shape[shape.length - fromEnd] ?? [1, 1];

function isOfLevels(tensor: string, fromEnd: number, region: ReadonlySet<GraphNode>, facts: GraphFacts): boolean {
	const shape = facts.shapeOf(tensor);
	if (!shape) return false;
	if (sizeAt(shape, fromEnd)[1] === 1 || facts.index.isConstant(tensor)) return true;
	const own = facts.index.producer.get(tensor);
	if (!own || !region.has(own)) return false;
	if (!elementwise(own)) return stackedAlong(own, fromEnd, shape, facts);
	return own.inputs.every((name) => name === '' || isOfLevels(name, fromEnd, region, facts));
}

/** Whether a stack has one entry of every part along the axis. */
const stackedAlong = (own: GraphNode, fromEnd: number, shape: readonly Size[], facts: GraphFacts): boolean =>
	intAttribute(own, 'axis', 0) + (intAttribute(own, 'axis', 0) < 0 ? shape.length : 0) === shape.length - fromEnd &&
	own.inputs.every((name) => sizeAt(facts.shapeOf(name) ?? [[0, 0]], fromEnd)[1] === 1);

/**
 * Writes a join of levels as one join after the other of what each of them gives.
 *
 * @returns the tensor in which the axis is gone
 */
function joinLevels(own: GraphNode, fromEnd: number, work: Work): string {
	const [input = ''] = own.inputs;
	const [output = ''] = own.outputs;
	const levels = sizeAt(work.facts.shapeOf(input) ?? [], fromEnd)[0];
	const squeezed = new Map<string, string>();
	const entries = Array.from({ length: levels }, (_, level) =>
		asJoined(part(input, level, fromEnd, new Map(), squeezed, work), level, own, work),
	);
	const keeps = (work.facts.shapeOf(output)?.length ?? 0) === (work.facts.shapeOf(input)?.length ?? 0);
	const left = keeps ? work.names.take(`${output}/levels`) : output;
	const { op = 'Add', atOnce = false, whole } = operatorFacts(own)?.joins ?? {};
	const type = typeOf(input, work.facts.index);
	if (op === 'Mean' && type === elementTypeCodes.int32) {
		// Integers are divided without rounding up, as the reduction does; a mean of floats would be a hair below the whole number.
		const total = joinOf('Add', false, entries, work.names.take(`${left}/sum`), '', work);
		const count = work.names.take(`${left}/count`);
		work.constants.set(count, int32Scalar(levels));
		work.nodes.push(node('Div', [total, count], [left], { name: own.name }));
	} else if (isNoNumberOf(op, type, work.opset)) {
		const parts = entries.map((entry) => cast(entry, work.names.take(`${entry}/float`), elementTypeCodes.float32, work));
		cast(joinOf(op, atOnce, parts, work.names.take(`${left}/float`), own.name, work), left, type, work);
	} else if (whole !== undefined) {
		const total = joinOf(op, atOnce, entries, work.names.take(`${left}/sum`), '', work);
		work.nodes.push(node(whole, [total], [left], { name: own.name }));
	} else joinOf(op, atOnce, entries, left, own.name, work);
	if (keeps) work.nodes.push(changeAxes('Unsqueeze', left, output, (work.facts.shapeOf(input)?.length ?? 0) - fromEnd, work));
	return left;
}

/** What a join makes of one level before it is added to the others: its size, its square, or so many times it. */
function asJoined(entry: string, level: number, own: GraphNode, work: Work): string {
	const weights = weighsLevels(own, work.facts.index.graph);
	const each = operatorFacts(own)?.joins?.each;
	if (!weights && each === undefined) return entry;
	const to = work.names.take(`${entry}/joined`);
	const factor = weights ? work.names.take(`${own.inputs[1]}/${level}`) : entry;
	if (weights) work.constants.set(factor, { ...entryOf(weights, 0, level), dims: [] });
	work.nodes.push(each === 'Abs' ? node('Abs', [entry], [to], { name: to }) : node('Mul', [entry, factor], [to], { name: to }));
	return to;
}

/** Several tensors as one: by one operator that takes them all, or one after the other. @param name  of the last node, where it has one */
function joinOf(op: string, atOnce: boolean, parts: readonly string[], output: string, name: string, work: Work): string {
	if (atOnce) {
		work.nodes.push(node(op, parts, [output], { name }));
		return output;
	}
	let [joined = '', ...rest] = parts;
	for (const [at, next] of rest.entries()) {
		const last = at === rest.length - 1;
		const to = last ? output : work.names.take(`${output}/level`);
		work.nodes.push(node(op, [joined, next], [to], { name: last && name !== '' ? name : to }));
		joined = to;
	}
	return joined;
}

const integers: ReadonlySet<number> = new Set(
	(['int8', 'uint8', 'int32', 'int64', 'uint32', 'uint64'] as const).map((type) => elementTypeCodes[type]),
);

/** Reductions take integers at every opset; the operators that join tensors do not. @param type  as ONNX numbers it; 0: not known */
const isNoNumberOf = (op: string, type: number, opset: number): boolean =>
	op === 'Mean'
		? integers.has(type)
		: (op === 'Max' || op === 'Min') && (type === elementTypeCodes.bool || (opset < 12 && integers.has(type)));

/** The element type a decision was given on its way to the join. */
function typeOf(tensor: string, index: GraphIndex): number {
	const constant = index.graph.constants.get(tensor);
	if (constant) return elementTypeCodes[constant.type];
	const own = index.producer.get(tensor);
	if (!own) return 0;
	if (formOf(own) === 'cast') return intAttribute(own, 'to', 0);
	if (compares(own)) return elementTypeCodes.bool;
	// The last operand: of a choice, the first is the condition.
	return typeOf((elementwise(own) ? own.inputs.at(-1) : own.inputs[0]) ?? '', index);
}

function cast(from: string, to: string, type: number, work: Work): string {
	work.nodes.push(node('Cast', [from], [to], { name: work.names.take(`${to}/cast`), attributes: { to: int(type) } }));
	return to;
}

/** What a tensor is at one level; the axis of the levels is gone. */
function part(
	tensor: string,
	level: number,
	fromEnd: number,
	made: Map<string, string>,
	squeezed: Map<string, string>,
	work: Work,
): string {
	const known = made.get(tensor) ?? squeezed.get(tensor);
	if (known !== undefined || tensor === '') return known ?? '';
	const { facts, names } = work;
	const shape = facts.shapeOf(tensor) ?? [];
	const axis = shape.length - fromEnd;
	const constant = facts.index.graph.constants.get(tensor);
	if (constant) {
		if (axis < 0) return tensor;
		const name = names.take(`${tensor}/${level}`);
		work.constants.set(name, entryOf(constant, axis, constant.dims[axis] === 1 ? 0 : level));
		made.set(tensor, name);
		return name;
	}
	const own = facts.index.producer.get(tensor);
	if (sizeAt(shape, fromEnd)[1] === 1) {
		const name = axis < 0 ? tensor : withoutAxisOf(tensor, axis, own, work);
		squeezed.set(tensor, name);
		return name;
	}
	if (own && !elementwise(own)) return part(own.inputs[level] ?? '', level, fromEnd, made, squeezed, work);
	const { name: as = '', inputs = [], ...rest } = own ?? {};
	const name = names.take(`${tensor}/${level}`);
	const read = inputs.map((input) => part(input, level, fromEnd, made, squeezed, work));
	work.nodes.push({ ...(rest as GraphNode), name: names.take(`${as}/${level}`), inputs: read, outputs: [name] });
	made.set(tensor, name);
	return name;
}

/** The tensor that was given an axis of size 1, or one from which it is taken away. */
function withoutAxisOf(tensor: string, axis: number, own: GraphNode | undefined, work: Work): string {
	const [before = ''] = own?.inputs ?? [];
	const shape = work.facts.shapeOf(tensor) ?? [];
	const shapeBefore = work.facts.shapeOf(before);
	const left = shape.filter((_, at) => at !== axis);
	const onlyAdds = own !== undefined && formOf(own) === 'same' && shapeBefore?.join() === left.join();
	if (onlyAdds && !work.facts.index.isConstant(before)) return before;
	const name = work.names.take(`${tensor}/one level`);
	work.nodes.push(changeAxes('Squeeze', tensor, name, axis, work));
	return name;
}

function changeAxes(op: 'Squeeze' | 'Unsqueeze', input: string, output: string, axis: number, work: Work): GraphNode {
	return axesNode(op, input, output, [axis], {
		name: work.names.take(`${output}/${op}`),
		opset: work.opset,
		constant: (tensor) => {
			const name = work.names.take('levels/axis');
			work.constants.set(name, tensor);
			return name;
		},
	});
}

/** One entry of a constant along an axis, which is gone. */
function entryOf({ type, dims, bytes }: ConstantTensor, axis: number, entry: number): ConstantTensor {
	const size = elementBytes[type];
	const inner = elementCount(dims.slice(axis + 1)) * size;
	const outer = elementCount(dims.slice(0, axis));
	const taken = new Uint8Array(outer * inner);
	for (let row = 0; row < outer; row += 1) {
		const start = (row * (dims[axis] ?? 1) + entry) * inner;
		taken.set(bytes.subarray(start, start + inner), row * inner);
	}
	return { type, dims: dims.filter((_, at) => at !== axis), bytes: taken };
}
