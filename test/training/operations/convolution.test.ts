import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { startEngine } from '../../../src/training/engines.ts';
import { convolution, weightGradientByProduct } from '../../../src/training/operations/convolution.ts';
import { randomNumbers } from '../../support/random-numbers.ts';

interface Shapes {
	readonly n: number;
	readonly cin: number;
	readonly cout: number;
	readonly h: number;
	readonly w: number;
	readonly k: number;
	readonly stride: number;
	readonly padding: number;
}

/** Calls back for every product of the convolution: places in x [N, H, W, Cin], weight [Cout, Cin, k, k] and y [N, H', W', Cout]. */
function eachProduct(shapes: Shapes, visit: (x: number, weight: number, y: number) => void): { oh: number; ow: number } {
	const { n, cin, cout, h, w, k, stride, padding } = shapes;
	const [oh, ow] = [Math.floor((h + 2 * padding - k) / stride) + 1, Math.floor((w + 2 * padding - k) / stride) + 1];
	for (let image = 0; image < n; image++)
		for (let r = 0; r < oh; r++)
			for (let c = 0; c < ow; c++)
				for (let a = 0; a < k; a++)
					for (let b = 0; b < k; b++) {
						const [row, column] = [r * stride + a - padding, c * stride + b - padding];
						if (row < 0 || row >= h || column < 0 || column >= w) continue;
						for (let i = 0; i < cin; i++)
							for (let o = 0; o < cout; o++)
								visit(
									((image * h + row) * w + column) * cin + i,
									((o * cin + i) * k + a) * k + b,
									((image * oh + r) * ow + c) * cout + o,
								);
					}
	return { oh, ow };
}

const random = randomNumbers(5);
const numbers = (length: number): Float32Array => Float32Array.from({ length }, () => random() * 2 - 1);

function expectClose(found: ArrayLike<number>, expected: Float64Array): void {
	expect(found.length).toBe(expected.length);
	const wrong = expected.findIndex((value, index) => !(Math.abs((found[index] ?? Number.NaN) - value) < 1e-4));
	if (wrong >= 0) expect({ index: wrong, value: found[wrong] }).toEqual({ index: wrong, value: expected[wrong] });
}

const shapes = fc
	.record({
		n: fc.integer({ min: 1, max: 3 }),
		cin: fc.integer({ min: 1, max: 5 }),
		cout: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 7, max: 18 })),
		h: fc.integer({ min: 1, max: 9 }),
		w: fc.integer({ min: 1, max: 9 }),
		k: fc.integer({ min: 1, max: 5 }),
		stride: fc.integer({ min: 1, max: 3 }),
		padding: fc.integer({ min: 0, max: 3 }),
	})
	.filter(({ h, w, k, padding }) => padding < k && h + 2 * padding >= k && w + 2 * padding >= k);

/** Wider than the random ones: many channels, and a stride that leaves a rest. */
const wide: Shapes = { n: 2, cin: 20, cout: 24, h: 16, w: 16, k: 3, stride: 1, padding: 1 };

test('a convolution of any kernel, stride and padding has its value and its three gradients', async () => {
	await startEngine('cpu');
	fc.assert(
		fc.property(shapes, (geometry) => {
			const { n, cin, cout, h, w, k } = geometry;
			const [x, weight, bias] = [numbers(n * h * w * cin), numbers(cout * cin * k * k), numbers(cout)];
			const { oh, ow } = eachProduct(geometry, () => undefined);
			const [value, dy] = [new Float64Array(n * oh * ow * cout), numbers(n * oh * ow * cout)];
			const [dx, dWeight, dBias] = [new Float64Array(x.length), new Float64Array(weight.length), new Float64Array(cout)];
			for (let i = 0; i < value.length; i++) {
				value[i] = bias[i % cout] as number;
				dBias[i % cout] = (dBias[i % cout] as number) + (dy[i] as number);
			}
			eachProduct(geometry, (i, j, out) => {
				value[out] = (value[out] as number) + (x[i] as number) * (weight[j] as number);
				dx[i] = (dx[i] as number) + (dy[out] as number) * (weight[j] as number);
				dWeight[j] = (dWeight[j] as number) + (dy[out] as number) * (x[i] as number);
			});
			tf.tidy(() => {
				const run = (a: tf.Tensor, b: tf.Tensor, c: tf.Tensor): tf.Tensor =>
					convolution(a as tf.Tensor4D, b as tf.Tensor4D, c as tf.Tensor1D, geometry);
				const inputs = [tf.tensor(x, [n, h, w, cin]), tf.tensor(weight, [cout, cin, k, k]), tf.tensor1d(bias)] as const;
				expectClose(run(...inputs).dataSync(), value);
				const gradients = tf.grads(run as (...values: tf.Tensor[]) => tf.Tensor)([...inputs], tf.tensor(dy, [n, oh, ow, cout]));
				for (const [index, expected] of [dx, dWeight, dBias].entries()) expectClose(gradients[index]?.dataSync() ?? [], expected);
				// What WebGPU runs: all images together, two at a time, one at a time.
				const [image, filter] = inputs;
				const gradient = tf.tensor4d(dy, [n, oh, ow, cout]);
				for (const mostBytes of [2 ** 30, 2 * 4 * k * k * cin * oh * ow, 1]) {
					const found = weightGradientByProduct(image as tf.Tensor4D, gradient, filter as tf.Tensor4D, geometry, mostBytes);
					expectClose(found.dataSync(), dWeight);
				}
			});
		}),
		{ seed: 3, numRuns: 40, examples: [[wide], [{ ...wide, h: 31, w: 17, stride: 2 }]] },
	);
});
