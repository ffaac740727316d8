/**
 * From the trained ReLU net to a spiking net: batch normalisation is folded into the convolutions and
 * every layer's threshold is measured, layer by layer.
 */
import { setImmediate } from 'node:timers/promises';
import * as tf from '@tensorflow/tfjs-core';
import { balanceLayer } from './balance.ts';
import { forward, imagesTensor } from './forward.ts';
import { Interrupted } from './interrupted.ts';
import { normalisationEpsilon } from './operations/activation.ts';
import type { Layout } from './parameters.ts';
import { entryOf, layoutOf, parameterValues, slice } from './parameters.ts';
import type { Plan } from './plan.ts';
import { neuronsOf } from './plan.ts';

/**
 * Folds batch normalisation into weights and biases: w' = w·g/√(var+ε), b' = (0 − mean)·g/√(var+ε) + shift.
 *
 * @param target  layout of the same plan without normalisation; thresholds and leaks that `layout` does not have become 1
 */
export function foldNormalisation(layout: Layout, values: Float32Array, statistics: Float32Array, target: Layout): Float32Array {
	const folded = new Float32Array(target.size);
	for (const entry of target.entries) {
		const out = slice(folded, entry);
		if (layout.mode.neuron !== 'lif' && (entry.role === 'threshold' || entry.role === 'leak')) out.fill(1);
		else if (entry.role === 'threshold' || entry.role === 'leak')
			out.set(parameterValues(layout, values, entry.layer, entry.role));
		else if (entry.role === 'weight') out.set(parameterValues(layout, values, entry.layer, 'weight'));
		else if (!layout.mode.normalised) out.set(parameterValues(layout, values, entry.layer, 'bias'));
	}
	for (const { layer, channels, offset } of layout.statistics) {
		const scale = parameterValues(layout, values, layer, 'scale');
		const shift = parameterValues(layout, values, layer, 'shift');
		const weight = slice(folded, entryOf(target, layer, 'weight'));
		const bias = slice(folded, entryOf(target, layer, 'bias'));
		const taps = weight.length / channels;
		for (let c = 0; c < channels; c++) {
			const mean = statistics[offset + c] as number;
			const variance = statistics[offset + channels + c] as number;
			const factor = (scale[c] as number) / Math.sqrt(variance + normalisationEpsilon);
			for (let i = c * taps; i < (c + 1) * taps; i++) weight[i] = (weight[i] as number) * factor;
			bias[c] = (shift[c] as number) - mean * factor;
		}
	}
	return folded;
}

/**
 * The converted net with its batch normalisation not folded: the ReLU net's parameters, with thresholds and leaks as they were found
 * for the folded one, balanced in the same way. Running means and variances are the ReLU net's, which balancing keeps.
 *
 * @param relu  layout and values of the trained ReLU net, normalised
 * @param converted  thresholds and leaks, by the folded spiking layout
 * @param target  the spiking layout, normalised
 * @param timesteps  T that the converted net was balanced for; null if it was not
 */
export function withNormalisation(
	plan: Plan,
	relu: { readonly layout: Layout; readonly values: Float32Array },
	converted: { readonly layout: Layout; readonly values: Float32Array },
	target: Layout,
	timesteps: number | null,
): Float32Array {
	const values = new Float32Array(target.size);
	for (const entry of target.entries) {
		const { layout, values: from } = entry.role === 'threshold' || entry.role === 'leak' ? converted : relu;
		slice(values, entry).set(parameterValues(layout, from, entry.layer, entry.role));
	}
	if (timesteps !== null)
		for (const neuron of neuronsOf(plan)) {
			const [threshold = 1] = parameterValues(converted.layout, converted.values, neuron.name, 'threshold');
			balanceLayer(plan, target, values, neuron, threshold, timesteps);
		}
	return values;
}

/**
 * The k-th smallest value, k counted from 0 (Hoare's selection, on a copy).
 */
function selectSmallest(values: Float32Array, k: number): number {
	const a = values.slice();
	let low = 0;
	let high = a.length - 1;
	while (low < high) {
		const pivot = a[(low + high) >> 1] as number;
		let i = low;
		let j = high;
		while (i <= j) {
			while ((a[i] as number) < pivot) i++;
			while ((a[j] as number) > pivot) j--;
			if (i <= j) {
				const kept = a[i] as number;
				a[i++] = a[j] as number;
				a[j--] = kept;
			}
		}
		if (k <= j) high = j;
		else if (k >= i) low = i;
		else break;
	}
	return a[k] ?? Number.NaN;
}

export interface ThresholdOptions {
	/** Share of currents below the threshold, 0.9 as published. */
	readonly percentile: number;
	/** Timesteps the net runs while a layer is measured. */
	readonly steps: number;
	/** Factor on the measured value; 1 as published. */
	readonly scale: number;
	/** Whether weights and biases are balanced with the thresholds; not so as published. */
	readonly balance: boolean;
}

/** Threshold of a layer whose measured value is not positive. */
const fallbackThreshold = 0.1;

/**
 * Measures thresholds in order: with the thresholds found so far (and leak 1) the net runs for some timesteps, and
 * a layer's threshold is the largest over timesteps of the given percentile of its input currents. With `balance` the layers
 * behind it see what it changes.
 *
 * @param images  [N, C, H, W], normalised
 * @param options.timesteps  T of the first spiking stage
 * @returns the parameters with thresholds set and leaks 1
 * @throws Interrupted when `stopped` turned true
 * @see docs/training.md#thresholds
 */
export async function measureThresholds(
	plan: Plan,
	parameters: Float32Array,
	images: Float32Array,
	count: number,
	options: ThresholdOptions & { readonly timesteps: number; readonly stopped?: () => boolean },
): Promise<Float32Array> {
	const layout = layoutOf(plan, { neuron: 'lif', normalised: false });
	const found = parameters.slice();
	for (const layer of neuronsOf(plan)) found[entryOf(layout, layer.name, 'leak').offset] = 1;
	for (const target of neuronsOf(plan)) {
		const entry = entryOf(layout, target.name, 'threshold');
		let largest = Number.NEGATIVE_INFINITY;
		for await (const current of currentsOf(plan, layout, found, images, count, target.name, options.steps)) {
			// Deep nets take minutes here; nothing is kept of a measurement that was broken off.
			await setImmediate();
			if (options.stopped?.()) throw new Interrupted();
			const rank = Math.round(options.percentile * (current.length - 1));
			largest = Math.max(largest, selectSmallest(current, rank));
		}
		const threshold = largest > 0 ? largest * options.scale : fallbackThreshold;
		found[entry.offset] = threshold;
		if (options.balance) balanceLayer(plan, layout, found, target, threshold, options.timesteps);
	}
	return found;
}

/** Thrown to leave a forward pass once the layer of interest was reached. */
class Reached extends Error {}

/** The input current of one layer at each timestep; a stateless prefix repeats, so the first layer is measured once. */
async function* currentsOf(
	plan: Plan,
	layout: Layout,
	values: Float32Array,
	images: Float32Array,
	count: number,
	target: string,
	steps: number,
): AsyncGenerator<Float32Array> {
	const membranes = new Map<string, tf.Tensor>();
	const firstNeuron = neuronsOf(plan)[0]?.name;
	for (let t = 0; t < (target === firstNeuron ? 1 : steps); t++) {
		let measured: tf.Tensor | null = null;
		const next = new Map<string, tf.Tensor>();
		try {
			tf.tidy(() => {
				const tensors = new Map(
					layout.entries.map((entry) => [entry.name, tf.tensor(slice(values, entry).slice(), [...entry.shape])]),
				);
				forward(plan, layout, tensors, imagesTensor(images, count, plan.inputShape), {
					timesteps: 1,
					neuron: ({ name }, current) => {
						if (name === target) {
							// A GPU's memory cannot be read from inside the pass.
							measured = tf.keep(tf.clone(current));
							throw new Reached();
						}
						const threshold = tensors.get(`${name}.threshold`) as tf.Tensor;
						const before = membranes.get(name);
						const membrane = before ? tf.add(before, current) : current;
						const spikes = tf.step(tf.sub(membrane, threshold));
						next.set(name, tf.keep(tf.sub(membrane, tf.mul(spikes, threshold))));
						return spikes;
					},
				});
			});
		} catch (error) {
			if (!(error instanceof Reached)) throw error;
		}
		for (const [name, state] of next) {
			membranes.get(name)?.dispose();
			membranes.set(name, state);
		}
		const reached = measured as unknown as tf.Tensor;
		const currents = (await reached.data()).slice() as Float32Array;
		reached.dispose();
		yield currents;
	}
	tf.dispose([...membranes.values()]);
}
