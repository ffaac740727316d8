import * as tf from '@tensorflow/tfjs-core';
import { parseArchitecture } from '../../src/network/architectures.ts';
import { startEngine } from '../../src/training/engines.ts';
import { onnxSource } from '../../src/training/onnx-engine/source.ts';
import { customGradient } from '../../src/training/operations/host.ts';
import { lifLayer } from '../../src/training/operations/lif.ts';
import { entryOf, initialParameters, layoutOf } from '../../src/training/parameters.ts';
import { buildPlan } from '../../src/training/plan.ts';
import { localSource } from '../../src/training/source.ts';

const triangle = (z: number): number => 0.3 * Math.max(0, 1 - Math.abs(z));
/** The antiderivative of the surrogate: what a spike would be if it were smooth. */
const smooth = (z: number): number => {
	const a = Math.min(1, Math.max(-1, z));
	return 0.3 * (a <= 0 ? (a + 1) ** 2 / 2 : 1 - (1 - a) ** 2 / 2);
};

/**
 * Σ weights·spikes of one neuron, with each spike replaced by its value at the base point plus the smoothed difference, and
 * the reset's indicator held: its ordinary derivative is the surrogate gradient.
 */
function smoothedLoss(inputs: number[], v: number, leak: number, weights: number[], base: { z: number; o: number }[] | null) {
	let u = 0;
	let loss = 0;
	const seen: { z: number; o: number }[] = [];
	for (const [t, input] of inputs.entries()) {
		const charged = leak * u + input;
		const z = charged / v - 1;
		const held = base?.[t] ?? { z, o: z > 0 ? 1 : 0 };
		seen.push(held);
		loss += (weights[t] as number) * (held.o + smooth(z) - smooth(held.z));
		u = charged - v * held.o;
	}
	return { loss, seen };
}

describe.each([1, 2, 3, 4, 5])('a LIF neuron over %i timesteps', (timesteps) => {
	const inputs = [0.7, 0.5, 0.9, -0.2, 0.8].slice(0, timesteps);
	const weights = [1.3, -0.7, 0.4, 2.1, -1.6].slice(0, timesteps);
	const [v, leak] = [0.8, 0.9];
	const { seen } = smoothedLoss(inputs, v, leak, weights, null);
	const at = (i: number[], threshold: number, decay: number): number => smoothedLoss(i, threshold, decay, weights, seen).loss;
	const h = 1e-6;

	test('has the gradients of the surrogate-smoothed function, found by finite differences', async () => {
		await startEngine('cpu');
		const run = tf.valueAndGrads((i: tf.Tensor, threshold: tf.Tensor, decay: tf.Tensor) => {
			const spikes = lifLayer(i, threshold as tf.Scalar, decay as tf.Scalar, { timesteps, repeated: false });
			return customGradient([spikes], ([x]) => ({
				value: tf.sum(tf.mul(x as tf.Tensor, tf.tensor1d(weights))),
				gradient: (dy) => [tf.mul(dy, tf.tensor1d(weights))],
			})) as tf.Scalar;
		});
		const { grads } = run([tf.tensor1d(inputs), tf.scalar(v), tf.scalar(leak)]);
		const [dInput, dThreshold, dLeak] = grads.map((tensor) => [...tensor.dataSync()]);
		for (let t = 0; t < timesteps; t++) {
			const moved = (by: number): number[] => inputs.map((value, index) => (index === t ? value + by : value));
			expect(dInput?.[t]).toBeCloseTo((at(moved(h), v, leak) - at(moved(-h), v, leak)) / (2 * h), 4);
		}
		expect(dThreshold?.[0]).toBeCloseTo((at(inputs, v + h, leak) - at(inputs, v - h, leak)) / (2 * h), 4);
		if (timesteps === 1) expect(dLeak?.[0]).toBe(0);
		else expect(dLeak?.[0]).toBeCloseTo((at(inputs, v, leak + h) - at(inputs, v, leak - h)) / (2 * h), 4);
		expect(triangle(seen[0]?.z ?? 2)).toBeGreaterThan(0);
	});
});

const cases = ['6 A 8 12d', '4 M r4 r6s2 5d:pool=max', '4 r4 A r6s2 5d'].flatMap((arch) =>
	(
		[
			['relu', true, 1],
			['relu', false, 1],
			['lif', false, 1],
			['lif', false, 3],
		] as const
	).map((mode) => [arch, ...mode] as const),
);
test.each(cases)(
	'tfjs and the written-out onnxruntime graph find the same gradients: %s %s normalised %s T=%i',
	async (arch, neuron, normalised, timesteps) => {
		await startEngine('wasm');
		const onnx = onnxSource(1);
		const plan = buildPlan(parseArchitecture(arch), [2, 12, 12], 4);
		const layout = layoutOf(plan, { neuron, normalised });
		const parameters = initialParameters(plan, layout, 1);
		for (const { role, offset } of layout.entries) {
			if (role === 'threshold') parameters[offset] = 0.4;
			if (role === 'leak') parameters[offset] = 0.8;
		}
		const images = new Float32Array(6 * 288).map((_, index) => Math.sin(index * 1.37) * 1.5);
		const shard = {
			images,
			labels: Uint8Array.from([0, 1, 2, 3, 0, 1]),
			timesteps,
			dropout: 0.3,
			labelSmoothing: 0.1,
			stream: [1],
		};
		const [a] = await localSource('wasm').run(plan, layout, parameters, [shard]);
		const [b] = await onnx.run(plan, layout, parameters, [shard]);
		await onnx.close();
		expect(b?.spikes).toEqual(a?.spikes);
		expect(b?.lossSum).toBeCloseTo(a?.lossSum ?? Number.NaN, 3);
		const scale = Math.max(...(a?.gradient ?? []).map(Math.abs));
		const worst = Math.max(...(a?.gradient ?? []).map((value, index) => Math.abs(value - (b?.gradient[index] ?? Number.NaN))));
		expect(scale).toBeGreaterThan(0);
		expect(worst / scale).toBeLessThan(1e-4);
		if (neuron === 'lif' && timesteps === 1) {
			for (const { role, offset } of layout.entries) if (role === 'leak') expect(a?.gradient[offset]).toBe(0);
		}
		expect(entryOf(layout, 'conv1', 'weight').offset).toBe(0);
	},
);
