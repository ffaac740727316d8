import { UserError } from '../errors.ts';
import * as messages from './messages.ts';
import type { SampleRange } from './sample-range.ts';

/** The k-th of n shares of a run's samples, k from 1. */
export interface Shard {
	readonly index: number;
	readonly of: number;
}

/** Reads "k/n". @throws UserError when it is none */
export function parseShard(text: string): Shard {
	const match = /^(\d+)\/(\d+)$/.exec(text);
	const [index, of] = [Number(match?.[1]), Number(match?.[2])];
	if (!match || !Number.isSafeInteger(of) || index < 1 || index > of)
		throw new UserError(messages.shardSyntax(text), { exitCode: 2 });
	return { index, of };
}

/** Which samples a shard has: shares differ by one sample at most, and together they are the whole run. */
export function shardRange({ index, of }: Shard, samples: number): SampleRange {
	const cut = (shares: number): number => Number((BigInt(shares) * BigInt(samples)) / BigInt(of));
	return [cut(index - 1), cut(index)];
}

export const sampleCount = (ranges: readonly SampleRange[]): number =>
	ranges.reduce((total, [start, end]) => total + end - start, 0);

/** Ascending, adjacent ranges joined, empty ones left out. The ranges must not overlap. */
export function tidyRanges(ranges: readonly SampleRange[]): SampleRange[] {
	const joined: [number, number][] = [];
	for (const [start, end] of [...ranges].sort(([a], [b]) => a - b)) {
		const last = joined.at(-1);
		if (end <= start) continue;
		if (last && last[1] === start) last[1] = end;
		else joined.push([start, end]);
	}
	return joined;
}

/** The first samples that are in two of the ranges, or null. */
export function overlapOf(ranges: readonly SampleRange[]): SampleRange | null {
	const sorted = ranges.filter(([start, end]) => end > start).sort(([a], [b]) => a - b);
	for (const [at, [start, end]] of sorted.entries()) {
		const before = sorted[at - 1];
		if (before && before[1] > start) return [start, Math.min(end, before[1])];
	}
	return null;
}

/** Samples of `within` that are not in `covered` (tidy ranges). */
export function missingRanges(within: SampleRange, covered: readonly SampleRange[]): SampleRange[] {
	const missing: SampleRange[] = [];
	let [at] = within;
	for (const [start, end] of covered) {
		if (start > at) missing.push([at, Math.min(start, within[1])]);
		at = Math.max(at, end);
	}
	if (at < within[1]) missing.push([at, within[1]]);
	return missing.filter(([start, end]) => end > start);
}

/** Cuts ranges into shares of nearly equal numbers of samples, one for each worker; fewer when there are fewer samples. */
export function cutRanges(ranges: readonly SampleRange[], shares: number): SampleRange[][] {
	const total = sampleCount(ranges);
	const cuts = Array.from({ length: Math.min(shares, total) }, (_, share) =>
		shardRange({ index: share + 1, of: Math.min(shares, total) }, total),
	);
	return cuts.map(([from, to]) => {
		const share: SampleRange[] = [];
		let offset = 0;
		for (const [start, end] of ranges) {
			const [first, last] = [Math.max(from, offset), Math.min(to, offset + end - start)];
			if (last > first) share.push([start + first - offset, start + last - offset]);
			offset += end - start;
		}
		return share;
	});
}
