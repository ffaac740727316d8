import * as tf from '@tensorflow/tfjs-core';
import { startEngine } from '../../../src/training/engines.ts';
import { lifLayer } from '../../../src/training/operations/lif.ts';

const [threshold, leak] = [0.8, 0.9];
/** Three neurons: one that fires often, one that is driven below zero, one that just misses. */
const currents = [
	[0.7, -0.4, 0.79],
	[0.5, 0.9, 0.05],
	[0.9, 0.6, 0.01],
	[-0.2, 0.1, 0.9],
	[0.8, 1.9, -0.3],
];
const weights = [1.3, -0.7, 0.4, 2.1, -1.6];

/** Backpropagation through time of one neuron, by hand: dL/dI[t], dL/dv, dL/dλ for the loss Σ_t weights[t]·o[t]. */
function byHand(inputs: readonly number[], v: number, lambda: number) {
	const charged: number[] = [];
	const left: number[] = [];
	for (const [t, current] of inputs.entries()) {
		const u = (t > 0 ? lambda * (left[t - 1] as number) : 0) + current;
		charged.push(u);
		left.push(u > v ? u - v : u);
	}
	const dInput: number[] = [];
	let [dThreshold, dLeak, carried] = [0, 0, 0];
	for (let t = inputs.length - 1; t >= 0; t--) {
		const u = charged[t] as number;
		const slope = ((weights[t] as number) * 0.3 * Math.max(0, 1 - Math.abs(u / v - 1))) / v;
		dThreshold -= (slope * u) / v + (u > v ? carried : 0);
		const total = carried + slope;
		if (t > 0) dLeak += total * (left[t - 1] as number);
		dInput[t] = total;
		carried = lambda * total;
	}
	return { dInput, dThreshold, dLeak, spikes: charged.map((u) => (u > v ? 1 : 0)) };
}

describe('a layer of LIF neurons', () => {
	beforeAll(() => startEngine('cpu'));

	test.each([1, 2, 3, 4, 5])('over %i timesteps spikes and has the gradients worked out by hand', (timesteps) => {
		const inputs = currents.slice(0, timesteps);
		const neurons = [0, 1, 2].map((index) =>
			byHand(
				inputs.map((row) => row[index] as number),
				threshold,
				leak,
			),
		);
		tf.tidy(() => {
			const run = (i: tf.Tensor, v: tf.Tensor, l: tf.Tensor): tf.Tensor =>
				lifLayer(i, v as tf.Scalar, l as tf.Scalar, { timesteps, repeated: false });
			const values = [tf.tensor(inputs.flat(), [timesteps, 3]), tf.scalar(threshold), tf.scalar(leak)] as const;
			expect([...run(...values).dataSync()]).toEqual(inputs.flatMap((_, t) => neurons.map(({ spikes }) => spikes[t])));
			const dy = tf.tensor(
				inputs.flatMap((_, t) => [0, 1, 2].map(() => weights[t] as number)),
				[timesteps, 3],
			);
			const [dInput, dThreshold, dLeak] = tf
				.grads(run as (...all: tf.Tensor[]) => tf.Tensor)([...values], dy)
				.map((x) => [...x.dataSync()]);
			const expected = inputs.flatMap((_, t) => neurons.map((neuron) => neuron.dInput[t] as number));
			for (const [index, value] of expected.entries()) expect(dInput?.[index]).toBeCloseTo(value, 5);
			expect(dThreshold?.[0]).toBeCloseTo(
				neurons.reduce((sum, neuron) => sum + neuron.dThreshold, 0),
				5,
			);
			if (timesteps === 1) expect(Math.abs(dLeak?.[0] ?? 1)).toBe(0);
			else
				expect(dLeak?.[0]).toBeCloseTo(
					neurons.reduce((sum, neuron) => sum + neuron.dLeak, 0),
					5,
				);
		});
	});

	test('a current given once for all timesteps equals the same current repeated, its gradient the sum over them', () => {
		tf.tidy(() => {
			const layer = (repeated: boolean) => (i: tf.Tensor) =>
				lifLayer(i, tf.scalar(threshold), tf.scalar(leak), { timesteps: 4, repeated });
			const once = tf.tensor([0.5, 0.3, 0.9], [1, 3]);
			const often = tf.concat([once, once, once, once], 0);
			expect([...layer(true)(once).dataSync()]).toEqual([...layer(false)(often).dataSync()]);
			const dy = tf.tensor(currents.slice(0, 4).flat(), [4, 3]);
			const whole = [...tf.grad(layer(true))(once, dy).dataSync()];
			const parts = [...tf.sum(tf.grad(layer(false))(often, dy), 0).dataSync()];
			expect(whole.some((value) => value !== 0)).toBe(true);
			for (const [index, value] of whole.entries()) expect(value).toBeCloseTo(parts[index] ?? Number.NaN, 5);
		});
	});
});
