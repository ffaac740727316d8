/**
 * The three layers that turn a plain tfjs LayersModel into a spiking one. Time is folded into the batch:
 * [N, …] → RepeatOverTimesteps → [T·N, …] → … → SumOverTimesteps → [N, classes].
 *
 * A program that loads such a model imports this file first: it registers the classes.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as layersApi from '@tensorflow/tfjs-layers';
import { lifLayer } from '../operations/lif.ts';

type LayerArguments = { readonly timesteps: number; readonly name?: string };
type Shape = (number | null)[];

const { Layer } = layersApi.layers;
const oneTensor = (inputs: tf.Tensor | tf.Tensor[]): tf.Tensor => (Array.isArray(inputs) ? (inputs[0] as tf.Tensor) : inputs);

/** The same input at every timestep: [N, …] to [T·N, …], timestep by timestep (direct encoding). */
export class RepeatOverTimesteps extends Layer {
	static readonly className = 'RepeatOverTimesteps';
	readonly timesteps: number;

	constructor(options: LayerArguments) {
		super(options);
		this.timesteps = options.timesteps;
	}

	override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
		return tf.concat(Array<tf.Tensor>(this.timesteps).fill(oneTensor(inputs)), 0);
	}

	override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
		return inputShape;
	}

	override getConfig(): tf.serialization.ConfigDict {
		return { ...super.getConfig(), timesteps: this.timesteps };
	}
}

/**
 * Leaky integrate-and-fire neurons with soft reset: u ← λ·u + input; spikes where u > v; u ← u − v·spike.
 * Weights: `threshold` v and `leak` λ, scalars. Input and output [T·N, …], timestep by timestep.
 */
export class LeakyIntegrateAndFire extends Layer {
	static readonly className = 'LeakyIntegrateAndFire';
	readonly timesteps: number;

	constructor(options: LayerArguments) {
		super(options);
		this.timesteps = options.timesteps;
	}

	override build(): void {
		const one = layersApi.initializers.ones();
		this.addWeight('threshold', [], 'float32', one);
		this.addWeight('leak', [], 'float32', one);
		this.built = true;
	}

	override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
		const [threshold, leak] = this.weights.map((weight) => weight.read() as tf.Scalar);
		return tf.tidy(() =>
			lifLayer(oneTensor(inputs), threshold as tf.Scalar, leak as tf.Scalar, { timesteps: this.timesteps, repeated: false }),
		);
	}

	override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
		return inputShape;
	}

	override getConfig(): tf.serialization.ConfigDict {
		return { ...super.getConfig(), timesteps: this.timesteps };
	}
}

/** The accumulating output: the sum over timesteps, [T·N, K] to [N, K]. */
export class SumOverTimesteps extends Layer {
	static readonly className = 'SumOverTimesteps';
	readonly timesteps: number;

	constructor(options: LayerArguments) {
		super(options);
		this.timesteps = options.timesteps;
	}

	override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
		return tf.tidy(() => {
			// Added one by one, as a step model adds them: the same rounding.
			const [first, ...later] = tf.split(oneTensor(inputs), this.timesteps);
			return later.reduce((sum, now) => tf.add(sum, now), first as tf.Tensor);
		});
	}

	override computeOutputShape(inputShape: Shape | Shape[]): Shape | Shape[] {
		return inputShape;
	}

	override getConfig(): tf.serialization.ConfigDict {
		return { ...super.getConfig(), timesteps: this.timesteps };
	}
}

for (const layer of [RepeatOverTimesteps, LeakyIntegrateAndFire, SumOverTimesteps]) tf.serialization.registerClass(layer);
