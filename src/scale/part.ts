import type { Activity } from '../activity/activity.ts';
import { UserError } from '../errors.ts';
import { distinct } from '../network/findings.ts';
import { finishActivity } from '../simulation/finish.ts';
import type { ProductTallies } from '../simulation/products.ts';
import type { RunCounts, RunRecord } from '../simulation/run-record.ts';
import { joinRanges } from '../simulation/score-range.ts';
import type { SampleRecord, Tally } from '../simulation/tally.ts';
import type { RunSettings } from './identity.ts';
import * as messages from './messages.ts';
import type { SampleRange } from './sample-range.ts';
import { sampleCount, tidyRanges } from './shard.ts';

/** What was counted of some samples of a run. */
export interface Part {
	/** Samples counted here, ascending and apart; per-sample arrays follow this order. */
	readonly ranges: readonly SampleRange[];
	/** What decides the counts of the whole run, its number of samples among it. */
	readonly settings: RunSettings;
	readonly record: RunRecord;
}

export const isWhole = ({ settings, record }: Part): boolean => record.samples === settings.samples;

/** The result of a part: of the whole run when it has all samples, else marked partial. */
export function activityOfPart({ settings, ranges, record }: Part): Activity {
	return finishActivity(record, settings.samples, messages.partial(ranges, settings.samples));
}

/**
 * Joins parts of one run. All counts are integers, and what belongs to a sample is kept in the order of samples, so the
 * order of the parts does not matter.
 *
 * @param parts  at least one; of the same run, without a common sample
 * @throws UserError when a sum would no longer be exact
 */
export function joinParts(parts: readonly Part[]): Part {
	const [first] = parts;
	if (!first) throw new RangeError('there is no part to join');
	const segments = parts
		.flatMap((part) => {
			let offset = 0;
			return part.ranges.map((range): Segment => {
				const from = offset;
				offset += range[1] - range[0];
				return { part, range, from, to: offset };
			});
		})
		.sort((a, b) => a.range[0] - b.range[0]);
	// The part with the first sample gives the names of files, whatever the order in which parts are named.
	const leading = segments[0]?.part ?? first;
	const runtimes = [...new Set(parts.flatMap(({ record }) => record.facts.runtimes ?? []))].sort();
	const facts = runtimes.length > 0 ? { ...leading.record.facts, runtimes } : leading.record.facts;
	const corrects = parts.map(({ record }) => record.correct);
	const ranges = tidyRanges(segments.map(({ range }) => range));
	return {
		ranges,
		settings: first.settings,
		record: {
			facts,
			samples: sampleCount(ranges),
			correct: corrects.includes(null) ? null : corrects.reduce<number>((sum, correct) => sum + (correct as number), 0),
			observed: distinct(segments.flatMap(({ part }) => part.record.observed)),
			scores: joinRanges(parts.map(({ record }) => record.scores)),
			counts: joinCounts(parts, segments, facts.timesteps),
		},
	};
}

/** Samples of a part that follow one another in the run: from … to − 1 of the part. */
interface Segment {
	readonly part: Part;
	readonly range: SampleRange;
	readonly from: number;
	readonly to: number;
}

function joinCounts(parts: readonly Part[], segments: readonly Segment[], timesteps: number): RunCounts {
	const [{ record }] = parts as readonly [Part];
	const { facts, counts } = record;
	const perSample = (select: (counts: RunCounts) => Float64Array): Float64Array =>
		concatenate(segments.map(({ part, from, to }) => select(part.record.counts).subarray(from, to)));
	const tallies = (select: (counts: RunCounts) => readonly Tally[] | undefined, name: string): Tally[] => {
		const found = parts.map((part) => select(part.record.counts) ?? []);
		return (found[0] ?? []).map((_, timestep) => {
			const all = found.map((one) => one[timestep] as Tally);
			const joined = joinTallies(all, parts, segments);
			if (!Number.isSafeInteger(joined.events * timesteps)) throw new UserError(messages.sumTooLarge(name));
			return joined;
		});
	};
	return {
		synapses: facts.synapses.map(({ name }, at) => tallies((one) => one.synapses[at], name)),
		products: facts.products.map(
			({ name }, at): ProductTallies => ({
				left: tallies((one) => one.products[at]?.left, name),
				right: tallies((one) => one.products[at]?.right, name),
				pairs: Float64Array.from(counts.products[at]?.pairs ?? [], (_, timestep) =>
					parts.reduce((sum, part) => sum + (part.record.counts.products[at]?.pairs[timestep] ?? 0), 0),
				),
				perSample: perSample((one) => one.products[at]?.perSample ?? new Float64Array(0)),
			}),
		),
		spikes: facts.neurons.map(({ name }, at) => tallies((one) => one.spikes[at], name)),
		driven: counts.driven.map((steps, at) =>
			steps.map((_, timestep) =>
				parts.reduce<number | null>((sum, part) => {
					const more = part.record.counts.driven[at]?.[timestep] ?? null;
					return sum === null || more === null ? null : sum + more;
				}, 0),
			),
		),
		...joinClose(parts.map((part) => part.record.counts.close)),
		perSample: {
			events: perSample((one) => one.perSample.events),
			provenAcs: perSample((one) => one.perSample.provenAcs),
			spikes: perSample((one) => one.perSample.spikes),
		},
	};
}

/** Nothing where a part was saved by a version that did not look. */
function joinClose(all: readonly RunCounts['close'][]): Pick<RunCounts, 'close'> {
	const known = all.flatMap((one) => one ?? []);
	const [first, ...others] = known;
	if (!first || known.length < all.length) return {};
	return {
		close: {
			samples: known.reduce((sum, { samples }) => sum + samples, 0),
			layers: first.layers.map(({ decisions, close }, at) => ({
				decisions: decisions.map((count, step) =>
					others.reduce((sum, one) => sum + (one.layers[at]?.decisions[step] ?? 0), count),
				),
				close: close.map((count, step) =>
					others.reduce((sum, one) => {
						const more = one.layers[at]?.close[step] ?? null;
						return sum === null || more === null ? null : sum + more;
					}, count),
				),
			})),
		},
	};
}

function concatenate(pieces: readonly Float64Array[]): Float64Array {
	const all = new Float64Array(pieces.reduce((length, piece) => length + piece.length, 0));
	let at = 0;
	for (const piece of pieces) {
		all.set(piece, at);
		at += piece.length;
	}
	return all;
}

/** @param tallies  of one tensor at one timestep, one for each part */
function joinTallies(tallies: readonly Tally[], parts: readonly Part[], segments: readonly Segment[]): Tally {
	const limit = Math.max(...tallies.map((one) => one.limit));
	const magnitudes: NonNullable<Tally['magnitudes']> = new Map();
	for (const one of tallies) {
		for (const [magnitude, count] of one.magnitudes ?? []) {
			const known = magnitudes.get(magnitude) ?? { elements: 0, events: 0, effectiveEvents: 0 };
			magnitudes.set(magnitude, {
				elements: known.elements + count.elements,
				events: known.events + count.events,
				effectiveEvents: known.effectiveEvents + count.effectiveEvents,
			});
		}
	}
	const analog = magnitudes.size > limit || tallies.some((one) => one.magnitudes === null);
	const open = tallies.some((one) => one.records !== null);
	return {
		active: tallies.reduce((sum, one) => sum + one.active, 0),
		events: tallies.reduce((sum, one) => sum + one.events, 0),
		effectiveEvents: tallies.reduce((sum, one) => sum + one.effectiveEvents, 0),
		magnitudes: analog ? null : magnitudes,
		limit,
		// Records are asked for only where all values turned out to be few.
		records: open ? (analog ? [] : joinRecords(tallies, parts, segments)) : null,
	};
}

function joinRecords(tallies: readonly Tally[], parts: readonly Part[], segments: readonly Segment[]): SampleRecord[] {
	const joined: SampleRecord[] = [];
	let before = 0;
	for (const { part, from, to } of segments) {
		const { records } = tallies[parts.indexOf(part)] as Tally;
		for (const record of records ?? []) {
			if (record.sample >= from && record.sample < to) joined.push({ ...record, sample: record.sample - from + before });
		}
		before += to - from;
	}
	return joined;
}
