/** ReLU, batch normalisation (with or without a ReLU behind it) and dropout, each with its written-out gradient. */
import * as tf from '@tensorflow/tfjs-core';
import { sumToChannels } from './convolution.ts';
import { customGradient } from './custom-gradient.ts';

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
export const countPositive = (x: tf.Tensor): tf.Tensor => tf.sum(tf.step(x));

const maskByOutput = (dy: tf.Tensor, y: tf.Tensor): tf.Tensor => tf.mul(dy, tf.step(y));

/** What a batch looked like: per channel, mean and variance (population). */
export interface BatchStatistics {
	readonly mean: tf.Tensor1D;
	readonly variance: tf.Tensor1D;
}

function momentsOf(x: tf.Tensor4D): BatchStatistics {
	const rows = x.size / x.shape[3];
	const mean = tf.div(sumToChannels(x), rows);
	const variance = tf.div(sumToChannels(tf.square(tf.sub(x, mean))), rows);
	return { mean: mean as tf.Tensor1D, variance: variance as tf.Tensor1D };
}

/** y = a·x + b per channel, then max(0, y) where asked. */
function affine(x: tf.Tensor4D, a: tf.Tensor, b: tf.Tensor, rectify: boolean): tf.Tensor {
	const y = tf.add(tf.mul(x, a), b);
	return rectify ? tf.relu(y) : y;
}

/** a·dy + b·x + c per channel. */
function combine(dy: tf.Tensor, x: tf.Tensor4D, [a, b, c]: readonly [tf.Tensor, tf.Tensor, tf.Tensor]): tf.Tensor {
	return tf.add(tf.add(tf.mul(dy, a), tf.mul(x, b)), c);
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
				const [sum, weighted] = [sumToChannels(g), sumToChannels(tf.mul(g, input))];
				// x̂ = (x − mean)/deviation; dscale = Σ g·x̂, dshift = Σ g, dx = a·(g − dshift/M − x̂·dscale/M)
				const dScale = tf.div(tf.sub(weighted, tf.mul(sum, mean)), deviation);
				const slope = tf.div(tf.mul(tf.mul(a, dScale), -1 / rows), deviation);
				const offset = tf.sub(tf.mul(tf.mul(a, sum), -1 / rows), tf.mul(slope, mean));
				return [combine(g, input, [a, slope, offset]), dScale, sum];
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
		return tf.reshape(tf.mul(tf.reshape(value, [timesteps, factor.size]), tf.reshape(factor, [1, factor.size])), value.shape);
	};
	return customGradient([x], ([input], save) => {
		save([mask]);
		return { value: multiply(input as tf.Tensor, mask), gradient: (dy, [factor]) => [multiply(dy, factor as tf.Tensor)] };
	});
}
