import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import pngjs from 'pngjs';
import { convertNetwork, readPlainNetwork } from '../../src/conversion/index.ts';
import { convertFile } from '../../src/convert.ts';
import { decodeModel, encodeModel } from '../../src/formats/onnx/index.ts';
import type { Model } from '../../src/model/graph.ts';
import { describeConversion } from '../../src/reporting/conversion-document.ts';
import { renderConversionPage } from '../../src/reporting/html/conversion.ts';
import { parametersOf, trainableChain, withParameters } from '../../src/retrain.ts';
import { onnxModel } from '../../src/training/export/onnx.ts';
import { entryOf, layoutOf, slice } from '../../src/training/parameters.ts';
import { arraySource } from '../support/array-source.ts';
import { type ModelBuilder, modelBuilder, weights } from '../support/model-builder.ts';
import { randomNumbers } from '../support/random-numbers.ts';

const samples = 4;
const timesteps = 3;

const conv = (graph: ModelBuilder, x: string, name: string, channels: readonly [number, number], bias: boolean): string => {
	graph.scope(name);
	graph.constant(`${name}.weight`, weights([channels[1], channels[0], 3, 3], channels[1] + 1));
	if (bias) graph.constant(`${name}.bias`, weights([channels[1]], 9));
	return graph.add('Conv', [x, `${name}.weight`, ...(bias ? [`${name}.bias`] : [])], {
		pads: [1, 1, 1, 1],
		kernel_shape: [3, 3],
	});
};
const pool = (graph: ModelBuilder, op: string, x: string): string =>
	graph.add(op, [x], { kernel_shape: [2, 2], strides: [2, 2] });
const relu = (graph: ModelBuilder, x: string): string => graph.add('Relu', [x]);

/** Ways exporters write a chain; each gives class scores [batch, 5]. */
const chains: Readonly<Record<string, { shape: readonly number[]; build: (graph: ModelBuilder) => string }>> = {
	'convolutions without bias, average pooling, dense rows with bias (PyTorch)': {
		shape: [2, 8, 8],
		build(graph) {
			const y = pool(graph, 'AveragePool', relu(graph, conv(graph, 'x', 'a', [2, 4], false)));
			const z = pool(graph, 'MaxPool', relu(graph, conv(graph, y, 'b', [4, 3], true)));
			graph.scope('fc1');
			graph.constant('fc1.weight', weights([6, 12], 21));
			graph.constant('fc1.bias', weights([6], 22));
			const hidden = relu(
				graph,
				graph.add('Gemm', [graph.add('Flatten', [z], { axis: 1 }), 'fc1.weight', 'fc1.bias'], { transB: 1 }),
			);
			graph.scope('fc2');
			graph.constant('fc2.weight', weights([5, 6], 23));
			graph.constant('fc2.bias', weights([5], 24));
			return graph.add('Gemm', [hidden, 'fc2.weight', 'fc2.bias'], { transB: 1 });
		},
	},
	'a dense network of columns, biases added behind (tfjs)': {
		shape: [10],
		build(graph) {
			graph.scope('fc1');
			graph.constant('fc1.weight', weights([10, 8], 3));
			graph.constant('fc1.bias', weights([8], 4));
			const hidden = relu(graph, graph.add('Add', [graph.add('MatMul', ['x', 'fc1.weight']), 'fc1.bias']));
			graph.scope('fc2');
			graph.constant('fc2.weight', weights([8, 5], 5));
			return graph.add('MatMul', [hidden, 'fc2.weight']);
		},
	},
	'dense layers without any bias, as the IIR-SNN papers have them': {
		shape: [2, 4, 4],
		build(graph) {
			const y = relu(graph, conv(graph, 'x', 'a', [2, 4], true));
			graph.scope('fc1');
			graph.constant('fc1.weight', weights([64, 7], 6));
			const hidden = relu(graph, graph.add('MatMul', [graph.add('Flatten', [y], { axis: 1 }), 'fc1.weight']));
			graph.scope('fc2');
			graph.constant('fc2.weight', weights([5, 7], 7));
			return graph.add('Gemm', [hidden, 'fc2.weight'], { transB: 1 });
		},
	},
};

function plain(name: string): { model: Model; shape: readonly number[] } {
	const { shape, build } = chains[name] as NonNullable<(typeof chains)[string]>;
	const graph = modelBuilder();
	graph.input('x', ['batch', ...shape]);
	graph.output(build(graph), ['batch', 5]);
	return { model: graph.build(), shape };
}

async function scores(model: Model, image: string, shape: readonly number[], images: Float32Array): Promise<number[]> {
	const session = await InferenceSession.create(encodeModel(model), { logSeverityLevel: 4 });
	const states = (model.metadata.get('snn.states') ?? '').split(',').map((pair) => pair.split('=') as [string, string]);
	try {
		const feeds: Record<string, Tensor> = { [image]: new Tensor('float32', images, [samples, ...shape]) };
		for (const [state] of states) {
			const info = model.graph.inputs.find(({ name }) => name === state);
			const dims = (info?.dims ?? []).map((dim) => (typeof dim === 'number' ? dim : samples));
			feeds[state] = new Tensor('float32', new Float32Array(dims.reduce((product, dim) => product * dim, 1)), dims);
		}
		for (let step = 0; step < timesteps; step += 1) {
			const results = await session.run(feeds);
			for (const [state, next] of states) feeds[state] = results[next] as Tensor;
		}
		const [answer = ''] = states.filter(([, next]) => next === model.metadata.get('snn.output')).map(([state]) => state);
		return Array.from(feeds[answer]?.data as Float32Array);
	} finally {
		await session.release();
	}
}

test.each(Object.keys(chains))('%s: what the training engine trains is the converted network, number by number', async (name) => {
	const { model, shape } = plain(name);
	const next = randomNumbers(8);
	const size = shape.reduce((product, one) => product * one, 1);
	const images = Float32Array.from({ length: samples * size }, () => Math.round(next() * 16) / 16);
	const source = { model, file: 'ann.onnx', format: 'onnx', sha256: '0'.repeat(64) };
	const calibration = { source: arraySource(images, shape), samples, batch: 4, file: 'ann.onnx' };
	const conversion = await convertNetwork(source, calibration, { method: 'iir', timesteps, steps: 4, trainable: true });
	const network = await readPlainNetwork(model, 'ann.onnx', undefined, { trainable: true });
	const chain = trainableChain(network, 'net');
	if ('reason' in chain) throw new Error(chain.reason);
	const layout = layoutOf(chain.plan, { neuron: 'lif', normalised: false });
	const values = parametersOf(conversion, chain, layout);
	const trained = (): Model => onnxModel(chain.plan, layout, values, { form: 'step', timesteps });
	const engine = async () => scores(trained(), 'image', chain.plan.inputShape, images);
	const before = await engine();
	expect(before.some((value) => value !== 0)).toBe(true);
	const near = (wanted: readonly number[]) => wanted.map((value) => expect.closeTo(value, 4) as number);
	expect(await scores(conversion.model, 'x', shape, images)).toEqual(near(before));
	// What training changes comes back to its place: weights, biases, thresholds and leaks.
	for (let at = 0; at < values.length; at += 1) values[at] = Math.fround((values[at] as number) * (0.75 + next() / 2) + 1 / 64);
	const after = await engine();
	expect(after).not.toEqual(before);
	const changed = withParameters(conversion, chain, layout, values, timesteps);
	expect(await scores(changed, 'x', shape, images)).toEqual(near(after));
	const [layer] = chain.neurons.values();
	expect(slice(values, entryOf(layout, layer ?? '', 'leak'))[0]).not.toBe(1);
});

test.each<[string, (graph: ModelBuilder) => string, RegExp]>([
	[
		'a residual sum',
		(graph) => {
			const y = relu(graph, conv(graph, 'x', 'a', [2, 4], true));
			const z = relu(graph, graph.add('Add', [conv(graph, y, 'b', [4, 4], true), y]));
			return graph.add('GlobalAveragePool', [z]);
		},
		/a shortcut, not a chain/,
	],
	[
		'pooling with overlap',
		(graph) => {
			const y = relu(graph, conv(graph, 'x', 'a', [2, 4], true));
			return graph.add('MaxPool', [y], { kernel_shape: [3, 3], strides: [2, 2] });
		},
		/windows that divide the map/,
	],
	[
		'a grouped convolution',
		(graph) => {
			graph.constant('a.weight', weights([4, 1, 3, 3], 3));
			return relu(graph, graph.add('Conv', ['x', 'a.weight'], { group: 2, pads: [1, 1, 1, 1], kernel_shape: [3, 3] }));
		},
		/no groups/,
	],
])('%s is not trained, and the reason is given', async (_, build, reason) => {
	const graph = modelBuilder();
	graph.input('x', ['batch', 2, 8, 8]);
	const features = graph.add('Flatten', [build(graph)], { axis: 1 });
	graph.scope('fc');
	const inputs = /residual/.test(_) ? 4 : /overlap/.test(_) ? 36 : 256;
	graph.constant('fc.weight', weights([inputs, 5], 7));
	graph.output(graph.add('MatMul', [features, 'fc.weight']), ['batch', 5]);
	const chain = trainableChain(await readPlainNetwork(graph.build(), 'ann.onnx', undefined, { trainable: true }), 'net');
	expect('reason' in chain ? chain.reason : '').toMatch(reason);
});

test('a network is converted, trained down to the asked timesteps and shown on one curve', async () => {
	const folder = mkdtempSync(join(tmpdir(), 'snn-energy-trained-'));
	try {
		const next = randomNumbers(4);
		for (const split of ['train', 'test'])
			for (const [label, name] of ['dark', 'light'].entries()) {
				mkdirSync(join(folder, split, name), { recursive: true });
				for (let at = 0; at < 8; at += 1) {
					const png = new pngjs.PNG({ width: 4, height: 4 });
					for (let byte = 0; byte < 64; byte += 1) png.data[byte] = byte % 4 === 3 ? 255 : 90 * label + Math.round(next() * 120);
					writeFileSync(join(folder, split, name, `${at}.png`), pngjs.PNG.sync.write(png));
				}
			}
		const graph = modelBuilder();
		graph.input('x', ['batch', 3, 4, 4]);
		const y = relu(graph, conv(graph, 'x', 'a', [3, 4], false));
		graph.scope('fc');
		graph.constant('fc.weight', weights([2, 64], 7));
		graph.constant('fc.bias', weights([2], 3));
		graph.output(graph.add('Gemm', [graph.add('Flatten', [y], { axis: 1 }), 'fc.weight', 'fc.bias'], { transB: 1 }), [
			'batch',
			2,
		]);
		const file = join(folder, 'relu.onnx');
		writeFileSync(file, encodeModel(graph.build()));
		const silent = { onProgress: () => {}, onEpoch: () => {}, onNote: () => {}, stopped: () => false };
		const result = await convertFile(file, 'snn.onnx', {
			method: 'iir',
			timesteps: 4,
			steps: 4,
			curve: [1, 4],
			data: `imagefolder:${folder}`,
			profiles: ['45nm'],
			training: { epochs: 1, workers: 1, events: silent },
		});
		expect(result.trained.map(({ run }) => run.timesteps)).toEqual([5, 4]);
		expect(result.curve.map(({ run }) => run.timesteps)).toEqual([1, 4]);
		expect(result.conversion.assumptions.at(-1)).toMatch(
			/^Trained through T = 5, 4 on the training images of imagefolder:.*, 1 epoch each stage/,
		);
		const written = decodeModel(result.bytes, 'snn.onnx');
		expect(written.metadata.get('snn.timesteps')).toBe('4');
		const report = {
			source: file,
			result: 'snn.onnx',
			method: 'iir',
			plain: result.plain,
			curve: result.curve,
			trained: result.trained,
			thresholds: result.conversion.thresholds,
			assumptions: result.conversion.assumptions,
			warnings: result.conversion.warnings,
		};
		const { table } = describeConversion(report);
		expect(table.rows.map(({ cells }) => cells.slice(0, 2))).toEqual([
			['plain', 1],
			['converted', 1],
			['converted', 4],
			['trained', 5],
			['trained', 4],
		]);
		const page = await renderConversionPage(report);
		expect(page).toContain('<svg role="img" aria-label="Accuracy, spikes and energy by timesteps on 45nm.');
		expect(page).toContain('trained at T = 4');
		expect(readFileSync(file).length).toBeGreaterThan(0);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}, 120_000);
