import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import pngjs from 'pngjs';
import { loadDataset } from '../../src/formats/datasets/index.ts';
import { readArrays } from '../../src/formats/npy/index.ts';
import { parseArchitecture } from '../../src/network/architectures.ts';
import { countEvents, loadNetwork } from '../../src/pipeline.ts';
import { loadCheckpoint } from '../../src/training/checkpoint.ts';
import { startEngine } from '../../src/training/engines.ts';
import {
	Interrupted,
	mergeSettings,
	openEngine,
	presets,
	runPipeline,
	trainingRecord,
	writeModels,
} from '../../src/training/index.ts';
import { initialParameters, layoutOf } from '../../src/training/parameters.ts';
import { buildPlan } from '../../src/training/plan.ts';
import { localSource } from '../../src/training/source.ts';
import { averageGradient } from '../../src/training/stage.ts';
import { workerSource } from '../../src/training/workers.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-training-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The shipped MNIST samples as an image folder: the last third is the test set. */
async function writeDigits(): Promise<string> {
	const samples = await readArrays(resolve('models/mnist-cnn/samples.npz'));
	const images = samples.get('images')?.data as Float32Array;
	const labels = samples.get('labels')?.data as BigInt64Array;
	for (const [index, label] of labels.entries()) {
		const place = join(folder, 'digits', index < 200 ? 'train' : 'test', String(label));
		mkdirSync(place, { recursive: true });
		const png = new pngjs.PNG({ width: 28, height: 28 });
		for (let p = 0; p < 784; p++) {
			const pixel = Math.round(((images[index * 784 + p] as number) * 0.3081 + 0.1307) * 255);
			png.data.set([pixel, pixel, pixel, 255], 4 * p);
		}
		writeFileSync(join(place, `${index}.png`), pngjs.PNG.sync.write(png));
	}
	return `imagefolder:${join(folder, 'digits')}`;
}

const silent = { onProgress: () => undefined, onEpoch: () => undefined, onNote: () => undefined };

test('a small net learns digits through every stage, survives an interruption unchanged, and is analyzed as it was trained', async () => {
	const dataset = await writeDigits();
	const configuration = mergeSettings(presets.default as (typeof presets)[string] & object, {
		dataset,
		arch: '8 A 12 A 24d',
		reluEpochs: 10,
		spikingEpochs: [1, 1, 1, 1, 8],
		batch: 20,
		thresholds: { steps: 3, images: 20 },
		spiking: { learningRate: 0.003, dropout: 0.05 },
	});
	const { source, name: engine } = await openEngine('onnx', 2);
	const run = (checkpoints: string, resume: boolean, stopped: () => boolean) =>
		runPipeline(configuration, { checkpoints: join(folder, checkpoints), resume }, source, { ...silent, stopped });
	const whole = await run('whole', false, () => false);
	let steps = 0;
	await expect(run('broken', false, () => ++steps > 125)).rejects.toThrow(Interrupted);
	const resumed = await run('broken', true, () => false);
	expect(resumed.networks.map(({ stage }) => stage)).toEqual(['relu', 'T5', 'T4', 'T3', 'T2', 'T1']);
	for (const [index, network] of whole.networks.entries()) {
		expect([...(resumed.networks[index]?.parameters ?? [])]).toEqual([...network.parameters]);
	}
	await source.close();
	const last = whole.networks.at(-1)?.evaluation;
	expect((last?.correct ?? 0) / (last?.total ?? 1)).toBeGreaterThan(0.5);

	const out = join(folder, 'model');
	const record = trainingRecord({ ...whole, command: 'test', configuration, engine, samples: 100 });
	await writeModels({ folder: out, ...whole, record });
	const activity = await countEvents(await loadNetwork(join(out, 'model.onnx')));
	expect(activity.run.timesteps).toBe(1);
	expect(activity.accuracy).toEqual({ correct: last?.correct, total: last?.total });
	expect(activity.totals.spikes).toBe(last?.spikes.reduce((sum, count) => sum + count, 0));

	const checkpoint = join(folder, 'whole', 'T1.ckpt');
	truncateSync(checkpoint, 1000);
	expect(() => loadCheckpoint(checkpoint)).toThrow(/T1\.ckpt is not a whole checkpoint/);
}, 240_000);

test('a truncated or damaged data file is refused by name', () => {
	const place = join(folder, 'data', 'mnist');
	mkdirSync(place, { recursive: true });
	writeFileSync(join(place, 't10k-images-idx3-ubyte'), new Uint8Array(100));
	const load = () => loadDataset('mnist', { split: 'test', dataDir: join(folder, 'data') });
	expect(load).toThrow(/t10k-images-idx3-ubyte holds 100 bytes.*truncated/);
	writeFileSync(join(place, 't10k-images-idx3-ubyte'), new Uint8Array(7840016));
	expect(load).toThrow(/t10k-images-idx3-ubyte is corrupt or not the official file/);
	expect(() => loadDataset('cifar1', { split: 'test' })).toThrow(/no data set is called "cifar1"/);
});

test('two workers find the same gradient as one', async () => {
	const built = join(folder, 'built');
	mkdirSync(built);
	symlinkSync(resolve('node_modules'), join(built, 'node_modules'));
	writeFileSync(join(built, 'package.json'), '{"name":"built","version":"0","type":"module"}');
	// Types are checked elsewhere; here only the emitted program counts.
	spawnSync(process.execPath, [
		resolve('node_modules/typescript/bin/tsc'),
		'-p',
		'tsconfig.build.json',
		'--outDir',
		join(built, 'dist'),
	]);
	const plan = buildPlan(parseArchitecture('6 A 8 12d'), [1, 8, 8], 4);
	const layout = layoutOf(plan, { neuron: 'lif', normalised: false });
	const parameters = initialParameters(plan, layout, 1);
	for (const { role, offset } of layout.entries) if (role === 'threshold') parameters[offset] = 0.4;
	const shards = [0, 1, 2].map((part) => ({
		images: new Float32Array(4 * 64).map((_, index) => Math.sin(index + part)),
		labels: Uint8Array.from([0, 1, 2, 3]),
		timesteps: 2,
		dropout: 0.1,
		labelSmoothing: 0,
		stream: [part],
	}));
	await startEngine('wasm');
	const one = averageGradient(await localSource('wasm').run(plan, layout, parameters, shards));
	const pool = await workerSource('wasm', 2, pathToFileURL(join(built, 'dist/training/worker.js')));
	const two = averageGradient(await pool.run(plan, layout, parameters, shards));
	await pool.close();
	expect(one.some((value) => value !== 0)).toBe(true);
	expect([...two]).toEqual([...one]);
}, 240_000);
