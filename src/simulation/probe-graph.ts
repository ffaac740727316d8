import { int, ints } from '../model/attributes.ts';
import { type Attribute, type ConstantTensor, type Graph, type GraphNode, node, type TensorInfo } from '../model/graph.ts';
import { elementTypeCodes, float32Tensor, float64Tensor, int64Tensor } from '../model/tensors.ts';
import { prune } from './fold/prune.ts';

/** ONNX element type numbers used by probes. */
const { float32: float, uint8, bool, float64: double } = elementTypeCodes;
const types = { float, uint8, bool, double } as const;

/** Longest sum of counts kept in float32: stays well below 2^24, where whole numbers stop being exact. */
export const longestSum = 2 ** 20;

/** A copy of a graph to which probes are added: nodes that reduce activations to a handful of small tensors. */
export interface ProbeGraph {
	/** Version of the standard operators the graph is written in. */
	readonly opset: number;
	add(op: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>): string;
	constant(key: string, make: () => ConstantTensor): string;
	/** A constant that is shared with no other probe. */
	fresh(tensor: ConstantTensor): string;
	reshape(tensor: string, dims: readonly number[]): string;
	cast(tensor: string, type: keyof typeof types): string;
	/** Sums over one axis of a [batch, rows, columns] tensor as a product with ones, which onnxruntime runs at memory speed. */
	sumRows(tensor: string, rows: number): string;
	/** Sums over an axis, which stays with size 1. Of one long row, the last axis, many times faster than a product with ones. */
	sumOver(axis: number, tensor: string): string;
	/** The least over an axis, which goes. */
	leastOver(axis: number, tensor: string): string;
	/** As sumRows, for counts: exact for any number of rows, in float64 where float32 could not hold the sum. */
	countRows(tensor: string, rows: number): string;
	/** Rows from … to − 1 of a tensor's first axis. */
	slice(tensor: string, from: number, to: number): string;
	/** Tensors one after another along their first axis. */
	concat(tensors: readonly string[]): string;
	/** The equal parts of a tensor along its first axis. */
	parts(tensor: string, count: number): readonly string[];
	/**
	 * What `build` adds is computed only where the condition (a bool of one element) is false; [0] stands in for it otherwise.
	 * In graphs older than opset 11 it is always computed.
	 */
	unless(condition: string, build: () => string): string;
	/** A further input of the graph, a bool of one element, for the condition of `unless`. */
	flag(name: string): string;
	/** A fresh output of the graph that holds this tensor. */
	output(tensor: string): string;
	finish(keep: readonly string[]): Graph;
}

const prefix = 'snn-energy/probe/';

export function probeGraph(base: Graph, opset: number): ProbeGraph {
	let nodes: GraphNode[] = [...base.nodes];
	const constants = new Map(base.constants);
	const outputs: string[] = [];
	const flags: TensorInfo[] = [];
	// Equal probes on one tensor (a spike that feeds two layers) are computed once.
	let known = new Map<string, string>();
	let count = 0;
	let cut = new Map<string, readonly string[]>();
	const axisConstant = (axis: number): string => graph.constant(`axis_${axis}`, () => int64Tensor([axis]));
	const graph: ProbeGraph = {
		opset,
		parts(tensor, number) {
			const key = `${tensor}|${number}`;
			const existing = cut.get(key);
			if (existing) return existing;
			count += 1;
			const names = Array.from({ length: number }, (_, part) => `${prefix}part_${count}_${part}`);
			nodes.push(
				node('Split', [tensor], names, {
					name: `${prefix}Split_${count}`,
					attributes: { axis: int(0), ...(opset >= 18 ? { num_outputs: int(number) } : {}) },
				}),
			);
			cut.set(key, names);
			return names;
		},
		add(op, inputs, attributes = {}) {
			const key = `${op}|${inputs.join('|')}|${JSON.stringify(attributes)}`;
			const existing = known.get(key);
			if (existing !== undefined) return existing;
			count += 1;
			const name = `${prefix}${op}_${count}`;
			nodes.push(node(op, inputs, [name], { name, attributes }));
			known.set(key, name);
			return name;
		},
		constant(key, make) {
			const name = `${prefix}constant/${key}`;
			if (!constants.has(name)) constants.set(name, make());
			return name;
		},
		fresh(tensor) {
			count += 1;
			const name = `${prefix}constant/${count}`;
			constants.set(name, tensor);
			return name;
		},
		reshape: (tensor, dims) => graph.add('Reshape', [tensor, graph.constant(`shape_${dims.join('_')}`, () => int64Tensor(dims))]),
		cast: (tensor, type) => graph.add('Cast', [tensor], { to: int(types[type]) }),
		slice: (tensor, from, to) =>
			opset >= 10
				? graph.add('Slice', [tensor, ...[from, to, 0].map((at) => graph.constant(`index_${at}`, () => int64Tensor([at])))])
				: graph.add('Slice', [tensor], { starts: ints([from]), ends: ints([to]), axes: ints([0]) }),
		concat: (tensors) => graph.add('Concat', tensors, { axis: int(0) }),
		sumRows: (tensor, rows) =>
			graph.add('MatMul', [
				graph.constant(`ones_1x${rows}`, () => float32Tensor(new Float32Array(rows).fill(1), [1, rows])),
				tensor,
			]),
		sumOver: (axis, tensor) =>
			opset >= 13
				? graph.add('ReduceSum', [tensor, axisConstant(axis)])
				: graph.add('ReduceSum', [tensor], { axes: ints([axis]) }),
		leastOver(axis, tensor) {
			const keepdims = int(0);
			return opset >= 18
				? graph.add('ReduceMin', [tensor, axisConstant(axis)], { keepdims })
				: graph.add('ReduceMin', [tensor], { axes: ints([axis]), keepdims });
		},
		countRows: (tensor, rows) =>
			rows <= longestSum
				? graph.sumRows(tensor, rows)
				: graph.add('MatMul', [
						graph.constant(`double_ones_1x${rows}`, () => float64Tensor(new Float64Array(rows).fill(1), [1, rows])),
						graph.cast(tensor, 'double'),
					]),
		unless(condition, build) {
			// Until opset 11 both branches had to give the same shape.
			if (opset < 11) return build();
			const [outerNodes, outerKnown, outerCut] = [nodes, known, cut];
			const branch = (name: string, inner: GraphNode[], output: string): Attribute => ({
				kind: 'graph',
				value: { name, nodes: inner, constants: new Map(), inputs: [], outputs: [{ name: output, type: null, dims: null }] },
			});
			count += 1;
			const name = `${prefix}unless_${count}`;
			const none = graph.constant('none', () => float32Tensor([0]));
			// Inside, tensors of the outer graph can be read; those made inside stay inside.
			nodes = [];
			known = new Map(outerKnown);
			cut = new Map(outerCut);
			const result = build();
			const inner = nodes;
			nodes = outerNodes;
			known = outerKnown;
			cut = outerCut;
			const nothing = node('Identity', [none], [`${name}/nothing`], { name: `${name}/nothing` });
			nodes.push(
				node('If', [condition], [name], {
					name,
					attributes: {
						then_branch: branch('nothing', [nothing], `${name}/nothing`),
						else_branch: branch('something', inner, result),
					},
				}),
			);
			return name;
		},
		flag(name) {
			flags.push({ name: prefix + name, type: 'bool', dims: [1] });
			return prefix + name;
		},
		output(tensor) {
			if (!outputs.includes(tensor)) outputs.push(tensor);
			return tensor;
		},
		finish: (keep) =>
			prune({
				...base,
				nodes,
				constants,
				inputs: [...base.inputs, ...flags],
				outputs: [...new Set([...keep, ...outputs])].map((name) => ({ name, type: null, dims: null })),
			}),
	};
	return graph;
}
