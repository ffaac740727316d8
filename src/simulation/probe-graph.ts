import { type Attribute, type ConstantTensor, type Graph, type GraphNode, node } from '../network/graph.ts';
import { float32Tensor, int64Tensor } from '../network/tensors.ts';

/** ONNX element type numbers used by probes. */
const types = { float: 1, uint8: 2, bool: 9 } as const;

/** A copy of a graph to which probes are added: nodes that reduce activations to a handful of small tensors. */
export interface ProbeGraph {
	add(op: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>): string;
	constant(key: string, make: () => ConstantTensor): string;
	reshape(tensor: string, dims: readonly number[]): string;
	cast(tensor: string, type: keyof typeof types): string;
	/** Sums over one axis of a [batch, rows, columns] tensor as a product with ones, which onnxruntime runs at memory speed. */
	sumRows(tensor: string, rows: number): string;
	/** A fresh output of the graph that holds this tensor. */
	output(tensor: string): string;
	finish(keep: readonly string[]): Graph;
}

export const int = (value: number): Attribute => ({ kind: 'int', value });
export const ints = (value: readonly number[]): Attribute => ({ kind: 'ints', value });

const prefix = 'snn-energy/probe/';

export function probeGraph(base: Graph): ProbeGraph {
	const nodes: GraphNode[] = [...base.nodes];
	const constants = new Map(base.constants);
	const outputs: string[] = [];
	// Equal probes on one tensor (a spike that feeds two layers) are computed once.
	const known = new Map<string, string>();
	let count = 0;
	const graph: ProbeGraph = {
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
		reshape: (tensor, dims) => graph.add('Reshape', [tensor, graph.constant(`shape_${dims.join('_')}`, () => int64Tensor(dims))]),
		cast: (tensor, type) => graph.add('Cast', [tensor], { to: int(types[type]) }),
		sumRows: (tensor, rows) =>
			graph.add('MatMul', [
				graph.constant(`ones_1x${rows}`, () => float32Tensor(new Float32Array(rows).fill(1), [1, rows])),
				tensor,
			]),
		output(tensor) {
			if (!outputs.includes(tensor)) outputs.push(tensor);
			return tensor;
		},
		finish: (keep) => ({
			...base,
			nodes,
			constants,
			outputs: [...new Set([...keep, ...outputs])].map((name) => ({ name, type: null, dims: null })),
		}),
	};
	return graph;
}
