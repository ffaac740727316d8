/** ReLU, batch normalisation (with or without a ReLU behind it) and dropout, each with its written-out gradient. */
import * as tf from '@tensorflow/tfjs-core';
import { sumToChannels } from './convolution.ts';
import { customGradient, hostLoop, onHost } from './host.ts';

/** Added to the variance before the square root. */
export const normalisationEpsilon = 1e-5;

/** max(0, x). */
export function relu(x: tf.Tensor): tf.Tensor {
	return customGradient([x], ([input], save) => {
		const value = tf.relu(input as tf.Tensor);
		save([value]);
		return {
			value,
			gradient: (dy, [y]) => [maskByOutput(dy, y as tf.Tensor)],
		};
	});
}

/** How many elements are above 0. */
export function countPositive(x: tf.Tensor): tf.Tensor {
	if (!onHost()) return tf.sum(tf.step(x));
	const [count] = hostLoop([x], [[]], ([values], [count]) => {
		if (!values || !count) return;
		let positive = 0;
		for (let i = 0; i < values.length; i++) positive += Number((values[i] as number) > 0);
		count[0] = positive;
	});
	return count as tf.Tensor;
}

function maskByOutput(dy: tf.Tensor, y: tf.Tensor): tf.Tensor {
	if (!onHost()) return tf.mul(dy, tf.step(y));
	const [masked] = hostLoop([dy, y], [dy.shape], ([g, output], [d]) => {
		if (!g || !output || !d) return;
		// No branch: it would be mispredicted half of the time.
		for (let i = 0; i < d.length; i++) d[i] = (g[i] as number) * Number((output[i] as number) > 0);
	});
	return masked as tf.Tensor;
}

/** What a batch looked like: per channel, mean and variance (population). */
export interface BatchStatistics {
	readonly mean: tf.Tensor1D;
	readonly variance: tf.Tensor1D;
}

/** Per channel, the last axis: Σ a and Σ a·b. Four rows at a time: a sum is then read and written once for four values. */
function sumsByChannel(a: Float32Array, b: Float32Array, channels: number): [Float64Array, Float64Array] {
	const sum = new Float64Array(channels);
	const products = new Float64Array(channels);
	const rows = a.length / channels;
	let i = 0;
	for (const end = (rows - (rows % 4)) * channels; i < end; i += 3 * channels) {
		for (let c = 0; c < channels; c++, i++) {
			const a0 = a[i] as number;
			const a1 = a[i + channels] as number;
			const a2 = a[i + 2 * channels] as number;
			const a3 = a[i + 3 * channels] as number;
			sum[c] = (sum[c] as number) + (a0 + a1 + (a2 + a3));
			const p0 = a0 * (b[i] as number);
			const p1 = a1 * (b[i + channels] as number);
			const p2 = a2 * (b[i + 2 * channels] as number);
			const p3 = a3 * (b[i + 3 * channels] as number);
			products[c] = (products[c] as number) + (p0 + p1 + (p2 + p3));
		}
	}
	while (i < a.length) {
		for (let c = 0; c < channels; c++, i++) {
			sum[c] = (sum[c] as number) + (a[i] as number);
			products[c] = (products[c] as number) + (a[i] as number) * (b[i] as number);
		}
	}
	return [sum, products];
}

function momentsOf(x: tf.Tensor4D): BatchStatistics {
	const channels = x.shape[3];
	const rows = x.size / channels;
	if (!onHost()) {
		const mean = tf.div(sumToChannels(x), rows);
		const variance = tf.div(sumToChannels(tf.square(tf.sub(x, mean))), rows);
		return { mean: mean as tf.Tensor1D, variance: variance as tf.Tensor1D };
	}
	const [mean, variance] = hostLoop([x], [[channels], [channels]], ([values], [mean, variance]) => {
		if (!values || !mean || !variance) return;
		const [sum, squares] = sumsByChannel(values, values, channels);
		for (let c = 0; c < channels; c++) {
			const average = (sum[c] as number) / rows;
			mean[c] = average;
			variance[c] = Math.max(0, (squares[c] as number) / rows - average * average);
		}
	});
	return { mean: mean as tf.Tensor1D, variance: variance as tf.Tensor1D };
}

/** y = a·x + b per channel, then max(0, y) where asked. */
function affine(x: tf.Tensor4D, a: tf.Tensor, b: tf.Tensor, rectify: boolean): tf.Tensor {
	if (!onHost()) {
		const y = tf.add(tf.mul(x, a), b);
		return rectify ? tf.relu(y) : y;
	}
	const channels = x.shape[3];
	const [out] = hostLoop([x, a, b], [x.shape], ([values, factor, offset], [y]) => {
		if (!values || !factor || !offset || !y) return;
		if (!rectify) {
			for (let i = 0; i < values.length; ) {
				for (let c = 0; c < channels; c++, i++) y[i] = (factor[c] as number) * (values[i] as number) + (offset[c] as number);
			}
			return;
		}
		for (let i = 0; i < values.length; ) {
			for (let c = 0; c < channels; c++, i++) {
				const value = (factor[c] as number) * (values[i] as number) + (offset[c] as number);
				y[i] = value * Number(value > 0);
			}
		}
	});
	return out as tf.Tensor;
}

/** Per channel: Σ dy and Σ dy·x. */
function gradientSums(dy: tf.Tensor, x: tf.Tensor4D): [tf.Tensor, tf.Tensor] {
	if (!onHost()) return [sumToChannels(dy), sumToChannels(tf.mul(dy, x))];
	const channels = x.shape[3];
	const [plain, weighted] = hostLoop([dy, x], [[channels], [channels]], ([g, values], [plain, weighted]) => {
		if (!g || !values || !plain || !weighted) return;
		const [sum, products] = sumsByChannel(g, values, channels);
		plain.set(sum);
		weighted.set(products);
	});
	return [plain as tf.Tensor, weighted as tf.Tensor];
}

/** a·dy + b·x + c per channel. */
function combine(dy: tf.Tensor, x: tf.Tensor4D, a: tf.Tensor, b: tf.Tensor, c: tf.Tensor): tf.Tensor {
	if (!onHost()) return tf.add(tf.add(tf.mul(dy, a), tf.mul(x, b)), c);
	const channels = x.shape[3];
	const [out] = hostLoop([dy, x, a, b, c], [x.shape], ([g, values, p, q, r], [d]) => {
		if (!g || !values || !p || !q || !r || !d) return;
		for (let i = 0; i < g.length; ) {
			for (let k = 0; k < channels; k++, i++) {
				d[i] = (p[k] as number) * (g[i] as number) + (q[k] as number) * (values[i] as number) + (r[k] as number);
			}
		}
	});
	return out as tf.Tensor;
}

/**
 * Batch normalisation over the batch at hand: y = scale·(x − mean)/√(variance + ε) + shift.
 *
 * @param x  [N, H, W, C]
 * @param scale  [C]
 * @param shift  [C]
 * @param rectify  whether a ReLU follows (fused: half the passes over memory)
 * @param observe  receives the batch's statistics, to update the running ones
 */
export function normalise(
	x: tf.Tensor4D,
	scale: tf.Tensor1D,
	shift: tf.Tensor1D,
	rectify: boolean,
	observe: (statistics: BatchStatistics) => void,
): tf.Tensor4D {
	const rows = x.size / x.shape[3];
	return customGradient([x, scale, shift], ([x, scale, shift], save) => {
		const input = x as tf.Tensor4D;
		const { mean, variance } = momentsOf(input);
		observe({ mean: tf.keep(tf.clone(mean)), variance: tf.keep(tf.clone(variance)) });
		const deviation = tf.sqrt(tf.add(variance, normalisationEpsilon));
		const a = tf.div(scale as tf.Tensor, deviation);
		const value = affine(input, a, tf.sub(shift as tf.Tensor, tf.mul(a, mean)), rectify);
		save(rectify ? [input, mean, deviation, a, value] : [input, mean, deviation, a]);
		return {
			value,
			gradient: (dy, saved) => {
				const [input, mean, deviation, a, y] = saved as [tf.Tensor4D, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor | undefined];
				const g = y ? maskByOutput(dy, y) : dy;
				const [sum, weighted] = gradientSums(g, input);
				// x̂ = (x − mean)/deviation; dscale = Σ g·x̂, dshift = Σ g, dx = a·(g − dshift/M − x̂·dscale/M)
				const dScale = tf.div(tf.sub(weighted, tf.mul(sum, mean)), deviation);
				const slope = tf.div(tf.mul(tf.mul(a, dScale), -1 / rows), deviation);
				const offset = tf.sub(tf.mul(tf.mul(a, sum), -1 / rows), tf.mul(slope, mean));
				return [combine(g, input, a, slope, offset), dScale, sum];
			},
		};
	}) as tf.Tensor4D;
}

/**
 * Multiplies by a mask that is the same at every timestep.
 *
 * @param x  [T·N, …]
 * @param mask  [N·…] of zeros and 1/(1−rate), not trained
 */
export function applyMask(x: tf.Tensor, mask: tf.Tensor, timesteps: number): tf.Tensor {
	const multiply = (value: tf.Tensor, factor: tf.Tensor): tf.Tensor => {
		if (!onHost())
			return tf.reshape(tf.mul(tf.reshape(value, [timesteps, factor.size]), tf.reshape(factor, [1, factor.size])), value.shape);
		const [out] = hostLoop([value, factor], [value.shape], ([source, factors], [target]) => {
			if (!source || !factors || !target) return;
			const elements = factors.length;
			for (let t = 0, i = 0; t < timesteps; t++) {
				for (let k = 0; k < elements; k++, i++) target[i] = (source[i] as number) * (factors[k] as number);
			}
		});
		return out as tf.Tensor;
	};
	return customGradient([x], ([input], save) => {
		save([mask]);
		return { value: multiply(input as tf.Tensor, mask), gradient: (dy, [factor]) => [multiply(dy, factor as tf.Tensor)] };
	});
}
