import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as ort from 'onnxruntime-node';
import { encodeModel } from '../../src/formats/onnx/index.ts';
import { parseArchitecture } from '../../src/network/architectures.ts';
import { startEngine } from '../../src/training/engines.ts';
import { onnxModel, spikesName } from '../../src/training/export/onnx.ts';
import { layersModel, readLayersModel, writeLayersModel } from '../../src/training/export/tfjs.ts';
import { initialParameters, layoutOf } from '../../src/training/parameters.ts';
import { buildPlan, neuronsOf, product } from '../../src/training/plan.ts';

const plan = buildPlan(parseArchitecture('4 A r6 10d'), [2, 8, 8], 3);
const layout = layoutOf(plan, { neuron: 'lif', normalised: false });
const parameters = initialParameters(plan, layout, 3);
for (const { role, offset } of layout.entries) {
	if (role === 'threshold') parameters[offset] = 0.5;
	if (role === 'leak') parameters[offset] = 0.75;
}
const [timesteps, count] = [3, 4];
const images = new Float32Array(count * 128).map((_, index) => Math.sin(index * 0.73) * 1.2);
const model = { plan, layout, parameters, timesteps, metadata: { 'snn.dataset': 'test' } };
const numbers = (value: ort.Tensor | undefined): number[] => [...((value?.data ?? []) as Float32Array)];
const tensor = (values: Float32Array, dims: number[]): ort.Tensor => new ort.Tensor('float32', values, dims);

test('step model, unrolled model and tfjs agree on the logits and on every spike', async () => {
	await startEngine('cpu');
	const session = (form: 'step' | 'unrolled') =>
		ort.InferenceSession.create(encodeModel(onnxModel(plan, layout, parameters, { form, timesteps, spikeOutputs: true })));
	const image = tensor(images, [count, 2, 8, 8]);
	const unrolled = await (await session('unrolled')).run({ image });
	const step = await session('step');
	let states: Record<string, ort.Tensor> = { 'logits.before': tensor(new Float32Array(count * 3), [count, 3]) };
	for (const { name, outputShape } of neuronsOf(plan)) {
		states[`${name}.membrane`] = tensor(new Float32Array(count * product(outputShape)), [count, ...outputShape]);
	}
	const model_ = layersModel(model, { spikeOutputs: true });
	const channelsLast = tf.transpose(tf.tensor(images, [count, 2, 8, 8]), [0, 2, 3, 1]);
	const [tfLogits, ...tfSpikes] = model_.predict(channelsLast) as tf.Tensor[];
	let fired = 0;
	for (let t = 1; t <= timesteps; t++) {
		const results = await step.run({ image, ...states });
		for (const [index, { name, outputShape }] of neuronsOf(plan).entries()) {
			const spikes = numbers(results[`${name}.spikes`]);
			fired += spikes.filter((value) => value === 1).length;
			expect(numbers(unrolled[spikesName(name, t, 'unrolled')])).toEqual(spikes);
			const all = tfSpikes[index] as tf.Tensor;
			const now = tf.slice(all, [(t - 1) * count, ...outputShape.map(() => 0)], [count, ...all.shape.slice(1)]);
			expect([...(outputShape.length === 3 ? tf.transpose(now, [0, 3, 1, 2]) : now).dataSync()]).toEqual(spikes);
		}
		states = Object.fromEntries(
			neuronsOf(plan).map(({ name }) => [`${name}.membrane`, results[`${name}.membrane.next`] as ort.Tensor]),
		);
		states['logits.before'] = results.logits as ort.Tensor;
	}
	expect(fired).toBeGreaterThan(0);
	const logits = numbers(states['logits.before']);
	const others = [numbers(unrolled.logits), [...(tfLogits as tf.Tensor).dataSync()]];
	for (const other of others)
		for (const [index, value] of other.entries()) expect(value).toBeCloseTo(logits[index] ?? Number.NaN, 4);
});

test('a tfjs LayersModel read back has the same parameters', async () => {
	await startEngine('cpu');
	const folder = mkdtempSync(join(tmpdir(), 'snn-export-'));
	try {
		await writeLayersModel(model, folder);
		const back = await readLayersModel(folder);
		expect([...back.parameters]).toEqual([...parameters]);
		expect(back.timesteps).toBe(timesteps);
	} finally {
		rmSync(folder, { recursive: true });
	}
});
