import type { Activity, LayerActivity, NeuronLayerActivity, SynapticLayerActivity } from '../../simulation/activity.ts';
import { connectionCount, fanIn, neuronsIn, type Reach, type Shape } from './reach.ts';

/** Synapses of one layer of weights between populations. */
export interface Connection {
	readonly layer: SynapticLayerActivity;
	/** Name of the population the spikes come from; null: they come from outside the chip. */
	readonly source: string | null;
	readonly reach: Reach;
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
	const input = shapeOf(geometry.inputShape);
	const known = layer.source === null ? undefined : shapes.get(layer.source);
	const source = known ?? input;
	const pooling = poolingBetween(source, geometry.inputElements);
	const sourceName = known === undefined ? null : layer.source;
	const { kernel, stride, groups } = geometry;
	// Layers whose output is pooled before the neurons have fewer targets than outputs; their neurons take what feeds the window.
	const output = shapeOf(geometry.outputShape);
	const outputPooled = neuronsIn(output) === neuronsIn(target) ? output : target;
	if (kernel === null) {
		const reach: Reach = { source, target, pooling, convolution: null };
		return { layer, source: sourceName, reach, exact: connectionCount(reach) === geometry.synapses };
	}
	const size = pair(kernel);
	const step = pair(stride ?? [1, 1]);
	const at = (pads: readonly [number, number]): Reach => ({
		source,
		target: outputPooled,
		pooling,
		convolution: { kernel: size, stride: step, pads, groups },
	});
	const centred = [centre(size[0]), centre(size[1])] as const;
	const candidates = [centred, ...padsUpTo(size)].map(at);
	const exact = candidates.find((reach) => connectionCount(reach) === geometry.synapses);
	return { layer, source: sourceName, reach: exact ?? at(centred), exact: exact !== undefined };
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

/** Side of the window that shrinks a map to the number of elements the weights read. */
function poolingBetween(source: Shape, elements: number): number {
	for (let window = 1; window <= Math.min(source.height, source.width); window++) {
		if (source.channels * Math.floor(source.height / window) * Math.floor(source.width / window) === elements) return window;
	}
	return 1;
}

/** Synapses onto one neuron of a population. */
export function fanInOf(population: Population): number {
	return population.inputs.reduce((sum, { reach }) => sum + fanIn(reach), 0);
}

export function isSynaptic(layer: LayerActivity): layer is SynapticLayerActivity {
	return layer.kind === 'synaptic';
}
