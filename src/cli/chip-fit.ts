import type { Activity } from '../activity/activity.ts';
import {
	type ChipParameters,
	chipParameters,
	type Fit,
	fitNetwork,
	placeActivity,
	trafficOf,
	type UnplacedCost,
} from '../hardware/chip/index.ts';
import * as messages from '../hardware/chip/messages.ts';
import { estimate, loadProfile, type Profile } from '../hardware/index.ts';
import { type CountOptions, countEvents, loadNetwork, observeEvents } from '../pipeline.ts';
import { describeFit } from '../reporting/fit-document.ts';
import { buildAnalysis } from '../reporting/index.ts';
import { type Printable, withCautions } from '../reporting/printable.ts';
import { cautionsOf } from '../reporting/sentences.ts';
import { onInterrupt } from './interrupt.ts';
import { countOptionsOf, loadOptionsOf, type RunArguments } from './options.ts';
import { startProgress } from './progress.ts';
import { refuseRunOptions } from './run-of.ts';
import { readSavedRun } from './saved-run.ts';
import { checkWholeNumbers } from './whole-numbers.ts';

interface FitArguments extends RunArguments {
	readonly network: string;
	readonly profile: string;
	readonly set: readonly string[];
	readonly force: boolean;
}

/**
 * A model or a saved run placed on a many-core chip.
 *
 * @returns what is printed, and the sentence of the limit that refuses it, if one does
 */
export async function fitted(values: FitArguments): Promise<{ readonly result: Printable; readonly refused: string | null }> {
	checkWholeNumbers(values);
	const profile = loadProfile(values.profile, { set: values.set });
	const chip = chipParameters(profile);
	const saved = readSavedRun(values.network);
	if (saved !== null) refuseRunOptions(values.network, values);
	const { activity, fit } =
		saved === null
			? await fitModel(values, chip, profile)
			: {
					activity: saved,
					fit: fitNetwork(placeActivity(saved, chip), { force: values.force, unplaced: unplacedCost(saved, profile) }),
				};
	const [first] = fit.walls;
	const refused =
		first === undefined || values.force
			? null
			: messages.refusedAtWall(
					values.network,
					messages.wall(first.population, first.resource, first.needed, first.limit, chip.name),
				);
	return { result: withCautions(describeFit(fit), cautionsOf(buildAnalysis(activity, []))), refused };
}

/** The same counts by the profile's formulas, which know no placement. */
function unplacedCost(activity: Activity, profile: Profile): UnplacedCost {
	const { energyPerInferenceJoules, latencyPerInferenceSeconds } = estimate(activity, profile);
	return { energyJoules: energyPerInferenceJoules.nominal, latencySeconds: latencyPerInferenceSeconds?.nominal ?? null };
}

interface Fitted {
	readonly activity: Activity;
	readonly fit: Fit;
}

/** Runs the model twice: to count and place it, and to see where its spikes go. */
async function fitModel(values: FitArguments, chip: ChipParameters, profile: Profile): Promise<Fitted> {
	const network = await loadNetwork(values.network, loadOptionsOf(values));
	const interrupt = onInterrupt();
	const run = async <R>(what: string, work: (options: CountOptions) => Promise<R>): Promise<R> => {
		const progress = await startProgress(values.quiet ?? false, what);
		const onProgress = (done: number, samples: number): void => {
			if (done > 0) interrupt.arm();
			progress.update(done, samples);
		};
		try {
			return await work({ ...countOptionsOf(values), signal: interrupt.signal, onProgress });
		} finally {
			progress.stop();
		}
	};
	try {
		const placed = placeActivity(await run('counting', (options) => countEvents(network, options)), chip);
		const { activity } = placed;
		const options = { force: values.force, unplaced: unplacedCost(activity, profile) };
		if ((placed.packing.walls.length > 0 && !options.force) || interrupt.signal.aborted)
			return { activity, fit: fitNetwork(placed, options) };
		const collector = trafficOf(placed);
		await run('routing spikes', (options) => observeEvents(network, collector, options));
		// Interrupted on the way: what was seen would not belong to the samples that were counted.
		const traffic = interrupt.signal.aborted ? {} : { traffic: collector.traffic() };
		return { activity, fit: fitNetwork(placed, { ...options, ...traffic }) };
	} finally {
		interrupt.release();
	}
}
