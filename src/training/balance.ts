/**
 * Balancing: makes a spike stand for the value it replaces.
 *
 * A spike is 1 where the ReLU net had about v, the layer's threshold. So whatever reads the spikes gets weights times v; its
 * biases then keep their meaning. And a neuron that fires when its membrane passes v rounds down: with v/2 more by the last
 * timestep, v/(2T) at each, it rounds to the nearest (the shift of Deng and Gu, ICLR 2021, arXiv:2103.00476).
 */
import type { Layout } from './parameters.ts';
import { entryOf, slice } from './parameters.ts';
import { type Neuron, neuronsOf, type Plan, type Synapse, synapsesOf } from './plan.ts';

/** The synapses that read a neuron layer's spikes, through pooling and flattening. A sum reads them without weights: not named. */
export function readersOf(plan: Plan, neuron: Neuron): readonly Synapse[] {
	const values = new Set([neuron.output]);
	const readers: Synapse[] = [];
	for (const operation of plan.operations) {
		if (!values.has(operation.input)) continue;
		if (operation.kind === 'pool' || operation.kind === 'flatten') values.add(operation.output);
		else if (operation.kind === 'convolution' || operation.kind === 'dense') readers.push(operation);
	}
	return readers;
}

/** The convolution whose bias every neuron of the layer has in its current; null behind a dense layer, which has no bias. */
function biased(plan: Plan, neuron: Neuron): string | null {
	let value = neuron.input;
	for (const operation of [...plan.operations].reverse()) {
		if (operation.output !== value) continue;
		if (operation.kind === 'convolution') return operation.name;
		if (operation.kind !== 'sum' && operation.kind !== 'pool') return null;
		value = operation.input;
	}
	return null;
}

function change(
	layout: Layout,
	parameters: Float32Array,
	layer: string,
	role: 'weight' | 'bias',
	to: (value: number) => number,
): void {
	// With batch normalisation its shift is the bias.
	const stored = role === 'bias' && layout.mode.normalised ? 'shift' : role;
	const values = slice(parameters, entryOf(layout, layer, stored));
	values.set(values.map(to));
}

/**
 * Balances one neuron layer of known threshold, in place; layers before it must be balanced already.
 *
 * @param timesteps  T of the net to come
 */
export function balanceLayer(
	plan: Plan,
	layout: Layout,
	parameters: Float32Array,
	neuron: Neuron,
	threshold: number,
	timesteps: number,
): void {
	const convolution = biased(plan, neuron);
	if (convolution) change(layout, parameters, convolution, 'bias', (bias) => bias + threshold / (2 * timesteps));
	const last = synapsesOf(plan).at(-1)?.name;
	for (const { kind, name } of readersOf(plan, neuron)) {
		// The logits are sums over timesteps of what the ReLU net says once.
		const share = name === last ? 1 / timesteps : 1;
		change(layout, parameters, name, 'weight', (weight) => weight * threshold * share);
		if (kind === 'convolution' && share < 1) change(layout, parameters, name, 'bias', (bias) => bias * share);
	}
}

/**
 * A balanced net, trained at some number of timesteps, for another number: what depends on T follows it, the half thresholds
 * and the share of a timestep in the logits. Weights, thresholds and leaks stay as they were trained.
 */
export function rebalanced(plan: Plan, layout: Layout, trained: Float32Array, from: number, to: number): Float32Array {
	const parameters = trained.slice();
	for (const neuron of neuronsOf(plan)) {
		const [threshold = 0] = slice(parameters, entryOf(layout, neuron.name, 'threshold'));
		const convolution = biased(plan, neuron);
		const more = (threshold / 2) * (1 / to - 1 / from);
		if (convolution) change(layout, parameters, convolution, 'bias', (bias) => bias + more);
	}
	const last = synapsesOf(plan).at(-1);
	if (last) change(layout, parameters, last.name, 'weight', (weight) => (weight * from) / to);
	if (last?.kind === 'convolution') change(layout, parameters, last.name, 'bias', (bias) => (bias * from) / to);
	return parameters;
}
