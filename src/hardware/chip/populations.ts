import type { Activity, NeuronLayerActivity, SynapticLayerActivity } from '../../activity/activity.ts';
import { connectionCount, fanIn, neuronsIn, type Reach, type Shape } from './reach.ts';

/** Synapses of one layer of weights between populations. */
export interface Connection {
	readonly layer: SynapticLayerActivity;
	/** Name of the population the spikes come from; null: they come from outside the chip. */
	readonly source: string | null;
	readonly reach: Reach;
	/** Side of the square pooling window between the source's neurons and the elements the weights read; 1: none. */
	readonly window: number;
	/** True when the reach has exactly the connections that were counted; false when it is the nearest that sizes allow. */
	readonly exact: boolean;
}

/** Neurons that need a place on the chip, with the synapses onto them. */
export interface Population {
	readonly name: string;
	readonly shape: Shape;
	/** null for the read-out: accumulators that never fire. */
	readonly neurons: NeuronLayerActivity | null;
	readonly inputs: readonly Connection[];
}

/**
 * The populations of neurons of a counted network and what connects them.
 *
 * A neuron layer takes the synaptic layers that stand before it since the neuron layer before; layers of weights
 * after the last neuron layer lead to a read-out of accumulators. What an Activity does not say is worked out from
 * what it counts: a pooling window from sizes, padding from the number of connections.
 */
export function populationsOf(activity: Activity): readonly Population[] {
	const populations: Population[] = [];
	const shapes = new Map<string, Shape>();
	let pending: SynapticLayerActivity[] = [];
	const add = (name: string, shape: Shape, neurons: NeuronLayerActivity | null): void => {
		if (pending.length === 0) return;
		populations.push({ name, shape, neurons, inputs: pending.map((layer) => connectionOf(layer, shape, shapes)) });
		shapes.set(name, shape);
		pending = [];
	};
	for (const layer of activity.layers) {
		if (layer.kind === 'synaptic') pending.push(layer);
		else add(layer.name, shapeOf(layer.shape), layer);
	}
	const last = pending.at(-1);
	if (last !== undefined) add(`${last.name} (read-out)`, shapeOf(last.geometry.outputShape), null);
	return populations;
}

function shapeOf(dims: readonly number[]): Shape {
	const sizes = dims.length === 0 ? [1] : dims;
	if (sizes.length <= 1) return { channels: sizes[0] ?? 1, height: 1, width: 1 };
	const [channels = 1, height = 1, ...rest] = sizes;
	return { channels, height, width: rest.reduce((product, size) => product * size, 1) };
}

function connectionOf(layer: SynapticLayerActivity, target: Shape, shapes: ReadonlyMap<string, Shape>): Connection {
	const { geometry } = layer;
	const population = layer.source === null ? undefined : shapes.get(layer.source);
	const flat = shapeOf(geometry.inputShape);
	const window = population === undefined ? null : poolingWindow(population, geometry.inputElements);
	const source = population === undefined || window === null ? flat : pooledShape(population, window);
	const link = { layer, source: population === undefined ? null : layer.source, window: window ?? 1 };
	const { kernel, stride, groups } = geometry;
	if (kernel === null) {
		const reach: Reach = { source, target, convolution: null };
		return { ...link, reach, exact: window !== null || population === undefined };
	}
	// Where the output is pooled before the neurons, the neurons stand for the outputs.
	const size = pair(kernel);
	const step = pair(stride ?? [1, 1]);
	const at = (pads: readonly [number, number]): Reach => ({
		source,
		target,
		convolution: { kernel: size, stride: step, pads, groups },
	});
	const centred = [centre(size[0]), centre(size[1])] as const;
	const exact = [centred, ...padsUpTo(size)].map(at).find((reach) => connectionCount(reach) === geometry.synapses);
	return { ...link, reach: exact ?? at(centred), exact: exact !== undefined };
}

function pair(values: readonly number[]): [number, number] {
	return values.length === 1 ? [values[0] ?? 1, 1] : [values[0] ?? 1, values[1] ?? 1];
}

function centre(kernel: number): number {
	return Math.floor((kernel - 1) / 2);
}

function padsUpTo([height, width]: readonly [number, number]): [number, number][] {
	const pads: [number, number][] = [];
	for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) if (height !== width || x === y) pads.push([y, x]);
	return pads;
}

/** Side of the window that shrinks a map to the number of elements the weights read; null when none does. */
function poolingWindow(population: Shape, elements: number): number | null {
	for (let window = 1; window <= Math.min(population.height, population.width); window++) {
		if (neuronsIn(pooledShape(population, window)) === elements) return window;
	}
	return null;
}

function pooledShape({ channels, height, width }: Shape, window: number): Shape {
	return { channels, height: Math.floor(height / window), width: Math.floor(width / window) };
}

/** Number, in position order, of the first neuron in the pooling window of an input element. */
export function homeNeuron({ reach, window }: Connection, population: Shape, element: number): number {
	const { channels, width } = reach.source;
	const position = Math.floor(element / channels);
	const [y, x] = [Math.floor(position / width) * window, (position % width) * window];
	return Math.min((y * population.width + x) * population.channels + (element % channels), neuronsIn(population) - 1);
}

/** Synapses onto one neuron of a population. */
export function fanInOf(population: Population): number {
	return population.inputs.reduce((sum, { reach }) => sum + fanIn(reach), 0);
}
