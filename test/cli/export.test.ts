import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as layersApi from '@tensorflow/tfjs-layers';
import * as ort from 'onnxruntime-node';
import { readArrays } from '../../src/formats/npy/index.ts';
import { loadLayersModel } from '../../src/training/export/tfjs.ts';
import { readTrainedOnnx } from '../../src/training/index.ts';
import { neuronsOf, product } from '../../src/training/plan.ts';
import { commandLine } from '../support/command-line.ts';
import { fixturePath } from '../support/fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-export-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);
const shipped = 'models/mnist-cnn/model-T3.onnx';
const done = async (...line: readonly string[]): Promise<void> => {
	const { error, out } = await commandLine('export', ...line);
	expect(error).toBeNull();
	expect(out).toContain(`${line[line.indexOf('--out') + 1]}\n`);
};
const numbers = (tensor: ort.Tensor | undefined): number[] => [...((tensor?.data ?? []) as Float32Array)];
const tensor = (values: Float32Array, dims: readonly number[]): ort.Tensor => new ort.Tensor('float32', values, [...dims]);

beforeAll(async () => {
	await done(shipped, '--to', 'tfjs', '--out', path('tfjs'));
	await done(path('tfjs'), '--to', 'onnx', '--out', path('back.onnx'));
	await done(path('tfjs'), '--to', 'onnx', '--spikes', '--out', path('step.onnx'));
	await done(shipped, '--to', 'onnx', '--unroll', '3', '--spikes', '--out', path('unrolled.onnx'));
	await done(path('unrolled.onnx'), '--to', 'onnx', '--out', path('from-unrolled.onnx'));
}, 600_000);

test('from step model to tfjs and back, or to unrolled and back, come the bytes it began with', () => {
	const bytes = readFileSync(shipped);
	expect(readFileSync(path('back.onnx')).equals(bytes)).toBe(true);
	expect(readFileSync(path('from-unrolled.onnx')).equals(bytes)).toBe(true);
});

test('the shipped network as step model, unrolled model and tfjs model from disk gives the same spikes and logits', async () => {
	const samples = await readArrays('models/mnist-cnn/samples.npz');
	const [count, timesteps] = [5, 3];
	const images = Float32Array.from((samples.get('images')?.data ?? new Float32Array(0)) as Float32Array).subarray(0, count * 784);
	const { plan } = readTrainedOnnx(shipped);
	const neurons = neuronsOf(plan);
	const open = (name: string) => ort.InferenceSession.create(path(name), { logSeverityLevel: 3 });
	const [step, unrolled] = [await open('step.onnx'), await open('unrolled.onnx')];
	const image = tensor(images, [count, 1, 28, 28]);
	const all = await unrolled.run({ image });
	const loaded = await loadLayersModel(path('tfjs'));
	const outputs = [loaded.outputs[0], ...neurons.map(({ name }) => loaded.getLayer(name).output)] as layersApi.SymbolicTensor[];
	const watched = layersApi.model({ inputs: loaded.inputs, outputs });
	const [logits, ...spikes] = watched.predict(tf.tensor(images, [count, 28, 28, 1])) as tf.Tensor[];
	const state: Record<string, ort.Tensor> = { 'logits.before': tensor(new Float32Array(count * 10), [count, 10]) };
	for (const { name, outputShape } of neurons)
		state[`${name}.membrane`] = tensor(new Float32Array(count * product(outputShape)), [count, ...outputShape]);
	let fired = 0;
	for (let t = 1; t <= timesteps; t++) {
		const results = await step.run({ image, ...state });
		for (const [index, { name, outputShape }] of neurons.entries()) {
			const expected = numbers(results[`${name}.spikes`]);
			fired += expected.filter((value) => value === 1).length;
			const inTime = spikes[index] as tf.Tensor;
			const now = tf.slice(inTime, [(t - 1) * count, ...outputShape.map(() => 0)], [count, ...inTime.shape.slice(1)]);
			const inOrder = outputShape.length === 3 ? tf.transpose(now, [0, 3, 1, 2]) : now;
			expect([...inOrder.dataSync()]).toEqual(expected);
			expect(numbers(all[`${name}.spikes.${t}`])).toEqual(expected);
			state[`${name}.membrane`] = results[`${name}.membrane.next`] as ort.Tensor;
		}
		state['logits.before'] = results.logits as ort.Tensor;
	}
	expect(fired).toBeGreaterThan(1000);
	const expected = numbers(state['logits.before']);
	for (const other of [numbers(all.logits), [...(logits as tf.Tensor).dataSync()]])
		for (const [index, value] of other.entries()) expect(value).toBeCloseTo(expected[index] ?? Number.NaN, 3);
}, 600_000);

test('files that train did not write, or that were damaged since, are refused in a sentence', async () => {
	const write = (name: string, bytes: Uint8Array | string): string => {
		writeFileSync(path(name), bytes);
		return path(name);
	};
	const model = readFileSync(shipped);
	const broken = (name: string, change: (json: Record<string, unknown>) => void, weights?: Uint8Array): string => {
		mkdirSync(path(name));
		const json = JSON.parse(readFileSync(path('tfjs/model.json'), 'utf8')) as Record<string, unknown>;
		change(json);
		write(`${name}/model.json`, JSON.stringify(json));
		write(`${name}/weights.bin`, weights ?? readFileSync(path('tfjs/weights.bin')));
		return path(name);
	};
	const weights = readFileSync(path('tfjs/weights.bin'));
	const notNumbers = Buffer.from(weights).fill(255, 0, 4);
	const cases: [string, RegExp][] = [
		[path('missing.onnx'), /missing\.onnx is not a model that snn-energy train wrote: it cannot be read/],
		[folder, /is not a model that snn-energy train wrote: it cannot be read/],
		[write('garbage.onnx', 'no model at all'), /garbage\.onnx/],
		[write('cut.onnx', model.subarray(0, model.length / 2)), /cut\.onnx/],
		[write('empty.onnx', ''), /empty\.onnx/],
		[fixturePath('a-snntorch-conv-step', 'model.onnx'), /its metadata lack "snn\.layers".*"analyze" reads models of any origin/],
		[
			write('renamed.onnx', Buffer.from(model.toString('latin1').replaceAll('conv1.weight', 'conv9.weight'), 'latin1')),
			/renamed\.onnx/,
		],
		[
			write('layers.onnx', Buffer.from(model.toString('latin1').replace('"pooling":"average"', '"pooling":"averagE"'), 'latin1')),
			/layers\.onnx.*name no pooling/,
		],
		[broken('no-weights', (json) => json, weights.subarray(0, 400)), /no-weights\/model\.json.*do not fit together/],
		[broken('no-description', (json) => delete json.userDefinedMetadata), /no-description\/model\.json.*lacks the description/],
		[broken('no-layers', (json) => delete json.modelTopology), /no-layers\/model\.json.*do not fit together/],
		[broken('not-numbers', (json) => json, notNumbers), /not-numbers\/model\.json.*not finite numbers/],
	];
	for (const [file, sentence] of cases) {
		const { error } = await commandLine('export', file, '--to', 'onnx', '--out', path('never.onnx'));
		expect(error?.message).toMatch(sentence);
	}
	expect(existsSync(path('never.onnx'))).toBe(false);
}, 600_000);

test('options that contradict each other or cannot be met are refused', async () => {
	const refused = async (sentence: RegExp, ...line: readonly string[]): Promise<void> => {
		expect((await commandLine('export', shipped, ...line)).error?.message).toMatch(sentence);
	};
	await refused(
		/--unroll must be a whole number from 1 to 1000, not 0/,
		'--to',
		'onnx',
		'--unroll',
		'0',
		'--out',
		path('x.onnx'),
	);
	await refused(
		/--unroll must be a whole number from 1 to 1000, not 2\.5/,
		'--to',
		'onnx',
		'--unroll',
		'2.5',
		'--out',
		path('x.onnx'),
	);
	await refused(/--unroll makes an ONNX graph/, '--to', 'tfjs', '--unroll', '2', '--out', path('x'));
	await refused(
		/--unroll 2 and --timesteps 3 say two things/,
		'--to',
		'onnx',
		'--unroll',
		'2',
		'-T',
		'3',
		'--out',
		path('x.onnx'),
	);
	await refused(/--spikes adds outputs to an ONNX graph/, '--to', 'nir', '--spikes', '--out', path('x.nir'));
	await refused(/cannot be written: its folder does not exist/, '--to', 'onnx', '--out', path('no/where.onnx'));
	writeFileSync(path('a-file'), '');
	await refused(/a-file cannot be made/, '--to', 'tfjs', '--out', path('a-file'));
});
