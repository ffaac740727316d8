import { UserError } from '../errors.ts';
import type { Graph, GraphNode } from '../model/graph.ts';
import type { StatePairing } from '../model/model-file.ts';
import { dynamicInputs, type GraphIndex } from './graph-index.ts';
import * as messages from './messages.ts';
import type { NeuronLayer, SynapticLayer } from './network.ts';
import { upstream } from './reachability.ts';
import type { SpikeContext } from './spike-paths.ts';

/** Operator sets onnxruntime has built in. */
const knownDomains = new Set(['', 'ai.onnx', 'ai.onnx.ml', 'ai.onnx.preview.training', 'com.microsoft', 'com.microsoft.nchwc']);

/**
 * Operators of a framework's own cannot be run or understood; a network that has one, often a whole neuron, is refused
 * before anything is guessed about it.
 *
 * @throws UserError naming the operator, its node and what to export instead
 */
export function refuseUnknownOperators(graph: Graph, file: string): void {
	for (const node of graph.nodes) {
		if (!knownDomains.has(node.domain)) throw new UserError(messages.unknownOperator(file, node.name, node.domain, node.op));
		for (const attribute of node.attributes.values())
			if (attribute.kind === 'graph') refuseUnknownOperators(attribute.value, file);
	}
}

/** Operators with weights inside that are not taken apart: what is in them is counted nowhere, and said so. */
const uncounted = new Set([
	'LSTM',
	'GRU',
	'RNN',
	'Loop',
	'Scan',
	'If',
	'QLinearConv',
	'QLinearMatMul',
	'ConvInteger',
	'MatMulInteger',
	'FusedConv',
	'FusedGemm',
	'FusedMatMul',
	'DeformConv',
	'Einsum',
	'QGemm',
	'DynamicQuantizeMatMul',
	'MatMulNBits',
	'Attention',
	'MultiHeadAttention',
	'DynamicQuantizeLSTM',
]);
const random = new Set(['RandomNormal', 'RandomNormalLike', 'RandomUniform', 'RandomUniformLike', 'Multinomial', 'Bernoulli']);

/** What a report has to say about operators that are not counted or make counts change from run to run. */
export function operatorWarnings({ graph }: GraphIndex): string[] {
	return graph.nodes.flatMap((node) =>
		uncounted.has(node.op)
			? [messages.uncountedOperator(node.name, node.op)]
			: random.has(node.op)
				? [messages.randomOperator(node.name, node.op)]
				: [],
	);
}

/** Gates of LSTM-like cells: numbers by design. */
const gating: ReadonlySet<string> = new Set(['Mul', 'Add', 'Tanh']);

/**
 * Names the operator that turns a state into numbers for the next weights where a spike would be expected: a smooth
 * threshold, or one that is not known as a decision.
 */
export function undecidedStates(
	layers: readonly SynapticLayer[],
	states: readonly StatePairing[],
	synapticOutputs: ReadonlySet<string>,
	{ index, sets }: SpikeContext,
): string[] {
	const stateInputs = new Set(states.map(({ input }) => input));
	return layers.flatMap(({ name, calls }) => {
		const [call] = calls;
		if (!call || stateInputs.has(call.input) || sets.get(call.input)?.kind !== 'any') return [];
		const stop = (tensor: string): boolean => synapticOutputs.has(tensor) || sets.get(tensor)?.kind !== 'any';
		const reached = [...upstream(call.input, index, stop)];
		const state = reached.find((tensor) => stateInputs.has(tensor));
		const node = reached
			.flatMap((tensor) => index.producer.get(tensor) ?? [])
			.find(({ op }) => smooth.has(op) || !readable.has(op));
		return state === undefined || !node || gating.has(node.op) ? [] : [messages.undecidedState(name, state, node.name, node.op)];
	});
}

/** Smooth functions that stand in for a threshold while a network is trained. */
const smooth: ReadonlySet<string> = new Set(['Sigmoid', 'Erf', 'Atan', 'HardSigmoid', 'Softsign']);

/** Operators a membrane is read through when leak, threshold and reset are looked for. */
const readable = new Set([
	'Identity',
	'Reshape',
	'Flatten',
	'Squeeze',
	'Unsqueeze',
	'Expand',
	'Transpose',
	'Gather',
	'Slice',
	'Split',
	'Concat',
	'Cast',
	'Clip',
	'Abs',
	'Relu',
	'Neg',
	'Add',
	'Sum',
	'Sub',
	'Mul',
	'Div',
	'Max',
	'Min',
	'Where',
	'Greater',
	'GreaterOrEqual',
	'Less',
	'LessOrEqual',
	'Equal',
	'Not',
	'And',
	'Or',
	'Sign',
	'Floor',
	'Ceil',
	'Round',
	'BatchNormalization',
	'AveragePool',
	'MaxPool',
	'GlobalAveragePool',
	'Dropout',
	'ConstantOfShape',
	'Shape',
]);

/**
 * Names the operators between weights and threshold that the reading of leak and threshold does not see through, for
 * neurons where one of them is missing. Counts rest on spikes that were really fired and do not depend on it.
 */
export function unreadNeurons(
	neurons: readonly NeuronLayer[],
	synapticOutputs: ReadonlySet<string>,
	context: SpikeContext,
): string[] {
	const { index, sets } = context;
	return neurons.flatMap(({ name, calls, leak, stateWords, spiking, threshold }) => {
		const decision = calls.at(-1)?.decision ?? '';
		if (!spiking || (leak !== null && threshold !== null) || stateWords === 0) return [];
		const stop = (tensor: string): boolean => synapticOutputs.has(tensor) || sets.get(tensor)?.kind !== 'any';
		const producer = index.producer.get(decision);
		const inputs = producer ? dynamicInputs(producer, index) : [];
		const region = inputs.flatMap((input) => (synapticOutputs.has(input) ? [] : [...upstream(input, index, stop)]));
		const unread = region
			.filter((tensor) => !stop(tensor))
			.flatMap((tensor): GraphNode[] => {
				const node = index.producer.get(tensor);
				return node && !readable.has(node.op) ? [node] : [];
			});
		const [first] = unread;
		return first ? [messages.unreadNeuron(name, first.name, [...new Set(unread.map(({ op }) => op))])] : [];
	});
}
