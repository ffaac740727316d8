/** How long a training image takes on this machine, measured on a few of them. */
import type { TrainingConfiguration } from './configuration.ts';
import type { NetworkMode } from './parameters.ts';
import { initialParameters, layoutOf } from './parameters.ts';
import type { Shard } from './pieces.ts';
import type { Plan } from './plan.ts';
import { denseMacs, product, synapsesOf } from './plan.ts';
import { randomStream } from './random.ts';
import type { GradientSource } from './source.ts';

export interface ImageSeconds {
	/** One image of the ReLU net, forwards and backwards. */
	readonly relu: number;
	/** One timestep of one image of the spiking net. */
	readonly spiking: number;
}

/** Multiply–accumulates one measured step may take, so that a dry run of a large net answers soon. */
const budget = 4e9;

/**
 * Runs two steps of each kind of net, on noise, and times the second.
 *
 * @throws what the engine throws when it cannot hold the net
 */
export async function measureImageSeconds(
	plan: Plan,
	configuration: TrainingConfiguration,
	source: GradientSource,
): Promise<ImageSeconds> {
	const macs = 3 * synapsesOf(plan).reduce((sum, layer) => sum + denseMacs(layer), 0);
	const images = Math.max(1, Math.min(configuration.batch, Math.floor(budget / macs)));
	const parts = Math.min(configuration.shards, images);
	const random = randomStream(configuration.seed, 5);
	const shards = Array.from({ length: parts }, (_, part): Shard => {
		const count = Math.floor(((part + 1) * images) / parts) - Math.floor((part * images) / parts);
		return {
			images: Float32Array.from({ length: count * product(plan.inputShape) }, () => random() / 2 ** 31 - 1),
			labels: Uint16Array.from({ length: count }, (_, index) => index % plan.classes),
			timesteps: 1,
			dropout: 0,
			labelSmoothing: 0,
			stream: [part],
		};
	});
	const seconds = async (mode: NetworkMode): Promise<number> => {
		const layout = layoutOf(plan, mode);
		const parameters = initialParameters(plan, layout, configuration.seed);
		await source.run(plan, layout, parameters, shards);
		const began = performance.now();
		await source.run(plan, layout, parameters, shards);
		return (performance.now() - began) / 1000 / images;
	};
	return {
		relu: await seconds({ neuron: 'relu', normalised: configuration.normalisation }),
		spiking: await seconds({ neuron: 'lif', normalised: configuration.spikingNormalisation }),
	};
}
