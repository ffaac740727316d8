/** Every setting of a training run, as data. */

import type { Pooling } from '../network/architectures.ts';
import type { ThresholdOptions } from './conversion.ts';
import type { OptimiserOptions, RateSchedule } from './optimiser.ts';

/** How one stage is trained. */
export interface StageSettings extends OptimiserOptions {
	readonly learningRate: number;
	readonly rateSchedule: RateSchedule;
	/** For the `step` schedule: shares of the stage after which the rate is divided by 5. */
	readonly drops: readonly number[];
	readonly dropout: number;
	readonly labelSmoothing: number;
	/** Side in pixels of the square blanked in each image; 0 for none. */
	readonly cutout: number;
	/** Decay a step of the running average of the parameters, which is what the stage ends with; 0: the parameters themselves. */
	readonly averaging: number;
}

export interface TrainingConfiguration {
	readonly dataset: string;
	readonly arch: string;
	readonly pooling: Pooling;
	/** Whether the ReLU net is trained with batch normalisation. */
	readonly normalisation: boolean;
	/** Whether the spiking stages keep it, over images and timesteps; it is folded at the end of each. */
	readonly spikingNormalisation: boolean;
	/** Share of the ReLU net's own probabilities in what the spiking stages learn; the rest are the labels. */
	readonly distillation: number;
	/** What the loss adds for an inference's energy, in units of the energy that the stage starts with; 0: nothing. */
	readonly energyWeight: number;
	/** The hardware profile, and the way of counting, that say what a spike costs. */
	readonly energyProfile: string;
	readonly energyAccounting: string;
	/** Timesteps of the spiking stages, in order. */
	readonly schedule: readonly number[];
	readonly reluEpochs: number;
	/** Epochs of each spiking stage, in the order of `schedule`. */
	readonly spikingEpochs: readonly number[];
	/** Whether to train the control too: the last stage's timesteps directly from the converted net, with the same number of image passes. */
	readonly control: boolean;
	/** Epochs without cutout, at a tenth of the rate, at the end of the last stage and of the control. */
	readonly refineEpochs: number;
	readonly seed: number;
	readonly batch: number;
	/** Parts of a batch whose gradients are averaged; workers share them. */
	readonly shards: number;
	readonly crop: number;
	readonly flip: boolean;
	readonly relu: StageSettings;
	readonly spiking: StageSettings;
	readonly thresholds: ThresholdOptions & { readonly images: number };
	/** Training images that are held out: epochs are judged by them, and the test set is looked at once, by the finished network. */
	readonly validation: number;
	/** Only the first images of the training and test sets (0: all). */
	readonly trainLimit: number;
	readonly testLimit: number;
}

/** What a run needs besides: it does not change the result. */
export interface RunOptions {
	readonly dataDir?: string | undefined;
	/** Where checkpoints go. */
	readonly checkpoints: string;
	readonly resume: boolean;
	/** Says what a spike of each neuron layer costs; needed where `energyWeight` is above 0. */
	readonly spikeEnergies?: (network: {
		readonly model: Uint8Array;
		readonly samples: Uint8Array;
	}) => Promise<{ readonly perSpikeJoules: readonly number[]; readonly perInferenceJoules: number }>;
	/** Cores that the distilling ReLU net may use; 1 unless told. */
	readonly threads?: number;
}

const adam = { optimiser: 'adam', momentum: 0.9, amsgrad: false, weightDecay: 0 } as const;

export const defaultConfiguration: TrainingConfiguration = {
	dataset: 'mnist',
	arch: 'vgg6:width=0.25,classifier=256',
	pooling: 'average',
	normalisation: true,
	spikingNormalisation: false,
	distillation: 0,
	energyWeight: 0,
	energyProfile: '45nm',
	energyAccounting: 'exact',
	schedule: [5, 4, 3, 2, 1],
	reluEpochs: 10,
	spikingEpochs: [1, 1, 1, 1, 6],
	control: false,
	refineEpochs: 0,
	seed: 1,
	batch: 64,
	shards: 2,
	crop: 0,
	flip: false,
	relu: {
		optimiser: 'sgd',
		momentum: 0.9,
		amsgrad: false,
		weightDecay: 5e-4,
		learningRate: 0.05,
		rateSchedule: 'one-cycle',
		drops: [],
		dropout: 0,
		labelSmoothing: 0,
		cutout: 0,
		averaging: 0,
	},
	spiking: {
		...adam,
		learningRate: 5e-4,
		rateSchedule: 'cosine',
		drops: [],
		dropout: 0,
		labelSmoothing: 0,
		cutout: 0,
		averaging: 0,
	},
	thresholds: { percentile: 0.97, steps: 8, scale: 1, balance: true, images: 64 },
	validation: 0,
	trainLimit: 0,
	testLimit: 0,
};

/** Hyper-parameters as in the authors' released scripts, for CIFAR-10 and VGG16. @see docs/training.md#the-published-settings */
export const paperPreset: TrainingConfiguration = {
	...defaultConfiguration,
	dataset: 'cifar10',
	arch: 'vgg16',
	reluEpochs: 300,
	spikingEpochs: [500, 500, 500, 500, 500],
	crop: 4,
	flip: true,
	relu: { ...defaultConfiguration.relu, learningRate: 0.01, rateSchedule: 'step', drops: [0.45, 0.7, 0.9], dropout: 0.5 },
	spiking: {
		...adam,
		amsgrad: true,
		learningRate: 1e-4,
		rateSchedule: 'step',
		drops: [0.6, 0.8, 0.9],
		dropout: 0.2,
		labelSmoothing: 0,
		cutout: 0,
		averaging: 0,
	},
	thresholds: { percentile: 0.9, steps: 500, scale: 1, balance: false, images: 512 },
};

/**
 * CIFAR-10 at one timestep for a processor: a cheap first layer, currents pooled in front of the neurons so that every spike is read as
 * an accumulate, and thresholds measured over the one timestep that the net will run for.
 *
 * @see docs/training.md#a-recipe-for-a-processor
 */
export const cpuPreset: TrainingConfiguration = {
	...defaultConfiguration,
	dataset: 'cifar10',
	arch: '32k2s2 64 A 128 128 A 256 A',
	pooling: 'current',
	schedule: [1],
	reluEpochs: 9,
	spikingEpochs: [14],
	batch: 128,
	crop: 4,
	flip: true,
	validation: 5000,
	distillation: 0.5,
	relu: { ...defaultConfiguration.relu, learningRate: 0.1, labelSmoothing: 0.1, averaging: 0.995 },
	spiking: { ...defaultConfiguration.spiking, learningRate: 1e-3, averaging: 0.995 },
	thresholds: { ...defaultConfiguration.thresholds, percentile: 0.95, steps: 1 },
};
