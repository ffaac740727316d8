import type { Activity, Encoder, GradedRule, SpikeTest } from './activity/activity.ts';
import { checkOptions } from './check-options.ts';
import { UserError } from './errors.ts';
import type { EventOptions } from './formats/events/options.ts';
import { openModel } from './formats/open-model.ts';
import { loadProfile } from './hardware/index.ts';
import type { Network, ReadoutRule } from './network/network.ts';
import { findStructure } from './network/structure.ts';
import { openData } from './open-data.ts';
import { type PriceOptions, priceActivity } from './pricing.ts';
import type { Analysis } from './reporting/index.ts';
import { countRanges, describeRun, type Shard, savedActivity } from './scale/index.ts';
import { densitiesOfParts } from './scale/messages.ts';
import { type ActiveInputObserver, observeActiveInputs } from './simulation/active-inputs.ts';
import type { OpenedData } from './simulation/fit-data.ts';
import { batchAxisOf } from './simulation/pilot.ts';
import { withReuse } from './simulation/reuse/index.ts';

/** What a user can say about a model that its file does not. */
export interface LoadOptions {
	readonly timesteps?: number | undefined;
	/** State pairings "input=output". */
	readonly states?: readonly string[] | undefined;
	readonly output?: string | undefined;
	readonly readout?: ReadoutRule | undefined;
	/** Timestep length in seconds (NIR). */
	readonly dt?: number | undefined;
	/** Reset mode (NIR). */
	readonly reset?: 'zero' | 'subtract' | undefined;
}

/** Data to run on, and how to count. */
export interface CountOptions extends EventOptions {
	/** Path of .npy or .npz, the name of a data set, "events:FILE_OR_DIR", or "random" or "random:SEED"; default: samples.npz beside the model. */
	readonly data?: string | undefined;
	readonly labels?: string | undefined;
	readonly samples?: number | undefined;
	readonly batch?: number | undefined;
	readonly reshape?: string | undefined;
	/** Order of the leading axes of data with a time axis: [samples, timesteps, …] ("ntc") or [timesteps, samples, …] ("tnc"). */
	readonly layout?: 'ntc' | 'tnc' | undefined;
	readonly dataDir?: string | undefined;
	/** Order of the axes of images, [C, H, W] or [H, W, C], where sizes do not tell. */
	readonly channels?: 'first' | 'last' | undefined;
	/** Numbers of an array are divided by it, such as 255 for bytes. */
	readonly scale?: number | undefined;
	/** Means and then standard deviations of the channels, "0.1307,0.3081". */
	readonly normalize?: string | undefined;
	/** The firing rates of random input are taken for those of real data: a ratio to the DNN is given. */
	readonly assumeRate?: boolean | undefined;
	readonly encoder?: Encoder | undefined;
	readonly spikeTest?: SpikeTest | undefined;
	readonly graded?: GradedRule | undefined;
	/**
	 * Also count how much work repeats, layer by layer: bit and product density, partial sums, different weights (default false).
	 * Runs the network a second time. Not with a shard.
	 */
	readonly densities?: boolean | undefined;
	/** Only the k-th of n shares of the samples: the result is marked partial, and merged with the others. */
	readonly shard?: Shard | undefined;
	/** Threads onnxruntime computes with; by default as many as there are cores. */
	readonly threads?: number | undefined;
	/** Threads that read the pictures of an image folder, or event recordings; by default as many as `threads` leaves over, at most 4. */
	readonly readers?: number | undefined;
	readonly signal?: AbortSignal | undefined;
	readonly onProgress?: ((samplesDone: number, samples: number) => void) | undefined;
}

export { type PriceOptions, priceActivity } from './pricing.ts';

/** Reads a model file and finds its structure. @throws UserError */
export async function loadNetwork(path: string, options: LoadOptions = {}): Promise<Network> {
	checkOptions(options);
	return findStructure(await openModel(path, options), options);
}

/** Opens the data a network is to be run on. @throws UserError */
export async function openNetworkData(network: Network, options: CountOptions): Promise<OpenedData> {
	checkOptions(options);
	return openData({
		...options,
		modelPath: network.file,
		input: network.input,
		batchAxis: batchAxisOf(network),
		step: network.mode === 'step',
		timesteps: network.timesteps,
		metadata: network.model.metadata,
	});
}

/**
 * Runs a network on data and counts its events. What is interrupted or a shard is marked partial, and can be saved as
 * JSON and merged.
 *
 * @throws UserError
 */
export async function countEvents(network: Network, options: CountOptions = {}): Promise<Activity> {
	const opened = await openNetworkData(network, options);
	try {
		const run = describeRun(network, opened, options);
		const activity = savedActivity(await countRanges(network, opened, [run.range], run.settings, options));
		if (!options.densities) return activity;
		if (options.shard) throw new UserError(densitiesOfParts());
		return await withReuse(activity, network, opened.source, options);
	} finally {
		opened.source.close();
	}
}

/**
 * Adds to the counts of a whole run how much of its work repeats: bit and product density, partial sums, different weights.
 *
 * @throws UserError
 */
export async function addDensities(activity: Activity, network: Network, options: CountOptions = {}): Promise<Activity> {
	const opened = await openNetworkData(network, options);
	try {
		return await withReuse(activity, network, opened.source, options);
	} finally {
		opened.source.close();
	}
}

/**
 * Runs a network on data and shows an observer where every layer's input is nonzero, e.g. to route spikes on a chip.
 *
 * @throws UserError
 */
export async function observeEvents(network: Network, observer: ActiveInputObserver, options: CountOptions = {}): Promise<void> {
	const opened = await openNetworkData(network, options);
	try {
		await observeActiveInputs(network, opened.source, observer, options);
	} finally {
		opened.source.close();
	}
}

/** From a model file to joules. @throws UserError */
export async function analyzeFile(path: string, options: LoadOptions & CountOptions & PriceOptions): Promise<Analysis> {
	checkOptions({ ...options, profiles: options.profiles ?? null });
	// Unknown profiles are reported before a long run, not after it.
	for (const name of options.profiles) loadProfile(name, { set: options.set ?? [] });
	return priceActivity(await countEvents(await loadNetwork(path, options), options), options);
}
