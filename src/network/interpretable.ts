import { UserError } from '../errors.ts';
import type { ConstantTensor, Graph, GraphNode } from '../model/graph.ts';
import type { StatePairing } from '../model/model-file.ts';
import { operatorFacts, variationOf } from '../model/operators/index.ts';
import { unknownOperator } from '../runtime/messages.ts';
import type { Finding } from './findings.ts';
import { dynamicInputs, type GraphIndex } from './graph-index.ts';
import * as messages from './messages.ts';
import type { NeuronLayer, SynapticLayer } from './network.ts';
import { upstream } from './reachability.ts';
import type { SpikeContext } from './spike-paths.ts';
import type { ValueSet } from './value-sets.ts';

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
		if (!knownDomains.has(node.domain)) throw new UserError(unknownOperator(file, node.name, node.domain, node.op));
		for (const attribute of node.attributes.values())
			if (attribute.kind === 'graph') refuseUnknownOperators(attribute.value, file);
	}
}

/** What makes counts change from run to run or with the batch, once for each operator: randomness, training-mode Dropout and BatchNormalization. */
export function variations({ graph }: GraphIndex, sets: ReadonlyMap<string, ValueSet>, needed: ReadonlySet<string>): Finding[] {
	const constantOf = (tensor: string): ConstantTensor | undefined => graph.constants.get(tensor);
	const found = new Map<string, Finding>();
	for (const node of graph.nodes) {
		const variation = variationOf(node, constantOf);
		if (variation === null || found.has(node.op) || !node.outputs.some((output) => needed.has(output))) continue;
		// The largest element of spikes of one height is that height, whichever samples are looked at.
		const settled = sets.get(node.outputs[0] ?? '')?.kind === 'finite';
		if (variation === 'batch statistics' && settled) continue;
		const sentence = variation === 'random' ? messages.randomOperator : messages.batchOperator;
		found.set(node.op, { kind: 'varies', subject: node.name, sentence: sentence(node.name, node.op) });
	}
	return [...found.values()];
}

/** Gates of LSTM-like cells: numbers by design. */
const gates = ({ op, domain }: GraphNode): boolean => {
	const facts = operatorFacts({ op, domain });
	return (
		facts?.form === 'product' || facts?.form === 'sum' || (facts?.rate === 'bends' && facts.form === undefined && !facts.smooth)
	);
};

/**
 * Names the operator that turns a state into numbers for the next weights where a spike would be expected: a smooth
 * threshold, or one that is not known as a decision.
 */
export function undecidedStates(
	layers: readonly SynapticLayer[],
	states: readonly StatePairing[],
	synapticOutputs: ReadonlySet<string>,
	{ index, sets }: SpikeContext,
): Finding[] {
	const stateInputs = new Set(states.map(({ input }) => input));
	return layers.flatMap(({ name, calls, amplitudes }): Finding[] => {
		const [call] = calls;
		if (!call || amplitudes || stateInputs.has(call.input) || sets.get(call.input)?.kind !== 'any') return [];
		const stop = (tensor: string): boolean => synapticOutputs.has(tensor) || sets.get(tensor)?.kind !== 'any';
		const reached = [...upstream(call.input, index, stop)];
		const state = reached.find((tensor) => stateInputs.has(tensor));
		const node = reached
			.flatMap((tensor) => index.producer.get(tensor) ?? [])
			.find((node) => operatorFacts(node)?.smooth || !isReadable(node));
		if (state === undefined || !node || gates(node)) return [];
		return [{ kind: 'doubtful', subject: name, sentence: messages.undecidedState(name, state, node.name, node.op) }];
	});
}

/** Operators a membrane is read through when leak, threshold and reset are looked for. */
function isReadable(node: GraphNode): boolean {
	const facts = operatorFacts(node);
	return facts?.form !== undefined || (facts?.elements !== 'each' && facts?.values !== undefined && facts.smooth !== true);
}

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
				return node && !isReadable(node) ? [node] : [];
			});
		const [first] = unread;
		return first ? [messages.unreadNeuron(name, first.name, [...new Set(unread.map(({ op }) => op))])] : [];
	});
}
