/** Pooling over windows that do not overlap, with written-out gradients. */
import * as tf from '@tensorflow/tfjs-core';
import { customGradient, hostLoop, onHost } from './host.ts';

/** Repeats each element of [N, H, W, C] over a window of size×size. */
function enlarge(x: tf.Tensor4D, size: number): tf.Tensor4D {
	return tf.image.resizeNearestNeighbor(x, [x.shape[1] * size, x.shape[2] * size]);
}

/** Calls back with the offset of every pooled position and of its window's top left corner, in units of pixels. */
function eachWindow([n, h, w]: readonly number[], size: number, visit: (pooled: number, corner: number) => void): void {
	const rows = (h ?? 0) * (n ?? 0);
	const columns = w ?? 0;
	for (let row = 0; row < rows; row++) {
		for (let column = 0; column < columns; column++) visit(row * columns + column, row * size * columns * size + column * size);
	}
}

/** The mean of each window; its gradient goes in equal parts to the window's elements. */
export function averagePool(x: tf.Tensor4D, size: number): tf.Tensor4D {
	return customGradient([x], ([input]) => ({
		value: tf.avgPool(input as tf.Tensor4D, size, size, 'valid'),
		gradient: (dy) => {
			if (!onHost()) return [tf.mul(enlarge(dy as tf.Tensor4D, size), 1 / (size * size))];
			const [, , width = 0, channels = 0] = x.shape;
			return hostLoop([dy], [x.shape], ([g], [d]) => {
				if (!g || !d) return;
				const share = 1 / (size * size);
				eachWindow(dy.shape, size, (pooled, corner) => {
					for (let i = 0; i < size; i++) {
						for (let j = 0; j < size; j++) {
							const to = (corner + i * width + j) * channels;
							const from = pooled * channels;
							for (let c = 0; c < channels; c++) d[to + c] = (g[from + c] as number) * share;
						}
					}
				});
			});
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
				const [, , width, channels] = x.shape;
				return hostLoop([dy, x, y], [x.shape], ([g, source, maxima], [d]) => {
					if (!g || !source || !maxima || !d) return;
					eachWindow(dy.shape, size, (pooled, corner) => {
						for (let c = 0; c < channels; c++) {
							const maximum = maxima[pooled * channels + c] as number;
							let ties = 0;
							for (let i = 0; i < size; i++) {
								for (let j = 0; j < size; j++) if (source[(corner + i * width + j) * channels + c] === maximum) ties++;
							}
							const share = (g[pooled * channels + c] as number) / ties;
							for (let i = 0; i < size; i++) {
								for (let j = 0; j < size; j++) {
									const at = (corner + i * width + j) * channels + c;
									d[at] = source[at] === maximum ? share : 0;
								}
							}
						}
					});
				});
			},
		};
	}) as tf.Tensor4D;
}
