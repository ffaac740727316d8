import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { readTfjs } from '../../../src/formats/tfjs/index.ts';
import { loadLayersModel, writeLayersModel } from '../../../src/training/export/tfjs.ts';
import { randomNumbers } from '../../support/random-numbers.ts';
import { runStepModel } from '../../support/run-step-model.ts';
import { trainedModel } from '../../support/trained-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'spiking-'));
const path = join(folder, 'model.json');
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(async () => {
	tf.enableProdMode();
	await tf.setBackend('cpu');
});

test.each(['4 4 A 6 A 8d', '4 r4 r6s2', '24d 16d'])(
	'our spiking LayersModel of %s gives the logits that tfjs gives, timestep by timestep',
	async (architecture) => {
		const shape = architecture.startsWith('24d') ? [16] : [2, 8, 8];
		const model = trainedModel(architecture, shape, 5, 7);
		await writeLayersModel(model, folder);
		const source = await readTfjs(path);
		expect(source.timing).toBe('step');
		expect(source.model.metadata.get('snn.timesteps')).toBe('5');
		const batch = 3;
		const inputShape = shape.length === 1 ? shape : [8, 8, 2];
		const next = randomNumbers(9);
		const image = Float32Array.from({ length: batch * inputShape.reduce((a, b) => a * b) }, () => Math.round(next() * 16) / 16);
		const theirs = (await loadLayersModel(folder)).predict(tf.tensor(image, [batch, ...inputShape])) as tf.Tensor;
		const results = await runStepModel(
			source,
			Array.from({ length: 5 }, () => ({ image })),
			batch,
		);
		expect([...(results.at(-1)?.get('logits')?.data ?? [])]).toEqual([...theirs.dataSync()]);
		const spikes = results.map((outputs) => [...(outputs.get('neuron1.membrane.next')?.data ?? [])]);
		expect(spikes[1]).not.toEqual(spikes[0]);
		expect(new Set(theirs.dataSync()).size).toBeGreaterThan(3);
	},
);

/** A model of one spiking layer behind an input of the given shape. */
function spikingModel(
	shape: readonly number[],
	weights: Readonly<Record<string, readonly number[]>>,
	before: object[] = [],
	config: object = { timesteps: 4 },
): string {
	const input = { class_name: 'InputLayer', config: { name: 'image', batch_input_shape: [null, ...shape] } };
	const neurons = { class_name: 'LeakyIntegrateAndFire', config: { name: 'neurons', ...config } };
	const modelTopology = { class_name: 'Sequential', config: { layers: [input, ...before, neurons] } };
	const specifications = Object.entries(weights).map(([name, values]) => ({
		name,
		shape: values.length === 1 ? [] : [values.length],
		dtype: 'float32',
	}));
	writeFileSync(join(folder, 'w.bin'), new Uint8Array(Float32Array.from(Object.values(weights).flat()).buffer));
	writeFileSync(path, JSON.stringify({ modelTopology, weightsManifest: [{ paths: ['w.bin'], weights: specifications }] }));
	return path;
}

/** Spikes and membrane potential of one neuron, plainly. */
function simulate(inputs: readonly number[], leak: number, threshold: number): { spikes: number[]; membrane: number[] } {
	const spikes: number[] = [];
	const membrane: number[] = [];
	let u = 0;
	for (const input of inputs) {
		u = leak * u + input;
		const fires = u > threshold;
		u -= fires ? threshold : 0;
		spikes.push(fires ? 1 : 0);
		membrane.push(u);
	}
	return { spikes, membrane };
}

const currents = [0.5, 0.75, 0, 0.25, 2.5, 0, 0, 0.125, 1];

test('the membrane potential and the spikes follow the equation', async () => {
	const source = await readTfjs(spikingModel([1], { 'neurons/leak': [0.5], 'neurons/threshold': [1] }));
	expect(source.states).toEqual([{ input: 'neurons.membrane', output: 'neurons.membrane.next', initial: 0 }]);
	expect(source.assumptions).toEqual([
		'Layers "neurons" keep a membrane potential: the model is one timestep, run again and again from zero.',
	]);
	const results = await runStepModel(
		source,
		currents.map((current) => ({ image: [current] })),
	);
	const expected = simulate(currents, 0.5, 1);
	expect(results.map((outputs) => outputs.get('neurons')?.data[0])).toEqual(expected.spikes);
	expect(results.map((outputs) => outputs.get('neurons.membrane.next')?.data[0])).toEqual(expected.membrane);
	expect(expected.spikes).toContain(1);
});

test('a leak and a threshold for each channel act on their channel, in an image and behind a padding', async () => {
	const weights = { 'neurons/leak': [0.5, 1], 'neurons/threshold': [1, 2] };
	const identity = { class_name: 'ZeroPadding2D', config: { name: 'pad', padding: 0 } };
	for (const before of [[], [identity]]) {
		const source = await readTfjs(spikingModel([1, 2, 2], weights, before));
		const results = await runStepModel(
			source,
			currents.map((current) => ({ image: [current, current, 0, current] })),
		);
		const [first, second] = [simulate(currents, 0.5, 1), simulate(currents, 1, 2)];
		for (const [step, outputs] of results.entries()) {
			expect([...(outputs.get('neurons')?.data ?? [])]).toEqual([
				first.spikes[step],
				second.spikes[step],
				0,
				second.spikes[step],
			]);
		}
	}
});

test('a spiking layer used twice in a timestep is refused', async () => {
	spikingModel([1], { 'n/leak': [1], 'n/threshold': [1] });
	const use = (from: string) => [[from, 0, 0, {}]];
	const layers = [
		{ class_name: 'InputLayer', name: 'image', config: { name: 'image', batch_input_shape: [null, 1] }, inbound_nodes: [] },
		{
			class_name: 'LeakyIntegrateAndFire',
			name: 'n',
			config: { name: 'n', timesteps: 2 },
			inbound_nodes: [use('image'), use('n')],
		},
	];
	const config = { name: 'm', layers, input_layers: [['image', 0, 0]], output_layers: [['n', 1, 0]] };
	const json = JSON.parse(readFileSync(path, 'utf8')) as object;
	writeFileSync(path, JSON.stringify({ ...json, modelTopology: { class_name: 'Model', config } }));
	await expect(readTfjs(path)).rejects.toThrow('the spiking layer "n" is used more than once in a timestep');
});

test('a spiking layer without threshold, or of a number of timesteps that makes no sense, is refused', async () => {
	await expect(readTfjs(spikingModel([1], { 'neurons/leak': [1] }))).rejects.toThrow(
		'the layer "neurons" needs the weight "neurons/threshold"',
	);
	const weights = { 'neurons/leak': [1], 'neurons/threshold': [1] };
	await expect(readTfjs(spikingModel([1], weights, [], { timesteps: 0 }))).rejects.toThrow(
		'has timesteps 0; only a whole number from 1 is read',
	);
	const repeat = { class_name: 'RepeatOverTimesteps', config: { name: 'repeat', timesteps: 3 } };
	await expect(readTfjs(spikingModel([1], weights, [repeat]))).rejects.toThrow(
		'has timesteps 4; only 3, as in the other layers, is read',
	);
});
