/** 200 damaged variants of each format, opened in a process with little memory: each ends in a sentence or in a model. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as h5wasm from 'h5wasm/node';
import type { Hdf5Group, Hdf5Node } from '../../src/formats/nir/hdf5/read.ts';
import { encodeHdf5 } from '../../src/formats/nir/hdf5/write.ts';
import { encodeNir, type NirGraph, type NirNode } from '../../src/formats/nir/index.ts';
import { encodeModel } from '../../src/formats/onnx/index.ts';
import type { ConstantTensor, Graph, Model } from '../../src/model/graph.ts';
import { float32Tensor, int64Tensor } from '../../src/model/tensors.ts';
import { nirOfTrained } from '../../src/training/export/nir.ts';
import { onnxModel } from '../../src/training/export/onnx.ts';
import { writeLayersModel } from '../../src/training/export/tfjs.ts';
import { runOnBuild } from '../support/built-cli.ts';
import { damagedVariants } from '../support/damage.ts';
import { type ModelBuilder, modelBuilder, weights } from '../support/model-builder.ts';
import { array, input, nirFile, output } from '../support/nir-graph.ts';
import { trainedModel } from '../support/trained-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'damaged-files-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(async () => {
	tf.enableProdMode();
	await Promise.all([tf.setBackend('cpu'), h5wasm.ready]);
});

const trained = trainedModel('4 4 A 6 A 8d', [2, 8, 8], 3, 7);

interface Line {
	readonly file: string;
	readonly outcome: 'read' | 'refused' | 'crashed';
	readonly error: string;
	readonly seconds: number;
}

/** Opens all files in one process of 256 MB of heap. */
async function openAll(files: readonly string[]): Promise<{ lines: Line[]; megabytes: number }> {
	const list = join(folder, 'list.json');
	writeFileSync(list, JSON.stringify(files));
	const program = fileURLToPath(new URL('../support/open-each.js', import.meta.url));
	const { stdout, stderr, code } = await runOnBuild(program, [list], {
		environment: { NODE_OPTIONS: '--max-old-space-size=256' },
		timeout: 240_000,
	});
	expect([code, stderr]).toEqual([0, expect.anything()]);
	const lines = stdout.trim().split('\n');
	const { megabytes } = JSON.parse(lines.pop() ?? '{}') as { megabytes: number };
	return { lines: lines.map((line) => JSON.parse(line) as Line), megabytes };
}

/** Checks the variants of one format. */
async function expectSentences(files: readonly string[], sound: string): Promise<Line[]> {
	const { lines, megabytes } = await openAll([sound, ...files]);
	expect(lines[0]).toMatchObject({ outcome: 'read' });
	expect(lines).toHaveLength(files.length + 1);
	expect(lines.filter(({ outcome }) => outcome === 'crashed').map(({ file, error }) => [file, error])).toEqual([]);
	for (const { outcome, error } of lines) if (outcome === 'refused') expect(error).toMatch(/^\S.*[.)]$/s);
	expect(lines.filter(({ seconds }) => seconds > 2).map(({ file, seconds }) => [file, seconds])).toEqual([]);
	// Measured: 117 to 160 MB, of which the compiled sources and one sound file are 75.
	expect(megabytes).toBeLessThan(300);
	expect(lines.filter(({ outcome }) => outcome === 'refused').length).toBeGreaterThan(files.length / 2);
	return lines;
}

function writeAll(ending: string, contents: Iterable<Uint8Array>): string[] {
	return [...contents].map((bytes, at) => {
		const path = join(folder, `${at}.${ending}`);
		writeFileSync(path, bytes);
		return path;
	});
}

/** Lies that a NIR graph can tell. */
function nirLies(): Uint8Array[] {
	const lie = (nodes: Record<string, NirNode>, edges?: readonly (readonly [string, string])[]): Uint8Array =>
		encodeNir(nirFile(nodes, edges));
	const one = (node: NirNode, ...shape: number[]): Uint8Array => lie({ in: input(...shape), node, out: output(...shape) });
	const conv = {
		type: 'Conv2d',
		weight: array([1, 1, 1, 1], [1, 1, 2, 2]),
		bias: array([0]),
		stride: [1, 1],
		padding: [0, 0],
		dilation: [1, 1],
		groups: 1,
	} as const;
	const pool = { type: 'SumPool2d', kernelSize: [2, 2], stride: [2, 2], padding: [0, 0] } as const;
	const lif = { type: 'LIF', tau: array([1e-3]), r: array([1]), vLeak: array([0]), vThreshold: array([1]) } as const;
	const scale: NirNode = { type: 'Scale', scale: array([1]) };
	let nested: NirGraph = nirFile({ input: input(1), output: output(1) }).graph;
	for (let depth = 0; depth < 60; depth += 1) nested = nirFile({ input: input(1), inner: nested, output: output(1) }).graph;
	const chain = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`n${at}`, scale]));
	return [
		one(scale, 2 ** 31),
		one(scale, 65536, 65536),
		one({ ...conv, stride: [0, 0] }, 1, 4, 4),
		one({ ...conv, stride: [-1, -1] }, 1, 4, 4),
		one({ ...conv, padding: [2 ** 30, 2 ** 30] }, 1, 4, 4),
		one({ ...conv, dilation: [2 ** 31, 1] }, 1, 4, 4),
		one({ ...conv, groups: 0 }, 1, 4, 4),
		one({ ...conv, groups: 2 ** 31 }, 1, 4, 4),
		one({ ...pool, kernelSize: [2 ** 20, 2 ** 20] }, 1, 4, 4),
		one({ ...pool, kernelSize: [0, 0] }, 1, 4, 4),
		one({ ...pool, padding: [2 ** 24, 2 ** 24] }, 1, 4, 4),
		one({ type: 'Delay', delay: array([1e9]) }, 4),
		one({ type: 'Delay', delay: array([0.1]) }, 2 ** 20),
		one({ ...lif, tau: array([0]) }, 4),
		one({ ...lif, tau: array([-1]) }, 4),
		one({ ...lif, tau: array([1e-30]) }, 4),
		one({ type: 'Linear', weight: array([], [0, 0]) }, 4),
		one({ type: 'Linear', weight: array([1], [1, 1]) }, 2 ** 20),
		lie({ in: input(1), a: scale, b: scale, out: output(1) }, [
			['in', 'a'],
			['a', 'b'],
			['b', 'a'],
			['b', 'out'],
		]),
		lie({ in: input(1), a: scale, out: output(1) }, [
			['in', 'a'],
			['a', 'a'],
			['a', 'out'],
		]),
		lie({ in: input(1), out: output(1) }, [['out', 'in']]),
		lie({ in: input(1), out: output(1) }, []),
		lie({ in: input(1), a: scale, out: output(1) }, [
			['in', 'gone'],
			['gone', 'out'],
		]),
		lie({ in: input(1), part: nested, out: output(1) }),
		lie({ in: input(1), ...chain, out: output(1) }),
	];
}

/** A file whose groups contain the root again, at one table of names after the other. */
function* cyclicHdf5(): Generator<Uint8Array> {
	const inner: Hdf5Group = { kind: 'group', children: new Map([['child', { kind: 'group', children: new Map() }]]) };
	const nodes: [string, Hdf5Node][] = ['node', 'version', 'nodes'].map((name) => [name, inner]);
	const bytes = encodeHdf5({ kind: 'group', children: new Map(nodes) });
	const tables = [...Array(Math.floor(bytes.length / 8)).keys()].map((word) => word * 8);
	const root = new DataView(bytes.buffer).getBigUint64(64, true);
	for (const at of tables) {
		if (new DataView(bytes.buffer).getUint32(at, true) !== 0x444f4e53) continue;
		const copy = Uint8Array.from(bytes);
		new DataView(copy.buffer).setBigUint64(at + 16, root, true);
		yield copy;
	}
	for (const at of tables) {
		// A tree of names whose first child is the tree.
		if (new DataView(bytes.buffer).getUint32(at, true) !== 0x45455254) continue;
		const copy = Uint8Array.from(bytes);
		copy[at + 5] = 1;
		new DataView(copy.buffer).setBigUint64(at + 32, BigInt(at), true);
		yield copy;
	}
}

/** A NIR file whose compressed weights are a bomb: 150 MB of zeros in 150 kB. */
function bomb(): Uint8Array {
	const path = join(folder, 'bomb.h5');
	const file = new h5wasm.File(path, 'w');
	const node = file.create_group('node');
	node.create_dataset({ name: 'type', data: 'NIRGraph' });
	const noise = Float32Array.from({ length: 60_000 }, (_, at) => Math.sin(at * at));
	const inner = node.create_group('nodes').create_group('fc');
	inner.create_dataset({ name: 'weight', data: noise, shape: [300, 200], chunks: [300, 200], compression: 1 });
	file.close();
	const bytes = new Uint8Array(readFileSync(path));
	const compressed = deflateSync(new Uint8Array(150_000_000));
	const start = bytes.findIndex((byte, at) => byte === 0x78 && bytes[at + 1] === 1 && bytes.length - at > compressed.length);
	expect(start).toBeGreaterThan(0);
	bytes.set(compressed, start);
	return bytes;
}

test('200 damaged NIR files end in a sentence or a model, each within two seconds, all in little memory', async () => {
	const sound = encodeNir((await nirOfTrained(trained, 'a.nir')).nir);
	const foreign = new Uint8Array(readFileSync(fileURLToPath(new URL('../fixtures/nir/lif_norse.nir', import.meta.url))));
	const special = [...nirLies(), ...cyclicHdf5(), bomb()];
	const random = 200 - special.length;
	const variants = [
		...special,
		...damagedVariants(sound, Math.floor(random / 2), 21),
		...damagedVariants(foreign, random - Math.floor(random / 2), 22),
	];
	expect(variants).toHaveLength(200);
	const lines = await expectSentences(writeAll('nir', variants), writeAll('sound.nir', [sound])[0] ?? '');
	const all = lines.map(({ error }) => error).join('\n');
	expect(all).toContain('its groups contain each other');
	expect(all).toContain('a chunk of "node/nodes/fc/weight" expands beyond its 240000 bytes');
}, 300_000);

/** Lies that an ONNX graph can tell. */
function onnxLies(): Uint8Array[] {
	const model = (build: (graph: ModelBuilder, x: string) => string, dims: (number | string)[] = ['batch', 4]): Model => {
		const graph = modelBuilder();
		graph.input('x', dims);
		graph.constant('w', weights([4, 4], 3));
		graph.output(build(graph, 'x'), null);
		return graph.build();
	};
	const product = (graph: ModelBuilder, x: string): string => graph.add('MatMul', [x, 'w']);
	const shaped = (sizes: number[]) => (graph: ModelBuilder, x: string) => {
		graph.constant('sizes', int64Tensor(sizes));
		return graph.add('Mul', [product(graph, x), graph.add('ConstantOfShape', ['sizes'])]);
	};
	const cyclic = model((graph, x) => graph.add('Add', [product(graph, x), 'later'], {}, { output: 'sum' }));
	const later = modelBuilder();
	later.add('Relu', ['sum'], {}, { output: 'later' });
	const withNodes = (base: Model, graph: Partial<Graph>): Model => ({ ...base, graph: { ...base.graph, ...graph } });
	const withConstant = (name: string, tensor: ConstantTensor): Model => {
		const base = model(product);
		return withNodes(base, { constants: new Map([...base.graph.constants, [name, tensor]]) });
	};
	const flat: Graph = { ...model((graph, x) => graph.add('Relu', [x])).graph, inputs: [] };
	let branch: Graph = flat;
	for (let depth = 0; depth < 40; depth += 1) {
		const graph = modelBuilder();
		graph.constant('yes', { type: 'bool', dims: [], bytes: Uint8Array.of(1) });
		const value = { kind: 'graph', value: { ...branch, inputs: [] } } as const;
		graph.output(graph.add('If', ['yes'], { then_branch: value, else_branch: { kind: 'graph', value: flat } }), null);
		branch = graph.build().graph;
	}
	const expand = (sizes: number[]) => (graph: ModelBuilder, x: string) =>
		graph.add('Expand', [product(graph, x), graph.constant('sizes', int64Tensor(sizes))]);
	const tile = (sizes: number[]) => (graph: ModelBuilder, x: string) =>
		graph.add('Tile', [product(graph, x), graph.constant('sizes', int64Tensor(sizes))]);
	const pad = (sizes: number[]) => (graph: ModelBuilder, x: string) =>
		graph.add('Pad', [product(graph, x), graph.constant('sizes', int64Tensor(sizes))]);
	const models: Model[] = [
		withNodes(cyclic, { nodes: [...cyclic.graph.nodes, ...later.build().graph.nodes] }),
		model(product, ['batch', 2 ** 31]),
		model(product, ['batch', 2 ** 52]),
		model(product, [2 ** 31, 4]),
		model(product, ['batch', 4, 2 ** 20, 2 ** 20]),
		model(shaped([2 ** 16, 2 ** 16])),
		model(shaped([2 ** 40])),
		model(shaped([-1])),
		model(expand([2 ** 33, 4])),
		model(expand([2 ** 20, 2 ** 12, 4])),
		model(tile([1, 2 ** 31])),
		model(tile([2 ** 31, 2 ** 31])),
		model(pad([0, 2 ** 31, 0, 2 ** 31])),
		model(pad([-(2 ** 31), 0, 0, 0])),
		model((graph, x) => graph.add('Reshape', [product(graph, x), graph.constant('sizes', int64Tensor([0, 0, 0, 0]))])),
		model((graph, x) => graph.add('Conv', [x, 'w'], { strides: [0, 0], pads: [2 ** 31, 0, 0, 0] })),
		model((graph, x) => graph.add('NoSuchOperator', [product(graph, x)])),
		model((graph, x) => graph.add('Loop', [graph.constant('trips', int64Tensor([2 ** 52], [])), '', product(graph, x)])),
		withConstant('w', { type: 'float32', dims: [2 ** 20, 2 ** 20], bytes: new Uint8Array(64) }),
		withConstant('w', { type: 'float32', dims: [-4, -4], bytes: new Uint8Array(64) }),
		withConstant('w', { type: 'float32', dims: [4, 4], bytes: new Uint8Array(4) }),
		withConstant('w', { type: 'string', dims: [4, 4], bytes: new Uint8Array(64) }),
		withConstant('w', float32Tensor(new Float32Array(16).fill(Number.NaN), [4, 4])),
		withNodes(model(product), {
			nodes: branch.nodes,
			constants: new Map([...branch.constants, ['w', weights([4, 4], 3)]]),
			outputs: branch.outputs,
		}),
		model((graph, x) => Array.from({ length: 400 }).reduce<string>((value) => graph.add('Relu', [value]), product(graph, x))),
		{ ...model(product), opsets: new Map([['', 2 ** 31]]) },
		{ ...model(product), opsets: new Map() },
	];
	return models.map((one) => encodeModel(one));
}

test('200 damaged ONNX files end in a sentence or a model, each within two seconds, all in little memory', async () => {
	const { plan, layout, parameters, timesteps } = trained;
	const forms = (['step', 'unrolled'] as const).map((form) =>
		encodeModel(onnxModel(plan, layout, parameters, { form, timesteps })),
	);
	const special = onnxLies();
	const random = 200 - special.length;
	const variants = [
		...special,
		...damagedVariants(forms[0] as Uint8Array, Math.floor(random / 2), 31),
		...damagedVariants(forms[1] as Uint8Array, random - Math.floor(random / 2), 32),
	];
	expect(variants).toHaveLength(200);
	await expectSentences(writeAll('onnx', variants), writeAll('sound.onnx', [forms[0] as Uint8Array])[0] ?? '');
}, 300_000);

type Json = {
	modelTopology: {
		config: { layers: { class_name: string; config: Record<string, unknown>; inbound_nodes?: unknown }[] } & Record<
			string,
			unknown
		>;
	} & Record<string, unknown>;
	weightsManifest: { paths: string[]; weights: { shape: number[]; [key: string]: unknown }[] }[];
} & Record<string, unknown>;

/** Lies that a model.json can tell, as texts: some nest deeper than any recursion goes. */
function tfjsLies(sound: string): string[] {
	const lie = (change: (model: Json) => void): string => {
		const model = JSON.parse(sound) as Json;
		change(model);
		return JSON.stringify(model);
	};
	const weight = (change: (one: { shape: number[]; [key: string]: unknown }) => void) =>
		lie(({ weightsManifest }) => change(weightsManifest[0]?.weights[0] as { shape: number[] }));
	const layer = (field: string, value: unknown) =>
		lie(({ modelTopology }) => {
			for (const { config } of modelTopology.config.layers) if (field in config) config[field] = value;
		});
	const deep = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
	const replaced = (field: string, text: string): string =>
		sound.replace(new RegExp(`"${field}":(\\[[^\\]]*\\]|"[^"]*"|[^,}]*)`), `"${field}":${text}`);
	const nested = (depth: number): string => {
		let model: object = { class_name: 'Dense', config: { name: 'd', batch_input_shape: [null, 1] } };
		for (let at = 0; at < depth; at += 1) model = { class_name: 'Sequential', config: { name: `m${at}`, layers: [model] } };
		return JSON.stringify({ modelTopology: model, weightsManifest: [] });
	};
	const functional = (layers: object[], last: string): string =>
		JSON.stringify({
			modelTopology: {
				class_name: 'Model',
				config: { name: 'm', layers, input_layers: [['x', 0, 0]], output_layers: [[last, 0, 0]] },
			},
			weightsManifest: [],
		});
	const start = { class_name: 'InputLayer', name: 'x', config: { name: 'x', batch_input_shape: [null, 4] }, inbound_nodes: [] };
	const use = (name: string, class_name: string, from: string[]) => ({
		class_name,
		name,
		config: { name },
		inbound_nodes: [from.map((one) => [one, 0, 0, {}])],
	});
	const doubling = Array.from({ length: 45 }, (_, at) =>
		use(`c${at}`, 'Concatenate', at === 0 ? ['x', 'x'] : [`c${at - 1}`, `c${at - 1}`]),
	);
	const backwards = Array.from({ length: 20_000 }, (_, at) => use(`r${at}`, 'ReLU', [at === 19_999 ? 'x' : `r${at + 1}`]));
	return [
		deep(200_000),
		replaced('batch_input_shape', deep(100_000)),
		functional([start, { ...use('a', 'ReLU', ['x']), inbound_nodes: 'DEEP' }], 'a').replace('"DEEP"', deep(50_000)),
		`{"modelTopology":{"class_name":"Model","config":{"layers":[],"input_layers":${deep(100_000)},"output_layers":[]}},"weightsManifest":[]}`,
		nested(15),
		nested(1000),
		functional([start, ...doubling], 'c44'),
		functional([start, use('a', 'ReLU', ['b']), use('b', 'ReLU', ['a'])], 'b'),
		functional([start, use('a', 'ReLU', ['a'])], 'a'),
		functional([start, ...backwards], 'r0'),
		functional(
			[
				start,
				use(
					'a',
					'Add',
					Array.from({ length: 5000 }, () => 'x'),
				),
			],
			'a',
		),
		functional([start], 'gone'),
		layer('filters', 2 ** 31),
		layer('kernel_size', [2 ** 31, 2 ** 31]),
		layer('strides', [0, 0]),
		layer('timesteps', 2 ** 31),
		layer('batch_input_shape', [null, 2 ** 31, 2 ** 31, 4]),
		layer('name', '__proto__'),
		weight((one) => Object.assign(one, { shape: [2 ** 31, 2 ** 31] })),
		weight((one) => Object.assign(one, { shape: [-1] })),
		weight((one) => Object.assign(one, { quantization: { dtype: 'uint8', scale: 1e308, min: 1e308 } })),
		weight((one) => Object.assign(one, { quantization: { dtype: 'uint8' } })),
		lie(({ weightsManifest }) =>
			weightsManifest[0]?.paths.push(...Array.from({ length: 10_000 }, () => weightsManifest[0]?.paths[0] ?? '')),
		),
		lie((model) => Object.assign(model, { format: 'graph-model' })),
		lie(({ weightsManifest }) => Object.assign(weightsManifest[0] ?? {}, { paths: ['.'] })),
		lie(({ weightsManifest }) => Object.assign(weightsManifest[0] ?? {}, { paths: ['../../../../etc/passwd'] })),
	];
}

test('200 damaged tfjs models end in a sentence or a model, each within two seconds, all in little memory', async () => {
	const home = join(folder, 'tfjs');
	await writeLayersModel(trained, home);
	const json = readFileSync(join(home, 'model.json'));
	const shard = (JSON.parse(json.toString()) as Json).weightsManifest[0]?.paths[0] ?? '';
	const bytes = readFileSync(join(home, shard));
	const special = tfjsLies(json.toString()).map((text) => ({ json: Buffer.from(text), bytes }));
	const random = 200 - special.length;
	const variants = [
		...special,
		...damagedVariants(json, random - 40, 41).map((damaged) => ({ json: damaged, bytes })),
		...damagedVariants(bytes, 40, 42).map((damaged) => ({ json, bytes: damaged })),
	];
	expect(variants).toHaveLength(200);
	const files = variants.map((variant, at) => {
		const place = join(folder, `tfjs-${at}`);
		mkdirSync(place);
		writeFileSync(join(place, 'model.json'), variant.json);
		writeFileSync(join(place, shard), variant.bytes);
		return join(place, 'model.json');
	});
	await expectSentences(files, join(home, 'model.json'));
}, 300_000);
