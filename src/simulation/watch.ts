import type { Tensor } from 'onnxruntime-common';
import type { GraphNode } from '../model/graph.ts';
import { formOf } from '../model/operators/index.ts';
import { tensorValues } from '../model/tensors.ts';
import type { Finding } from '../network/findings.ts';
import { dynamicInputs } from '../network/graph-index.ts';
import type { Network, NeuronCall } from '../network/network.ts';
import { scalarOf } from '../network/one-value.ts';
import { firingSide } from '../network/reset-side.ts';
import { thresholdBehind } from '../network/spike-paths.ts';
import { fromRuntime } from '../runtime/session.ts';
import * as messages from './messages.ts';

/** Values of watched tensors, a map for each timestep that was run. */
export type WatchedValues = readonly ReadonlyMap<string, Tensor>[];

/** A neuron layer at one place of the graph: what its decision looks at and what came of it. */
interface WatchedNeuron {
	readonly layer: string;
	readonly call: NeuronCall;
	readonly membranes: readonly string[];
	/** Whether spikes are where the decision is true; null where that cannot be told. */
	readonly firesWhen: boolean | null;
}

/** Tensors that are looked at on the first sample, and why. */
export interface Watch {
	readonly neurons: readonly WatchedNeuron[];
	/** Inputs of weights, with the layer. */
	readonly inputs: readonly { readonly layer: string; readonly tensor: string }[];
	readonly tensors: readonly string[];
	/** Timesteps a step model is run for. */
	readonly steps: number;
}

/** More timesteps show little that the first ones and the last do not. */
const mostSteps = 4;

/** What of a network is looked at: membranes, decisions, spikes, and what weights are applied to, at a few timesteps. */
export function watch(network: Network, timesteps: number): Watch {
	const { index, valueSets } = network;
	const last = timesteps - 1;
	const chosen = new Set(network.mode === 'step' ? [0] : [0, 1, last >> 1, last]);
	const context = { index, sets: valueSets };
	const neurons = network.neuronLayers.flatMap(({ name, spiking, calls }): WatchedNeuron[] =>
		calls.flatMap((call): WatchedNeuron[] => {
			const node = index.producer.get(call.decision);
			if (!spiking || !node || !chosen.has(call.timestep)) return [];
			const membranes = dynamicInputs(node, index).filter((tensor) => valueSets.get(tensor)?.kind === 'any');
			const alone = thresholdBehind(call.spikes, context) === node && !isMasked(call.spikes, network);
			return [{ layer: name, call, membranes, firesWhen: alone ? firesWhen(node, membranes, network) : null }];
		}),
	);
	const inputs = network.synapticLayers.flatMap(({ name, calls }) =>
		calls.flatMap(({ input, timestep }) =>
			timestep === 'every' || chosen.has(timestep) ? [{ layer: name, tensor: input }] : [],
		),
	);
	const tensors = [
		...neurons.flatMap(({ call, membranes }) => [call.decision, call.spikes, ...membranes]),
		...inputs.map(({ tensor }) => tensor),
	];
	const steps = network.mode === 'step' ? Math.min(timesteps, mostSteps) : 1;
	return { neurons, inputs, tensors: [...new Set(tensors)], steps };
}

/** Whether a constant lets the spikes of some places through only. */
function isMasked(spikes: string, { index }: Network): boolean {
	const node = index.producer.get(spikes);
	const form = node && formOf(node);
	const inputs = node && (form === 'product' || form === 'choice') ? node.inputs : [];
	return inputs.some((name) => index.isConstant(name) && scalarOf(name, index) === null);
}

/**
 * Where the comparison resets its membrane; else, of one membrane with a positive threshold, true above it, or below it. What counts
 * down to its threshold is left.
 */
function firesWhen(node: GraphNode, membranes: readonly string[], { valueSets, index }: Network): boolean | null {
	const side = firingSide(node, { index, sets: valueSets });
	if (side !== null) return side === 1;
	const form = formOf(node);
	const second = node.inputs[1] === membranes[0];
	const threshold = node.inputs[second ? 0 : 1] ?? '';
	const constant = index.graph.constants.get(threshold);
	const set = valueSets.get(threshold);
	const levels = constant ? tensorValues(constant) : set?.kind === 'finite' ? set.values : [0];
	if (membranes.length !== 1 || levels.some((level) => level <= 0)) return null;
	if (form === 'greater' || form === 'greaterOrEqual') return !second;
	if (form === 'less' || form === 'lessOrEqual') return second;
	return null;
}

/**
 * The second entry of the balance by values: whether tensors hold what the structure says of them. A membrane of NaN, spikes
 * with values the graph rules out, a neuron whose spikes are elsewhere than where its membrane passes the threshold.
 *
 * @param batch  rows of the run: the first is the sample, the others fill a fixed batch up
 */
export function observe(network: Network, { neurons, inputs }: Watch, values: WatchedValues, batch = 1): Finding[] {
	const findings: Finding[] = [];
	const add = (kind: Finding['kind'], subject: string, sentence: string): void => {
		if (!findings.some((known) => known.kind === kind && known.subject === subject)) findings.push({ kind, subject, sentence });
	};
	for (const step of values) {
		const numbers = new Map<string, ArrayLike<number>>();
		const of = (name: string): ArrayLike<number> | null => {
			const known = numbers.get(name);
			if (known) return known;
			const tensor = step.get(name);
			if (!tensor) return null;
			const { data, dims } = tensor;
			// What fills a batch up is no data; where it stands is told by the first axis alone.
			if (batch > 1 && dims[0] !== batch) return null;
			const read = data instanceof Float32Array || data instanceof Uint8Array ? data : tensorValues(fromRuntime(tensor));
			const sample = batch === 1 ? read : Array.from(read as ArrayLike<number>).slice(0, read.length / batch);
			numbers.set(name, sample as ArrayLike<number>);
			return sample as ArrayLike<number>;
		};
		const checkSet = (layer: string, tensor: string, sentence: (layer: string, value: number) => string): void => {
			const set = network.valueSets.get(tensor);
			const data = of(tensor);
			if (!data) return;
			if (set?.kind === 'finite') {
				const odd = outside(data, set.values);
				if (odd !== null) add('not-understood', layer, sentence(layer, odd));
			} else {
				const broken = notFinite(data);
				if (broken > 0) add('no-numbers', layer, messages.brokenInput(layer, broken, data.length));
			}
		};
		for (const { layer, call, membranes, firesWhen: when } of neurons) {
			for (const membrane of membranes) {
				const data = of(membrane);
				const broken = data ? notFinite(data) : 0;
				if (data && broken > 0) add('no-numbers', layer, messages.brokenMembrane(layer, broken, data.length));
			}
			checkSet(layer, call.spikes, messages.oddSpikes);
			const [decided, spikes] = [of(call.decision), of(call.spikes)];
			if (when === null || !decided || !spikes || decided.length !== spikes.length) continue;
			const wrong = disagreements(decided, spikes, when);
			if (wrong > 0) add('not-understood', layer, messages.recountDiffers(layer, wrong, spikes.length));
		}
		for (const { layer, tensor } of inputs) checkSet(layer, tensor, messages.oddInput);
	}
	return findings;
}

function notFinite(data: ArrayLike<number>): number {
	let broken = 0;
	for (let at = 0; at < data.length; at += 1) if (!Number.isFinite(data[at])) broken += 1;
	return broken;
}

function disagreements(decided: ArrayLike<number>, spikes: ArrayLike<number>, firesWhen: boolean): number {
	let wrong = 0;
	for (let at = 0; at < spikes.length; at += 1) if ((spikes[at] !== 0) !== ((decided[at] !== 0) === firesWhen)) wrong += 1;
	return wrong;
}

/** Rounding of averages and scalings in float32. */
const tolerance = 1e-4;

/** The first value that is none of the set; null where there is none. */
function outside(data: ArrayLike<number>, values: readonly number[]): number | null {
	const sorted = [...values].sort((a, b) => a - b);
	const known = new Set(sorted);
	const scale = Math.max(...sorted.map(Math.abs), 0) * tolerance;
	for (let at = 0; at < data.length; at += 1) {
		const value = data[at] as number;
		if (known.has(value)) continue;
		let [low, high] = [0, sorted.length];
		while (low < high) {
			const middle = (low + high) >> 1;
			if ((sorted[middle] as number) < value) low = middle + 1;
			else high = middle;
		}
		const near = Math.min(Math.abs((sorted[low] ?? Infinity) - value), Math.abs((sorted[low - 1] ?? Infinity) - value));
		if (!(near <= scale)) return value;
		known.add(value);
	}
	return null;
}
