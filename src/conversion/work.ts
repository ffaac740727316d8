import type { ConstantTensor, Dimension, GraphNode, TensorInfo } from '../model/graph.ts';
import type { GraphIndex } from '../network/graph-index.ts';
import type { FreshNames } from '../network/rewrite/fresh-names.ts';
import type { Activation, PlainNetwork } from './ann.ts';

/**
 * What becomes of max pooling: spikes passed on when the highest count of a window grows; averages; or, in networks that are
 * trained afterwards, the maximum of a timestep's spikes.
 */
export type MaxPooling = 'count' | 'average' | 'spikes';

/** How neurons fire and what max pooling becomes. */
export interface SpikingOptions {
	/** Threshold of each activation by its output tensor, in the plain network's units. */
	readonly thresholds: ReadonlyMap<string, number>;
	/** Share of the membrane potential kept from one timestep to the next; 1: integrate and fire. */
	readonly leak: number;
	/**
	 * True: a neuron fires as if it had started at half its threshold, which rounds its rate to the nearest instead of
	 * down (Bu et al., 2022). False: it starts at 0, as the IIR-SNN papers have it.
	 */
	readonly halfStart: boolean;
	readonly maxPool: MaxPooling;
	/** True: every layer gets a leak of its own, so that training can change it. */
	readonly ownLeaks?: boolean;
	readonly timesteps: number;
	readonly file: string;
}

/**
 * A tensor of the spiking network. The plain network's value is `height` times the mean of the tensor over time.
 * `still` tensors depend on the image alone.
 */
export interface Value {
	readonly height: number;
	readonly spikes: boolean;
	readonly still: boolean;
}

/** Names of the constants a layer of neurons reads. */
export interface NeuronConstants {
	readonly threshold: string;
	/** null where nothing leaks. */
	readonly leak: string | null;
}

/** A spiking network under construction. */
export interface Work {
	readonly network: PlainNetwork;
	readonly options: SpikingOptions;
	readonly index: GraphIndex;
	readonly names: FreshNames;
	readonly nodes: GraphNode[];
	readonly constants: Map<string, ConstantTensor>;
	readonly values: Map<string, Value>;
	readonly inputs: TensorInfo[];
	readonly outputs: TensorInfo[];
	readonly states: string[];
	readonly assumptions: string[];
	readonly activations: ReadonlyMap<GraphNode, Activation>;
	pools: number;
	shortcuts: number;
	readonly currents: Map<string, string>;
	/** Constants of each layer of neurons by the activation's output. */
	readonly neurons: Map<string, NeuronConstants>;
	readonly analogLayers: string[];
}

/** Shape of a tensor with the batch left open where the plain network leaves it open. */
export function dims(tensor: string, { measured }: PlainNetwork): Dimension[] {
	return (measured.shapeOf(tensor) ?? []).map(([a, b]) => (a === b ? a : 'batch'));
}

export const valueAt = (tensor: string, work: Work): Value | null => work.values.get(tensor) ?? null;

/** Declares a state that has the shape of a tensor. */
export function remember(before: string, after: string, like: string, work: Work): void {
	const shape = dims(like, work.network);
	work.inputs.push({ name: before, type: 'float32', dims: shape });
	work.outputs.push({ name: after, type: 'float32', dims: shape });
	work.states.push(`${before}=${after}`);
}
