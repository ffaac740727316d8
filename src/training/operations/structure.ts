/** Sums, repetitions and changes of shape, with written-out gradients (tfjs-core ships its own apart from the operations). */
import * as tf from '@tensorflow/tfjs-core';
import { customGradient } from './custom-gradient.ts';

/** [N, H, W, C] to [N, C·H·W]: channel first, as ONNX flattens. */
export function flattenChannelsFirst(x: tf.Tensor4D): tf.Tensor2D {
	const [n, h, w, c] = x.shape;
	return customGradient([x], ([input]) => ({
		value: tf.reshape(tf.transpose(input as tf.Tensor, [0, 3, 1, 2]), [n, c * h * w]),
		gradient: (dy) => [tf.transpose(tf.reshape(dy, [n, c, h, w]), [0, 2, 3, 1])],
	})) as tf.Tensor2D;
}

/** x + y, of the same shape. */
export function add(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
	return customGradient([x, y], ([a, b]) => ({
		value: tf.add(a as tf.Tensor, b as tf.Tensor),
		gradient: (dy) => [tf.clone(dy), tf.clone(dy)],
	}));
}

/** [N, …] to [T·N, …], the same at every timestep. */
export function repeatOverTimesteps(x: tf.Tensor, timesteps: number): tf.Tensor {
	if (timesteps === 1) return x;
	return customGradient([x], ([input]) => ({
		value: tf.concat(Array<tf.Tensor>(timesteps).fill(input as tf.Tensor), 0),
		gradient: (dy) => [tf.sum(tf.reshape(dy, [timesteps, ...x.shape]), 0)],
	}));
}

/** factor · Σ x, a scalar. */
export function weightedSum(x: tf.Tensor, factor: number): tf.Scalar {
	return customGradient([x], ([input]) => ({
		value: tf.mul(tf.sum(input as tf.Tensor), factor),
		gradient: (dy) => [tf.mul(tf.onesLike(x), tf.mul(dy, factor))],
	})) as tf.Scalar;
}
