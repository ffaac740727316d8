/** Writes an ONNX graph node by node, and the graph of its derivative behind it. */
import { int } from '../../model/attributes.ts';
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

const floatCode = 1;

/** From so many numbers on, a product of two rows is faster than multiplying and summing in two passes. */
const longRow = 128;

/** The operations that the gradient graph is written in. */
export function arithmetic(graph: GraphBuilder) {
	const binary =
		(op: string) =>
		(a: string, b: string): string =>
			graph.add(op, [a, b]);
	const reshape = (a: string, ...shape: readonly number[]): string => graph.add('Reshape', [a, graph.integers(...shape)]);
	/** a·b with either operand transposed in its last two axes (onnxruntime's own operator). */
	const product = (a: string, b: string, { left = false, right = false } = {}): string =>
		left || right
			? graph.add('FusedMatMul', [a, b], { transA: int(Number(left)), transB: int(Number(right)) }, 'com.microsoft')
			: graph.add('MatMul', [a, b]);
	const sumAll = (a: string): string => graph.add('ReduceSum', [a], { keepdims: int(0) });
	/** Sum over all axes but the channels' of [N, C, H, W]. */
	const sumToChannels = (a: string): string => graph.add('ReduceSum', [a, graph.integers(0, 2, 3)], { keepdims: int(0) });
	/** The product of every row of a by the same row of b, [rows, 1, 1]. */
	const rowProducts = (a: string, b: string, rows: number): string =>
		product(reshape(a, rows, 1, -1), reshape(b, rows, 1, -1), { right: true });
	return {
		reshape,
		product,
		sumAll,
		sumToChannels,
		/** Σ a·b over everything; `rows`, a divisor of the size, keeps each partial sum short. */
		dot: (a: string, b: string, rows: number): string => sumAll(rowProducts(a, b, rows)),
		/** Σ a·b by channel of [N, C, H, W]. */
		dotByChannel: (a: string, b: string, [n, c, positions]: readonly [number, number, number]): string =>
			positions < longRow
				? sumToChannels(graph.add('Mul', [a, b]))
				: graph.add('ReduceSum', [reshape(rowProducts(a, b, n * c), n, c), graph.integers(0)], { keepdims: int(0) }),
		add: binary('Add'),
		subtract: binary('Sub'),
		multiply: binary('Mul'),
		divide: binary('Div'),
		greater: (a: string, b: string): string => graph.add('Cast', [graph.add('Greater', [a, b])], { to: int(floatCode) }),
		equal: (a: string, b: string): string => graph.add('Cast', [graph.add('Equal', [a, b])], { to: int(floatCode) }),
		scale: (a: string, factor: number): string => graph.add('Mul', [a, graph.number(factor)]),
		sum: (values: readonly string[]): string => (values.length === 1 ? (values[0] as string) : graph.add('Sum', values)),
		concat: (values: readonly string[], axis = 0): string =>
			values.length === 1 ? (values[0] as string) : graph.add('Concat', values, { axis: int(axis) }),
		split: (a: string, parts: number): string[] => (parts === 1 ? [a] : graph.addMany('Split', [a], parts, { axis: int(0) })),
	};
}
export type Arithmetic = ReturnType<typeof arithmetic>;
