import { UserError } from '../errors.ts';
import { type ConstantTensor, type Graph, type GraphNode, type Model, node } from '../model/graph.ts';
import { operatorFacts } from '../model/operators/index.ts';
import { float32Tensor, tensorValues } from '../model/tensors.ts';
import { indexGraph } from '../network/graph-index.ts';
import { synapticName } from '../network/names.ts';
import { freshNames } from '../network/rewrite/fresh-names.ts';
import { synapticUse } from '../network/synapses.ts';
import { tool } from '../version.ts';
import type { PlainNetwork } from './ann.ts';
import * as messages from './messages.ts';
import { fire, pool, withHeight } from './spiking-layers.ts';
import { dims, type NeuronConstants, type SpikingOptions, type Value, valueAt, type Work } from './work.ts';

export interface SpikingModel {
	readonly model: Model;
	/** Input current of each layer of neurons, by the plain network's activation. */
	readonly currents: ReadonlyMap<string, string>;
	readonly neurons: ReadonlyMap<string, NeuronConstants>;
	/** Layers that take the analog input. */
	readonly analogLayers: readonly string[];
	readonly assumptions: readonly string[];
}

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
		shortcuts: 0,
		currents: new Map(),
		neurons: new Map(),
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
	if (work.shortcuts > 0) work.assumptions.push(messages.shortcutsScaled(work.shortcuts));
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
	return {
		model,
		currents: work.currents,
		neurons: work.neurons,
		analogLayers: work.analogLayers,
		assumptions: work.assumptions,
	};
}

function translate(one: GraphNode, work: Work): void {
	const { file } = work.options;
	const inputs = one.inputs.flatMap((name) => (name === '' || work.constants.has(name) ? [] : (valueAt(name, work) ?? [])));
	const activation = work.activations.get(one);
	const use = synapticUse(one, work.index);
	const [first = ''] = one.inputs;
	const value = valueAt(first, work);
	const { form, rate, weights, scales } = operatorFacts(one) ?? {};
	const product = form === 'product' || form === 'quotient' || weights !== undefined;
	if (activation) fire(activation, work);
	else if (use && (scales || one.domain !== '')) throw new UserError(messages.unsupportedOperator(file, one.name, one.op));
	else if (use) weigh(one, use.weight, use.input, work);
	// What depends on the image alone is computed as it is.
	else if (inputs.every(({ still }) => still)) keep(one, { height: 1, spikes: false, still: true }, work);
	else if (rate === 'bends' || rate === 'scores') throw new UserError(messages.unsupportedActivation(file, one.name, one.op));
	else if (rate === 'pool') pool(one, work);
	else if (rate === 'keeps' || rate === 'linear') keep(one, passed(value, rate === 'keeps'), work);
	else if (form === 'normalised') normalise(one, work);
	else if (form === 'sum' || form === 'difference') add(one, work);
	else if (form === 'joined') join(one, work);
	else if (product && inputs.length > 1) throw new UserError(messages.productOfActivations(file, one.name, one.op));
	else if (form === 'product' || (form === 'quotient' && work.constants.has(one.inputs[1] ?? '')))
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
		work.constants.set(name, timesNumber(tensor, value.height));
	}
	work.nodes.push({ ...one, inputs: one.inputs.map((from) => (from === weight ? name : from)) });
	for (const output of one.outputs) work.values.set(output, { height: 1, spikes: false, still: value.still });
}

const timesNumber = (tensor: ConstantTensor, factor: number): ConstantTensor =>
	float32Tensor(
		Float32Array.from(tensorValues(tensor), (value) => value * factor),
		tensor.dims,
	);

/** y = γ(θ·x − μ)/σ + β = γθ·(x − μ/θ)/σ + β. */
function normalise(one: GraphNode, work: Work): void {
	const [input = '', scale = '', , mean = ''] = one.inputs;
	const height = valueAt(input, work)?.height ?? 1;
	const changed = (name: string, factor: number): string => {
		const tensor = work.constants.get(name);
		if (factor === 1 || !tensor) return name;
		const fresh = work.names.take(name);
		work.constants.set(fresh, timesNumber(tensor, factor));
		return fresh;
	};
	const inputs = one.inputs.map((name, position) =>
		position === 1 ? changed(scale, height) : position === 3 ? changed(mean, 1 / height) : name,
	);
	keep({ ...one, inputs }, { height: 1, spikes: false, still: false }, work);
}

/** Inputs of several heights meet as the numbers they stand for. */
function keepAsNumbers(one: GraphNode, work: Work): void {
	const inputs = one.inputs.map((name) => (work.constants.has(name) ? name : withHeight(name, 1, work)));
	keep({ ...one, inputs }, { height: 1, spikes: false, still: false }, work);
}

function add(one: GraphNode, work: Work): void {
	const heights = new Set(one.inputs.map((name) => valueAt(name, work)?.height ?? null));
	const [only] = heights;
	if (heights.size === 1 && typeof only === 'number') {
		keep(one, { height: only, spikes: false, still: false }, work);
		return;
	}
	keepAsNumbers(one, work);
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
	keepAsNumbers(one, work);
}
