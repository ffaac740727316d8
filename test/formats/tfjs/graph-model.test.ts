import '@tensorflow/tfjs-backend-cpu';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import { readTfjs } from '../../../src/formats/tfjs/index.ts';
import { runStepModel } from '../../support/run-step-model.ts';
import {
	flag,
	type GraphDescription,
	graphModel,
	integers,
	saveGraphModel,
	text,
	texts,
	type,
} from '../../support/tfjs-graph.ts';

beforeAll(async () => {
	tf.enableProdMode();
	await tf.setBackend('cpu');
});

const random = (shape: readonly number[], seed: number, low = -0.5) => ({
	shape,
	values: [...tf.randomUniform([...shape], low, 0.6, 'float32', seed).dataSync()],
});
const indices = (...values: number[]) => ({ shape: [values.length], values, integer: true });
const index = (value: number) => ({ shape: [], values: [value], integer: true });

async function compare(description: GraphDescription, batch = 2): Promise<void> {
	const inputs = Object.fromEntries(
		Object.entries(description.inputs).map(([name, shape], at) => [
			name,
			tf.randomUniform([batch, ...shape], -1, 1, 'float32', 50 + at),
		]),
	);
	const { json, weightData, weightSpecs } = graphModel(description);
	const theirs = await loadGraphModel(tf.io.fromMemory({ ...json, weightData, weightSpecs } as tf.io.ModelArtifacts));
	const wanted = theirs.execute(inputs, [...description.outputs]);
	const source = await readTfjs(saveGraphModel(description));
	const data = Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, tensor.dataSync()]));
	const [outputs] = await runStepModel(source, [data], batch);
	for (const [at, name] of description.outputs.entries()) {
		const tensor = (Array.isArray(wanted) ? wanted[at] : wanted) as tf.Tensor;
		const found = outputs?.get(name);
		expect(found?.shape).toEqual(tensor.shape);
		const worst = Math.max(
			...Array.from(tensor.dataSync(), (value, position) => Math.abs(value - Number(found?.data[position] ?? Number.NaN))),
		);
		expect(worst).toBeLessThan(1e-4);
	}
}

const convolution = (padding: string, stride = 1, dilation = 1) => ({
	T: type(),
	strides: integers(1, stride, stride, 1),
	dilations: integers(1, dilation, dilation, 1),
	padding: text(padding),
	data_format: text('NHWC'),
});

test('fused convolutions, pooling and a fused matrix product agree with tfjs to 1e-4', async () => {
	await compare({
		inputs: { image: [9, 8, 3] },
		weights: {
			k1: random([3, 3, 3, 4], 1),
			b1: random([4], 2),
			k2: random([3, 3, 4, 2], 3),
			b2: random([8], 4),
			shape: indices(-1, 8),
			axes: indices(1, 2),
			w: random([8, 5], 5),
			b: random([5], 6),
		},
		nodes: [
			{
				name: 'conv1',
				op: '_FusedConv2D',
				input: ['image', 'k1', 'b1'],
				attr: { ...convolution('SAME', 2), fused_ops: texts('BiasAdd', 'Relu'), num_args: { i: '1' } },
			},
			{
				name: 'depthwise',
				op: 'FusedDepthwiseConv2dNative',
				input: ['conv1', 'k2', 'b2'],
				attr: { ...convolution('SAME'), fused_ops: texts('BiasAdd', 'Relu6'), num_args: { i: '1' } },
			},
			{
				name: 'pool',
				op: 'MaxPool',
				input: ['depthwise'],
				attr: { ksize: integers(1, 2, 2, 1), strides: integers(1, 2, 2, 1), padding: text('VALID'), T: type() },
			},
			{ name: 'mean', op: 'Mean', input: ['pool', 'axes'], attr: { keep_dims: flag(false), T: type() } },
			{ name: 'flat', op: 'Reshape', input: ['mean', 'shape'], attr: { T: type() } },
			{
				name: 'logits',
				op: '_FusedMatMul',
				input: ['flat', 'w', 'b'],
				attr: {
					transpose_a: flag(false),
					transpose_b: flag(false),
					fused_ops: texts('BiasAdd'),
					num_args: { i: '1' },
					T: type(),
				},
			},
			{ name: 'classes', op: 'Softmax', input: ['logits'], attr: { T: type() } },
		],
		outputs: ['classes', 'depthwise'],
	});
});

test('unfused layers with normalisation, explicit padding and residual sums agree with tfjs', async () => {
	await compare({
		inputs: { image: [7, 7, 4] },
		weights: {
			pads: { shape: [4, 2], values: [0, 0, 1, 2, 0, 1, 0, 0], integer: true },
			k: random([3, 3, 4, 4], 1),
			b: random([4], 2),
			gamma: random([4], 3),
			beta: random([4], 4),
			mean: random([4], 5),
			variance: random([4], 6, 0.1),
			half: { shape: [], values: [0.5] },
			perChannel: random([4], 7),
			axis: index(3),
			corner: indices(1, 2),
			slope: { shape: [1, 1, 4], values: [0.1, 0.2, 0.3, 0.4] },
		},
		nodes: [
			{ name: 'padded', op: 'Pad', input: ['image', 'pads'], attr: { T: type(), Tpaddings: type('DT_INT32') } },
			{ name: 'conv', op: 'Conv2D', input: ['padded', 'k'], attr: convolution('VALID') },
			{ name: 'biased', op: 'BiasAdd', input: ['conv', 'b'], attr: { T: type(), data_format: text('NHWC') } },
			{
				name: 'normal',
				op: 'FusedBatchNormV3',
				input: ['biased', 'gamma', 'beta', 'mean', 'variance'],
				attr: { epsilon: { f: 0.01 }, is_training: flag(false), data_format: text('NHWC'), T: type() },
			},
			{ name: 'scaled', op: 'Mul', input: ['normal', 'half'], attr: { T: type() } },
			{ name: 'shifted', op: 'AddV2', input: ['perChannel', 'scaled'], attr: { T: type() } },
			{ name: 'relu', op: 'Prelu', input: ['shifted', 'slope'], attr: { T: type() } },
			{ name: 'sum', op: 'AddV2', input: ['relu', 'normal'], attr: { T: type() } },
			{ name: 'joined', op: 'ConcatV2', input: ['sum', 'relu', 'axis'], attr: { N: { i: '2' }, T: type() } },
			{
				name: 'average',
				op: 'AvgPool',
				input: ['joined'],
				attr: { ksize: integers(1, 3, 3, 1), strides: integers(1, 2, 2, 1), padding: text('SAME'), T: type() },
			},
			{ name: 'most', op: 'Max', input: ['average', 'corner'], attr: { keep_dims: flag(true), T: type() } },
		],
		outputs: ['most', 'joined'],
	});
});

test('a reshape whose target is computed from the shape of the data agrees with tfjs', async () => {
	await compare({
		inputs: { image: [4, 5, 2] },
		weights: {
			zero: indices(0),
			one: indices(1),
			features: index(40),
			order: indices(0, 3, 1, 2),
			axis: index(-1),
			w: random([3, 40], 1),
		},
		nodes: [
			{ name: 'turned', op: 'Transpose', input: ['image', 'order'], attr: { T: type(), Tperm: type('DT_INT32') } },
			{ name: 'shape', op: 'Shape', input: ['turned'], attr: { T: type(), out_type: type('DT_INT32') } },
			{
				name: 'batch',
				op: 'StridedSlice',
				input: ['shape', 'zero', 'one', 'one'],
				attr: {
					shrink_axis_mask: { i: '1' },
					begin_mask: { i: '0' },
					end_mask: { i: '0' },
					ellipsis_mask: { i: '0' },
					new_axis_mask: { i: '0' },
					T: type('DT_INT32'),
				},
			},
			{
				name: 'target',
				op: 'Pack',
				input: ['batch', 'features'],
				attr: { N: { i: '2' }, axis: { i: '0' }, T: type('DT_INT32') },
			},
			{ name: 'flat', op: 'Reshape', input: ['turned', 'target'], attr: { T: type() } },
			{
				name: 'product',
				op: 'MatMul',
				input: ['flat', 'w'],
				attr: { transpose_a: flag(false), transpose_b: flag(true), T: type() },
			},
			{ name: 'tall', op: 'ExpandDims', input: ['product', 'axis'], attr: { T: type() } },
			{ name: 'thin', op: 'Squeeze', input: ['tall'], attr: { squeeze_dims: integers(2), T: type() } },
			{ name: 'gate', op: 'Sigmoid', input: ['thin'], attr: { T: type() } },
			{ name: 'squared', op: 'Square', input: ['gate'], attr: { T: type() } },
			{ name: 'root', op: 'Rsqrt', input: ['squared'], attr: { T: type() } },
		],
		outputs: ['root', 'flat'],
	});
});

test('an operator that is not known is refused by name', async () => {
	const path = saveGraphModel({
		inputs: { image: [4] },
		weights: {},
		nodes: [{ name: 'odd', op: 'NonMaxSuppressionV3', input: ['image'] }],
		outputs: ['odd'],
	});
	await expect(readTfjs(path)).rejects.toThrow(
		'node "odd" is the operator NonMaxSuppressionV3, which is not known; known are Conv2D',
	);
});

test('a cycle, a missing input and a free size are refused', async () => {
	const graph = (nodes: GraphDescription['nodes'], shape: number[] = [4]) =>
		readTfjs(saveGraphModel({ inputs: { image: shape }, weights: {}, nodes, outputs: ['a'] }));
	await expect(
		graph([
			{ name: 'a', op: 'Relu', input: ['b'] },
			{ name: 'b', op: 'Relu', input: ['a'] },
		]),
	).rejects.toThrow('has a cycle through "a"');
	await expect(graph([{ name: 'a', op: 'Relu', input: ['gone'] }])).rejects.toThrow(
		'"a" reads from "gone", which the model does not contain',
	);
	await expect(graph([{ name: 'a', op: 'Relu', input: ['image'] }], [-1, 3])).rejects.toThrow(
		'only the first size, the batch, may be free',
	);
});
