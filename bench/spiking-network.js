import { node } from '../dist/model/graph.js';
import { float32Scalar, float32Tensor, int64Tensor } from '../dist/model/tensors.js';
import { generator } from '../scripts/random.js';

/**
 * A spiking network with seeded random weights that keep every layer firing.
 *
 * Weights are drawn with deviation 1/√(fan-in · 0.15): at a firing rate of about 15 % the membrane's deviation is near
 * 1, so that a threshold of 1 is passed by about one neuron in six, in every layer. Neurons leak (0.9), reset by
 * subtraction and fire in the step in which their input arrives. The image is fed at every timestep. With one timestep there is
 * no second chance, and behind an average pooling too few would fire: the threshold is then 0.5.
 *
 * @param {object} options
 * @param {(net: object, image: string) => string} options.architecture one timestep: image in, class scores out
 * @param {number} options.size height and width of the input
 * @param {number} options.classes
 * @param {number} options.timesteps
 * @param {'leaky' | 'hard-reset'} options.neuron 'hard-reset' writes integrate-and-fire neurons as SpikingJelly's exports do: the
 *   membrane minus the threshold is compared with zero, and what fired is multiplied by 1 − spike
 * @param {'unrolled' | 'step' | 'weights'} options.form 'weights' leaves the neurons out and takes all timesteps of every
 *   layer but the first as one batch: what any dense run has to compute at least
 */
export function spikingNetwork({ architecture, size, classes, timesteps, form, neuron = 'leaky' }) {
	const random = generator(7);
	const constants = new Map([
		['threshold', float32Scalar(timesteps === 1 ? 0.5 : 1)],
		['leak', float32Scalar(0.9)],
		['zero', float32Scalar(0)],
		['one', float32Scalar(1)],
		['flat', int64Tensor([0, -1])],
	]);
	const nodes = [];
	const states = [];
	const membranes = new Map();
	const shapes = new Map([['image', [3, size, size]]]);
	const scores = [];
	let joined = false;
	for (let t = 0; t < (form === 'unrolled' ? timesteps : 1); t += 1) {
		const at = (name) => (form === 'unrolled' ? `${name}_t${t}` : name);
		const add = (op, inputs, output, shape, attributes = {}) => {
			nodes.push(node(op, inputs, [output], { attributes }));
			shapes.set(output, shape);
			return output;
		};
		const weight = (name, dims, fanIn) => {
			if (!constants.has(name)) constants.set(name, weights(random, dims, fanIn));
			return name;
		};
		const net = {
			conv(name, x, width, { kernel = 3, stride = 1 } = {}) {
				const [channels, side] = shapes.get(x);
				// As exporters do, the input layer stands once in an unrolled graph.
				const output = x === 'image' ? `${name}.current` : at(`${name}.current`);
				if (shapes.has(output) && x === 'image') return output;
				const pad = (kernel - 1) / 2;
				const dims = [width, channels, kernel, kernel];
				return add(
					'Conv',
					[x, weight(`${name}.weight`, dims, channels * kernel * kernel)],
					output,
					[width, side / stride, side / stride],
					{ kernel_shape: ints([kernel, kernel]), strides: ints([stride, stride]), pads: ints([pad, pad, pad, pad]) },
				);
			},
			linear(name, x, width) {
				const [features] = shapes.get(x);
				return add('Gemm', [x, weight(`${name}.weight`, [width, features], features)], at(`${name}.current`), [width], {
					transB: int(1),
				});
			},
			pool(x, op = 'AveragePool') {
				const [channels, side] = shapes.get(x);
				return add(op, [x], `${x}_pool`, [channels, side / 2, side / 2], {
					kernel_shape: ints([2, 2]),
					strides: ints([2, 2]),
				});
			},
			flatten: (x) => add('Reshape', [x, 'flat'], `${x}_flat`, [shapes.get(x).reduce((product, dim) => product * dim, 1)]),
			add: (a, b) => add('Add', [a, b], `${a}+${b}`, shapes.get(a)),
			neurons(name, current) {
				const shape = shapes.get(current);
				if (form === 'weights') {
					if (joined || timesteps === 1) return current;
					joined = true;
					return add('Concat', Array(timesteps).fill(current), `${name}.all`, shape, { axis: int(0) });
				}
				const before = form === 'step' ? `${name}.u` : membranes.get(name);
				let membrane = current;
				if (neuron === 'hard-reset') {
					if (before !== undefined) membrane = add('Add', [before, current], at(`${name}.membrane`), shape);
					add('Sub', [membrane, 'threshold'], at(`${name}.above`), shape);
					add('GreaterOrEqual', [at(`${name}.above`), 'zero'], at(`${name}.fires`), shape);
					const spikes = add('Cast', [at(`${name}.fires`)], at(`${name}.spikes`), shape, { to: int(1) });
					add('Sub', ['one', spikes], at(`${name}.silent`), shape);
					membranes.set(name, add('Mul', [at(`${name}.silent`), membrane], at(`${name}.after`), shape));
					return spikes;
				}
				if (before !== undefined) {
					add('Mul', [before, 'leak'], at(`${name}.kept`), shape);
					membrane = add('Add', [at(`${name}.kept`), current], at(`${name}.membrane`), shape);
				}
				add('Greater', [membrane, 'threshold'], at(`${name}.fires`), shape);
				const spikes = add('Cast', [at(`${name}.fires`)], at(`${name}.spikes`), shape, { to: int(1) });
				membranes.set(name, add('Sub', [membrane, spikes], at(`${name}.after`), shape));
				if (form === 'step') states.push({ input: before, output: membranes.get(name), dims: shape });
				return spikes;
			},
		};
		scores.push(architecture(net, 'image'));
	}
	const logits = scores.length === 1 ? scores[0] : 'logits';
	if (scores.length > 1) nodes.push(node('Sum', scores, ['logits']));
	return {
		graph: {
			name: 'spiking-network',
			nodes,
			constants,
			inputs: [
				{ name: 'image', type: 'float32', dims: ['batch', 3, size, size] },
				...states.map(({ input, dims }) => ({ name: input, type: 'float32', dims: ['batch', ...dims] })),
			],
			outputs: [
				{ name: logits, type: 'float32', dims: ['batch', classes] },
				...states.map(({ output, dims }) => ({ name: output, type: 'float32', dims: ['batch', ...dims] })),
			],
		},
		opsets: new Map([['', 17]]),
		producer: 'snn-energy bench',
		metadata: new Map(
			form === 'step'
				? [
						['snn.timesteps', String(timesteps)],
						['snn.readout', 'sum'],
					]
				: [],
		),
	};
}

const int = (value) => ({ kind: 'int', value });
const ints = (value) => ({ kind: 'ints', value });

/** VGG16 with average pooling; the last pooling only where the image is large (224×224). */
export const vgg16 =
	({ hidden = 4096, classes = 10, lastPool = false } = {}) =>
	(net, image) => {
		let x = image;
		const layers = [
			64,
			64,
			'A',
			128,
			128,
			'A',
			256,
			256,
			256,
			'A',
			512,
			512,
			512,
			'A',
			512,
			512,
			512,
			...(lastPool ? ['A'] : []),
		];
		for (const [at, width] of layers.entries())
			x = width === 'A' ? net.pool(x) : net.neurons(`conv${at}`, net.conv(`conv${at}`, x, width));
		x = net.flatten(x);
		for (const name of ['fc1', 'fc2']) x = net.neurons(name, net.linear(name, x, hidden));
		return net.linear('fc3', x, classes);
	};

/** VGG16 as SpikingJelly builds it for CIFAR: maximum pooling, one layer of 512 to 10 at the end. */
export const cifarVgg16 = () => (net, image) => {
	let x = image;
	for (const [stage, [width, layers]] of [
		[64, 2],
		[128, 2],
		[256, 3],
		[512, 3],
		[512, 3],
	].entries()) {
		for (let at = 0; at < layers; at += 1) x = net.neurons(`conv${stage}.${at}`, net.conv(`conv${stage}.${at}`, x, width));
		x = net.pool(x, 'MaxPool');
	}
	return net.linear('fc', net.flatten(x), 10);
};

/** A chain of residual blocks of 16 channels on 8×8: as deep as one likes, with little to compute. */
export const residualChain = (blocks) => (net, image) => {
	let x = net.neurons('stem', net.conv('stem', image, 16));
	for (let at = 0; at < blocks; at += 1) {
		const inner = net.neurons(`block${at}.a`, net.conv(`block${at}.a`, x, 16));
		x = net.neurons(`block${at}.b`, net.add(net.conv(`block${at}.b`, inner, 16), x));
	}
	return net.linear('fc', net.flatten(x), 10);
};

/** ResNet20 for 32×32 images: a stem of three convolutions and eight basic blocks whose shortcuts join the membrane. */
export const resnet20 =
	({ classes = 10 } = {}) =>
	(net, image) => {
		let x = image;
		for (const name of ['stem1', 'stem2', 'stem3']) x = net.neurons(name, net.conv(name, x, 64));
		x = net.pool(x);
		let channels = 64;
		for (const [stage, width] of [64, 128, 256, 512].entries()) {
			for (const block of [1, 2]) {
				const name = `stage${stage + 1}.${block}`;
				const stride = width === channels ? 1 : 2;
				const inner = net.neurons(`${name}.a`, net.conv(`${name}.a`, x, width, { stride }));
				const shortcut = stride === 1 ? x : net.conv(`${name}.shortcut`, x, width, { kernel: 1, stride });
				x = net.neurons(`${name}.b`, net.add(net.conv(`${name}.b`, inner, width), shortcut));
				channels = width;
			}
		}
		return net.linear('fc', net.flatten(x), classes);
	};

function weights(random, dims, fanIn) {
	const values = new Float32Array(dims.reduce((product, size) => product * size, 1));
	const deviation = 1 / Math.sqrt(fanIn * 0.15);
	for (let at = 0; at < values.length; at += 1) values[at] = (random() + random() + random() - 1.5) * 2 * deviation;
	return float32Tensor(values, dims);
}
