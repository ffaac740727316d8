import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { Activity } from '../../src/activity/activity.ts';
import { encodeModel } from '../../src/formats/onnx/index.ts';
import { countEvents, loadNetwork } from '../../src/pipeline.ts';
import { writeNir } from '../../src/training/export/convert.ts';
import { onnxModel } from '../../src/training/export/onnx.ts';
import { readTrainedOnnx } from '../../src/training/export/read-onnx.ts';
import { writeLayersModel } from '../../src/training/export/tfjs.ts';

const folder = mkdtempSync(join(tmpdir(), 'shipped-'));
beforeAll(async () => {
	tf.enableProdMode();
	await tf.setBackend('cpu');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const shipped = (path: string): string => fileURLToPath(new URL(`../../models/${path}`, import.meta.url));

const counts = ({ layers }: Activity) => ({
	synaptic: layers.flatMap((layer) => (layer.kind === 'synaptic' ? [[layer.name, layer.perTimestep]] : [])),
	spikes: layers.flatMap((layer) =>
		layer.kind === 'neuron' && layer.spiking ? [layer.perTimestep.map(({ spikes }) => spikes)] : [],
	),
});

// Trained weights are no round numbers: what differs in rounding could differ in a spike.
test('fashion-cnn/model-T2 counts the same as step model, unrolled and tfjs file, per layer and timestep', async () => {
	const path = shipped('fashion-cnn/model-T2.onnx');
	const model = readTrainedOnnx(path);
	const { timesteps } = model;
	const unrolled = join(folder, 'unrolled.onnx');
	writeFileSync(unrolled, encodeModel(onnxModel(model.plan, model.layout, model.parameters, { form: 'unrolled', timesteps })));
	const tfjs = join(folder, 'tfjs');
	await writeLayersModel(model, tfjs);
	const run = async (at: string): Promise<Activity> =>
		countEvents(await loadNetwork(at), { data: shipped('fashion-cnn/samples.npz'), samples: 1 });
	const step = await run(path);
	expect(step.totals.spikes).toBeGreaterThan(0);
	for (const other of [await run(unrolled), await run(tfjs)]) {
		expect(other.totals).toEqual(step.totals);
		expect(counts(other)).toEqual(counts(step));
	}
}, 600_000);

// NIR keeps λ as 1 − dt/τ and the input as r·dt/τ: reading them back has to give the very numbers they were written from.
test.each([
	['fashion-cnn', 'model-T2', 4],
	['mnist-cnn', 'model-T5', 10],
] as const)(
	'%s/%s counts the same as step model and as NIR file, to the last spike of %i samples',
	async (name, file, samples) => {
		const path = shipped(`${name}/${file}.onnx`);
		const model = readTrainedOnnx(path);
		const nir = join(folder, `${name}.nir`);
		await writeNir(model, nir);
		const data = { data: shipped(`${name}/samples.npz`), samples };
		const step = await countEvents(await loadNetwork(path), data);
		const fromNir = await countEvents(await loadNetwork(nir, { reset: 'subtract', timesteps: model.timesteps }), data);
		expect(step.totals.spikes).toBeGreaterThan(0);
		expect(fromNir.totals).toEqual(step.totals);
		expect(counts(fromNir)).toEqual(counts(step));
	},
	600_000,
);
