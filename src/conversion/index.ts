import { UserError } from '../errors.ts';
import type { Model } from '../model/graph.ts';
import type { ModelFile } from '../model/model-file.ts';
import { readPlainNetwork } from './ann.ts';
import { iteratedThresholds } from './iterated-thresholds.ts';
import * as messages from './messages.ts';
import { spikingGraph } from './spiking-graph.ts';
import { activationPercentiles, type Calibration, shareJoinedThresholds } from './thresholds.ts';
import type { MaxPooling, NeuronConstants } from './work.ts';

export { type PlainNetwork, readPlainNetwork } from './ann.ts';
export type { Calibration } from './thresholds.ts';

export type ConversionMethod = 'threshold-balancing' | 'iir';

export interface ConversionOptions {
	readonly method: ConversionMethod;
	readonly timesteps: number;
	/** Percentile of activations (threshold-balancing: 99.9) or of currents (iir: 90) that becomes the threshold. */
	readonly percentile?: number | undefined;
	/** Factor on measured thresholds; 1 by default. */
	readonly scale?: number | undefined;
	/** Share of the membrane potential kept per timestep; 1 by default: integrate and fire. */
	readonly leak?: number | undefined;
	/** Timesteps run while a threshold is measured (iir); 100 by default. */
	readonly steps?: number | undefined;
	readonly maxPool?: 'count' | 'average' | undefined;
	/** Prepares a network that is trained afterwards: biases and leaks of its own everywhere, max pooling of spikes. */
	readonly trainable?: boolean | undefined;
	/** Output that holds the class scores, where the network has several. */
	readonly output?: string | undefined;
}

export interface Conversion {
	/** The step model, ready to be written. */
	readonly model: Model;
	/** Threshold of each layer of neurons, in the plain network's units. */
	readonly thresholds: readonly { readonly layer: string; readonly threshold: number }[];
	/** Constants of each layer of neurons, by the output of the ReLU it stands for. */
	readonly neurons: ReadonlyMap<string, NeuronConstants>;
	readonly assumptions: readonly string[];
	readonly warnings: readonly string[];
}

const defaults = { 'threshold-balancing': 99.9, iir: 90 } as const;
const defaultSteps = 100;

/** @throws UserError naming the option that is out of range */
export function checkConversionOptions(options: ConversionOptions): void {
	const { percentile, scale, leak, steps, timesteps } = options;
	const check = (option: string, value: number | undefined, fits: (value: number) => boolean, range: string): void => {
		if (value !== undefined && !fits(value)) throw new UserError(messages.badRange(option, value, range), { exitCode: 2 });
	};
	check('timesteps', timesteps, (value) => Number.isSafeInteger(value) && value >= 1, 'a whole number of at least 1');
	check('percentile', percentile, (value) => value > 0 && value <= 100, 'a number above 0 and up to 100');
	check('scale', scale, (value) => value > 0 && Number.isFinite(value), 'a number above 0');
	check('leak', leak, (value) => value > 0 && value <= 1, 'a number above 0 and up to 1 (1: no leak)');
	check('steps', steps, (value) => Number.isSafeInteger(value) && value >= 1, 'a whole number of at least 1');
}

/**
 * Turns a plain ReLU network into a spiking one: BatchNormalization folded, ReLUs replaced by integrate-and-fire neurons
 * whose thresholds are measured on data, analog input into the first layer, class scores accumulated.
 *
 * `threshold-balancing`: thresholds are percentiles of the ReLUs' outputs, and rates round to the nearest.
 * `iir`: thresholds are found layer by layer on the spiking network itself, as the IIR-SNN papers initialise theirs.
 *
 * @throws UserError for networks without ReLU, operators a firing rate cannot pass through, and options out of range
 * @see docs/method.md
 */
export async function convertNetwork(
	source: ModelFile,
	calibration: Calibration,
	options: ConversionOptions,
): Promise<Conversion> {
	checkConversionOptions(options);
	const { file } = source;
	const network = await readPlainNetwork(source.model, file, options.output, { trainable: options.trainable ?? false });
	const percentile = options.percentile ?? defaults[options.method];
	const scale = options.scale ?? 1;
	const maxPool: MaxPooling = options.trainable ? 'spikes' : (options.maxPool ?? 'count');
	const steps = options.steps ?? defaultSteps;
	const balanced = options.method === 'threshold-balancing';
	// Everything a network can be refused for is found before the data are run.
	const shared = {
		leak: options.leak ?? 1,
		ownLeaks: options.trainable ?? false,
		halfStart: balanced,
		maxPool,
		timesteps: options.timesteps,
		file,
	};
	spikingGraph(network, { ...shared, thresholds: new Map() });
	const measured = balanced
		? scaled(await activationPercentiles(network, calibration, percentile), scale)
		: await iteratedThresholds(network, calibration, { percentile, steps, scale, maxPool });
	const warnings = network.activations
		.filter(({ output }) => !((measured.get(output) ?? 0) > 0))
		.map(({ name }) => messages.silentLayer(name));
	const thresholds = shareJoinedThresholds(
		network,
		new Map([...measured].map(([name, value]): [string, number] => [name, Math.fround(value > 0 ? value : 1)])),
	);
	const spiking = spikingGraph(network, { ...shared, thresholds });
	const { samples, source: data } = calibration;
	return {
		model: spiking.model,
		thresholds: network.activations.map(({ name, output }) => ({ layer: name, threshold: thresholds.get(output) ?? 1 })),
		neurons: spiking.neurons,
		assumptions: [
			...network.assumptions,
			...(spiking.analogLayers.length > 0 ? [messages.analogInput(spiking.analogLayers)] : []),
			...spiking.assumptions,
			balanced
				? messages.thresholdsMeasured(percentile, samples, data.name)
				: messages.thresholdsIterated(percentile, steps, samples, data.name),
		],
		warnings,
	};
}

const scaled = (thresholds: ReadonlyMap<string, number>, factor: number): Map<string, number> =>
	new Map([...thresholds].map(([name, value]) => [name, value * factor]));
