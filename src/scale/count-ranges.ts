import { balanceFrom } from '../network/findings.ts';
import type { Network } from '../network/network.ts';
import { closeSamples } from '../simulation/close-decisions.ts';
import type { OpenedData } from '../simulation/fit-data.ts';
import type { RunRecord } from '../simulation/run-record.ts';
import type { SampleSource } from '../simulation/samples.ts';
import { countSamples, type SimulationOptions } from '../simulation/simulate.ts';
import type { RunSettings } from './identity.ts';
import { joinParts, type Part } from './part.ts';
import type { SampleRange } from './sample-range.ts';
import { sampleCount } from './shard.ts';

export interface RangeOptions extends SimulationOptions {
	/** Told after each batch, with a part of everything counted so far that holds until the next batch begins. */
	readonly onPart?: ((part: () => Part) => void) | undefined;
}

/**
 * Counts some samples of a run in this process.
 *
 * @param ranges  ascending and apart
 * @param settings  of the whole run
 * @returns what was counted: less than asked for when the signal stopped it
 * @throws UserError as simulate does
 */
export async function countRanges(
	network: Network,
	data: OpenedData,
	ranges: readonly SampleRange[],
	settings: RunSettings,
	options: RangeOptions = {},
): Promise<Part> {
	const asked = sampleCount(ranges);
	const finished: Part[] = [];
	let done = 0;
	for (const range of ranges) {
		if (options.signal?.aborted && finished.length > 0) break;
		const partOf = (record: RunRecord): Part => ({
			ranges: record.samples === 0 ? [] : [[range[0], range[0] + record.samples]],
			settings,
			record: withData(record, data),
		});
		const before = done;
		const record = await countSamples(network, rangeOf(data.source, range), {
			...options,
			// The first sample of the whole run is looked at, so that the result does not depend on how the run was cut.
			lookAtValues: range[0] === 0,
			closeSamples: Math.max(0, (options.closeSamples ?? closeSamples) - range[0]),
			onProgress: (samples) => options.onProgress?.(before + samples, asked),
			onBatch: (current) => options.onPart?.(() => joinParts([...finished, partOf(current())])),
		});
		done += record.samples;
		finished.push(partOf(record));
	}
	return joinParts(finished);
}

/** What opening the data had to say belongs to the result. */
function withData(record: RunRecord, { assumptions, warnings, findings = [] }: OpenedData): RunRecord {
	const { facts } = record;
	return {
		...record,
		facts: {
			...facts,
			assumptions: [...facts.assumptions, ...assumptions],
			warnings: [...warnings, ...facts.warnings],
			balance: balanceFrom(facts.balance.layers, [...findings, ...facts.balance.findings]),
		},
	};
}

function rangeOf(source: SampleSource, [start, end]: SampleRange): SampleSource {
	const { labels } = source;
	return {
		...source,
		count: end - start,
		labels: labels && Array.from({ length: end - start }, (_, at) => labels[start + at] as number),
		read: (from, to) => source.read(start + from, start + to),
	};
}
