import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { decodeNir, encodeNir, nirToModel } from '../../src/formats/nir/index.ts';
import { encodeNpy } from '../../src/formats/npy/index.ts';
import { encodeModel } from '../../src/formats/onnx/index.ts';
import type { ModelSource } from '../../src/formats/source.ts';
import { readTfjs } from '../../src/formats/tfjs/index.ts';
import { countEvents, loadNetwork } from '../../src/pipeline.ts';
import { nirOfTrained } from '../../src/training/export/nir.ts';
import { onnxModel } from '../../src/training/export/onnx.ts';
import { writeLayersModel } from '../../src/training/export/tfjs.ts';
import { neuronsOf } from '../../src/training/plan.ts';
import { randomNumbers } from '../support/random-numbers.ts';
import { runStepModel } from '../support/run-step-model.ts';
import { trainedModel } from '../support/trained-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'formats-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(async () => {
	tf.enableProdMode();
	await tf.setBackend('cpu');
});

/** Makes every tensor named "….spikes" an output. */
function withSpikes(source: ModelSource, names: readonly string[]): ModelSource {
	const { graph } = source.model;
	const missing = names.map((name) => `${name}.spikes`).filter((name) => !graph.outputs.some((output) => output.name === name));
	const outputs = [...graph.outputs, ...missing.map((name) => ({ name, type: 'float32', dims: null }) as const)];
	return { ...source, model: { ...source.model, graph: { ...graph, outputs } } };
}

const timesteps = 6;
const batch = 4;

// The leaks are powers of two or none, so that NIR's v + dt/tau·(r·I − v) rounds like λ·v + I.
test.each([
	['4 4 A 6 A 8d', [2, 8, 8], 0.5],
	['4 r4 r6s2', [2, 8, 8], 0.75],
	['24d 16d', [16], 1],
] as const)(
	'the network %s gives the same spikes as ONNX step model, NIR file and tfjs model, per layer, timestep and sample',
	async (architecture, shape, leak) => {
		const model = trainedModel(architecture, shape, timesteps, 7, leak);
		const neurons = neuronsOf(model.plan).map(({ name }) => name);
		const onnx = onnxModel(model.plan, model.layout, model.parameters, { form: 'step', timesteps });
		const states = (onnx.metadata.get('snn.states') ?? '').split(',').map((pair) => {
			const [input = '', output = ''] = pair.split('=');
			return { input, output, initial: 0 };
		});
		await writeLayersModel(model, folder);
		const sources: Record<string, ModelSource> = {
			onnx: { model: onnx, timing: 'step', states, assumptions: [] },
			nir: nirToModel(decodeNir(encodeNir((await nirOfTrained(model, 'a.nir')).nir), 'a.nir'), 'a.nir', { reset: 'subtract' }),
			tfjs: await readTfjs(join(folder, 'model.json')),
		};
		const next = randomNumbers(9);
		const size = shape.reduce((product: number, one) => product * one, 1);
		const image = Float32Array.from({ length: batch * size }, () => Math.round(next() * 16) / 16);
		const [channels, height, width] = shape;
		const channelsLast =
			height === undefined || width === undefined
				? image
				: await tf.transpose(tf.tensor(image, [batch, channels, height, width]), [0, 2, 3, 1]).data();
		const counts: Record<string, number[][][]> = {};
		const logits: Record<string, number[]> = {};
		for (const [format, source] of Object.entries(sources)) {
			const data = { image: format === 'tfjs' ? (channelsLast as Float32Array) : image };
			const results = await runStepModel(
				withSpikes(source, neurons),
				Array.from({ length: timesteps }, () => data),
				batch,
			);
			counts[format] = results.map((outputs) =>
				neurons.map((name) => {
					const spikes = outputs.get(`${name}.spikes`)?.data ?? new Float32Array();
					const each = spikes.length / batch;
					return Array.from({ length: batch }, (_, sample) =>
						spikes.subarray(sample * each, (sample + 1) * each).reduce((sum, one) => sum + one, 0),
					);
				}),
			);
			logits[format] = [...(results.at(-1)?.get(format === 'nir' ? 'output' : 'logits')?.data ?? [])];
		}
		expect(counts.nir).toEqual(counts.onnx);
		expect(counts.tfjs).toEqual(counts.onnx);
		expect(logits.nir).toEqual(logits.onnx);
		expect(logits.tfjs).toEqual(logits.onnx);
		const fired = neurons.map(
			(_, layer) => counts.onnx?.flatMap((step) => step[layer] ?? []).reduce((sum, one) => sum + one, 0) ?? 0,
		);
		expect(Math.min(...fired)).toBeGreaterThan(0);
	},
);

test.each([
	['4 4 A 6 A 8d', [2, 8, 8], 0.5],
	['24d 16d', [16], 1],
] as const)('the network %s gives the same counts from every file, per layer and timestep', async (architecture, shape, leak) => {
	const model = trainedModel(architecture, shape, timesteps, 7, leak);
	const next = randomNumbers(10);
	const size = shape.reduce((product: number, one) => product * one, 1);
	const images = Float32Array.from({ length: batch * size }, () => Math.max(0, Math.round(next() * 24) - 8) / 16);
	const data = join(folder, 'images.npy');
	writeFileSync(data, encodeNpy({ dtype: 'float32', shape: [batch, ...shape], data: images }));
	const file = (name: string) => join(folder, name);
	for (const form of ['step', 'unrolled'] as const) {
		writeFileSync(file(`${form}.onnx`), encodeModel(onnxModel(model.plan, model.layout, model.parameters, { form, timesteps })));
	}
	writeFileSync(file('model.nir'), encodeNir((await nirOfTrained(model, 'a.nir')).nir));
	await writeLayersModel(model, file('tfjs'));
	const runs = {
		step: { path: file('step.onnx'), options: {} },
		unrolled: { path: file('unrolled.onnx'), options: {} },
		nir: { path: file('model.nir'), options: { reset: 'subtract', timesteps } },
		tfjs: { path: file('tfjs'), options: {} },
	} as const;
	const counts: Record<string, unknown> = {};
	for (const encoder of ['once', 'every-step'] as const) {
		for (const [format, { path, options }] of Object.entries(runs)) {
			const activity = await countEvents(await loadNetwork(path, options), { data, encoder, batch: 3 });
			const synaptic = activity.layers.filter((layer) => layer.kind === 'synaptic');
			const neurons = activity.layers.filter((layer) => layer.kind === 'neuron');
			counts[format] = {
				synaptic: synaptic.map(({ name, perTimestep }) => [name, perTimestep]),
				spikes: neurons.map(({ perTimestep }) => perTimestep.map(({ spikes, neurons: size }) => [size, spikes])),
			};
			expect(activity.totals.spikes).toBeGreaterThan(0);
		}
		expect(counts.unrolled).toEqual(counts.step);
		expect(counts.nir).toEqual(counts.step);
		expect(counts.tfjs).toEqual(counts.step);
	}
});
