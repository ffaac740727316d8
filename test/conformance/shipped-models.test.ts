import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { encodeModel } from '../../src/formats/onnx/index.ts';
import { countEvents, loadNetwork } from '../../src/pipeline.ts';
import type { Activity } from '../../src/simulation/activity.ts';
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
const samples = 1;

const counts = (activity: Activity) => ({
	synaptic: activity.layers.flatMap((layer) => (layer.kind === 'synaptic' ? [[layer.name, layer.perTimestep]] : [])),
	spikes: activity.layers.flatMap((layer) =>
		layer.kind === 'neuron' && layer.spiking ? [layer.perTimestep.map(({ spikes }) => spikes)] : [],
	),
});
const spikesOf = (activity: Activity): number => activity.totals.spikes;

// Trained weights are no round numbers: what differs in rounding could differ in a spike.
test.each([['fashion-cnn', 'model-T2']])(
	'%s/%s counts the same as step model, unrolled, tfjs and NIR file, per layer and timestep',
	async (name, file) => {
		const path = shipped(`${name}/${file}.onnx`);
		const model = readTrainedOnnx(path);
		const { timesteps } = model;
		const unrolled = join(folder, `${name}.onnx`);
		writeFileSync(unrolled, encodeModel(onnxModel(model.plan, model.layout, model.parameters, { form: 'unrolled', timesteps })));
		const nir = join(folder, `${name}.nir`);
		await writeNir(model, nir);
		const tfjs = join(folder, name);
		await writeLayersModel(model, tfjs);
		const run = async (at: string, options: object = {}): Promise<Activity> =>
			countEvents(await loadNetwork(at, options), { data: shipped(`${name}/samples.npz`), samples });
		const step = await run(path);
		expect(spikesOf(step)).toBeGreaterThan(0);
		expect(counts(await run(unrolled))).toEqual(counts(step));
		expect(counts(await run(tfjs))).toEqual(counts(step));
		// NIR keeps λ as 1 − dt/τ and the input as r·dt/τ, both rounded; a potential that close to its threshold may go the other way.
		const fromNir = await run(nir, { reset: 'subtract', timesteps });
		const [one, other] = [counts(step).spikes.flat(), counts(fromNir).spikes.flat()];
		const different = one.reduce((sum, spikes, at) => sum + Math.abs(spikes - (other[at] as number)), 0);
		expect(different).toBeLessThanOrEqual(spikesOf(step) * 1e-4);
	},
	600_000,
);
