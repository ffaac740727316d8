import * as tf from '@tensorflow/tfjs-core';
import { startEngine } from '../../../src/training/engines.ts';
import { applyMask, normalise, relu } from '../../../src/training/operations/activation.ts';
import { crossEntropy, dense, sumOverTimesteps } from '../../../src/training/operations/dense.ts';
import { averagePool, maxPool } from '../../../src/training/operations/pooling.ts';
import { add, flattenChannelsFirst, repeatOverTimesteps } from '../../../src/training/operations/structure.ts';

type Operation = (...inputs: tf.Tensor[]) => tf.Tensor;
const wave = (length: number, step: number): number[] => Array.from({ length }, (_, index) => Math.sin(1 + index * step));
const values = (tensor: tf.Tensor | undefined): number[] => [...(tensor?.dataSync() ?? [])];

function expectClose(found: readonly number[], expected: readonly number[], digits = 5): void {
	expect(found.length).toBe(expected.length);
	for (const [index, value] of expected.entries()) expect(found[index]).toBeCloseTo(value, digits);
}

/** Holds an operation's gradients to central differences of Σ dy·value, whose float32 rounding leaves three digits. */
function expectGradients(operation: Operation, inputs: readonly tf.Tensor[], digits = 2): void {
	const weights = wave(operation(...inputs).size, 0.9);
	const lossAt = (moved: readonly tf.Tensor[]): number =>
		values(operation(...moved)).reduce((sum, value, index) => sum + value * (weights[index] as number), 0);
	const dy = tf.tensor(weights, operation(...inputs).shape);
	const gradients = tf.grads(operation)([...inputs], dy);
	const step = 2 ** -7;
	for (const [place, input] of inputs.entries()) {
		const numbers = values(input);
		const expected = numbers.map((_, index) => {
			const at = (by: number): number => {
				const changed = tf.tensor(
					numbers.map((value, other) => (other === index ? value + by : value)),
					input.shape,
				);
				return lossAt(inputs.map((other, otherPlace) => (otherPlace === place ? changed : other)));
			};
			return (at(step) - at(-step)) / (2 * step);
		});
		expectClose(values(gradients[place]), expected, digits);
	}
}

describe('operations', () => {
	beforeAll(() => startEngine('cpu'));
	const check = (title: string, body: () => void): void =>
		test(title, () => {
			tf.tidy(body);
		});

	check('a max pooling shares its gradient among equals, as spikes often are', () => {
		const spikes = tf.tensor([1, 1, 0, 0, 0, 1, 0, 0], [1, 2, 4, 1]);
		const dy = tf.tensor([3, 8], [1, 1, 2, 1]);
		const pool = (x: tf.Tensor): tf.Tensor => maxPool(x as tf.Tensor4D, 2);
		expect(values(pool(spikes))).toEqual([1, 0]);
		expectClose(values(tf.grad(pool)(spikes, dy)), [1, 1, 2, 2, 0, 1, 2, 2]);
	});

	check('an average pooling gives each element its part', () => {
		const x = tf.tensor(wave(2 * 6 * 3 * 2, 0.7), [2, 6, 3, 2]);
		expectGradients((input) => averagePool(input as tf.Tensor4D, 3), [x]);
		expect(values(tf.grad((input: tf.Tensor) => averagePool(input as tf.Tensor4D, 3))(x, tf.ones([2, 2, 1, 2])))[0]).toBeCloseTo(
			1 / 9,
			6,
		);
	});

	check('batch normalisation has the gradients of its mean and variance too, and a fused ReLU those of a ReLU behind it', () => {
		const inputs = [tf.tensor(wave(2 * 2 * 3 * 2, 1.3), [2, 2, 3, 2]), tf.tensor1d([1.2, 0.7]), tf.tensor1d([0.6, -0.4])];
		const norm =
			(rectify: boolean): Operation =>
			(x, a, b) =>
				normalise(x as tf.Tensor4D, a as tf.Tensor1D, b as tf.Tensor1D, rectify, () => undefined);
		expectGradients(norm(false), inputs, 1);
		const dy = tf.tensor(wave(24, 0.9), [2, 2, 3, 2]);
		const fused = tf.grads(norm(true))(inputs, dy);
		const behind = tf.grads((...all: tf.Tensor[]) => relu(norm(false)(...all)))(inputs, dy);
		for (const [index, gradient] of fused.entries()) expectClose(values(gradient), values(behind[index]), 4);
	});

	check('a ReLU passes the gradient where it passed the value', () => {
		const x = tf.tensor1d([-1, 2, -3, 4]);
		expect(values(relu(x))).toEqual([0, 2, 0, 4]);
		expect(values(tf.grad(relu)(x, tf.tensor1d([5, 6, 7, 8])))).toEqual([0, 6, 0, 8]);
	});

	check('one mask covers all timesteps', () => {
		const mask = tf.tensor1d([0, 2, 2]);
		const x = tf.tensor([1, 2, 3, 4, 5, 6], [2, 3]);
		expect(values(applyMask(x, mask, 2))).toEqual([0, 4, 6, 0, 10, 12]);
		expect(values(tf.grad((input: tf.Tensor) => applyMask(input, mask, 2))(x, tf.ones([2, 3])))).toEqual([0, 2, 2, 0, 2, 2]);
	});

	check('dense layers, sums, repetitions and flattening have their gradients', () => {
		const [x, weight] = [tf.tensor(wave(6, 0.8), [2, 3]), tf.tensor(wave(12, 1.1), [3, 4])];
		expectGradients((a, b) => dense(a as tf.Tensor2D, b as tf.Tensor2D), [x, weight]);
		expectGradients((a, b) => add(a as tf.Tensor, b as tf.Tensor), [x, tf.tensor(wave(6, 0.3), [2, 3])]);
		expectGradients((a) => repeatOverTimesteps(a as tf.Tensor, 3), [x]);
		expectGradients((a) => sumOverTimesteps(a as tf.Tensor2D, 2), [tf.tensor(wave(12, 0.8), [4, 3])]);
		const image = tf.tensor(wave(24, 0.5), [2, 2, 3, 2]);
		expectGradients((a) => flattenChannelsFirst(a as tf.Tensor4D), [image]);
		expectClose(values(flattenChannelsFirst(image as tf.Tensor4D)), values(tf.transpose(image, [0, 3, 1, 2])));
	});

	check('cross-entropy with smoothed labels is softmax minus targets, by the mean over the images', () => {
		const logits = [2, -1, 0.5, 300, 0, -300];
		const targets = [0.9, 0.05, 0.05, 0.05, 0.9, 0.05];
		const loss = (input: tf.Tensor): tf.Tensor => crossEntropy(input as tf.Tensor2D, tf.tensor2d(targets, [2, 3]));
		const found = values(tf.grad(loss)(tf.tensor(logits, [2, 3])));
		const softmax = [0, 3].flatMap((row) => {
			const powers = logits.slice(row, row + 3).map((value) => Math.exp(value - (logits[row] as number)));
			return powers.map((power) => power / powers.reduce((a, b) => a + b));
		});
		expectClose(
			found,
			softmax.map((value, index) => (value - (targets[index] as number)) / 2),
		);
		expect(values(loss(tf.tensor(logits, [2, 3])))[0]).toBeCloseTo(
			(0.2414 + 0.05 * 3 + 0.05 * 1.5 + 0.9 * 300 + 0.05 * 600) / 2,
			2,
		);
	});
});
