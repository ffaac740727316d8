import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import * as layers from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { readTfjs } from '../../../src/formats/tfjs/index.ts';
import { runStepModel } from '../../support/run-step-model.ts';
import { saveLayersModel } from '../../support/save-tfjs.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const { layers: L } = layers;

beforeAll(async () => {
	tf.enableProdMode();
	await tf.setBackend('cpu');
});

/** Random weights, statistics of batch normalisation included, so that no layer is the identity by accident. */
function randomise(model: layers.LayersModel): void {
	model.setWeights(
		model.weights.map(({ shape, originalName }, index) =>
			tf.randomUniform(shape.map(Number), originalName.endsWith('variance') ? 0.1 : -0.5, 0.6, 'float32', index + 1),
		),
	);
}

async function compare(model: layers.LayersModel, batch = 3, shards = 1): Promise<void> {
	randomise(model);
	const inputs = model.inputs.map((input, index) =>
		tf.randomUniform([batch, ...input.shape.slice(1).map(Number)], -1, 1, 'float32', 100 + index),
	);
	const expected = model.predict(inputs.length === 1 ? (inputs[0] as tf.Tensor) : inputs);
	const wanted = Array.isArray(expected) ? expected : [expected];
	const source = await readTfjs(await saveLayersModel(model, shards));
	const { graph } = source.model;
	const data = Object.fromEntries(graph.inputs.map(({ name }, index) => [name, (inputs[index] as tf.Tensor).dataSync()]));
	const [outputs] = await runStepModel(source, [data], batch);
	for (const [index, { name, dims }] of graph.outputs.entries()) {
		const found = outputs?.get(name);
		const tensor = wanted[index] as tf.Tensor;
		expect(found?.shape).toEqual(tensor.shape);
		expect(dims?.slice(1)).toEqual(tensor.shape.slice(1));
		const worst = Math.max(...Array.from(tensor.dataSync(), (value, at) => Math.abs(value - (found?.data[at] ?? Number.NaN))));
		expect(worst).toBeLessThan(1e-4);
	}
}

/** Writes a Sequential model by hand, as converters do; returns the path of model.json. */
function writeModel(entries: readonly object[], weights: Readonly<Record<string, number[]>>, shape: number[] = []): string {
	const folder = temporaryFolder('tfjs-hand-');
	const specifications = Object.entries(weights).map(([name, values]) => ({
		name,
		shape: shape.length > 0 ? shape : [values.length],
		dtype: 'float32',
	}));
	writeFileSync(join(folder, 'w.bin'), new Uint8Array(Float32Array.from(Object.values(weights).flat()).buffer));
	const modelTopology = { class_name: 'Sequential', config: { name: 'model', layers: entries } };
	writeFileSync(
		join(folder, 'model.json'),
		JSON.stringify({ modelTopology, weightsManifest: [{ paths: ['w.bin'], weights: specifications }] }),
	);
	return join(folder, 'model.json');
}

const onImage = (...rest: layers.layers.Layer[]): layers.LayersModel => {
	const model = layers.sequential();
	model.add(L.inputLayer({ inputShape: [9, 8, 3] }));
	for (const layer of rest) model.add(layer);
	return model;
};

const cases: Record<string, () => layers.layers.Layer[]> = {
	'Conv2D valid': () => [L.conv2d({ filters: 5, kernelSize: 3 })],
	'Conv2D same, stride 2': () => [L.conv2d({ filters: 5, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' })],
	'Conv2D same, even kernel': () => [L.conv2d({ filters: 4, kernelSize: [2, 4], padding: 'same' })],
	'Conv2D dilated without bias': () => [
		L.conv2d({ filters: 4, kernelSize: 3, dilationRate: 2, useBias: false, padding: 'same' }),
	],
	'Conv2DTranspose valid': () => [L.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2 })],
	'Conv2DTranspose same': () => [L.conv2dTranspose({ filters: 4, kernelSize: 3, strides: 2, padding: 'same' })],
	'Conv2DTranspose with a kernel smaller than its stride': () => [
		L.conv2dTranspose({ filters: 2, kernelSize: 2, strides: 3, padding: 'valid' }),
	],
	'DepthwiseConv2D with multiplier': () => [
		L.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, strides: 2, padding: 'same' }),
	],
	SeparableConv2D: () => [
		L.separableConv2d({ filters: 6, kernelSize: 3, depthMultiplier: 2, padding: 'same', activation: 'relu6' }),
	],
	'MaxPooling2D same': () => [L.maxPooling2d({ poolSize: 2, padding: 'same' })],
	'MaxPooling2D overlapping': () => [L.maxPooling2d({ poolSize: 3, strides: 2 })],
	'AveragePooling2D same, which leaves out the padding': () => [L.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' })],
	GlobalAveragePooling2D: () => [L.globalAveragePooling2d({})],
	GlobalMaxPooling2D: () => [L.globalMaxPooling2d({})],
	'BatchNormalization after Conv2D': () => [
		L.conv2d({ filters: 4, kernelSize: 3 }),
		L.batchNormalization({ epsilon: 0.01 }),
		L.reLU({}),
	],
	'BatchNormalization without scale and center': () => [L.batchNormalization({ scale: false, center: false })],
	'LeakyReLU and ReLU with a maximum': () => [L.leakyReLU({ alpha: 0.1 }), L.reLU({ maxValue: 0.4 })],
	PReLU: () => [L.prelu({ sharedAxes: [1, 2] })],
	'ELU, ThresholdedReLU': () => [L.elu(), L.thresholdedReLU({ theta: 0.2 })],
	'Flatten after Conv2D keeps the order height, width, channels': () => [
		L.conv2d({ filters: 4, kernelSize: 3 }),
		L.flatten(),
		L.dense({ units: 7 }),
	],
	'Dense on the last axis of an image': () => [L.dense({ units: 4, activation: 'tanh' })],
	'Dense, Dropout, Softmax': () => [L.flatten(), L.dropout({ rate: 0.5 }), L.dense({ units: 5 }), L.softmax()],
	'Reshape and Permute': () => [L.reshape({ targetShape: [12, -1] }), L.permute({ dims: [2, 1] })],
	'ZeroPadding2D and Cropping2D': () => [
		L.zeroPadding2d({
			padding: [
				[1, 2],
				[0, 3],
			],
		}),
		L.cropping2D({
			cropping: [
				[0, 1],
				[2, 0],
			],
		}),
	],
	'layers with the channels first': () => [
		L.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', dataFormat: 'channelsFirst', activation: 'relu' }),
		L.depthwiseConv2d({ kernelSize: 2, dataFormat: 'channelsFirst' }),
		L.maxPooling2d({ poolSize: [2, 1], strides: 1, dataFormat: 'channelsFirst' }),
		L.flatten({ dataFormat: 'channelsFirst' }),
		L.dense({ units: 3 }),
	],
	'a mean over all positions with the channels first': () => [
		L.zeroPadding2d({ padding: 2, dataFormat: 'channelsFirst' }),
		L.globalAveragePooling2d({ dataFormat: 'channelsFirst' }),
	],
	'Rescaling and augmentation': () => [L.rescaling({ scale: 1 / 127.5, offset: -1 })],
	UpSampling2D: () => [L.upSampling2d({ size: [2, 3] })],
	'GaussianNoise, SpatialDropout and the activations': () => [
		L.gaussianNoise({ stddev: 1 }),
		L.activation({ activation: 'selu' }),
		L.activation({ activation: 'softplus' }),
		L.activation({ activation: 'softsign' }),
		L.activation({ activation: 'hardSigmoid' }),
		L.activation({ activation: 'swish' }),
		L.activation({ activation: 'sigmoid' }),
	],
};

test.each(Object.entries(cases))('%s agrees with tfjs to 1e-4', async (_name, make) => {
	await compare(onImage(...make()));
});

const placing = {
	padding: fc.constantFrom('valid', 'same'),
	dataFormat: fc.constantFrom('channelsFirst', 'channelsLast'),
	height: fc.integer({ min: 5, max: 9 }),
	width: fc.integer({ min: 5, max: 9 }),
} as const;
const extents = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }));
const sizes = fc.integer({ min: 1, max: 3 });
const biasAndActivation = {
	useBias: fc.boolean(),
	activation: fc.constantFrom('linear', 'relu', 'relu6', 'sigmoid', 'tanh', 'elu', 'softmax'),
} as const;
/** Strides and dilations: tfjs itself refuses to have both above 1. */
const steps = fc
	.tuple(extents, extents, fc.boolean())
	.map(([strides, dilationRate, dilated]) => (dilated ? { strides: [1, 1], dilationRate } : { strides, dilationRate: [1, 1] }));

interface Placing {
	readonly dataFormat: 'channelsFirst' | 'channelsLast';
	readonly height: number;
	readonly width: number;
}
/** The layer alone, on images of three channels, as tfjs computes it. */
async function compareAlone(layer: layers.layers.Layer, { dataFormat, height, width }: Placing): Promise<void> {
	const model = layers.sequential();
	model.add(L.inputLayer({ inputShape: dataFormat === 'channelsFirst' ? [3, height, width] : [height, width, 3] }));
	model.add(layer);
	await compare(model, 2);
}
const pair = ([first = 1, second = 1]: readonly number[]): [number, number] => [first, second];
const runs = { seed: 7, numRuns: 40 };

test('Conv2D agrees with tfjs to 1e-4 whatever its options', async () => {
	const options = fc.record({ ...placing, ...biasAndActivation, kernelSize: extents, filters: sizes, steps });
	await fc.assert(
		fc.asyncProperty(options, ({ steps: { strides, dilationRate }, ...rest }) =>
			compareAlone(L.conv2d({ ...rest, strides: pair(strides), dilationRate: pair(dilationRate) }), rest),
		),
		runs,
	);
});

// Without dilation: tfjs reads that option of a depthwise layer and computes as if it were 1.
test('DepthwiseConv2D agrees with tfjs to 1e-4 whatever its options', async () => {
	const options = fc.record({ ...placing, ...biasAndActivation, kernelSize: extents, depthMultiplier: sizes, strides: sizes });
	await fc.assert(
		fc.asyncProperty(options, ({ strides, ...rest }) =>
			compareAlone(L.depthwiseConv2d({ ...rest, strides: [strides, strides] }), rest),
		),
		runs,
	);
});

test.each([
	['MaxPooling2D', L.maxPooling2d],
	['AveragePooling2D', L.averagePooling2d],
] as const)('%s agrees with tfjs to 1e-4 whatever its options', async (_name, make) => {
	const options = fc.record({ ...placing, poolSize: extents, strides: extents });
	await fc.assert(
		fc.asyncProperty(options, (chosen) => compareAlone(make(chosen), chosen)),
		runs,
	);
});

test('convolutions, pooling and normalisation along one axis agree with tfjs', async () => {
	const model = layers.sequential();
	model.add(L.conv1d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', inputShape: [11, 3], activation: 'relu' }));
	model.add(L.batchNormalization());
	model.add(L.maxPooling1d({ poolSize: 2 }));
	model.add(L.globalAveragePooling1d({}));
	await compare(model);
});

test('zeros before and after a sequence agree with tfjs, or with the definition', async () => {
	const source = await readTfjs(
		writeModel(
			[
				{
					class_name: 'ZeroPadding1D',
					config: { name: 'pad', padding: [1, 2], batch_input_shape: [null, 2, 3] },
				},
			],
			{},
		),
	);
	const [outputs] = await runStepModel(source, [{ pad_input: [1, 2, 3, 4, 5, 6] }]);
	expect(outputs?.get('pad')?.shape).toEqual([1, 5, 3]);
	expect([...(outputs?.get('pad')?.data ?? [])]).toEqual([0, 0, 0, 1, 2, 3, 4, 5, 6, 0, 0, 0, 0, 0, 0]);
});

test('the layers that only change images in training are left out, whatever converter wrote them', async () => {
	const kinds = ['RandomFlip', 'RandomRotation', 'RandomZoom', 'RandomTranslation', 'RandomContrast', 'RandomBrightness'];
	const layers = kinds.map((class_name, index) => ({
		class_name,
		config: { name: `change${index}`, ...(index === 0 ? { batch_input_shape: [null, 2, 2, 1] } : {}) },
	}));
	const source = await readTfjs(writeModel(layers, {}));
	expect(source.assumptions[0]).toContain('"change0", "change1", "change2", "change3", "change4", "change5"');
	const [outputs] = await runStepModel(source, [{ change0_input: [1, 2, 3, 4] }]);
	expect([...(outputs?.get('change5')?.data ?? [])]).toEqual([1, 2, 3, 4]);
});

test('weights that carry the number of an output, as TensorFlow names them, are found', async () => {
	const config = { name: 'dense', units: 1, use_bias: false, batch_shape: [null, 2] };
	const source = await readTfjs(writeModel([{ class_name: 'Dense', config }], { 'dense/kernel:0': [3, 4] }, [2, 1]));
	const [outputs] = await runStepModel(source, [{ dense_input: [1, 10] }]);
	expect([...(outputs?.get('dense')?.data ?? [])]).toEqual([43]);
});

// tfjs' own cpu backend cycles through the statistics along the last axis, whatever the axis; this is the definition.
test('batch normalisation over the axis right behind the batch is that of each channel', async () => {
	const config = { name: 'norm', axis: [1], epsilon: 0, batch_input_shape: [null, 2, 1, 3] };
	const statistics = {
		'norm/gamma': [1, 2],
		'norm/beta': [0, 10],
		'norm/moving_mean': [1, 2],
		'norm/moving_variance': [1, 4],
	};
	const source = await readTfjs(writeModel([{ class_name: 'BatchNormalization', config }], statistics));
	const [outputs] = await runStepModel(source, [{ norm_input: [1, 2, 3, 4, 5, 6] }]);
	expect([...(outputs?.get('norm')?.data ?? [])]).toEqual([0, 1, 2, 12, 13, 14]);
	expect(outputs?.get('norm')?.shape).toEqual([1, 2, 1, 3]);
});

test('a model whose first layer takes the channels first says so', async () => {
	const model = layers.sequential();
	model.add(L.conv2d({ filters: 4, kernelSize: 3, dataFormat: 'channelsFirst', inputShape: [3, 8, 9] }));
	expect((await readTfjs(await saveLayersModel(model))).inputLayout).toBeUndefined();
});

test('batch normalisation of sequences that no convolution made agrees with tfjs', async () => {
	const model = layers.sequential();
	model.add(L.batchNormalization({ inputShape: [5, 3] }));
	await compare(model);
});

test('a layer on every timestep (TimeDistributed) agrees with tfjs', async () => {
	const model = layers.sequential();
	model.add(L.timeDistributed({ layer: L.conv2d({ filters: 3, kernelSize: 3 }), inputShape: [4, 6, 6, 2] }));
	model.add(L.timeDistributed({ layer: L.flatten() }));
	model.add(L.timeDistributed({ layer: L.dense({ units: 5, activation: 'relu' }) }));
	await compare(model);
});

test('residual sums, products, concatenations and shared layers agree with tfjs', async () => {
	const input = layers.input({ shape: [6, 6, 3] });
	const other = layers.input({ shape: [6, 6, 4] });
	const shared = L.conv2d({ filters: 4, kernelSize: 3, padding: 'same' });
	const a = shared.apply(input) as layers.SymbolicTensor;
	const b = L.conv2d({ filters: 4, kernelSize: 1 }).apply(other) as layers.SymbolicTensor;
	const sum = L.add().apply([a, b]) as layers.SymbolicTensor;
	const again = L.activation({ activation: 'relu' }).apply(sum) as layers.SymbolicTensor;
	const joined = L.concatenate().apply([again, a, input]) as layers.SymbolicTensor;
	const rows = L.concatenate({ axis: 1 }).apply([a, other]) as layers.SymbolicTensor;
	const product = L.multiply().apply([a, other]) as layers.SymbolicTensor;
	const mean = L.average().apply([product, b, other]) as layers.SymbolicTensor;
	const most = L.maximum().apply([mean, b]) as layers.SymbolicTensor;
	const dense = L.dense({ units: 3 }).apply(L.flatten().apply(joined)) as layers.SymbolicTensor;
	await compare(layers.model({ inputs: [input, other], outputs: [dense, most, rows] }));
});

test('models inside models agree with tfjs, used twice with the same weights', async () => {
	const inner = layers.sequential();
	inner.add(L.conv2d({ filters: 3, kernelSize: 3, padding: 'same', inputShape: [6, 6, 3] }));
	inner.add(L.reLU({}));
	const input = layers.input({ shape: [6, 6, 3] });
	const once = inner.apply(input) as layers.SymbolicTensor;
	const twice = inner.apply(once) as layers.SymbolicTensor;
	await compare(layers.model({ inputs: input, outputs: L.globalAveragePooling2d({}).apply(twice) as layers.SymbolicTensor }));
	const outer = layers.sequential();
	outer.add(inner);
	outer.add(L.flatten());
	await compare(outer);
});

test('weights in seven shards that split numbers agree with tfjs', async () => {
	await compare(onImage(L.conv2d({ filters: 5, kernelSize: 3 }), L.flatten(), L.dense({ units: 3 })), 2, 7);
});

test('the input keeps the order height, width, channels, and says so', async () => {
	const model = onImage(L.conv2d({ filters: 5, kernelSize: 3, name: 'first' }));
	const source = await readTfjs(await saveLayersModel(model));
	expect(source.model.graph.inputs[0]?.dims).toEqual(['batch', 9, 8, 3]);
	expect(source.inputLayout).toBe('NHWC');
	expect(source.timing).toBe('none');
	const convolution = source.model.graph.nodes.find(({ op }) => op === 'Conv');
	expect(convolution?.name).toBe('first/Conv');
	expect(source.model.graph.constants.get('first/kernel')?.dims).toEqual([5, 3, 3, 3]);
});

test('layers that act in training only are named', async () => {
	const model = onImage(L.dropout({ rate: 0.5, name: 'drop' }), L.flatten());
	const source = await readTfjs(await saveLayersModel(model));
	expect(source.assumptions).toEqual(['Layers "drop" act in training only and are left out.']);
});
