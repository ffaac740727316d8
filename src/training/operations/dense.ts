/** Dense layers, the sum over timesteps and the loss, with written-out gradients. */
import * as tf from '@tensorflow/tfjs-core';
import { customGradient } from './custom-gradient.ts';

/**
 * x·weight. tfjs' products with a transposed operand are slow on WebAssembly, so the gradients transpose first.
 *
 * @param x  [N, Nin]
 * @param weight  [Nin, Nout]
 */
export function dense(x: tf.Tensor2D, weight: tf.Tensor2D): tf.Tensor2D {
	return customGradient([x, weight], ([x, weight], save) => {
		const input = x as tf.Tensor2D;
		const matrix = weight as tf.Tensor2D;
		save([input, matrix]);
		return {
			value: tf.matMul(input, matrix),
			gradient: (dy, saved) => {
				const [input, matrix] = saved as [tf.Tensor2D, tf.Tensor2D];
				return [tf.matMul(dy as tf.Tensor2D, tf.transpose(matrix)), tf.matMul(tf.transpose(input), dy as tf.Tensor2D)];
			},
		};
	}) as tf.Tensor2D;
}

/** The accumulate-only output layer: Σ_t of [T·N, K]. */
export function sumOverTimesteps(x: tf.Tensor2D, timesteps: number): tf.Tensor2D {
	if (timesteps === 1) return x;
	const [rows, units] = x.shape;
	return customGradient([x], ([input]) => ({
		value: tf.sum(tf.reshape(input as tf.Tensor, [timesteps, rows / timesteps, units]), 0),
		gradient: (dy) => [tf.concat(Array<tf.Tensor>(timesteps).fill(dy), 0)],
	})) as tf.Tensor2D;
}

/**
 * Mean softmax cross-entropy over the batch.
 *
 * @param logits  [N, K]
 * @param targets  [N, K], each row sums to 1
 */
export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
	const count = logits.shape[0];
	return customGradient([logits], ([input], save) => {
		const scores = input as tf.Tensor2D;
		const shifted = tf.sub(scores, tf.max(scores, 1, true));
		const normaliser = tf.log(tf.sum(tf.exp(shifted), 1, true));
		const logProbabilities = tf.sub(shifted, normaliser);
		save([logProbabilities, targets]);
		return {
			value: tf.div(tf.neg(tf.sum(tf.mul(logProbabilities, targets))), count),
			gradient: (dy, saved) => {
				const [logProbabilities, targets] = saved as [tf.Tensor, tf.Tensor];
				return [tf.mul(tf.div(tf.sub(tf.exp(logProbabilities), targets), count), dy)];
			},
		};
	}) as tf.Scalar;
}
