import type { LayerReuse, ReuseCounts } from '../activity/activity.ts';
import { noReuseCounts } from '../activity/counts.ts';
import { UserError } from '../errors.ts';
import { chipParameters } from './chip/chip-profile.ts';
import * as messages from './messages.ts';
import { estimate } from './price.ts';
import { withDataflow } from './profile/dataflow.ts';
import { readProfileDocument } from './profile/document.ts';
import { shippedProfiles } from './profile/find.ts';
import { buildProfile } from './profile/load.ts';
import { schemaProblems } from './profile/schema.ts';
import type { Profile } from './profile/types.ts';
import { neuronLayer, synapticLayer, syntheticActivity } from './validation/synthetic-activity.ts';

/** What of a made-up layer repeats: all of it in the first of two timesteps. */
function trialReuse(events: number, outputs: number, weights: number): LayerReuse {
	const totals: ReuseCounts = {
		rowEntries: 2 * events,
		rowSpikes: events,
		rowSpikesLeft: events / 2,
		productEvents: events / 2,
		partialSums: outputs,
		uniqueWeights: weights,
	};
	return { tileRows: 256, tileColumns: 16, repeatable: true, perTimestep: [totals, noReuseCounts], totals };
}

/**
 * A small run in which every count is there: pixels into a layer, its neurons, spikes into the next one. A formula that gives
 * no number for it, or a negative one, gives none for anybody.
 */
const trialRun = syntheticActivity('trial', { samples: 2, timesteps: 2 }, [
	synapticLayer(
		'pixels',
		2,
		{
			denseMacs: 144,
			synapses: 120,
			inputElements: 12,
			activeInputs: 10,
			synapticEvents: 100,
			effectiveEvents: 90,
			macs: 100,
			macsDense: 144,
			weightReads: 100,
		},
		{
			inputKind: 'analog',
			reuse: trialReuse(100, 24, 72),
			geometry: { denseMacs: 72, outputElements: 12, weightElements: 72, biasElements: 6, inputShape: [6], outputShape: [12] },
		},
	),
	neuronLayer(
		'neurons',
		12,
		2,
		{
			neuronUpdates: 48,
			drivenUpdates: 40,
			spikes: 9,
			spikeSum: 9,
			leakMultiplies: 48,
			resets: 9,
			stateReads: 24,
			stateWrites: 24,
		},
		{ leak: 0.5 },
	),
	synapticLayer(
		'spikes',
		2,
		{
			denseMacs: 192,
			synapses: 48,
			inputElements: 48,
			activeInputs: 9,
			synapticEvents: 36,
			effectiveEvents: 36,
			acs: 36,
			weightReads: 36,
		},
		{
			source: 'neurons',
			reuse: trialReuse(36, 8, 48),
			geometry: { denseMacs: 48, outputElements: 4, weightElements: 48, biasElements: 4, inputShape: [12], outputShape: [4] },
		},
	),
]);

/**
 * All that is wrong with a profile file: every violation of the schema, or else the first mistake
 * in units, names, formulas or the chip section, or a formula that gives no number ≥ 0. Empty if the file is a valid profile.
 */
export function checkProfile(path: string, directories: readonly string[] = []): readonly string[] {
	try {
		const document = readProfileDocument(path);
		const problems = schemaProblems(document);
		if (problems.length > 0) return problems;
		const profile = buildProfile(document, [...directories, shippedProfiles], []);
		if (profile.chip !== null) chipParameters(profile);
		return [profile, ...profile.dataflows.map(({ name }) => withDataflow(profile, name))].flatMap(trialProblem).slice(0, 1);
	} catch (error) {
		if (error instanceof UserError) return [error.message];
		throw error;
	}
}

function trialProblem(profile: Profile): readonly string[] {
	try {
		estimate(trialRun, profile);
		return [];
	} catch (error) {
		if (error instanceof UserError) return [messages.trialFailed(error.message)];
		throw error;
	}
}
