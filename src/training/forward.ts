/**
 * One forward pass of a plan in tfjs, differentiable.
 *
 * Time is folded into the batch: a value after the first neuron layer is [T·N, …], timestep by
 * timestep; what depends on the image alone is computed once, [N, …].
 */
import * as tf from '@tensorflow/tfjs-core';
import type { BatchStatistics } from './operations/activation.ts';
import { applyMask, normalise, relu } from './operations/activation.ts';
import { convolution } from './operations/convolution.ts';
import { dense, sumOverTimesteps } from './operations/dense.ts';
import { lifLayer } from './operations/lif.ts';
import { averagePool, maxPool } from './operations/pooling.ts';
import { add, flattenChannelsFirst, repeatOverTimesteps } from './operations/structure.ts';
import type { Layout } from './parameters.ts';
import type { Neuron, Operation, Plan } from './plan.ts';
import { product } from './plan.ts';

/** One tensor for each entry of the layout, by name. */
export type ParameterTensors = ReadonlyMap<string, tf.Tensor>;

/** A value of the network: `repeated` when it is the same at every timestep and held once. */
interface Value {
	readonly tensor: tf.Tensor;
	readonly repeated: boolean;
}

export interface ForwardOptions {
	readonly timesteps: number;
	/** Receives each neuron layer's output before dropout. */
	readonly observeSpikes?: (layer: Neuron, output: tf.Tensor) => void;
	readonly observeStatistics?: (layer: string, statistics: BatchStatistics) => void;
	/** The dropout mask of a layer, [N·…] of 0 and 1/(1−rate), or null. */
	readonly mask?: (layer: Neuron, index: number) => tf.Tensor | null;
	/** Takes the neuron layer's place: used to measure currents. */
	readonly neuron?: (layer: Neuron, current: tf.Tensor) => tf.Tensor;
}

const parameter = <T extends tf.Tensor>(parameters: ParameterTensors, name: string): T => {
	const tensor = parameters.get(name);
	if (!tensor) throw new Error(`no parameter ${name}`);
	return tensor as T;
};

/** Whether the operation's output is only read by the next one, a neuron: then the ReLU can be fused. */
const neuronFollows = (plan: Plan, index: number): boolean => plan.operations[index + 1]?.kind === 'neuron';

/**
 * Logits of a batch.
 *
 * @param images  [N, H, W, C], or [N, units]
 * @returns [N, classes]; of a spiking net, the sum over timesteps
 */
export function forward(
	plan: Plan,
	layout: Layout,
	parameters: ParameterTensors,
	images: tf.Tensor,
	options: ForwardOptions,
): tf.Tensor2D {
	const { mode } = layout;
	const timesteps = mode.neuron === 'lif' ? options.timesteps : 1;
	const values = new Map<string, Value>([['image', { tensor: images, repeated: true }]]);
	const read = (name: string): Value => {
		const value = values.get(name);
		if (!value) throw new Error(`value ${name} is not computed yet`);
		return value;
	};
	let neurons = 0;
	const run = (operation: Operation, index: number): Value => {
		const { tensor, repeated } = read(operation.input);
		const { name } = operation;
		switch (operation.kind) {
			case 'convolution': {
				const { stride, padding } = operation;
				const bias = mode.normalised ? null : parameter<tf.Tensor1D>(parameters, `${name}.bias`);
				const weight = parameter<tf.Tensor4D>(parameters, `${name}.weight`);
				const output = convolution(tensor as tf.Tensor4D, weight, bias, { stride, padding }, operation.input !== 'image');
				if (!mode.normalised) return { tensor: output, repeated };
				const scale = parameter<tf.Tensor1D>(parameters, `${name}.scale`);
				const shift = parameter<tf.Tensor1D>(parameters, `${name}.shift`);
				const fused = mode.neuron === 'relu' && neuronFollows(plan, index);
				const observe = (statistics: BatchStatistics): void => options.observeStatistics?.(name, statistics);
				return { tensor: normalise(output, scale, shift, fused, observe), repeated };
			}
			case 'dense':
				return { tensor: dense(tensor as tf.Tensor2D, parameter(parameters, `${name}.weight`)), repeated };
			case 'sum': {
				const other = read(operation.other);
				const whole = (value: Value): tf.Tensor =>
					value.repeated && repeated !== other.repeated ? repeatOverTimesteps(value.tensor, timesteps) : value.tensor;
				return { tensor: add(whole({ tensor, repeated }), whole(other)), repeated: repeated && other.repeated };
			}
			case 'neuron': {
				let output: tf.Tensor;
				if (options.neuron) output = options.neuron(operation, tensor);
				else if (mode.neuron === 'lif') {
					const threshold = parameter<tf.Scalar>(parameters, `${name}.threshold`);
					output = lifLayer(tensor, threshold, parameter(parameters, `${name}.leak`), { timesteps, repeated });
				} else {
					const rectified = mode.normalised && plan.operations[index - 1]?.kind === 'convolution';
					output = rectified ? tensor : relu(tensor);
				}
				options.observeSpikes?.(operation, output);
				const mask = operation.dropout ? (options.mask?.(operation, neurons) ?? null) : null;
				neurons++;
				return { tensor: mask ? applyMask(output, mask, timesteps) : output, repeated: mode.neuron === 'relu' };
			}
			case 'pool': {
				const pool = operation.pooling === 'max' ? maxPool : averagePool;
				return { tensor: pool(tensor as tf.Tensor4D, operation.size), repeated };
			}
			case 'flatten':
				return { tensor: flattenChannelsFirst(tensor as tf.Tensor4D), repeated };
		}
	};
	for (const [index, operation] of plan.operations.entries()) values.set(operation.output, run(operation, index));
	const output = read(plan.output);
	const logits = output.repeated ? repeatOverTimesteps(output.tensor, timesteps) : output.tensor;
	return sumOverTimesteps(logits as tf.Tensor2D, timesteps);
}

/** The batch as tfjs wants it: from [N, C, H, W] to [N, H, W, C]. */
export function imagesTensor(images: Float32Array, count: number, shape: readonly number[]): tf.Tensor {
	if (shape.length !== 3) return tf.tensor(images, [count, product(shape)]);
	return tf.transpose(tf.tensor(images, [count, ...shape]), [0, 2, 3, 1]);
}
