/**
 * A trained network as an ONNX graph: the step model (one timestep a run, states in and out), the same
 * unrolled over T timesteps, or the plain ReLU twin. Standard operators, opset 17, dynamic batch.
 *
 * @see docs/training.md#the-onnx-step-model
 */
import { int, ints } from '../../model/attributes.ts';
import type { ConstantTensor, Graph, GraphNode, Model, TensorInfo } from '../../model/graph.ts';
import { node } from '../../model/graph.ts';
import { float32Scalar, float32Tensor } from '../../model/tensors.ts';
import { tool } from '../../version.ts';
import type { Layout } from '../parameters.ts';
import { slice } from '../parameters.ts';
import type { Operation, Plan, Shape } from '../plan.ts';
import { neuronsOf } from '../plan.ts';

export interface OnnxExportOptions {
	/** `step`: one timestep a run. `unrolled`: all timesteps in one graph. Ignored for a ReLU net. */
	readonly form: 'step' | 'unrolled';
	readonly timesteps: number;
	/** Adds each neuron layer's output to the graph's outputs. */
	readonly spikeOutputs?: boolean;
	/** Data set, normalisation, class names and the like, for metadata_props. */
	readonly metadata?: Readonly<Record<string, string>>;
}

const batch = 'batch';
const floatCode = 1;

/** Name of a layer's spikes at one timestep; in the step model there is only one. */
export const spikesName = (layer: string, timestep: number, form: OnnxExportOptions['form']): string =>
	form === 'unrolled' ? `${layer}.spikes.${timestep}` : `${layer}.spikes`;

/** The weights of a plan as constants named `${layer}.${role}`. */
function constantsOf(layout: Layout, values: Float32Array): Map<string, ConstantTensor> {
	const constants = new Map<string, ConstantTensor>();
	for (const entry of layout.entries) {
		const numbers = slice(values, entry);
		constants.set(entry.name, entry.shape.length === 0 ? float32Scalar(numbers[0] ?? 0) : float32Tensor(numbers, entry.shape));
	}
	return constants;
}

/** Nodes of one stateless operation; `at` names a value at the timestep being built. */
function statelessNode(operation: Exclude<Operation, { kind: 'neuron' }>, at: (value: string) => string): GraphNode {
	const output = at(operation.output);
	const input = at(operation.input);
	switch (operation.kind) {
		case 'convolution': {
			const { kernel, stride, padding, name } = operation;
			return node('Conv', [input, `${name}.weight`, `${name}.bias`], [output], {
				attributes: {
					kernel_shape: ints([kernel, kernel]),
					strides: ints([stride, stride]),
					pads: ints([padding, padding, padding, padding]),
				},
			});
		}
		case 'dense':
			return node('MatMul', [input, `${operation.name}.weight`], [output]);
		case 'sum':
			return node('Add', [input, at(operation.other)], [output]);
		case 'pool':
			return node(operation.pooling === 'max' ? 'MaxPool' : 'AveragePool', [input], [output], {
				attributes: { kernel_shape: ints([operation.size, operation.size]), strides: ints([operation.size, operation.size]) },
			});
		case 'flatten':
			return node('Flatten', [input], [output], { attributes: { axis: int(1) } });
	}
}

/** The LIF step: u = λ·before + current; fires when u > v; after = u − v·spikes. */
function lifNodes(
	layer: string,
	current: string,
	before: string | null,
	spikes: string,
	after: string,
	suffix: string,
): GraphNode[] {
	const name = (part: string): string => `${layer}.${part}${suffix}`;
	const membrane = before ? name('membrane.charged') : current;
	const nodes: GraphNode[] = [];
	if (before) {
		nodes.push(node('Mul', [before, `${layer}.leak`], [name('membrane.leaked')]));
		nodes.push(node('Add', [name('membrane.leaked'), current], [membrane]));
	}
	nodes.push(
		node('Greater', [membrane, `${layer}.threshold`], [name('fires')]),
		node('Cast', [name('fires')], [spikes], { attributes: { to: int(floatCode) } }),
		node('Mul', [spikes, `${layer}.threshold`], [name('reset')]),
		node('Sub', [membrane, name('reset')], [after]),
	);
	return nodes;
}

const info = (name: string, shape: Shape): TensorInfo => ({ name, type: 'float32', dims: [batch, ...shape] });

/** Values that depend on the image alone: the same at every timestep, computed once when unrolled. */
function timelessValues(plan: Plan): Set<string> {
	const timeless = new Set(['image']);
	for (const operation of plan.operations) {
		if (operation.kind === 'neuron' || !timeless.has(operation.input)) continue;
		if (operation.kind === 'sum' && !timeless.has(operation.other)) continue;
		timeless.add(operation.output);
	}
	return timeless;
}

function reluGraph(plan: Plan, layout: Layout, values: Float32Array, spikeOutputs: boolean): Graph {
	const nodes: GraphNode[] = [];
	const rename = (name: string): string => (name === plan.output ? 'logits' : name);
	for (const operation of plan.operations) {
		if (operation.kind === 'neuron') nodes.push(node('Relu', [operation.input], [operation.output]));
		else nodes.push(statelessNode(operation, rename));
	}
	const outputs = [info('logits', [plan.classes])];
	if (spikeOutputs) outputs.push(...neuronsOf(plan).map((layer) => info(layer.output, layer.outputShape)));
	return { name: 'relu', nodes, constants: constantsOf(layout, values), inputs: [info('image', plan.inputShape)], outputs };
}

function stepGraph(plan: Plan, layout: Layout, values: Float32Array, spikeOutputs: boolean): Graph {
	const nodes: GraphNode[] = [];
	const inputs = [info('image', plan.inputShape)];
	const outputs: TensorInfo[] = [];
	const spikes: TensorInfo[] = [];
	const output = `${plan.output}.now`;
	const neurons = new Set(neuronsOf(plan).map(({ output }) => output));
	const rename = (name: string): string => (name === plan.output ? output : neurons.has(name) ? `${name}.spikes` : name);
	for (const operation of plan.operations) {
		if (operation.kind !== 'neuron') {
			nodes.push(statelessNode(operation, rename));
			continue;
		}
		const { name, outputShape } = operation;
		inputs.push(info(`${name}.membrane`, outputShape));
		outputs.push(info(`${name}.membrane.next`, outputShape));
		spikes.push(info(`${name}.spikes`, outputShape));
		nodes.push(...lifNodes(name, operation.input, `${name}.membrane`, `${name}.spikes`, `${name}.membrane.next`, ''));
	}
	nodes.push(node('Add', ['logits.before', output], ['logits']));
	inputs.push(info('logits.before', [plan.classes]));
	const all = [info('logits', [plan.classes]), ...outputs, ...(spikeOutputs ? spikes : [])];
	return { name: 'step', nodes, constants: constantsOf(layout, values), inputs, outputs: all };
}

function unrolledGraph(plan: Plan, layout: Layout, values: Float32Array, timesteps: number, spikeOutputs: boolean): Graph {
	const nodes: GraphNode[] = [];
	const spikes: TensorInfo[] = [];
	const timeless = timelessValues(plan);
	const neurons = new Set(neuronsOf(plan).map(({ output }) => output));
	let total: string | null = null;
	for (let t = 1; t <= timesteps; t++) {
		const rename = (name: string): string =>
			timeless.has(name) ? name : neurons.has(name) ? spikesName(name, t, 'unrolled') : `${name}.${t}`;
		for (const operation of plan.operations) {
			if (operation.kind !== 'neuron') {
				if (t === 1 || !timeless.has(operation.output)) nodes.push(statelessNode(operation, rename));
				continue;
			}
			const { name, outputShape } = operation;
			const before = t === 1 ? null : `${name}.membrane.${t - 1}`;
			const all = lifNodes(name, rename(operation.input), before, rename(operation.output), `${name}.membrane.${t}`, `.${t}`);
			// After the last timestep nobody reads the membrane.
			nodes.push(...(t === timesteps ? all.slice(0, -2) : all));
			spikes.push(info(rename(operation.output), outputShape));
		}
		const now = rename(plan.output);
		if (total === null) total = now;
		else {
			const sum: string = t === timesteps ? 'logits' : `logits.${t}`;
			nodes.push(node('Add', [total, now], [sum]));
			total = sum;
		}
	}
	if (total !== 'logits') nodes.push(node('Identity', [total ?? 'image'], ['logits']));
	const constants = constantsOf(layout, values);
	if (timesteps === 1) for (const name of neurons) constants.delete(`${name}.leak`);
	const outputs = [info('logits', [plan.classes]), ...(spikeOutputs ? spikes : [])];
	return { name: `unrolled over ${timesteps} timesteps`, nodes, constants, inputs: [info('image', plan.inputShape)], outputs };
}

/**
 * Builds the ONNX model of a network without batch normalisation (fold it first).
 *
 * Step model: inputs `image`, `logits.before` and one membrane per neuron layer, all states zero at the start;
 * outputs `logits` (accumulated) and the next membranes.
 */
export function onnxModel(plan: Plan, layout: Layout, values: Float32Array, options: OnnxExportOptions): Model {
	if (layout.mode.normalised) throw new Error('fold the batch normalisation before exporting');
	const spiking = layout.mode.neuron === 'lif';
	const spikeOutputs = options.spikeOutputs ?? false;
	const graph = !spiking
		? reluGraph(plan, layout, values, spikeOutputs)
		: options.form === 'step'
			? stepGraph(plan, layout, values, spikeOutputs)
			: unrolledGraph(plan, layout, values, options.timesteps, spikeOutputs);
	const metadata = new Map<string, string>(Object.entries(options.metadata ?? {}));
	metadata.set('snn.architecture', plan.architecture.name);
	metadata.set('snn.layers', JSON.stringify({ layers: plan.architecture.layers, pooling: plan.architecture.pooling }));
	metadata.set('snn.output', 'logits');
	if (spiking) {
		metadata.set('snn.timesteps', String(options.timesteps));
		metadata.set('snn.encoding', 'direct');
		metadata.set('snn.reset', 'soft');
		metadata.set('snn.form', options.form);
		if (options.form === 'step') {
			const states = neuronsOf(plan).map(({ name }) => `${name}.membrane=${name}.membrane.next`);
			metadata.set('snn.states', [...states, 'logits.before=logits'].join(','));
			metadata.set('snn.readout', 'last');
		}
	}
	return { graph, opsets: new Map([['', 17]]), producer: tool.name, metadata };
}
