/** Pooling over windows that do not overlap, with written-out gradients. */
import * as tf from '@tensorflow/tfjs-core';
import { customGradient, onHost, runPass } from './host.ts';

/** Repeats each element of [N, H, W, C] over a window of size×size. */
function enlarge(x: tf.Tensor4D, size: number): tf.Tensor4D {
	return tf.image.resizeNearestNeighbor(x, [x.shape[1] * size, x.shape[2] * size]);
}

/** Rows of all images, columns and channels. */
const rowsOf = ({ shape: [n, h, w, c] }: tf.Tensor4D): [number, number, number] => [n * h, w, c];

/** The mean of each window; its gradient goes in equal parts to the window's elements. */
export function averagePool(x: tf.Tensor4D, size: number): tf.Tensor4D {
	return customGradient([x], ([input]) => ({
		value: tf.avgPool(input as tf.Tensor4D, size, size, 'valid'),
		gradient: (dy) => {
			if (!onHost()) return [tf.mul(enlarge(dy as tf.Tensor4D, size), 1 / (size * size))];
			const [rows, columns, channels] = rowsOf(dy as tf.Tensor4D);
			return runPass([dy], [x.shape], (kernels, [dy], [dx]) =>
				kernels.averagePoolBackward(dy, dx, rows, columns, channels, size),
			);
		},
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
				if (!onHost()) {
					const mask = tf.sub(1, tf.step(tf.sub(enlarge(y, size), x))) as tf.Tensor4D;
					const ties = tf.mul(tf.avgPool(mask, size, size, 'valid'), size * size);
					return [tf.mul(mask, enlarge(tf.div(dy, ties) as tf.Tensor4D, size))];
				}
				const [rows, columns, channels] = rowsOf(y);
				return runPass([dy, x, y], [x.shape], (kernels, [dy, x, y], [dx]) =>
					kernels.maxPoolBackward(dy, x, y, dx, rows, columns, channels, size),
				);
			},
		};
	}) as tf.Tensor4D;
}
