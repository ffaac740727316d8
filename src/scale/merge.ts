import type { Activity } from '../activity/activity.ts';
import { UserError } from '../errors.ts';
import { differentSetting, sameStructure } from './identity.ts';
import * as messages from './messages.ts';
import { joinParts, type Part } from './part.ts';
import { readPart, savedActivity } from './part-document.ts';
import type { SampleRange } from './sample-range.ts';
import { missingRanges, overlapOf } from './shard.ts';

export interface NamedPart {
	readonly file: string;
	readonly part: Part;
}

/** Reads saved parts. @throws UserError naming the file that is none, or damaged, or a whole run */
export function readParts(files: readonly string[]): NamedPart[] {
	return files.map((file) => {
		const part = readPart(file);
		if (part === null) throw new UserError(messages.wholeRun(file));
		return { file, part };
	});
}

/**
 * Joins parts of one run in any order; the result does not depend on it.
 *
 * @param partial  allow samples to be missing: the result can then be joined again
 * @throws UserError when the parts are of different runs, share a sample, or miss one
 */
export function mergeParts(parts: readonly NamedPart[], partial = false): Part {
	const [first] = parts;
	if (!first) throw new RangeError('there is nothing to merge');
	for (const other of parts.slice(1)) {
		const difference = differentSetting(first.part.settings, other.part.settings);
		if (difference) throw new UserError(messages.differentRuns(first.file, other.file, ...difference));
		if (!sameStructure(first.part.record.facts, other.part.record.facts))
			throw new UserError(messages.differentStructure(first.file, other.file));
	}
	refuseOverlap(parts);
	const joined = joinParts(parts.map(({ part }) => part));
	const { samples } = joined.settings;
	const missing = missingRanges([0, samples], joined.ranges);
	if (missing.length > 0 && !partial) throw new UserError(messages.missingSamples(missing, samples));
	return joined;
}

/**
 * Joins the saved counts of shards into those of the whole run.
 *
 * @param files  in any order
 * @param options.partial  allow samples to be missing: the result is then marked partial, and can be merged again
 * @throws UserError naming the file that is no shard, of another run, or has a sample another one has
 */
export function mergeActivities(files: readonly string[], { partial = false } = {}): Activity {
	return savedActivity(mergeParts(readParts(files), partial));
}

function refuseOverlap(parts: readonly NamedPart[]): void {
	const owners = parts
		.flatMap(({ file, part }) => part.ranges.map((range): readonly [string, SampleRange] => [file, range]))
		.sort(([, a], [, b]) => a[0] - b[0]);
	for (const [at, [file, range]] of owners.entries()) {
		const before = owners[at - 1];
		const common = before && overlapOf([before[1], range]);
		if (common) throw new UserError(messages.overlapping(before[0], file, common));
	}
}
