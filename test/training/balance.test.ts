import * as tf from '@tensorflow/tfjs-core';
import { parseArchitecture } from '../../src/network/architectures.ts';
import { balanceLayer, readersOf, rebalanced } from '../../src/training/balance.ts';
import { measureThresholds } from '../../src/training/conversion.ts';
import { startEngine } from '../../src/training/engines.ts';
import { forward, imagesTensor } from '../../src/training/forward.ts';
import { entryOf, initialParameters, type Layout, layoutOf, parameterValues, slice } from '../../src/training/parameters.ts';
import { buildPlan, neuronsOf, type Plan } from '../../src/training/plan.ts';

const plan = buildPlan(parseArchitecture('4 6 A 8 A'), [1, 8, 8], 3);
const spiking = layoutOf(plan, { neuron: 'lif', normalised: false });
const images = Float32Array.from({ length: 6 * 64 }, (_, index) => Math.sin(index * 0.7) + Math.cos(index * 0.13));

beforeAll(() => startEngine('cpu'));

const tensorsOf = (layout: Layout, values: Float32Array): Map<string, tf.Tensor> =>
	new Map(layout.entries.map((entry) => [entry.name, tf.tensor(slice(values, entry).slice(), [...entry.shape])]));

function reluLogits(values: Float32Array): Float32Array {
	const tensors = tensorsOf(spiking, values);
	const options = { timesteps: 1, neuron: (_: unknown, current: tf.Tensor) => tf.relu(current) };
	return forward(plan, spiking, tensors, imagesTensor(images, 6, plan.inputShape), options).dataSync() as Float32Array;
}

/** Logits summed over timesteps, by the neuron's equations written out once more. */
function spikingLogits(values: Float32Array, timesteps: number): Float32Array {
	const tensors = tensorsOf(spiking, values);
	const membranes = new Map<string, tf.Tensor>();
	let sum = tf.zeros([6, 3]);
	for (let t = 0; t < timesteps; t++) {
		const logits = forward(plan, spiking, tensors, imagesTensor(images, 6, plan.inputShape), {
			timesteps: 1,
			neuron: ({ name }, current) => {
				const threshold = tensors.get(`${name}.threshold`) as tf.Tensor;
				const before = membranes.get(name);
				const membrane = before ? tf.add(before, current) : current;
				const spikes = tf.step(tf.sub(membrane, threshold));
				membranes.set(name, tf.sub(membrane, tf.mul(spikes, threshold)));
				return spikes;
			},
		});
		sum = tf.add(sum, logits);
	}
	return sum.dataSync() as Float32Array;
}

const distance = (a: Float32Array, b: Float32Array): number => Math.hypot(...a.map((value, i) => value - (b[i] as number)));

const biasedParameters = (plan: Plan, layout: Layout): Float32Array => {
	const values = initialParameters(plan, layout, 5);
	for (const { role, offset, size } of layout.entries)
		if (role === 'bias') for (let i = 0; i < size; i++) values[offset + i] = 0.4 * Math.sin(i + offset);
	return values;
};

test('with many timesteps and thresholds nothing exceeds, a balanced net computes what the ReLU net does', async () => {
	const values = biasedParameters(plan, spiking);
	const wanted = reluLogits(values);
	const options = { percentile: 1, steps: 8, scale: 1.5, timesteps: 256 };
	const balanced = await measureThresholds(plan, values, images, 6, { ...options, balance: true });
	const published = await measureThresholds(plan, values, images, 6, { ...options, balance: false });
	const size = Math.hypot(...wanted);
	expect(size).toBeGreaterThan(0.1);
	expect(distance(spikingLogits(balanced, 256), wanted) / size).toBeLessThan(0.02);
	expect(
		distance(
			spikingLogits(published, 256).map((value) => value / 256),
			wanted,
		) / size,
	).toBeGreaterThan(0.1);
}, 60_000);

test('readers are found through pooling and flattening; what a sum adds has no weights to change', () => {
	const residual = buildPlan(parseArchitecture('4 A r4 8d'), [1, 8, 8], 3);
	const named = neuronsOf(residual).map((neuron) => [neuron.name, readersOf(residual, neuron).map(({ name }) => name)]);
	expect(named).toEqual([
		['neuron1', ['conv2']],
		['neuron2', ['conv3']],
		['neuron3', ['dense1']],
		['neuron4', ['dense2']],
	]);
});

test('a layer gets half its threshold over all timesteps, its readers the threshold, and nothing else changes', () => {
	const values = biasedParameters(plan, spiking);
	const changed = values.slice();
	const [, second] = neuronsOf(plan);
	if (!second) throw new Error('no second layer');
	balanceLayer(plan, spiking, changed, second, 0.5, 4);
	for (const { layer, role, name } of spiking.entries) {
		const [before, after] = [values, changed].map((all) => parameterValues(spiking, all, layer, role)) as [
			Float32Array,
			Float32Array,
		];
		const expected =
			name === 'conv2.bias' ? before.map((bias) => bias + 0.0625) : name === 'conv3.weight' ? before.map((w) => w * 0.5) : before;
		expect([name, ...after]).toEqual([name, ...expected]);
	}
	const last = neuronsOf(plan).at(-1);
	if (!last) throw new Error('no last layer');
	balanceLayer(plan, spiking, changed, last, 2, 4);
	const [before, after] = [values, changed].map((all) => parameterValues(spiking, all, 'dense1', 'weight'));
	expect([...(after ?? [])]).toEqual([...(before ?? []).map((weight) => weight * 0.5)]);
});

test('rebalancing for another number of timesteps is the same as balancing for it', () => {
	const balanced = (timesteps: number): Float32Array => {
		const values = biasedParameters(plan, spiking);
		for (const [index, neuron] of neuronsOf(plan).entries()) {
			const threshold = 0.3 + 0.2 * index;
			slice(values, entryOf(spiking, neuron.name, 'threshold'))[0] = threshold;
			balanceLayer(plan, spiking, values, neuron, threshold, timesteps);
		}
		return values;
	};
	const found = rebalanced(plan, spiking, balanced(4), 4, 1);
	const wanted = balanced(1);
	for (const [index, value] of found.entries()) expect(value).toBeCloseTo(wanted[index] as number, 5);
	expect(distance(found, balanced(4))).toBeGreaterThan(0.1);
});
