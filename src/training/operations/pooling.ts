/** Pooling over windows that do not overlap, with written-out gradients. */
import * as tf from '@tensorflow/tfjs-core';
import { customGradient } from './custom-gradient.ts';

/** Repeats each element of [N, H, W, C] over a window of size×size. */
function enlarge(x: tf.Tensor4D, size: number): tf.Tensor4D {
	return tf.image.resizeNearestNeighbor(x, [x.shape[1] * size, x.shape[2] * size]);
}

/** The mean of each window; its gradient goes in equal parts to the window's elements. */
export function averagePool(x: tf.Tensor4D, size: number): tf.Tensor4D {
	return customGradient([x], ([input]) => ({
		value: tf.avgPool(input as tf.Tensor4D, size, size, 'valid'),
		gradient: (dy) => [tf.mul(enlarge(dy as tf.Tensor4D, size), 1 / (size * size))],
	})) as tf.Tensor4D;
}

/**
 * The largest element of each window. Spikes tie often: the gradient goes in equal parts to all elements that
 * equal the maximum.
 */
export function maxPool(x: tf.Tensor4D, size: number): tf.Tensor4D {
	return customGradient([x], ([input], save) => {
		const value = tf.maxPool(input as tf.Tensor4D, size, size, 'valid');
		save([input as tf.Tensor, value]);
		return {
			value,
			gradient: (dy, saved) => {
				const [x, y] = saved as [tf.Tensor4D, tf.Tensor4D];
				const mask = tf.sub(1, tf.step(tf.sub(enlarge(y, size), x))) as tf.Tensor4D;
				const ties = tf.mul(tf.avgPool(mask, size, size, 'valid'), size * size);
				return [tf.mul(mask, enlarge(tf.div(dy, ties) as tf.Tensor4D, size))];
			},
		};
	}) as tf.Tensor4D;
}
