/** Writes an ONNX graph node by node, and the graph of its derivative behind it. */
import type { Attribute, ConstantTensor, Dimension, GraphNode, Model, TensorInfo } from '../../model/graph.ts';
import { node } from '../../model/graph.ts';
import { float32Scalar, float32Tensor, int64Tensor } from '../../model/tensors.ts';
import { tool } from '../../version.ts';

type Attributes = Readonly<Record<string, Attribute>>;

export class GraphBuilder {
	readonly #nodes: GraphNode[] = [];
	readonly #constants = new Map<string, ConstantTensor>();
	readonly #inputs: TensorInfo[] = [];
	readonly #outputs: TensorInfo[] = [];
	#count = 0;

	input(name: string, dims: readonly Dimension[]): string {
		this.#inputs.push({ name, type: 'float32', dims });
		return name;
	}

	/** Publishes a value under a name of its own. */
	output(name: string, value: string): void {
		this.#nodes.push(node('Identity', [value], [name]));
		this.#outputs.push({ name, type: 'float32', dims: null });
	}

	constant(tensor: ConstantTensor): string {
		const name = `constant${this.#constants.size}`;
		this.#constants.set(name, tensor);
		return name;
	}

	number = (value: number): string => this.constant(float32Scalar(value));
	numbers = (values: ArrayLike<number>, dims: readonly number[]): string => this.constant(float32Tensor(values, dims));
	integers = (...values: readonly number[]): string => this.constant(int64Tensor(values));

	/** Adds a node with one output and returns the output's name. */
	add(op: string, inputs: readonly string[], attributes: Attributes = {}, domain = ''): string {
		return this.addMany(op, inputs, 1, attributes, domain)[0] as string;
	}

	addMany(op: string, inputs: readonly string[], outputs: number, attributes: Attributes = {}, domain = ''): string[] {
		const names = Array.from({ length: outputs }, () => `v${this.#count++}`);
		this.#nodes.push(node(op, inputs, names, { domain, attributes }));
		return names;
	}

	model(name: string): Model {
		const opsets = new Map([
			['', 17],
			['com.microsoft', 1],
		]);
		const graph = { name, nodes: this.#nodes, constants: this.#constants, inputs: this.#inputs, outputs: this.#outputs };
		return { graph, opsets, producer: tool.name, metadata: new Map() };
	}
}

export const ints = (...value: readonly number[]): Attribute => ({ kind: 'ints', value });
export const int = (value: number): Attribute => ({ kind: 'int', value });
export const float = (value: number): Attribute => ({ kind: 'float', value });
const floatCode = 1;

/** The operations that the gradient graph is written in. */
export function arithmetic(graph: GraphBuilder) {
	const binary =
		(op: string) =>
		(a: string, b: string): string =>
			graph.add(op, [a, b]);
	return {
		add: binary('Add'),
		subtract: binary('Sub'),
		multiply: binary('Mul'),
		divide: binary('Div'),
		greater: (a: string, b: string): string => graph.add('Cast', [graph.add('Greater', [a, b])], { to: int(floatCode) }),
		equal: (a: string, b: string): string => graph.add('Cast', [graph.add('Equal', [a, b])], { to: int(floatCode) }),
		scale: (a: string, factor: number): string => graph.add('Mul', [a, graph.number(factor)]),
		sumAll: (a: string): string => graph.add('ReduceSum', [a], { keepdims: int(0) }),
		/** Sum over all axes but the channels' of [N, C, H, W]. */
		sumToChannels: (a: string): string => graph.add('ReduceSum', [a, graph.integers(0, 2, 3)], { keepdims: int(0) }),
		reshape: (a: string, ...shape: readonly number[]): string => graph.add('Reshape', [a, graph.integers(...shape)]),
		sum: (values: readonly string[]): string => (values.length === 1 ? (values[0] as string) : graph.add('Sum', values)),
		concat: (values: readonly string[], axis = 0): string =>
			values.length === 1 ? (values[0] as string) : graph.add('Concat', values, { axis: int(axis) }),
		split: (a: string, parts: number): string[] => (parts === 1 ? [a] : graph.addMany('Split', [a], parts, { axis: int(0) })),
		/** a·b with either operand transposed in its last two axes (onnxruntime's own operator). */
		product: (a: string, b: string, options: { left?: boolean; right?: boolean } = {}): string =>
			options.left || options.right
				? graph.add(
						'FusedMatMul',
						[a, b],
						{ transA: int(options.left ? 1 : 0), transB: int(options.right ? 1 : 0) },
						'com.microsoft',
					)
				: graph.add('MatMul', [a, b]),
	};
}
export type Arithmetic = ReturnType<typeof arithmetic>;
