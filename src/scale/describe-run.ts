import { UserError } from '../errors.ts';
import type { Network } from '../network/network.ts';
import type { OpenedData } from '../simulation/fit-data.ts';
import { countingRules } from '../simulation/run-facts.ts';
import { forData, type SimulationOptions, timestepsToRun } from '../simulation/simulate.ts';
import { type RunSettings, settingsOf } from './identity.ts';
import * as messages from './messages.ts';
import type { SampleRange } from './sample-range.ts';
import { type Shard, shardRange } from './shard.ts';

/** What a run is to count, known before its first sample. */
export interface RunDescription {
	readonly settings: RunSettings;
	/** Samples of the shard, or all. */
	readonly range: SampleRange;
}

/** @throws UserError when there are more shards than samples, or timesteps are unknown */
export function describeRun(
	network: Network,
	{ source }: OpenedData,
	options: Pick<SimulationOptions, 'encoder' | 'spikeTest' | 'graded'> & { readonly shard?: Shard | undefined },
): RunDescription {
	const { shard } = options;
	if (shard && shard.of > source.count) throw new UserError(messages.moreShardsThanSamples(shard.of, source.count));
	return {
		settings: settingsOf(network, source, countingRules(timestepsToRun(forData(network, source), source), options)),
		range: shard ? shardRange(shard, source.count) : [0, source.count],
	};
}
