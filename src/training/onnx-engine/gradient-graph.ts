/**
 * The training step of a plan as one ONNX graph: loss, logits, spike counts and the written-out gradient
 * of every parameter. onnxruntime then trains at the speed of its native kernels.
 *
 * It is also an independent statement of the derivatives that tfjs finds: a test holds the two together.
 */
import type { Attribute, Model } from '../../model/graph.ts';
import { normalisationEpsilon } from '../operations/activation.ts';
import { surrogateHeight } from '../operations/lif.ts';
import type { Layout } from '../parameters.ts';
import type { Convolution, Neuron, Operation, Plan, Pool } from '../plan.ts';
import { product } from '../plan.ts';
import { type Arithmetic, arithmetic, float, GraphBuilder, int, ints } from './builder.ts';

export interface GradientGraphOptions {
	readonly count: number;
	readonly timesteps: number;
	readonly dropout: boolean;
}

/** A value: `rows` is its leading dimension, N when it is the same at every timestep, else T·N. */
interface Value {
	readonly name: string;
	readonly repeated: boolean;
}

interface Writer {
	readonly graph: GraphBuilder;
	readonly a: Arithmetic;
	readonly options: GradientGraphOptions;
	/** Adds a contribution to the gradient of a plan's value. */
	readonly give: (value: string, gradient: string) => void;
	readonly gradients: Map<string, string>;
}

const rows = ({ count, timesteps }: GradientGraphOptions, repeated: boolean): number => (repeated ? count : count * timesteps);

/** What each tap of a convolution's kernel sees: for every tap, [N, Cin, H'·W'], row by row of the kernel. */
function taps(writer: Writer, input: string, operation: Convolution, batch: number): string[] {
	const { graph, a } = writer;
	const { kernel, stride, padding, inputShape, outputShape } = operation;
	const [channels = 0] = inputShape;
	const [, height = 0, width = 0] = outputShape;
	if (kernel === 1 && stride === 1) return [a.reshape(input, batch, channels, height * width)];
	const padded = padding > 0 ? graph.add('Pad', [input, graph.integers(0, 0, padding, padding, 0, 0, padding, padding)]) : input;
	const axes = graph.integers(2, 3);
	const steps = graph.integers(stride, stride);
	return Array.from({ length: kernel * kernel }, (_, tap) => {
		const [i, j] = [Math.floor(tap / kernel), tap % kernel];
		const ends = graph.integers(i + (height - 1) * stride + 1, j + (width - 1) * stride + 1);
		return a.reshape(graph.add('Slice', [padded, graph.integers(i, j), ends, axes, steps]), batch, channels, height * width);
	});
}

/** Below this many input channels all taps are multiplied together: alone they would leave most of a vector register empty. */
const fewChannels = 16;

function convolutionGradients(writer: Writer, operation: Convolution, input: Value, dy: string): void {
	const { graph, a, options, gradients } = writer;
	const { name, kernel, stride, padding, inputShape, outputShape } = operation;
	const [inChannels = 0, inHeight = 0, inWidth = 0] = inputShape;
	const [outChannels = 0, height = 0, width = 0] = outputShape;
	const batch = rows(options, input.repeated);
	const flatGradient = a.reshape(dy, batch, outChannels, height * width);
	const seen = taps(writer, input.name, operation, batch);
	/** [N, Cout, …], a product an image, summed over the images. */
	const overImages = (columns: string): string =>
		graph.add('ReduceSum', [a.product(flatGradient, columns, { right: true }), graph.integers(0)], { keepdims: int(0) });
	const weight = (): string => {
		if (inChannels >= fewChannels) {
			const parts = seen.map((tap) => a.reshape(overImages(tap), outChannels, inChannels, 1));
			return a.reshape(a.concat(parts, 2), outChannels, inChannels, kernel, kernel);
		}
		const byTap = a.reshape(overImages(a.concat(seen, 1)), outChannels, seen.length, inChannels);
		return a.reshape(graph.add('Transpose', [byTap], { perm: ints(0, 2, 1) }), outChannels, inChannels, kernel, kernel);
	};
	gradients.set(`${name}.weight`, weight());
	if (operation.input === 'image') return;
	if (stride === 1) {
		const backwards = graph.integers(-1, -1);
		const flipped = graph.add('Slice', [
			`${name}.weight`,
			graph.integers(kernel - 1, kernel - 1),
			graph.integers(-kernel - 1, -kernel - 1),
			graph.integers(2, 3),
			backwards,
		]);
		const exchanged = graph.add('Transpose', [flipped], { perm: ints(1, 0, 2, 3) });
		const reach = kernel - 1 - padding;
		writer.give(
			operation.input,
			graph.add('Conv', [dy, exchanged], { kernel_shape: ints(kernel, kernel), pads: ints(reach, reach, reach, reach) }),
		);
		return;
	}
	const missing = (size: number, out: number): number => size - ((out - 1) * stride + kernel - 2 * padding);
	writer.give(
		operation.input,
		graph.add('ConvTranspose', [dy, `${name}.weight`], {
			kernel_shape: ints(kernel, kernel),
			strides: ints(stride, stride),
			pads: ints(padding, padding, padding, padding),
			output_padding: ints(missing(inHeight, height), missing(inWidth, width)),
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

/** Batch normalisation and its gradient; returns the normalised value and the gradient's continuation. */
function normalisation(writer: Writer, operation: Convolution, x: string): { value: string; backward: (dy: string) => string } {
	const { graph, a, options, gradients } = writer;
	const { name, outputShape } = operation;
	const [channels = 0] = outputShape;
	const spread = (v: string): string => a.reshape(v, 1, channels, 1, 1);
	const elements = options.count * product(outputShape.slice(1));
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
	const centred = a.subtract(x, spread(mean));
	graph.output(`${name}.mean`, mean);
	graph.output(`${name}.variance`, variance);
	const backward = (dy: string): string => {
		const shift = a.sumToChannels(dy);
		const scale = a.divide(a.sumToChannels(a.multiply(dy, centred)), deviation);
		gradients.set(`${name}.shift`, shift);
		gradients.set(`${name}.scale`, scale);
		// dx = factor·(dy − shift/M − x̂·scale/M) with x̂ = centred/deviation
		const slope = a.scale(a.divide(a.multiply(factor, scale), deviation), -1 / elements);
		const offset = a.scale(a.multiply(factor, shift), -1 / elements);
		return a.add(a.multiply(dy, spread(factor)), affine(writer, centred, channels, slope, offset));
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

/** Backpropagation through time, as written out in operations/lif.ts. */
function lifBackward(writer: Writer, layer: string, { spikes, membranes, after }: LifForward, dy: readonly string[]): string[] {
	const { graph, a, gradients } = writer;
	const inverse = a.divide(graph.number(1), `${layer}.threshold`);
	const height = a.scale(inverse, surrogateHeight);
	const [rise, twice] = [a.multiply(height, inverse), a.scale(height, 2)];
	const currents: string[] = [];
	const thresholdTerms: string[] = [];
	const leakTerms: string[] = [];
	let carried: string | null = null;
	for (let t = membranes.length - 1; t >= 0; t--) {
		// height·(1 − |u/v − 1|) in as few passes over memory as the operators allow: it rises as height·u/v and falls as 2·height less that.
		const rising = a.multiply(membranes[t] as string, rise);
		const triangle = graph.add('Relu', [graph.add('Min', [rising, a.subtract(twice, rising)])]);
		const slope = a.multiply(dy[t] as string, triangle);
		thresholdTerms.push(a.multiply(a.sumAll(a.multiply(slope, membranes[t] as string)), inverse));
		let total: string = slope;
		if (carried) {
			thresholdTerms.push(a.sumAll(a.multiply(carried, spikes[t] as string)));
			total = a.add(carried, slope);
		}
		const before = after[t - 1];
		if (before) {
			leakTerms.push(a.sumAll(a.multiply(total, before)));
			carried = a.multiply(total, `${layer}.leak`);
		}
		currents[t] = total;
	}
	gradients.set(`${layer}.threshold`, graph.add('Neg', [a.sum(thresholdTerms)]));
	gradients.set(`${layer}.leak`, leakTerms.length > 0 ? a.sum(leakTerms) : graph.number(0));
	return currents;
}

/** Repeats each element over a window of size×size. */
function enlarge({ graph }: Writer, value: string, size: number): string {
	const text = (value: string): Attribute => ({ kind: 'string', value });
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
	const mean = graph.add('AveragePool', [mask], { kernel_shape: ints(size, size), strides: ints(size, size) });
	return a.multiply(mask, enlarge(writer, a.scale(a.divide(dy, mean), share), size));
}

/** Builds the graph. Inputs: `image`, `targets`, the parameters by name, `${layer}.mask` where dropout is on. */
export function gradientGraph(plan: Plan, layout: Layout, options: GradientGraphOptions): Model {
	const graph = new GraphBuilder();
	const a = arithmetic(graph);
	const { count } = options;
	const spiking = layout.mode.neuron === 'lif';
	const timesteps = spiking ? options.timesteps : 1;
	const adjoints = new Map<string, string[]>();
	const give = (value: string, gradient: string): void => {
		adjoints.set(value, [...(adjoints.get(value) ?? []), gradient]);
	};
	const gradients = new Map<string, string>();
	const writer: Writer = { graph, a, options: { ...options, timesteps }, give, gradients };
	graph.input('image', [count, ...plan.inputShape]);
	graph.input('targets', [count, plan.classes]);
	for (const { name, shape } of layout.entries) graph.input(name, shape);
	const values = new Map<string, Value>([['image', { name: 'image', repeated: true }]]);
	const read = (name: string): Value => values.get(name) as Value;
	const backward: (() => void)[] = [];
	const gradientOf = (value: string): string => a.sum(adjoints.get(value) ?? []);
	const whole = (value: Value): string =>
		value.repeated && timesteps > 1 ? a.concat(Array<string>(timesteps).fill(value.name)) : value.name;

	const neuron = (operation: Neuron, input: Value): Value => {
		const { name, outputShape } = operation;
		let output: string;
		let back: (dy: string) => string;
		if (spiking) {
			const currents = input.repeated ? Array<string>(timesteps).fill(input.name) : a.split(input.name, timesteps);
			const states = lifForward(writer, name, currents);
			output = a.concat(states.spikes);
			back = (dy) => {
				const currentGradients = lifBackward(writer, name, states, a.split(dy, timesteps));
				return input.repeated ? a.sum(currentGradients) : a.concat(currentGradients);
			};
		} else {
			output = graph.add('Relu', [input.name]);
			back = (dy) => a.multiply(dy, a.greater(output, graph.number(0)));
		}
		graph.output(`${name}.count`, a.sumAll(spiking ? output : a.greater(output, graph.number(0))));
		if (options.dropout && operation.dropout) {
			const mask = graph.input(`${name}.mask`, [1, count * product(outputShape)]);
			const masked = (value: string): string =>
				a.reshape(a.multiply(a.reshape(value, timesteps, -1), mask), count * timesteps, ...outputShape);
			backward.push(() => give(operation.input, back(masked(gradientOf(operation.output)))));
			return { name: masked(output), repeated: !spiking };
		}
		backward.push(() => give(operation.input, back(gradientOf(operation.output))));
		return { name: output, repeated: !spiking };
	};

	const run = (operation: Operation): Value => {
		const input = read(operation.input);
		const { repeated } = input;
		switch (operation.kind) {
			case 'convolution': {
				const { name, kernel, stride, padding } = operation;
				const geometry = {
					kernel_shape: ints(kernel, kernel),
					strides: ints(stride, stride),
					pads: ints(padding, padding, padding, padding),
				};
				if (!layout.mode.normalised) {
					backward.push(() => {
						const dy = gradientOf(operation.output);
						gradients.set(`${name}.bias`, a.sumToChannels(dy));
						convolutionGradients(writer, operation, input, dy);
					});
					return { name: graph.add('Conv', [input.name, `${name}.weight`, `${name}.bias`], geometry), repeated };
				}
				const plain = graph.add('Conv', [input.name, `${name}.weight`], geometry);
				const { value, backward: throughNormalisation } = normalisation(writer, operation, plain);
				backward.push(() => convolutionGradients(writer, operation, input, throughNormalisation(gradientOf(operation.output))));
				return { name: value, repeated };
			}
			case 'dense': {
				const weight = `${operation.name}.weight`;
				backward.push(() => {
					const dy = gradientOf(operation.output);
					gradients.set(weight, a.product(input.name, dy, { left: true }));
					if (operation.input !== 'image') give(operation.input, a.product(dy, weight, { right: true }));
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
				const output = graph.add(op, [input.name], { kernel_shape: ints(size, size), strides: ints(size, size) });
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
	graph.output('loss', graph.add('Neg', [a.sumAll(a.multiply(logProbabilities, 'targets'))]));
	const dLogits = a.scale(a.subtract(graph.add('Exp', [logProbabilities]), 'targets'), 1 / count);
	give(plan.output, read(plan.output).repeated ? a.scale(dLogits, timesteps) : a.concat(Array<string>(timesteps).fill(dLogits)));
	for (const step of backward.reverse()) step();
	for (const { name } of layout.entries) graph.output(`${name}.gradient`, gradients.get(name) as string);
	return graph.model('training step');
}
