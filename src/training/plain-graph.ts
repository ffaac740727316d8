/**
 * A plain chain of somebody else's ReLU network as a plan the engine can train: convolutions, ReLUs, pooling and dense
 * layers, one behind the other.
 */
import type { Graph, GraphNode } from '../model/graph.ts';
import { formOf, operatorFacts, reshapes } from '../model/operators/index.ts';
import { indexGraph, intAttribute, intsAttribute, stringAttribute } from '../network/graph-index.ts';
import { synapticUse } from '../network/synapses.ts';
import type { Operation, Plan, Shape } from './plan.ts';
import { product } from './plan.ts';

/** Where a layer's numbers lie in the graph, and how they are laid out there. */
export interface PlacedLayer {
	readonly layer: string;
	readonly weight: string;
	readonly bias: string | null;
	/** `rows`: [Nout, Nin] of a dense layer that is trained as a convolution over its whole input; `columns`: [Nin, Nout]. */
	readonly order: 'convolution' | 'rows' | 'columns';
}

export interface ChainPlan {
	readonly plan: Plan;
	readonly synapses: readonly PlacedLayer[];
	/** Neuron layers of the plan by the tensor that is the ReLU's output. */
	readonly neurons: ReadonlyMap<string, string>;
}

/** What keeps a graph from being trained: the operator and why. */
export interface NotAChain {
	readonly node: string;
	readonly op: string;
	readonly reason: string;
}

export interface ChainQuestion {
	readonly graph: Graph;
	/** Shape of a tensor without its batch axis. */
	readonly shapeOf: (tensor: string) => Shape | null;
	/** Output tensors of the ReLUs that become neurons. */
	readonly activations: ReadonlySet<string>;
	readonly output: string;
	readonly name: string;
}

/**
 * Dense layers with a bias are laid out as convolutions that cover their whole input, which is the same sum; the engine's own
 * dense layers have no bias, as published.
 */
export function chainPlan(question: ChainQuestion): ChainPlan | NotAChain {
	const { graph, shapeOf, activations, output } = question;
	const index = indexGraph(graph);
	const [input] = graph.inputs;
	const inputShape = input ? shapeOf(input.name) : null;
	const classes = shapeOf(output);
	if (!input || !inputShape || !classes || classes.length !== 1)
		return { node: output, op: 'output', reason: 'its shape is not [batch, classes]' };
	const dense = graph.nodes.filter(({ op }) => op === 'Gemm' || op === 'MatMul');
	const biased = dense.some((node) => biasOf(node, graph) !== null);
	const operations: Operation[] = [];
	const synapses: PlacedLayer[] = [];
	const neurons = new Map<string, string>();
	const whole = inputShape.length === 1 && biased;
	let value = 'image';
	let shape: Shape = whole ? [inputShape[0] ?? 0, 1, 1] : inputShape;
	let pooling: 'average' | 'max' = 'average';
	const push = (operation: Operation): void => {
		operations.push(operation);
		value = operation.output;
		shape = operation.outputShape;
	};
	const flatten = (): void => {
		if (shape.length === 3)
			push({
				kind: 'flatten',
				name: `flatten${operations.length}`,
				input: value,
				output: `flatten${operations.length}`,
				inputShape: shape,
				outputShape: [product(shape)],
			});
	};
	const problem = (node: GraphNode, reason: string): NotAChain => ({ node: node.name, op: node.op, reason });
	for (let tensor = input.name; tensor !== output; ) {
		const readers = index.consumers.get(tensor) ?? [];
		const [node, ...others] = readers;
		if (!node) return { node: tensor, op: 'tensor', reason: 'it leads nowhere' };
		if (others.length > 0) return problem(node, 'its input is read by several operators: a shortcut, not a chain');
		const [next = ''] = node.outputs;
		const outputShape = shapeOf(next);
		if (!outputShape) return problem(node, 'its shape is not known');
		tensor = next;
		if (activations.has(next)) {
			const before = operations.at(-1)?.kind;
			if (before !== 'convolution' && before !== 'dense') return problem(node, 'no weights stand in front of it');
			const name = `neuron${neurons.size + 1}`;
			neurons.set(next, name);
			push({ kind: 'neuron', name, input: value, output: name, outputShape: shape, dropout: false });
			continue;
		}
		if (reshapes(node)) {
			if (outputShape.length !== 1) return problem(node, 'it changes the shape to something else than [batch, features]');
			// Where dense layers have biases they are convolutions over the whole map, which stays as it is.
			if (!biased) flatten();
			continue;
		}
		if (formOf(node) === 'same' && operatorFacts(node)?.elements === 'each') continue;
		const name = `layer${synapses.length + 1}`;
		const use = synapticUse(node, index);
		if (use && node.op === 'Conv') {
			const geometry = squareGeometry(node, graph);
			if (!geometry)
				return problem(node, 'only square kernels with one stride, equal padding, no groups and no dilation are trained');
			if (outputShape.length !== 3) return problem(node, 'only convolutions over images are trained');
			synapses.push({ layer: name, weight: use.weight, bias: use.bias, order: 'convolution' });
			push({ kind: 'convolution', name, input: value, output: name, inputShape: shape, outputShape, ...geometry });
			continue;
		}
		if (use && (node.op === 'Gemm' || node.op === 'MatMul')) {
			if (use.weightPosition !== 1 || outputShape.length !== 1 || !plainGemm(node))
				return problem(node, 'only x·W + b of flat features is trained');
			const order = node.op === 'Gemm' && intAttribute(node, 'transB', 0) === 1 ? 'rows' : 'columns';
			const bias = biasOf(node, graph);
			if (bias?.add) tensor = bias.add.outputs[0] ?? tensor;
			synapses.push({ layer: name, weight: use.weight, bias: bias?.constant ?? null, order });
			if (!biased) push({ kind: 'dense', name, input: value, output: name, inputShape: shape, outputShape });
			else {
				const [, height = 1, width = 1] = shape;
				if (height !== width) return problem(node, 'dense layers with a bias are trained on square maps only');
				push({
					kind: 'convolution',
					name,
					input: value,
					output: name,
					inputShape: shape,
					outputShape: [outputShape[0] ?? 0, 1, 1],
					kernel: height,
					stride: 1,
					padding: 0,
				});
			}
			continue;
		}
		const pool = poolOf(node, shape);
		if (pool) {
			const pools = operations.filter(({ kind }) => kind === 'pool').length;
			pooling = pool.pooling;
			push({
				kind: 'pool',
				name: `pool${pools + 1}`,
				input: value,
				output: `pool${pools + 1}`,
				inputShape: shape,
				outputShape: [shape[0] ?? 0, outputShape[1] ?? 1, outputShape[2] ?? 1],
				...pool,
			});
			continue;
		}
		return problem(
			node,
			node.op.endsWith('Pool')
				? 'only pooling over windows that divide the map, side by side, is trained'
				: 'the training engine has no such layer',
		);
	}
	if (!['convolution', 'dense'].includes(operations.at(-1)?.kind ?? ''))
		return { node: output, op: 'output', reason: 'the class scores come from no layer of weights' };
	flatten();
	// Graphs of gradients are kept by architecture, so each network has a name of its own.
	const architecture = { name: question.name, layers: [], pooling };
	return {
		plan: {
			architecture,
			inputShape: whole ? [inputShape[0] ?? 0, 1, 1] : inputShape,
			classes: classes[0] ?? 0,
			operations,
			output: value,
		},
		synapses,
		neurons,
	};
}

/** The bias of a dense layer: Gemm's own, or a constant that is added next. */
function biasOf(node: GraphNode, graph: Graph): { readonly constant: string; readonly add: GraphNode | null } | null {
	const [, , own] = node.inputs;
	if (own && graph.constants.has(own)) return { constant: own, add: null };
	const [output = ''] = node.outputs;
	const [add] = graph.nodes.filter(({ inputs }) => inputs.includes(output));
	const constant = add?.op === 'Add' ? add.inputs.find((name) => graph.constants.has(name)) : undefined;
	return add && constant !== undefined ? { constant, add } : null;
}

const plainGemm = (node: GraphNode): boolean =>
	intAttribute(node, 'transA', 0) === 0 &&
	['alpha', 'beta'].every((name) => {
		const attribute = node.attributes.get(name);
		return attribute?.kind !== 'float' || attribute.value === 1;
	});

const allEqual = (values: readonly number[]): boolean => values.every((value) => value === values[0]);

function squareGeometry(node: GraphNode, graph: Graph): { kernel: number; stride: number; padding: number } | null {
	const kernel = intsAttribute(node, 'kernel_shape') ?? graph.constants.get(node.inputs[1] ?? '')?.dims.slice(2) ?? [];
	const strides = intsAttribute(node, 'strides') ?? [1, 1];
	const pads = intsAttribute(node, 'pads') ?? [0, 0, 0, 0];
	const dilations = intsAttribute(node, 'dilations') ?? [1, 1];
	const automatic = stringAttribute(node, 'auto_pad', 'NOTSET') !== 'NOTSET';
	const plain = intAttribute(node, 'group', 1) === 1 && dilations.every((one) => one === 1) && !automatic;
	if (!plain || kernel.length !== 2 || ![kernel, strides, pads].every(allEqual)) return null;
	return { kernel: kernel[0] ?? 1, stride: strides[0] ?? 1, padding: pads[0] ?? 0 };
}

/** Pooling over windows that lie side by side and cover the map. */
function poolOf(node: GraphNode, shape: Shape): { readonly pooling: 'average' | 'max'; readonly size: number } | null {
	const [, height = 0, width = 0] = shape;
	if (shape.length !== 3) return null;
	if (node.op === 'GlobalAveragePool') return height === width ? { pooling: 'average', size: height } : null;
	if (node.op !== 'MaxPool' && node.op !== 'AveragePool') return null;
	const kernel = intsAttribute(node, 'kernel_shape') ?? [];
	const strides = intsAttribute(node, 'strides') ?? [1, 1];
	const padded =
		(intsAttribute(node, 'pads') ?? []).some((pad) => pad !== 0) || stringAttribute(node, 'auto_pad', 'NOTSET') !== 'NOTSET';
	const [size = 0] = kernel;
	if (kernel.length !== 2 || ![...kernel, ...strides].every((one) => one === size) || padded) return null;
	return height % size === 0 && width % size === 0 ? { pooling: node.op === 'MaxPool' ? 'max' : 'average', size } : null;
}
