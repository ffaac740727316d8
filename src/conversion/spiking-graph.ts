import { UserError } from '../errors.ts';
import {
	type Attribute,
	type ConstantTensor,
	type Dimension,
	type Graph,
	type GraphNode,
	type Model,
	node,
	type TensorInfo,
} from '../network/graph.ts';
import { indexGraph } from '../network/graph-index.ts';
import { synapticName } from '../network/names.ts';
import { freshNames } from '../network/rewrite/fresh-names.ts';
import { synapticUse } from '../network/synapses.ts';
import { float32Scalar, float32Tensor, tensorValues } from '../network/tensors.ts';
import { tool } from '../version.ts';
import type { Activation, PlainNetwork } from './ann.ts';
import * as messages from './messages.ts';

/** How neurons fire and what max pooling becomes. */
export interface SpikingOptions {
	/** Threshold of each activation by its output tensor, in the plain network's units. */
	readonly thresholds: ReadonlyMap<string, number>;
	/** Share of the membrane potential kept from one timestep to the next; 1: integrate and fire. */
	readonly leak: number;
	/**
	 * True: a neuron fires as if it had started at half its threshold, which rounds its rate to the nearest instead of
	 * down (Bu et al., 2022). False: it starts at 0, as the IIR-SNN papers have it.
	 */
	readonly halfStart: boolean;
	readonly maxPool: 'count' | 'average';
	readonly timesteps: number;
	readonly file: string;
}

export interface SpikingModel {
	readonly model: Model;
	/** Input current of each layer of neurons, by the plain network's activation. */
	readonly currents: ReadonlyMap<string, string>;
	/** Layers that take the analog input. */
	readonly analogLayers: readonly string[];
	readonly assumptions: readonly string[];
}

/**
 * A tensor of the spiking network. The plain network's value is `height` times the mean of the tensor over time.
 * `still` tensors depend on the image alone.
 */
interface Value {
	readonly height: number;
	readonly spikes: boolean;
	readonly still: boolean;
}

/** Operators that move elements, or average them: the mean over time passes through. */
const linear = new Set([
	'AveragePool',
	'GlobalAveragePool',
	'Flatten',
	'Reshape',
	'Squeeze',
	'Unsqueeze',
	'Transpose',
	'Identity',
	'Dropout',
	'Slice',
	'Gather',
	'Split',
	'ReduceMean',
	'ReduceSum',
	'DepthToSpace',
	'SpaceToDepth',
	'Expand',
	'Tile',
	'Upsample',
	'Resize',
	'Pad',
	'Neg',
	'Cast',
]);
/** Of these, the ones that leave spikes 0 or 1. */
const moving = new Set([
	'Flatten',
	'Reshape',
	'Squeeze',
	'Unsqueeze',
	'Transpose',
	'Identity',
	'Dropout',
	'Slice',
	'Gather',
	'Split',
	'DepthToSpace',
	'SpaceToDepth',
	'Expand',
	'Tile',
	'Pad',
	'Concat',
]);
const notRelu = new Set([
	'LeakyRelu',
	'PRelu',
	'Sigmoid',
	'Tanh',
	'Elu',
	'Selu',
	'Celu',
	'Gelu',
	'Softplus',
	'Softsign',
	'HardSigmoid',
	'HardSwish',
	'Mish',
	'Erf',
	'Exp',
	'Softmax',
	'LogSoftmax',
	'Clip',
	'ThresholdedRelu',
]);

const floatCode = 1;
const int = (value: number): Attribute => ({ kind: 'int', value });

/**
 * The spiking network as a step model: one timestep a run, a membrane potential per neuron as input and output, class
 * scores accumulated. Spikes are 0 and 1; their heights are multiplied into the weights that receive them.
 *
 * @throws UserError for operators a firing rate cannot pass through
 */
export function spikingGraph(network: PlainNetwork, options: SpikingOptions): SpikingModel {
	const { graph } = network.model;
	const work: Work = {
		network,
		options,
		index: indexGraph(graph),
		names: freshNames(graph),
		nodes: [],
		constants: new Map(graph.constants),
		values: new Map(graph.inputs.map(({ name }) => [name, { height: 1, spikes: false, still: true }])),
		inputs: [...graph.inputs],
		outputs: [],
		states: [],
		assumptions: [],
		activations: new Map(network.activations.map((activation) => [activation.node, activation])),
		pools: 0,
		currents: new Map(),
		analogLayers: [],
	};
	for (const one of graph.nodes) translate(one, work);
	const scores = withHeight(network.output, 1, work);
	const shape = dims(network.output, network);
	const before = work.names.take('scores.before');
	const logits = work.names.take('scores');
	work.nodes.push(node('Add', [before, scores], [logits], { name: work.names.take('scores/Add') }));
	work.inputs.push({ name: before, type: 'float32', dims: shape });
	work.states.push(`${before}=${logits}`);
	if (work.pools > 0)
		work.assumptions.push(
			options.maxPool === 'count' ? messages.maxPoolCounted(work.pools) : messages.maxPoolAveraged(work.pools),
		);
	const used = new Set(work.nodes.flatMap(({ inputs }) => inputs));
	const step: Graph = {
		name: 'step',
		nodes: work.nodes,
		constants: new Map([...work.constants].filter(([name]) => used.has(name))),
		inputs: work.inputs,
		outputs: [{ name: logits, type: 'float32', dims: shape }, ...work.outputs],
	};
	const metadata = new Map([
		['snn.timesteps', String(options.timesteps)],
		['snn.encoding', 'direct'],
		['snn.reset', 'soft'],
		['snn.form', 'step'],
		['snn.states', work.states.join(',')],
		['snn.output', logits],
		['snn.readout', 'last'],
	]);
	const opset = Math.max(13, network.model.opsets.get('') ?? 13);
	const model = { graph: step, opsets: new Map([...network.model.opsets, ['', opset]]), producer: tool.name, metadata };
	return { model, currents: work.currents, analogLayers: work.analogLayers, assumptions: work.assumptions };
}

interface Work {
	readonly network: PlainNetwork;
	readonly options: SpikingOptions;
	readonly index: ReturnType<typeof indexGraph>;
	readonly names: ReturnType<typeof freshNames>;
	readonly nodes: GraphNode[];
	readonly constants: Map<string, ConstantTensor>;
	readonly values: Map<string, Value>;
	readonly inputs: TensorInfo[];
	readonly outputs: TensorInfo[];
	readonly states: string[];
	readonly assumptions: string[];
	readonly activations: ReadonlyMap<GraphNode, Activation>;
	pools: number;
	readonly currents: Map<string, string>;
	readonly analogLayers: string[];
}

/** Shape of a tensor with the batch left open where the plain network leaves it open. */
function dims(tensor: string, { measured }: PlainNetwork): Dimension[] {
	return (measured.shapeOf(tensor) ?? []).map(([a, b]) => (a === b ? a : 'batch'));
}

const valueAt = (tensor: string, work: Work): Value | null => work.values.get(tensor) ?? null;

function translate(one: GraphNode, work: Work): void {
	const { file } = work.options;
	const inputs = one.inputs.flatMap((name) => (name === '' || work.constants.has(name) ? [] : (valueAt(name, work) ?? [])));
	const activation = work.activations.get(one);
	const use = synapticUse(one, work.index);
	const [first = ''] = one.inputs;
	const value = valueAt(first, work);
	const product = ['Mul', 'Div', 'MatMul', 'Gemm'].includes(one.op);
	if (activation) fire(activation, work);
	else if (use) weigh(one, use.weight, use.input, work);
	// What depends on the image alone is computed as it is.
	else if (inputs.every(({ still }) => still)) keep(one, { height: 1, spikes: false, still: true }, work);
	else if (notRelu.has(one.op)) throw new UserError(messages.unsupportedActivation(file, one.name, one.op));
	else if (one.op === 'MaxPool' || one.op === 'GlobalMaxPool') pool(one, work);
	else if (linear.has(one.op)) keep(one, passed(value, moving.has(one.op)), work);
	else if (one.op === 'BatchNormalization') normalise(one, work);
	else if (['Add', 'Sub', 'Sum'].includes(one.op)) add(one, work);
	else if (one.op === 'Concat') join(one, work);
	else if (product && inputs.length > 1) throw new UserError(messages.productOfActivations(file, one.name, one.op));
	else if (one.op === 'Mul' || (one.op === 'Div' && work.constants.has(one.inputs[1] ?? '')))
		keep(one, passed(inputs[0] ?? null, false), work);
	else throw new UserError(messages.unsupportedOperator(file, one.name, one.op));
}

const passed = (value: Value | null, stillSpikes: boolean): Value => ({
	height: value?.height ?? 1,
	spikes: stillSpikes && (value?.spikes ?? false),
	still: false,
});

function keep(one: GraphNode, value: Value, work: Work): void {
	work.nodes.push(one);
	for (const output of one.outputs) if (output !== '') work.values.set(output, value);
}

/** Weights receive spikes of height θ: θ is multiplied into them, so that spikes stay 0 and 1. */
function weigh(one: GraphNode, weight: string, input: string, work: Work): void {
	const value = valueAt(input, work) ?? { height: 1, spikes: false, still: false };
	if (value.still) work.analogLayers.push(synapticName(weight, one.name, one.op));
	let name = weight;
	if (value.height !== 1) {
		const tensor = work.constants.get(weight) as ConstantTensor;
		const shared = (work.index.consumers.get(weight)?.length ?? 0) > 1;
		name = shared ? work.names.take(weight) : weight;
		work.constants.set(
			name,
			float32Tensor(
				Float32Array.from(tensorValues(tensor), (one_) => one_ * value.height),
				tensor.dims,
			),
		);
	}
	work.nodes.push({ ...one, inputs: one.inputs.map((from) => (from === weight ? name : from)) });
	for (const output of one.outputs) work.values.set(output, { height: 1, spikes: false, still: value.still });
}

/** A layer of neurons: u = λ·before + current; a spike where u reaches the threshold; after = u − θ·spike. */
function fire({ name, input, output }: Activation, work: Work): void {
	const { leak, halfStart, thresholds } = work.options;
	const current = withHeight(input, 1, work);
	work.currents.set(output, current);
	const threshold = thresholds.get(output) ?? 1;
	const constant = (part: string, value: number): string => {
		const fresh = work.names.take(`${name}.${part}`);
		work.constants.set(fresh, float32Scalar(value));
		return fresh;
	};
	const take = (part: string): string => work.names.take(`${name}.${part}`);
	const [before, after] = [take('membrane'), take('membrane.next')];
	const emit = (op: string, inputs: readonly string[], to: string, attributes?: Readonly<Record<string, Attribute>>): string => {
		work.nodes.push(node(op, inputs, [to], { name: work.names.take(`${name}/${op}`), ...(attributes ? { attributes } : {}) }));
		return to;
	};
	const kept = leak === 1 ? before : emit('Mul', [before, constant('leak', leak)], take('membrane.leaked'));
	const membrane = emit('Add', [kept, current], take('membrane.charged'));
	const height = constant('threshold', threshold);
	// A potential that starts at 0 and fires at θ/2 does what one that starts at θ/2 and fires at θ does.
	const level = halfStart ? constant('threshold.half', threshold / 2) : height;
	const fires = emit(halfStart ? 'GreaterOrEqual' : 'Greater', [membrane, level], take('fires'));
	emit('Cast', [fires], output, { to: int(floatCode) });
	emit('Sub', [membrane, emit('Mul', [output, height], take('reset'))], after);
	remember(before, after, output, work);
	work.values.set(output, { height: threshold, spikes: true, still: false });
}

/** Declares a state that has the shape of a tensor. */
function remember(before: string, after: string, like: string, work: Work): void {
	const shape = dims(like, work.network);
	work.inputs.push({ name: before, type: 'float32', dims: shape });
	work.outputs.push({ name: after, type: 'float32', dims: shape });
	work.states.push(`${before}=${after}`);
}

/**
 * Max pooling of spikes. With c the spike counts of a window until now, a spike is passed on when max c grows; since each
 * count grows by at most 1 a timestep, so does the maximum, and the mean over time is the maximum of the rates.
 */
function pool(one: GraphNode, work: Work): void {
	const [input = ''] = one.inputs;
	const [output = ''] = one.outputs;
	const value = valueAt(input, work);
	if (!value?.spikes) throw new UserError(messages.unsupportedOperator(work.options.file, one.name, one.op));
	work.pools += 1;
	if (work.options.maxPool === 'average') {
		const attributes = new Map([...one.attributes].filter(([key]) => !['storage_order', 'dilations'].includes(key)));
		const averaged = { ...one, op: one.op === 'MaxPool' ? 'AveragePool' : 'GlobalAveragePool', outputs: [output], attributes };
		keep(averaged, { ...value, spikes: false }, work);
		return;
	}
	const take = (part: string): string => work.names.take(`${output}.${part}`);
	const [before, after, highestBefore, highest, grows] = [
		take('counts'),
		take('counts.next'),
		take('highest.before'),
		take('highest'),
		take('grows'),
	];
	work.nodes.push(
		node('Add', [before, input], [after], { name: work.names.take(`${one.name}/Add`) }),
		{ ...one, name: work.names.take(`${one.name}/before`), inputs: [before], outputs: [highestBefore] },
		{ ...one, inputs: [after], outputs: [highest] },
		node('Greater', [highest, highestBefore], [grows], { name: work.names.take(`${one.name}/Greater`) }),
		node('Cast', [grows], [output], { name: work.names.take(`${one.name}/Cast`), attributes: { to: int(floatCode) } }),
	);
	remember(before, after, input, work);
	work.values.set(output, value);
}

/** y = γ(θ·x − μ)/σ + β = γθ·(x − μ/θ)/σ + β. */
function normalise(one: GraphNode, work: Work): void {
	const [input = '', scale = '', , mean = ''] = one.inputs;
	const height = valueAt(input, work)?.height ?? 1;
	const changed = (name: string, factor: number): string => {
		const tensor = work.constants.get(name);
		if (factor === 1 || !tensor) return name;
		const fresh = work.names.take(name);
		work.constants.set(
			fresh,
			float32Tensor(
				Float32Array.from(tensorValues(tensor), (value) => value * factor),
				tensor.dims,
			),
		);
		return fresh;
	};
	const inputs = one.inputs.map((name, position) =>
		position === 1 ? changed(scale, height) : position === 3 ? changed(mean, 1 / height) : name,
	);
	keep({ ...one, inputs }, { height: 1, spikes: false, still: false }, work);
}

function add(one: GraphNode, work: Work): void {
	const heights = new Set(one.inputs.map((name) => valueAt(name, work)?.height ?? null));
	const [only] = heights;
	if (heights.size === 1 && typeof only === 'number') {
		keep(one, { height: only, spikes: false, still: false }, work);
		return;
	}
	const inputs = one.inputs.map((name) => (work.constants.has(name) ? name : withHeight(name, 1, work)));
	keep({ ...one, inputs }, { height: 1, spikes: false, still: false }, work);
}

/** Joined spikes need one height, so thresholds of joined layers are made equal before this; else numbers are joined. */
function join(one: GraphNode, work: Work): void {
	const values = one.inputs.map((name) => valueAt(name, work));
	const heights = new Set(values.map((value) => value?.height ?? 1));
	const [height = 1] = heights;
	if (heights.size === 1) {
		keep(one, { height, spikes: values.every((value) => value?.spikes), still: false }, work);
		return;
	}
	const inputs = one.inputs.map((name) => (work.constants.has(name) ? name : withHeight(name, 1, work)));
	keep({ ...one, inputs }, { height: 1, spikes: false, still: false }, work);
}

/**
 * A tensor with spikes of another height. In images that is one weight a channel, so that each spike counts as a synaptic
 * event; elsewhere a multiplication.
 */
function withHeight(tensor: string, wanted: number, work: Work): string {
	const value = valueAt(tensor, work);
	if (!value || value.height === wanted) return tensor;
	const factor = value.height / wanted;
	const shape = work.network.measured.shapeOf(tensor) ?? [];
	const output = work.names.take(`${tensor}.scaled`);
	const channels = shape[1]?.[0] ?? 0;
	if (shape.length === 4 && channels > 0) {
		const weight = work.names.take(`${tensor}.shortcut.weight`);
		work.constants.set(weight, float32Tensor(new Float32Array(channels).fill(factor), [channels, 1, 1, 1]));
		work.nodes.push(
			node('Conv', [tensor, weight], [output], {
				name: work.names.take(`${tensor}.shortcut/Conv`),
				attributes: { kernel_shape: { kind: 'ints', value: [1, 1] }, group: int(channels) },
			}),
		);
		work.assumptions.push(messages.shortcutScaled(tensor));
	} else {
		const constant = work.names.take(`${tensor}.height`);
		work.constants.set(constant, float32Scalar(factor));
		work.nodes.push(node('Mul', [tensor, constant], [output], { name: work.names.take(`${tensor}.scaled/Mul`) }));
	}
	work.values.set(output, { height: wanted, spikes: false, still: false });
	return output;
}
