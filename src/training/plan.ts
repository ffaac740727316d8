/**
 * A plan: the list of operations of a network, in the order of the data flow, with every shape known.
 * The trainer, the conversion and the exporters all walk the same plan.
 */
import { UserError } from '../errors.ts';
import type { Architecture, LayerSpecification } from '../network/architectures.ts';

/** [channels, height, width] of one sample, or [units]. */
export type Shape = readonly number[];

export interface Convolution {
	readonly kind: 'convolution';
	readonly name: string;
	readonly input: string;
	readonly output: string;
	readonly inputShape: Shape;
	readonly outputShape: Shape;
	readonly kernel: number;
	readonly stride: number;
	readonly padding: number;
}
export interface Dense {
	readonly kind: 'dense';
	readonly name: string;
	readonly input: string;
	readonly output: string;
	readonly inputShape: Shape;
	readonly outputShape: Shape;
}
export interface Sum {
	readonly kind: 'sum';
	readonly name: string;
	readonly input: string;
	readonly other: string;
	readonly output: string;
	readonly outputShape: Shape;
}
/** Where the plain net has a ReLU and the spiking net a LIF neuron layer. */
export interface Neuron {
	readonly kind: 'neuron';
	readonly name: string;
	readonly input: string;
	readonly output: string;
	readonly outputShape: Shape;
	/** Whether a dropout mask follows (pooling takes its place where there is one). */
	readonly dropout: boolean;
}
export interface Pool {
	readonly kind: 'pool';
	readonly name: string;
	readonly input: string;
	readonly output: string;
	readonly pooling: 'average' | 'max';
	readonly size: number;
	readonly inputShape: Shape;
	readonly outputShape: Shape;
}
/** [C, H, W] to [C·H·W], channel first. */
export interface Flatten {
	readonly kind: 'flatten';
	readonly name: string;
	readonly input: string;
	readonly output: string;
	readonly inputShape: Shape;
	readonly outputShape: Shape;
}

export type Operation = Convolution | Dense | Sum | Neuron | Pool | Flatten;
export type Synapse = Convolution | Dense;

export interface Plan {
	readonly architecture: Architecture;
	readonly inputShape: Shape;
	readonly classes: number;
	readonly operations: readonly Operation[];
	/** Name of the value that holds the logits. */
	readonly output: string;
}

export const product = (shape: Shape): number => shape.reduce((a, b) => a * b, 1);

/** Lays out an architecture for an input shape and a number of classes. */
export function buildPlan(architecture: Architecture, inputShape: Shape, classes: number): Plan {
	const operations: Operation[] = [];
	let value = 'image';
	let shape = inputShape;
	const counters = { conv: 0, dense: 0, neuron: 0, pool: 0, sum: 0 };
	const refuse = (problem: string): never => {
		throw new UserError(
			`--arch ${architecture.name}: ${problem} on an input of ${inputShape.join('x')}; leave out a pooling layer or use larger images.`,
		);
	};
	const push = (operation: Operation): void => {
		operations.push(operation);
		value = operation.output;
		shape = operation.outputShape;
	};
	const convolution = (channels: number, kernel: number, stride: number, input: string, inputShape: Shape): void => {
		if (inputShape.length !== 3) refuse('a convolution follows a dense layer');
		const padding = (kernel - 1) >> 1;
		const size = (n: number): number => Math.floor((n + 2 * padding - kernel) / stride) + 1;
		const [, height = 0, width = 0] = inputShape;
		if (size(height) < 1 || size(width) < 1) refuse('the feature map vanishes');
		const name = `conv${++counters.conv}`;
		const outputShape = [channels, size(height), size(width)];
		push({ kind: 'convolution', name, input, output: name, inputShape, outputShape, kernel, stride, padding });
	};
	const neuron = (dropout: boolean): void => {
		const name = `neuron${++counters.neuron}`;
		push({ kind: 'neuron', name, input: value, output: name, outputShape: shape, dropout });
	};
	const flatten = (): void => {
		if (shape.length === 3)
			push({
				kind: 'flatten',
				name: 'flatten',
				input: value,
				output: 'flatten',
				inputShape: shape,
				outputShape: [product(shape)],
			});
	};
	const dense = (units: number): void => {
		flatten();
		const name = `dense${++counters.dense}`;
		push({ kind: 'dense', name, input: value, output: name, inputShape: shape, outputShape: [units] });
	};
	const pool = (size: number): void => {
		const [channels = 0, height = 0, width = 0] = shape;
		if (shape.length !== 3) refuse('a pooling layer follows a dense layer');
		if (height % size !== 0 || width % size !== 0) refuse(`a ${size}x${size} pooling does not divide the ${height}x${width} map`);
		const name = `pool${++counters.pool}`;
		const pooling = architecture.pooling === 'max' ? 'max' : 'average';
		const outputShape = [channels, height / size, width / size];
		push({ kind: 'pool', name, input: value, output: name, pooling, size, inputShape: shape, outputShape });
	};
	const residual = (channels: number, stride: number, dropout: boolean): void => {
		const start = value;
		const startShape = shape;
		convolution(channels, 3, stride, start, startShape);
		neuron(dropout);
		convolution(channels, 3, 1, value, shape);
		const main = value;
		const mainShape = shape;
		let shortcut = start;
		if (stride !== 1 || startShape[0] !== channels) {
			convolution(channels, 1, stride, start, startShape);
			shortcut = value;
		}
		const name = `sum${++counters.sum}`;
		push({ kind: 'sum', name, input: main, other: shortcut, output: name, outputShape: mainShape });
	};
	/** The neurons of a layer, and the pooling that follows it in the list: in front of them where the current is pooled. */
	const neuronsAndPools = (pools: readonly number[], dropout: boolean): void => {
		const current = architecture.pooling === 'current';
		if (current) pools.forEach(pool);
		neuron(dropout);
		if (!current) pools.forEach(pool);
	};

	const { layers } = architecture;
	for (let at = 0; at < layers.length; ) {
		const layer = layers[at++] as LayerSpecification;
		if ('pool' in layer) {
			pool(layer.pool);
			continue;
		}
		const pools: number[] = [];
		for (let next = layers[at]; next && 'pool' in next; next = layers[++at]) pools.push(next.pool);
		// With spikes pooled, a mask would be drawn for neurons whose pooled output is what counts.
		const dropout = pools.length === 0 || architecture.pooling === 'current';
		if ('conv' in layer) convolution(layer.conv, layer.kernel ?? 3, layer.stride ?? 1, value, shape);
		else if ('residual' in layer) residual(layer.residual, layer.stride ?? 1, dropout);
		else dense(layer.dense);
		neuronsAndPools(pools, dropout);
	}
	dense(classes);
	return { architecture, inputShape, classes, operations, output: value };
}

export const neuronsOf = (plan: Plan): readonly Neuron[] => plan.operations.filter((o): o is Neuron => o.kind === 'neuron');
export const synapsesOf = (plan: Plan): readonly Synapse[] =>
	plan.operations.filter((o): o is Synapse => o.kind === 'convolution' || o.kind === 'dense');

/** Multiply–accumulates of one synaptic layer, padding taps included. */
export function denseMacs(layer: Synapse): number {
	if (layer.kind === 'dense') return product(layer.inputShape) * product(layer.outputShape);
	return layer.kernel ** 2 * (layer.inputShape[0] ?? 0) * product(layer.outputShape);
}

/** Share of the network's multiply–accumulates that its first layer has: the part that sees the image and no spikes. */
export function firstLayerShare(plan: Plan): number {
	const macs = synapsesOf(plan).map(denseMacs);
	return (macs[0] ?? 0) / macs.reduce((sum, layer) => sum + layer, 0);
}

export const neuronCount = (plan: Plan): number =>
	neuronsOf(plan).reduce((sum, { outputShape }) => sum + product(outputShape), 0);
