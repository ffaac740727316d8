import { node } from '../dist/model/graph.js';
import { float32Scalar, float32Tensor, int64Tensor } from '../dist/model/tensors.js';

/**
 * A VGG-shaped spiking network with seeded random weights that keep every layer firing.
 *
 * Weights are drawn with deviation 1/√(fan-in · 0.15): at a firing rate of about 15 % the membrane's deviation is near
 * 1, so that a threshold of 1 is passed by about one neuron in six, in every layer. Neurons leak (0.9), reset by
 * subtraction and fire in the step in which their input arrives. The image is fed at every timestep.
 *
 * @param {object} options
 * @param {(number | 'A')[]} options.layers convolution widths, 'A' for 2×2 average pooling
 * @param {number[]} options.classifier widths of the fully connected layers, classes last
 * @param {number} options.size height and width of the input
 * @param {number} options.timesteps
 * @param {'unrolled' | 'step'} options.form
 */
export function spikingVgg({ layers, classifier, size, timesteps, form }) {
	const random = generator(7);
	const constants = new Map([
		['threshold', float32Scalar(1)],
		['leak', float32Scalar(0.9)],
		['flat', int64Tensor([0, -1])],
	]);
	const shapes = [];
	let [channels, side] = [3, size];
	const plan = [];
	for (const [at, width] of layers.entries()) {
		if (width === 'A') {
			side /= 2;
			plan.push({ kind: 'pool' });
			continue;
		}
		const name = `conv${at}`;
		constants.set(`${name}.weight`, weights(random, [width, channels, 3, 3], channels * 9));
		plan.push({ kind: 'conv', name, state: [width, side, side] });
		channels = width;
	}
	let features = channels * side * side;
	for (const [at, width] of classifier.entries()) {
		const name = `fc${at}`;
		constants.set(`${name}.weight`, weights(random, [width, features], features));
		plan.push({ kind: 'linear', name, state: at === classifier.length - 1 ? null : [width] });
		features = width;
	}

	const nodes = [];
	const int = (value) => ({ kind: 'int', value });
	const ints = (value) => ({ kind: 'ints', value });
	const states = [];
	const membranes = new Map();
	const scores = [];
	const steps = form === 'unrolled' ? timesteps : 1;
	for (let t = 0; t < steps; t += 1) {
		const at = (name) => (form === 'unrolled' ? `${name}_t${t}` : name);
		let x = 'image';
		let flat = false;
		for (const layer of plan) {
			if (layer.kind === 'pool') {
				nodes.push(
					node('AveragePool', [x], [`${x}_pool`], { attributes: { kernel_shape: ints([2, 2]), strides: ints([2, 2]) } }),
				);
				x = `${x}_pool`;
				continue;
			}
			if (layer.kind === 'linear' && !flat) {
				nodes.push(node('Reshape', [x, 'flat'], [`${x}_flat`]));
				x = `${x}_flat`;
				flat = true;
			}
			const current = at(`${layer.name}.current`);
			// As exporters do, the input layer stands once in an unrolled graph.
			const shared = x === 'image' && form === 'unrolled' ? `${layer.name}.current` : current;
			if (x !== 'image' || t === 0) {
				nodes.push(
					layer.kind === 'conv'
						? node('Conv', [x, `${layer.name}.weight`], [shared], {
								attributes: { kernel_shape: ints([3, 3]), pads: ints([1, 1, 1, 1]) },
							})
						: node('Gemm', [x, `${layer.name}.weight`], [shared], { attributes: { transB: int(1) } }),
				);
			}
			if (layer.state === null) {
				scores.push(shared);
				continue;
			}
			x = neuron({ nodes, constants, states, membranes, form, name: layer.name, at, current: shared, state: layer.state });
		}
	}
	const logits = scores.length === 1 ? scores[0] : 'logits';
	if (scores.length > 1) nodes.push(node('Sum', scores, ['logits']));
	return {
		graph: {
			name: 'spiking-vgg',
			nodes,
			constants,
			inputs: [
				{ name: 'image', type: 'float32', dims: ['batch', 3, size, size] },
				...states.map(({ input, dims }) => ({ name: input, type: 'float32', dims: ['batch', ...dims] })),
			],
			outputs: [
				{ name: logits, type: 'float32', dims: ['batch', classifier.at(-1)] },
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
		shapes,
	};
}

function neuron({ nodes, states, membranes, form, name, at, current, state }) {
	const before = form === 'step' ? `${name}.u` : membranes.get(name);
	let membrane = current;
	if (before !== undefined) {
		nodes.push(
			node('Mul', [before, 'leak'], [at(`${name}.kept`)]),
			node('Add', [at(`${name}.kept`), current], [at(`${name}.membrane`)]),
		);
		membrane = at(`${name}.membrane`);
	}
	const [fires, spikes, after] = [at(`${name}.fires`), at(`${name}.spikes`), at(`${name}.after`)];
	nodes.push(
		node('Greater', [membrane, 'threshold'], [fires]),
		node('Cast', [fires], [spikes], { attributes: { to: { kind: 'int', value: 1 } } }),
		node('Sub', [membrane, spikes], [after]),
	);
	membranes.set(name, after);
	if (form === 'step') states.push({ input: before, output: after, dims: state });
	return spikes;
}

function weights(random, dims, fanIn) {
	const values = new Float32Array(dims.reduce((product, size) => product * size, 1));
	const deviation = 1 / Math.sqrt(fanIn * 0.15);
	for (let at = 0; at < values.length; at += 1) values[at] = (random() + random() + random() - 1.5) * 2 * deviation;
	return float32Tensor(values, dims);
}

/** Numbers in [0, 1) from a 32-bit state (mulberry32), the same on every machine. */
export function generator(seed) {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
	};
}

export const vgg16 = [64, 64, 'A', 128, 128, 'A', 256, 256, 256, 'A', 512, 512, 512, 'A', 512, 512, 512];
