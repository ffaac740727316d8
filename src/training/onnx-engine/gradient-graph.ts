/**
 * The training step of a plan as one ONNX graph: loss, logits, spike counts and the written-out gradient
 * of every parameter. onnxruntime then trains at the speed of its native kernels.
 *
 * It is also an independent statement of the derivatives that tfjs finds: a test holds the two together.
 */
import { float, int, ints, text } from '../../model/attributes.ts';
import type { Model } from '../../model/graph.ts';
import { normalisationEpsilon } from '../operations/activation.ts';
import { surrogateHeight } from '../operations/lif.ts';
import type { Layout } from '../parameters.ts';
import type { Convolution, Neuron, Operation, Plan, Pool } from '../plan.ts';
import { product } from '../plan.ts';
import { type Arithmetic, arithmetic, GraphBuilder } from './builder.ts';

export interface GradientGraphOptions {
	readonly count: number;
	readonly timesteps: number;
	readonly dropout: boolean;
	/** Whether each neuron layer has an input `${layer}.price`: what the loss adds for a spike. */
	readonly priced?: boolean;
}

/** A value: `rows` is its leading dimension, N when it is the same at every timestep, else T·N. */
interface Value {
	readonly name: string;
	readonly repeated: boolean;
}

/**
 * A gradient that is yet to be multiplied by a scalar or by a number a channel. Behind a convolution or a dense layer that is done to
 * the weights and their gradient, which are far fewer.
 */
interface Gradient {
	readonly value: string;
	readonly scale: string | null;
}

interface Writer {
	readonly graph: GraphBuilder;
	readonly a: Arithmetic;
	readonly options: GradientGraphOptions;
	/** Adds a contribution to the gradient of a plan's value. */
	readonly give: (value: string, gradient: string, scale?: string | null) => void;
	readonly gradients: Map<string, string>;
	/** Neurons whose threshold's gradient follows from the layer that gives them their current: by that current's name. */
	readonly thresholds: Map<string, string>;
}

const rows = ({ count, timesteps }: GradientGraphOptions, repeated: boolean): number => (repeated ? count : count * timesteps);

/** What each tap of a convolution's kernel sees: for every tap, [·, ·, H', W'] of an input [·, ·, H, W], row by row of the kernel. */
function taps({ graph }: Writer, input: string, operation: Convolution): string[] {
	const { kernel, stride, padding, outputShape } = operation;
	const [, height = 0, width = 0] = outputShape;
	if (kernel === 1 && stride === 1) return [input];
	const padded = padding > 0 ? graph.add('Pad', [input, graph.integers(0, 0, padding, padding, 0, 0, padding, padding)]) : input;
	const axes = graph.integers(2, 3);
	const steps = graph.integers(stride, stride);
	return Array.from({ length: kernel * kernel }, (_, tap) => {
		const [i, j] = [Math.floor(tap / kernel), tap % kernel];
		const ends = graph.integers(i + (height - 1) * stride + 1, j + (width - 1) * stride + 1);
		return graph.add('Slice', [padded, graph.integers(i, j), ends, axes, steps]);
	});
}

/** Below this many input channels all taps are multiplied together: alone they would leave most of a vector register empty. */
const fewChannels = 16;

/** [Cout, Cin, k, k]: for each tap the product of the output's gradient by what it sees, over images and positions. */
function filterGradient(writer: Writer, operation: Convolution, input: Value, dy: string): string {
	const { graph, a, options } = writer;
	const { kernel, inputShape, outputShape } = operation;
	const [inChannels = 0] = inputShape;
	const [outChannels = 0, height = 0, width = 0] = outputShape;
	const batch = rows(options, input.repeated);
	const positions = height * width;
	const byTap = (products: readonly string[]): string => {
		const parts = products.map((product) => a.reshape(product, outChannels, inChannels, 1));
		return a.reshape(a.concat(parts, 2), outChannels, inChannels, kernel, kernel);
	};
	if (kernel ** 2 * inChannels * outChannels > positions * (inChannels + outChannels)) {
		// A product an image would write more than it reads: images and channels change places, and one product takes all images.
		const exchanged = (value: string): string => graph.add('Transpose', [value], { perm: ints([1, 0, 2, 3]) });
		const gradient = a.reshape(exchanged(dy), outChannels, batch * positions);
		const seen = taps(writer, exchanged(input.name), operation).map((tap) => a.reshape(tap, inChannels, batch * positions));
		return byTap(seen.map((tap) => a.product(gradient, tap, { right: true })));
	}
	const gradient = a.reshape(dy, batch, outChannels, positions);
	const seen = taps(writer, input.name, operation).map((tap) => a.reshape(tap, batch, inChannels, positions));
	/** [N, Cout, …], a product an image, summed over the images. */
	const overImages = (columns: string): string =>
		graph.add('ReduceSum', [a.product(gradient, columns, { right: true }), graph.integers(0)], { keepdims: int(0) });
	if (inChannels >= fewChannels) return byTap(seen.map(overImages));
	const tapsFirst = a.reshape(overImages(a.concat(seen, 1)), outChannels, seen.length, inChannels);
	return a.reshape(graph.add('Transpose', [tapsFirst], { perm: ints([0, 2, 1]) }), outChannels, inChannels, kernel, kernel);
}

/**
 * The gradient of a threshold whose current I comes from weights alone: −1/v · Σ d·I over timesteps and neurons, with d the gradient
 * to I. For neurons are indifferent to what multiplies their currents and threshold alike (the formulas of operations/lif.ts give the
 * same: Σ d·I = Σ s·u_pre + v·Σ h·o). And I being linear in the weights, Σ d·I is the sum of every weight times its own gradient.
 */
function thresholdGradient({ a, graph, gradients, thresholds }: Writer, current: string, weights: readonly string[]): void {
	const layer = thresholds.get(current);
	if (!layer) return;
	const sums = weights.map((name) => a.sumAll(a.multiply(name, gradients.get(name) as string)));
	gradients.set(`${layer}.threshold`, graph.add('Neg', [a.divide(a.sum(sums), `${layer}.threshold`)]));
}

function convolutionGradients(writer: Writer, operation: Convolution, input: Value, { value: dy, scale }: Gradient): void {
	const { graph, a, gradients } = writer;
	/** By output channel, the first axis of a filter. */
	const scaled = (filter: string): string => (scale ? a.multiply(filter, a.reshape(scale, -1, 1, 1, 1)) : filter);
	const { name, kernel, stride, padding, inputShape, outputShape } = operation;
	const [, inHeight = 0, inWidth = 0] = inputShape;
	const [, height = 0, width = 0] = outputShape;
	gradients.set(`${name}.weight`, scaled(filterGradient(writer, operation, input, dy)));
	if (operation.input === 'image') return;
	if (stride === 1) {
		const backwards = graph.integers(-1, -1);
		const flipped = graph.add('Slice', [
			scaled(`${name}.weight`),
			graph.integers(kernel - 1, kernel - 1),
			graph.integers(-kernel - 1, -kernel - 1),
			graph.integers(2, 3),
			backwards,
		]);
		const exchanged = graph.add('Transpose', [flipped], { perm: ints([1, 0, 2, 3]) });
		const reach = kernel - 1 - padding;
		writer.give(
			operation.input,
			graph.add('Conv', [dy, exchanged], { kernel_shape: ints([kernel, kernel]), pads: ints([reach, reach, reach, reach]) }),
		);
		return;
	}
	const missing = (size: number, out: number): number => size - ((out - 1) * stride + kernel - 2 * padding);
	writer.give(
		operation.input,
		graph.add('ConvTranspose', [dy, scaled(`${name}.weight`)], {
			kernel_shape: ints([kernel, kernel]),
			strides: ints([stride, stride]),
			pads: ints([padding, padding, padding, padding]),
			output_padding: ints([missing(inHeight, height), missing(inWidth, width)]),
		}),
	);
}

/** x·slope + offset by channel in one pass over memory: a normalisation whose mean is 0 and whose deviation is 1. */
function affine({ graph }: Writer, x: string, channels: number, slope: string, offset: string): string {
	const [zeros, ones] = [0, 1].map((value) => graph.numbers(new Float32Array(channels).fill(value), [channels])) as [
		string,
		string,
	];
	return graph.add('BatchNormalization', [x, slope, offset, zeros, ones], { epsilon: float(0) });
}

/**
 * Batch normalisation over images and timesteps, and its gradient; returns the normalised value and the gradient's continuation.
 *
 * @param batch  rows of x: images, times timesteps where they differ
 */
function normalisation(
	writer: Writer,
	operation: Convolution,
	x: string,
	batch: number,
): { value: string; backward: (dy: string) => Gradient } {
	const { graph, a, gradients } = writer;
	const { name, outputShape } = operation;
	const [channels = 0] = outputShape;
	const elements = batch * product(outputShape.slice(1));
	// In training mode the operator takes mean and variance of the batch itself; with a momentum of 0 they are its other outputs.
	// onnxruntime may write those over the inputs in their place: two, and neither a constant.
	const [former, earlier] = [a.scale(`${name}.scale`, 0), a.scale(`${name}.shift`, 0)];
	const [value, mean, variance] = graph.addMany('BatchNormalization', [x, `${name}.scale`, `${name}.shift`, former, earlier], 3, {
		epsilon: float(normalisationEpsilon),
		momentum: float(0),
		training_mode: int(1),
	}) as [string, string, string];
	const deviation = graph.add('Sqrt', [a.add(variance, graph.number(normalisationEpsilon))]);
	const factor = a.divide(`${name}.scale`, deviation);
	graph.output(`${name}.mean`, mean);
	graph.output(`${name}.variance`, variance);
	const backward = (dy: string): Gradient => {
		const shift = a.sumToChannels(dy);
		const weighted = a.dotByChannel(dy, x, [batch, channels, product(outputShape.slice(1))]);
		const scale = a.divide(a.subtract(weighted, a.multiply(mean, shift)), deviation);
		gradients.set(`${name}.shift`, shift);
		gradients.set(`${name}.scale`, scale);
		// dx = factor·(dy − shift/M − x̂·scale/M) with x̂ = (x − mean)/deviation
		const slope = a.scale(a.divide(scale, deviation), -1 / elements);
		const offset = a.subtract(a.scale(shift, -1 / elements), a.multiply(slope, mean));
		return { value: a.add(dy, affine(writer, x, channels, slope, offset)), scale: factor };
	};
	return { value, backward };
}

interface LifForward {
	readonly spikes: readonly string[];
	readonly membranes: readonly string[];
	/** Membrane after the reset, at each timestep but the last. */
	readonly after: readonly string[];
}

function lifForward({ a }: Writer, layer: string, currents: readonly string[]): LifForward {
	const spikes: string[] = [];
	const membranes: string[] = [];
	const after: string[] = [];
	for (const [t, current] of currents.entries()) {
		const before = after[t - 1];
		const membrane = before ? a.add(a.multiply(before, `${layer}.leak`), current) : current;
		const fired = a.greater(membrane, `${layer}.threshold`);
		spikes.push(fired);
		membranes.push(membrane);
		if (t < currents.length - 1) after.push(a.subtract(membrane, a.multiply(fired, `${layer}.threshold`)));
	}
	return { spikes, membranes, after };
}

/** 1 − |u/v − 1| where that is above 0, in as few passes over memory as the operators allow. */
function triangle(writer: Writer, { outputShape }: Neuron, membrane: string, inverse: string): string {
	const { graph, a } = writer;
	const [channels = 1] = outputShape;
	const fill = (value: number): string => graph.numbers(new Float32Array(channels).fill(value), [channels]);
	const distance =
		outputShape.length === 3
			? affine(writer, membrane, channels, a.multiply(fill(1), inverse), fill(-1))
			: a.subtract(a.multiply(membrane, inverse), graph.number(1));
	return graph.add('HardSigmoid', [graph.add('Abs', [distance])], { alpha: float(-1), beta: float(1) });
}

/**
 * Backpropagation through time, as written out in operations/lif.ts; all but the scale 0.3/v, which every gradient here lacks.
 *
 * @param ownThreshold  whether the threshold's gradient is found here and not from the weights
 */
function lifBackward(
	writer: Writer,
	neuron: Neuron,
	{ spikes, membranes, after }: LifForward,
	dy: readonly string[],
	ownThreshold: boolean,
): { readonly currents: readonly string[]; readonly scale: string } {
	const { graph, a, gradients } = writer;
	const { count } = writer.options;
	const { name } = neuron;
	const inverse = a.divide(graph.number(1), `${name}.threshold`);
	const scale = a.scale(inverse, surrogateHeight);
	const currents: string[] = [];
	const thresholdTerms: string[] = [];
	const leakTerms: string[] = [];
	let carried: string | null = null;
	for (let t = membranes.length - 1; t >= 0; t--) {
		const membrane = membranes[t] as string;
		const slope = a.multiply(dy[t] as string, triangle(writer, neuron, membrane, inverse));
		if (ownThreshold) thresholdTerms.push(a.multiply(a.dot(slope, membrane, count), inverse));
		let total: string = slope;
		if (carried) {
			if (ownThreshold) thresholdTerms.push(a.dot(carried, spikes[t] as string, count));
			total = a.add(carried, slope);
		}
		const before = after[t - 1];
		if (before) {
			leakTerms.push(a.dot(total, before, count));
			carried = a.multiply(total, `${name}.leak`);
		}
		currents[t] = total;
	}
	if (ownThreshold) gradients.set(`${name}.threshold`, graph.add('Neg', [a.multiply(a.sum(thresholdTerms), scale)]));
	gradients.set(`${name}.leak`, leakTerms.length > 0 ? a.multiply(a.sum(leakTerms), scale) : graph.number(0));
	return { currents, scale };
}

/** Repeats each element over a window of size×size. */
function enlarge({ graph }: Writer, value: string, size: number): string {
	return graph.add('Resize', [value, '', graph.numbers([1, 1, size, size], [4])], {
		mode: text('nearest'),
		coordinate_transformation_mode: text('asymmetric'),
		nearest_mode: text('floor'),
	});
}

function poolGradient(writer: Writer, operation: Pool, input: Value, output: string, dy: string): string {
	const { graph, a } = writer;
	const { size } = operation;
	const share = 1 / (size * size);
	if (operation.pooling === 'average') return enlarge(writer, a.scale(dy, share), size);
	const mask = a.equal(input.name, enlarge(writer, output, size));
	const mean = graph.add('AveragePool', [mask], { kernel_shape: ints([size, size]), strides: ints([size, size]) });
	return a.multiply(mask, enlarge(writer, a.scale(a.divide(dy, mean), share), size));
}

/** Builds the graph. Inputs: `image`, `targets`, the parameters by name, `${layer}.mask` where dropout is on. */
export function gradientGraph(plan: Plan, layout: Layout, options: GradientGraphOptions): Model {
	const graph = new GraphBuilder();
	const a = arithmetic(graph);
	const { count } = options;
	const spiking = layout.mode.neuron === 'lif';
	const timesteps = spiking ? options.timesteps : 1;
	const adjoints = new Map<string, Gradient[]>();
	const give = (value: string, gradient: string, scale: string | null = null): void => {
		adjoints.set(value, [...(adjoints.get(value) ?? []), { value: gradient, scale }]);
	};
	const gradients = new Map<string, string>();
	const thresholds = new Map<string, string>();
	/** What the spikes of each layer cost, over all images. */
	const costs: string[] = [];
	const writer: Writer = { graph, a, options: { ...options, timesteps }, give, gradients, thresholds };
	graph.input('image', [count, ...plan.inputShape]);
	graph.input('targets', [count, plan.classes]);
	for (const { name, shape } of layout.entries) graph.input(name, shape);
	const values = new Map<string, Value>([['image', { name: 'image', repeated: true }]]);
	const read = (name: string): Value => values.get(name) as Value;
	const backward: (() => void)[] = [];
	const gradientOf = (value: string): string =>
		a.sum((adjoints.get(value) ?? []).map(({ value, scale }) => (scale ? a.multiply(value, scale) : value)));
	const scaledGradientOf = (value: string): Gradient => {
		const [only, another] = adjoints.get(value) ?? [];
		return only && !another ? only : { value: gradientOf(value), scale: null };
	};
	/** Whether a value comes from weights alone and goes to one operation alone. */
	const isWeighted = (value: string): boolean => {
		const users = plan.operations.filter(
			(operation) => operation.input === value || (operation.kind === 'sum' && operation.other === value),
		);
		const maker = plan.operations.find(({ output }) => output === value);
		return users.length === 1 && (maker?.kind === 'dense' || (maker?.kind === 'convolution' && !layout.mode.normalised));
	};
	const whole = (value: Value): string =>
		value.repeated && timesteps > 1 ? a.concat(Array<string>(timesteps).fill(value.name)) : value.name;

	const neuron = (operation: Neuron, input: Value): Value => {
		const { name, outputShape } = operation;
		let output: string;
		let back: (dy: string) => Gradient;
		if (spiking) {
			const currents = input.repeated ? Array<string>(timesteps).fill(input.name) : a.split(input.name, timesteps);
			const states = lifForward(writer, name, currents);
			output = a.concat(states.spikes);
			const weighted = isWeighted(operation.input);
			if (weighted) thresholds.set(operation.input, name);
			back = (dy) => {
				const { currents, scale } = lifBackward(writer, operation, states, a.split(dy, timesteps), !weighted);
				return { value: input.repeated ? a.sum(currents) : a.concat(currents), scale };
			};
		} else {
			output = graph.add('Relu', [input.name]);
			back = (dy) => ({ value: a.multiply(dy, a.greater(output, graph.number(0))), scale: null });
		}
		const pass = ({ value, scale }: Gradient): void => give(operation.input, value, scale);
		const fired = a.sumAll(spiking ? output : a.greater(output, graph.number(0)));
		graph.output(`${name}.count`, fired);
		const price = options.priced && spiking ? graph.input(`${name}.price`, []) : null;
		if (price) costs.push(a.multiply(fired, price));
		/** A spike's own price, beside what it does to the layers that read it. */
		const priced = (dy: string): string => (price ? a.add(dy, a.scale(price, 1 / count)) : dy);
		if (options.dropout && operation.dropout) {
			const mask = graph.input(`${name}.mask`, [1, count * product(outputShape)]);
			const masked = (value: string): string =>
				a.reshape(a.multiply(a.reshape(value, timesteps, -1), mask), count * timesteps, ...outputShape);
			backward.push(() => pass(back(priced(masked(gradientOf(operation.output))))));
			return { name: masked(output), repeated: !spiking };
		}
		backward.push(() => pass(back(priced(gradientOf(operation.output)))));
		return { name: output, repeated: !spiking };
	};

	const run = (operation: Operation): Value => {
		const input = read(operation.input);
		const { repeated } = input;
		switch (operation.kind) {
			case 'convolution': {
				const { name, kernel, stride, padding } = operation;
				const geometry = {
					kernel_shape: ints([kernel, kernel]),
					strides: ints([stride, stride]),
					pads: ints([padding, padding, padding, padding]),
				};
				if (!layout.mode.normalised) {
					backward.push(() => {
						const gradient = scaledGradientOf(operation.output);
						const sums = a.sumToChannels(gradient.value);
						gradients.set(`${name}.bias`, gradient.scale ? a.multiply(sums, gradient.scale) : sums);
						convolutionGradients(writer, operation, input, gradient);
						thresholdGradient(writer, operation.output, [`${name}.weight`, `${name}.bias`]);
					});
					return { name: graph.add('Conv', [input.name, `${name}.weight`, `${name}.bias`], geometry), repeated };
				}
				const plain = graph.add('Conv', [input.name, `${name}.weight`], geometry);
				const { value, backward: throughNormalisation } = normalisation(writer, operation, plain, rows(writer.options, repeated));
				backward.push(() => convolutionGradients(writer, operation, input, throughNormalisation(gradientOf(operation.output))));
				return { name: value, repeated };
			}
			case 'dense': {
				const weight = `${operation.name}.weight`;
				backward.push(() => {
					const { value: dy, scale } = scaledGradientOf(operation.output);
					const scaled = (matrix: string): string => (scale ? a.multiply(matrix, scale) : matrix);
					gradients.set(weight, scaled(a.product(input.name, dy, { left: true })));
					if (operation.input !== 'image') give(operation.input, a.product(dy, scaled(weight), { right: true }));
					thresholdGradient(writer, operation.output, [weight]);
				});
				return { name: a.product(input.name, weight), repeated };
			}
			case 'sum': {
				const other = read(operation.other);
				const both = repeated && other.repeated;
				const back = (value: Value, dy: string): string => (value.repeated && !both ? a.sum(a.split(dy, timesteps)) : dy);
				backward.push(() => {
					const dy = gradientOf(operation.output);
					give(operation.input, back(input, dy));
					give(operation.other, back(other, dy));
				});
				return { name: both ? a.add(input.name, other.name) : a.add(whole(input), whole(other)), repeated: both };
			}
			case 'neuron':
				return neuron(operation, input);
			case 'pool': {
				const { size } = operation;
				const op = operation.pooling === 'max' ? 'MaxPool' : 'AveragePool';
				const output = graph.add(op, [input.name], { kernel_shape: ints([size, size]), strides: ints([size, size]) });
				backward.push(() => give(operation.input, poolGradient(writer, operation, input, output, gradientOf(operation.output))));
				return { name: output, repeated };
			}
			case 'flatten': {
				const batch = rows(writer.options, repeated);
				if (operation.input !== 'image')
					backward.push(() => give(operation.input, a.reshape(gradientOf(operation.output), batch, ...operation.inputShape)));
				return { name: a.reshape(input.name, batch, ...operation.outputShape), repeated };
			}
		}
	};

	for (const operation of plan.operations) values.set(operation.output, run(operation));
	const sums = a.reshape(whole(read(plan.output)), timesteps, count, plan.classes);
	const logits = graph.add('ReduceSum', [sums, graph.integers(0)], { keepdims: int(0) });
	const logProbabilities = graph.add('LogSoftmax', [logits], { axis: int(1) });
	graph.output('logits', logits);
	const crossEntropy = graph.add('Neg', [a.sumAll(a.multiply(logProbabilities, 'targets'))]);
	graph.output('loss', a.sum([crossEntropy, ...costs]));
	const dLogits = a.scale(a.subtract(graph.add('Exp', [logProbabilities]), 'targets'), 1 / count);
	give(plan.output, read(plan.output).repeated ? a.scale(dLogits, timesteps) : a.concat(Array<string>(timesteps).fill(dLogits)));
	for (const step of backward.reverse()) step();
	for (const { name } of layout.entries) graph.output(`${name}.gradient`, gradients.get(name) as string);
	return graph.model('training step');
}
