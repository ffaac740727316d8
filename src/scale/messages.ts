/** Every sentence a user can meet about runs that are cut into parts. */

import type { RunSettings } from './identity.ts';
import type { SampleRange } from './sample-range.ts';

/** "samples 1 to 16 and 33 to 48", counted from 1 as users do. */
function rangesInWords(ranges: readonly SampleRange[]): string {
	const shown = ranges.slice(0, 5).map(([start, end]) => (end - start === 1 ? `${start + 1}` : `${start + 1} to ${end}`));
	if (ranges.length > 5) shown.push(`${ranges.length - 5} more ranges`);
	const last = shown.pop() ?? 'none';
	return `${ranges.length === 1 && (ranges[0]?.[1] ?? 0) - (ranges[0]?.[0] ?? 0) === 1 ? 'sample' : 'samples'} ${shown.length > 0 ? `${shown.join(', ')} and ${last}` : last}`;
}

export const partial = (ranges: readonly SampleRange[], of: number): string =>
	ranges.length === 0
		? `Partial: none of the ${of} samples was counted.`
		: `Partial: the counts are of ${rangesInWords(ranges)} of ${of} only.`;

export const shardSyntax = (text: string): string =>
	`--shard ${text}: expected K/N, the K-th of N shares, such as 2/7, with K from 1 to N.`;
export const moreShardsThanSamples = (shards: number, samples: number): string =>
	`--shard: ${shards} shards are more than the ${samples} samples of the run. Use at most ${samples} shards.`;
export const sumTooLarge = (layer: string): string =>
	`The joined counts of layer "${layer}" pass 2^53 and would no longer be exact. Merge fewer shards.`;

export const notAPart = (file: string, found: string): string =>
	`${file}: ${found}; expected the counts of a shard, as "snn-energy analyze MODEL --shard K/N --save-activity FILE" writes them.`;
export const wholeRun = (file: string): string =>
	`${file}: holds a whole run, which has nothing to be merged with. Leave it out.`;
export const damagedPart = (file: string): string =>
	`${file}: its checksum does not fit its counts; the file is damaged or was edited. Count that shard again.`;
export const unreadable = (file: string, cause: string): string => `${file}: cannot be read: ${cause}.`;
const settingNames: Readonly<Record<keyof RunSettings, string>> = {
	program: 'the program that counted',
	model: 'the model (SHA-256)',
	weights: "the model's weights (SHA-256)",
	data: 'the data (SHA-256)',
	labels: 'the labels (SHA-256)',
	samples: 'the number of samples of the whole run',
	sampleShape: 'the shape of a sample',
	dataTimesteps: "the data's own timesteps",
	timesteps: '--timesteps',
	encoder: '--encoder',
	spikeTest: '--spike-test',
	graded: '--graded',
	output: '--output',
	readout: '--readout',
	states: 'the states (SHA-256)',
};

export const differentRuns = (first: string, second: string, setting: keyof RunSettings, one: string, two: string): string =>
	`${second}: belongs to another run than ${first}: ${settingNames[setting]} differs (${two}, not ${one}). Merge only shards of one model, data and settings.`;
export const differentStructure = (first: string, second: string): string =>
	`${second}: the network was read as another structure than in ${first}. Count all shards with the same options of the model.`;
export const resumeDiffers = (file: string, setting: keyof RunSettings, then: string, now: string): string =>
	`--resume: ${file} was begun with other settings: ${settingNames[setting]} differs (${then} then, ${now} now). Repeat the command as it was, or remove the file to start again.`;
export const resumeOutside = (file: string, ranges: readonly SampleRange[]): string =>
	`--resume: ${file} has ${rangesInWords(ranges)}, which are not all of this shard. Repeat the command as it was, or remove the file to start again.`;
export const resumeWithoutFile = (): string =>
	'--resume: needs --save-activity FILE, beside which the counts of an interrupted run are kept.';
export const overlapping = (first: string, second: string, range: SampleRange): string =>
	`${second}: ${rangesInWords([range])} were counted in ${first} already. Name each shard once.`;
export const missingSamples = (missing: readonly SampleRange[], of: number): string =>
	`Missing: ${rangesInWords(missing)} of ${of}. Name all shards, or pass --partial for a result marked partial.`;
export const structureChanged = (model: string): string =>
	`${model}: the network was read as another structure while it was counted; the file changed meanwhile. Start again.`;
export const resumesFrom = (file: string, samples: number): string => `going on from ${file}, which has ${samples} samples`;
export const keptFor = (file: string, samples: number, of: number): string =>
	`${samples} of ${of} samples are counted and kept in ${file}. Go on with the same command and --resume.`;
export const notKept = (): string =>
	'Stopped. Nothing was kept to go on from; with --save-activity FILE the counts are, for --resume.';
export const shardNotSaved = (): string => '--shard without --save-activity FILE: this result stands alone and cannot be merged.';
export const snapshotFailed = (problem: string): string =>
	`What was counted so far could not be kept, and the run goes on without: ${problem}`;
export const densitiesOfParts = (): string =>
	'Densities are counted on a whole run by one process: leave out --shard, --jobs, --resume and --save-activity, or --densities.';
