/** Neuron layers, and what tensors were a timestep ago, as NIR nodes. */
import { UserError } from '../errors.ts';
import type { NeuronLayer } from '../network/network.ts';
import { connect, type Draft, expressionOf, freeName, nodeName, one, type Sum } from './draft.ts';
import { map, type Numbers, number } from './expressions.ts';
import { type Refuse, readMembrane } from './membrane.ts';
import { messages, notes } from './messages.ts';
import { neuronParameters } from './neurons.ts';
import { arrayOf, neuronNode, nextBelow } from './parameters.ts';

/**
 * What a tensor was a timestep ago. A layer that feeds itself through weights is a cycle, whose one neuron NIR readers delay by a
 * timestep; anything else gets a Delay, so that no reader has to choose where a longer cycle is cut.
 */
export function delayed(tensor: string, state: string, draft: Draft): Sum {
	const { network, dt, open } = draft;
	const layer = network.neuronLayers.find(({ calls }) =>
		calls.some((call) => call.spikes === tensor || call.decision === tensor),
	);
	const innermost = open.at(-1);
	if (layer !== undefined && innermost?.layer === layer) return one(innermost.node);
	const name = freeName(nodeName(state), draft);
	draft.nodes.set(name, { type: 'Delay', delay: { shape: [1], values: Float64Array.of(dt) } });
	draft.sums.set(state, one(name));
	const waiting = open.find((entry) => entry.layer === layer);
	connect(waiting === undefined ? draft.sumOf(tensor) : one(waiting.node), name, draft);
	return one(name);
}

export function neuron(layer: NeuronLayer, tensor: string, draft: Draft): { readonly node: string; readonly height: Numbers } {
	const { network, dt } = draft;
	const refuse: Refuse = (why) => new UserError(messages.notANeuron(network.file, layer.name, why));
	const name = freeName(nodeName(layer.spiking ? layer.name : tensor), draft);
	draft.open.push({ layer, node: name });
	// Keeps the name while what drives the layer is made.
	draft.nodes.set(name, { type: 'Threshold', threshold: { shape: [1], values: Float64Array.of(0) } });
	const membrane = readMembrane({
		index: network.index,
		layer,
		states: network.states,
		refuse,
		outside: (input) => expressionOf(draft.sumOf(input)),
	});
	draft.open.pop();
	const read = neuronParameters(membrane, dt, refuse);
	const parameters =
		membrane.atThreshold && read.threshold !== null ? { ...read, threshold: map(read.threshold, nextBelow) } : read;
	if (membrane.atThreshold) draft.notes.push(notes.atThreshold(name));
	if (parameters.reset !== 'none') draft.resets.set(parameters.reset, name);
	// A neuron that spikes and keeps its potential is an integrator with a threshold behind it.
	const split = layer.spiking && parameters.reset === 'none' && parameters.kind !== 'threshold';
	const first = split ? freeName(`${name}.potential`, draft) : name;
	draft.nodes.delete(name);
	draft.nodes.set(first, neuronNode(parameters, []));
	draft.neurons.set(first, parameters);
	connect(parameters.inputs, first, draft);
	if (split) {
		draft.nodes.set(name, { type: 'Threshold', threshold: arrayOf(parameters.threshold ?? number(0), []) });
		draft.neurons.set(name, { ...parameters, kind: 'threshold' });
		draft.edges.push([first, name]);
	}
	const result = { node: name, height: membrane.height };
	draft.made.set(layer.name, result);
	return result;
}
