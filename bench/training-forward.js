/** An engine's own forward convolutions, layer behind layer as in a plan: the speed that training is compared with. */
import * as tf from '@tensorflow/tfjs-core';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeModel } from '../dist/formats/onnx/index.js';
import { node } from '../dist/model/graph.js';
import { float32Tensor } from '../dist/model/tensors.js';
import { denseMacs } from '../dist/training/plan.js';

const images = 16;
const product = (values) => values.reduce((a, b) => a * b, 1);
const numbers = (length) => Float32Array.from({ length }, (_, index) => Math.sin(index * 1.3));
const ints = (...value) => ({ kind: 'ints', value });

/**
 * @param fixed  whether an engine that can prepare weights once may do so; training cannot, its weights change every step
 * @returns `run`, which computes the plan's convolutions and poolings once for 16 images, and the convolutions' FLOP
 */
export async function forwardConvolutions(engine, plan, fixed) {
	const layers = plan.operations.filter(({ kind }) => kind === 'convolution' || kind === 'pool');
	const flops = layers.reduce((sum, layer) => sum + (layer.kind === 'pool' ? 0 : 2 * images * denseMacs(layer)), 0);
	return { flops, run: engine.startsWith('onnx') ? await onnxruntime(plan, layers, fixed) : tfjs(plan, layers) };
}

async function onnxruntime({ inputShape }, layers, fixed) {
	const weights = new Map();
	const nodes = [];
	let value = 'image';
	for (const { kind, name, kernel, stride, padding, size, inputShape, outputShape } of layers) {
		if (kind === 'pool')
			nodes.push(
				node('AveragePool', [value], [name], { attributes: { kernel_shape: ints(size, size), strides: ints(size, size) } }),
			);
		else {
			const dims = [outputShape[0], inputShape[0], kernel, kernel];
			weights.set(`${name}.weight`, float32Tensor(numbers(product(dims)), dims));
			const attributes = {
				kernel_shape: ints(kernel, kernel),
				strides: ints(stride, stride),
				pads: ints(padding, padding, padding, padding),
			};
			nodes.push(node('Conv', [value, `${name}.weight`], [name], { attributes }));
		}
		value = name;
	}
	const info = (name, shape) => ({ name, type: 'float32', dims: [images, ...shape] });
	const outputs = [info(value, layers.at(-1).outputShape)];
	const given = fixed ? [] : [...weights];
	const inputs = [info('image', inputShape), ...given.map(([name, { dims }]) => ({ name, type: 'float32', dims }))];
	const graph = { name: 'convolutions', nodes, constants: fixed ? weights : new Map(), inputs, outputs };
	const session = await InferenceSession.create(
		encodeModel({ graph, opsets: new Map([['', 17]]), producer: 'snn-energy bench', metadata: new Map() }),
		{ intraOpNumThreads: 1, extra: { session: { intra_op: { allow_spinning: '0' } } } },
	);
	const image = new Tensor('float32', numbers(images * product(inputShape)), [images, ...inputShape]);
	const feeds = given.map(([name, { dims }]) => [name, new Tensor('float32', numbers(product(dims)), dims)]);
	return () => session.run({ image, ...Object.fromEntries(feeds) });
}

function tfjs({ inputShape: [channels, height, width] }, layers) {
	const image = tf.tensor(numbers(images * channels * height * width), [images, height, width, channels]);
	const filters = layers.map(({ kind, kernel, inputShape, outputShape }) =>
		kind === 'pool'
			? null
			: tf.tensor(numbers(kernel * kernel * inputShape[0] * outputShape[0]), [kernel, kernel, inputShape[0], outputShape[0]]),
	);
	return async () => {
		const output = tf.tidy(() =>
			layers.reduce(
				(x, { kind, size, stride, padding }, index) =>
					kind === 'pool' ? tf.avgPool(x, size, size, 'valid') : tf.conv2d(x, filters[index], stride, padding),
				image,
			),
		);
		await output.data();
		output.dispose();
	};
}
