import { join } from 'node:path';

/** One model at one number of timesteps. */
export interface SweepModel {
	readonly model: string;
	/** A short name no other run of the sweep has. */
	readonly name: string;
	/** null where the model's own is taken. */
	readonly timesteps: number | null;
}

export interface SweepRequest {
	readonly models: readonly SweepModel[];
	readonly profiles: readonly string[];
	/** Shares each run is cut into. */
	readonly shards: number;
	/** Folder of counts and results. */
	readonly folder: string;
	/** How the program is called, such as "npx snn-energy". */
	readonly program: string;
	/** Options of "analyze" that every run has, and those its counts are priced with. */
	readonly analyzeOptions: readonly string[];
	readonly priceOptions: readonly string[];
}

/** What a sweep consists of: a file of its own, for programs that distribute the jobs. */
export interface Sweep {
	readonly schema: 'snn-energy/sweep@1';
	readonly profiles: readonly string[];
	readonly runs: readonly SweepRun[];
	/** A command for each job; they may run anywhere and in any order. */
	readonly jobs: readonly string[];
	/** Commands that join and price the counts, in this order, when all jobs are done. */
	readonly finish: readonly string[];
}

export interface SweepRun extends SweepModel {
	/** Counts of the shards; what they are merged to; the priced result. */
	readonly shards: readonly string[];
	readonly activity: string;
	readonly result: string;
}

/**
 * Lists the jobs of models × timesteps × shards. Profiles need no job: counts are priced under all of them at the end.
 */
export function planSweep(request: SweepRequest): Sweep {
	const { models, profiles, shards, folder, program, analyzeOptions, priceOptions } = request;
	const runs = models.map((one): SweepRun => {
		const activity = join(folder, 'counts', `${one.name}.activity.json`);
		const shard = (at: number): string => join(folder, 'counts', `${one.name}.${at + 1}-of-${shards}.activity.json`);
		return {
			...one,
			shards: shards === 1 ? [activity] : Array.from({ length: shards }, (_, at) => shard(at)),
			activity,
			result: join(folder, 'results', `${one.name}.json`),
		};
	});
	const command = (words: readonly string[]): string => [program, ...words.map(shellWord)].join(' ');
	const jobs = runs.flatMap(({ model, timesteps, shards: files }) =>
		files.map((file, at) =>
			command([
				'analyze',
				model,
				...(timesteps === null ? [] : ['--timesteps', String(timesteps)]),
				...analyzeOptions,
				...(shards === 1 ? [] : ['--shard', `${at + 1}/${shards}`]),
				'--save-activity',
				file,
				'--resume',
			]),
		),
	);
	const finish = [
		...runs.flatMap(({ shards: files, activity }) =>
			shards === 1 ? [] : [command(['batch', 'merge', ...files, '--out', activity])],
		),
		...runs.map(({ activity, result }) =>
			command([
				'analyze',
				activity,
				...profiles.flatMap((profile) => ['--profile', profile]),
				...priceOptions,
				'--format',
				'json',
				'--out',
				result,
			]),
		),
		command(['compare', ...runs.map(({ result }) => result), '--format', 'csv', '--out', join(folder, 'sweep.csv')]),
	];
	return { schema: 'snn-energy/sweep@1', profiles, runs, jobs, finish };
}

/** A word as a POSIX shell reads it. */
export const shellWord = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** The finishing commands as a script. */
export const finishScript = ({ finish }: Sweep): string =>
	`#!/bin/sh\n# Joins and prices the counts of this sweep; run it when every line of jobs.txt has run.\nset -eu\n${finish.join('\n')}\n`;
