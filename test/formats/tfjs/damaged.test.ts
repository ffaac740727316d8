import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { readTfjs } from '../../../src/formats/tfjs/index.ts';
import { flag, integers, saveGraphModel, text, texts, type } from '../../support/tfjs-graph.ts';

const folder = mkdtempSync(join(tmpdir(), 'damaged-'));
afterAll(() => rmSync(folder, { recursive: true }));

const layer = (class_name: string, config: object) => ({ class_name, config });
const layersModel = {
	modelTopology: {
		class_name: 'Sequential',
		config: {
			name: 'model',
			layers: [
				layer('Conv2D', {
					name: 'conv',
					filters: 2,
					kernel_size: [3, 3],
					strides: [1, 1],
					padding: 'same',
					activation: 'relu',
					batch_input_shape: [null, 6, 6, 1],
				}),
				layer('BatchNormalization', { name: 'norm', axis: -1, epsilon: 0.001 }),
				layer('MaxPooling2D', { name: 'pool', pool_size: [2, 2], strides: [2, 2], padding: 'valid' }),
				layer('LeakyIntegrateAndFire', { name: 'neurons', timesteps: 4 }),
				layer('Flatten', { name: 'flat' }),
				layer('Dense', { name: 'dense', units: 3, use_bias: true, activation: 'softmax' }),
			],
		},
	},
	weightsManifest: [
		{
			paths: ['w.bin'],
			weights: Object.entries({
				'conv/kernel': [3, 3, 1, 2],
				'conv/bias': [2],
				'norm/gamma': [2],
				'norm/beta': [2],
				'norm/moving_mean': [2],
				'norm/moving_variance': [2],
				'neurons/threshold': [],
				'neurons/leak': [],
				'dense/kernel': [18, 3],
				'dense/bias': [3],
			}).map(([name, shape]) => ({ name, shape, dtype: 'float32' })),
		},
	],
};
const weightBytes = new Uint8Array(new Float32Array(18 + 2 + 8 + 2 + 54 + 3).fill(0.5).buffer);

const graphPath = saveGraphModel({
	inputs: { image: [6, 6, 1] },
	weights: {
		k: { shape: [3, 3, 1, 2], values: new Array<number>(18).fill(0.5) },
		b: { shape: [2], values: [1, 2] },
		axes: { shape: [2], values: [1, 2], integer: true },
	},
	nodes: [
		{
			name: 'conv',
			op: '_FusedConv2D',
			input: ['image', 'k', 'b'],
			attr: {
				strides: integers(1, 1, 1, 1),
				dilations: integers(1, 1, 1, 1),
				padding: text('SAME'),
				fused_ops: texts('BiasAdd', 'Relu'),
				T: type(),
			},
		},
		{ name: 'mean', op: 'Mean', input: ['conv', 'axes'], attr: { keep_dims: flag(false) } },
	],
	outputs: ['mean'],
});

async function outcome(json: string, weights: Uint8Array = weightBytes, name = 'w.bin'): Promise<string> {
	writeFileSync(join(folder, 'model.json'), json);
	writeFileSync(join(folder, name), weights);
	const start = performance.now();
	try {
		await readTfjs(join(folder, 'model.json'));
		return 'read';
	} catch (error) {
		expect((error as Error).name).toBe('UserError');
		expect((error as Error).message).toMatch(/^\S*model\.json.*\.$/s);
		return (error as Error).message;
	} finally {
		expect(performance.now() - start).toBeLessThan(2000);
	}
}

test('the undamaged models are read', async () => {
	expect(await outcome(JSON.stringify(layersModel))).toBe('read');
	const json = readFileSync(graphPath, 'utf8');
	expect(await outcome(json, readFileSync(join(dirname(graphPath), 'group1-shard1of1.bin')), 'group1-shard1of1.bin')).toBe(
		'read',
	);
});

test('model.json cut at any length is refused with a sentence', async () => {
	const json = JSON.stringify(layersModel);
	for (let length = 0; length < json.length; length += 7) {
		expect(await outcome(json.slice(0, length))).not.toBe('read');
	}
});

/** Replaces the value at a random place of a JSON tree. */
function replaceSomewhere(tree: unknown, path: readonly number[], value: unknown): unknown {
	const [head, ...rest] = path;
	if (head === undefined || typeof tree !== 'object' || tree === null) {
		return value;
	}
	const entries = Object.entries(tree);
	if (entries.length === 0) {
		return value;
	}
	const chosen = head % entries.length;
	const changed = entries.map(
		([key, child], index) => [key, index === chosen ? replaceSomewhere(child, rest, value) : child] as const,
	);
	return Array.isArray(tree) ? changed.map(([, child]) => child) : Object.fromEntries(changed);
}

const oddValues = [
	null,
	true,
	-1,
	0,
	1e9,
	2 ** 31,
	1e300,
	0.5,
	'x',
	'',
	'__proto__',
	'constructor',
	[],
	{},
	[[]],
	[1, 2, 3],
	{ name: 'conv' },
];

test.each(['layers-model', 'graph-model'])(
	'an odd value anywhere in a %s gives a model or a sentence, in bounded time',
	async (kind) => {
		const tree = kind === 'layers-model' ? layersModel : JSON.parse(readFileSync(graphPath, 'utf8'));
		const bytes = kind === 'layers-model' ? weightBytes : readFileSync(join(dirname(graphPath), 'group1-shard1of1.bin'));
		const shard = kind === 'layers-model' ? 'w.bin' : 'group1-shard1of1.bin';
		const places = fc.array(fc.nat(30), { minLength: 2, maxLength: 8 });
		let refused = 0;
		await fc.assert(
			fc.asyncProperty(places, fc.constantFrom(...oddValues), async (path, value) => {
				refused += (await outcome(JSON.stringify(replaceSomewhere(tree, path, value)), bytes, shard)) === 'read' ? 0 : 1;
			}),
			{ seed: 4, numRuns: 300 },
		);
		expect(refused).toBeGreaterThan(100);
	},
);

test('weights cut at any length are refused with a sentence', async () => {
	const json = JSON.stringify(layersModel);
	for (let length = 0; length < weightBytes.length; length += 13) {
		expect(await outcome(json, weightBytes.subarray(0, length))).toContain(`but the weight files hold ${length}`);
	}
});

test('a convolution that would give two billion elements is refused without computing them', async () => {
	const layers = [layer('UpSampling2D', { name: 'up', size: [30000, 30000], batch_input_shape: [null, 6, 6, 1] })];
	const model = { ...layersModel, modelTopology: { class_name: 'Sequential', config: { layers } } };
	expect(await outcome(JSON.stringify(model))).toContain('which no model has');
});

test('a file that is not JSON, not a model, or a folder says so', async () => {
	expect(await outcome('not json')).toContain('is not JSON text');
	expect(await outcome('[]')).toContain('it has no "modelTopology"');
	await expect(readTfjs(folder)).rejects.toThrow('cannot be read (EISDIR).');
	await expect(readTfjs(join(folder, 'none.json'))).rejects.toThrow('none.json does not exist; check the path.');
});
