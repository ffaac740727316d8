import { existsSync, rmSync } from 'node:fs';
import { stderr } from 'node:process';
import type { Activity } from '../activity/activity.ts';
import { UserError } from '../errors.ts';
import { writeWhole } from '../files.ts';
import { countModel, type WorkOptions } from '../jobs/index.ts';
import { withRevivingTimestep } from '../other-timesteps.ts';
import { renderJson, sealed } from '../reporting/index.ts';
import { type Part, parseShard, readPart, savedActivity } from '../scale/index.ts';
import * as messages from '../scale/messages.ts';
import { withConfiguredNote } from './configured.ts';
import { onInterrupt } from './interrupt.ts';
import { countOptionsOf, isRunOption, loadOptionsOf, type RunArguments } from './options.ts';
import { startProgress } from './progress.ts';
import { checkWholeNumbers } from './whole-numbers.ts';

const exitCodeOfInterrupt = 130;

/**
 * Runs a model as a command's options say: a shard or all, by workers or alone, from the beginning or where an earlier
 * run stopped; shows progress, keeps what is counted, and saves the counts. Stopped by Ctrl-C or a signal, what it has is
 * partial, and kept for --resume; the program then ends with code 130.
 *
 * @throws UserError
 */
export async function countForCommand(model: string, values: RunArguments): Promise<Activity> {
	checkWholeNumbers(values);
	const shard = values.shard === undefined ? undefined : parseShard(values.shard);
	const { saveActivity } = values;
	const kept = saveActivity === undefined ? undefined : `${saveActivity}.partial`;
	if (values.resume && saveActivity === undefined) throw new UserError(messages.resumeWithoutFile(), { exitCode: 2 });
	if (values.densities && (shard || values.resume || saveActivity !== undefined || (values.jobs ?? 1) > 1))
		throw new UserError(messages.densitiesOfParts(), { exitCode: 2 });
	const say = (text: string): void => {
		if (!values.quiet) stderr.write(`snn-energy: ${text}\n`);
	};
	const resume = values.resume ? earlierPart([kept, saveActivity]) : undefined;
	if (resume) say(messages.resumesFrom(resume.file, resume.part.record.samples));
	if (shard && saveActivity === undefined) say(messages.shardNotSaved());

	const progress = await startProgress(values.quiet ?? false, 'counting');
	const interrupt = onInterrupt();
	let begun = false;
	let result: Awaited<ReturnType<typeof countModel>>;
	try {
		const run = { model, load: loadOptionsOf(values), count: { ...countOptionsOf(values), shard, threads: values.threads } };
		result = await countModel(run, {
			jobs: values.jobs,
			resume,
			snapshotSeconds: snapshotSeconds(),
			signal: interrupt.signal,
			onProgress: (done, samples) => {
				// After the first batch, or where workers count: from then on there is something to keep.
				if (begun || (values.jobs ?? 1) > 1) interrupt.arm();
				begun = true;
				progress.update(done, samples);
			},
			onSnapshot: kept === undefined ? undefined : (part) => keep(kept, part, say),
		});
	} finally {
		progress.stop();
		interrupt.release();
	}
	const { part, complete } = result;
	const load = loadOptionsOf(values);
	const counted = savedActivity(part);
	const activity = complete && !shard ? await withRevivingTimestep(counted, model, load, countOptionsOf(values)) : counted;
	// Parts are joined where they were counted alike, wherever their options came from: what is saved does not say it.
	const told = (result: Activity): Activity => withConfiguredNote(result, values.configured, isRunOption);
	if (!complete) process.exitCode = exitCodeOfInterrupt;
	if (saveActivity !== undefined && kept !== undefined) {
		const file = complete ? saveActivity : kept;
		writeWhole(file, [renderJson(sealed(activity))]);
		if (complete) rmSync(kept, { force: true });
		else say(messages.keptFor(kept, part.record.samples, part.settings.samples));
	} else if (!complete) say(messages.notKept());
	if (!values.densities || !complete) return told(activity);
	const { addDensities, loadNetwork } = await import('../pipeline.ts');
	return told(await addDensities(activity, await loadNetwork(model, load), countOptionsOf(values)));
}

/** How often counts are kept while a run goes on; SNN_ENERGY_KEEP_SECONDS changes it. */
function snapshotSeconds(): number | undefined {
	const asked = Number(process.env.SNN_ENERGY_KEEP_SECONDS ?? '');
	return asked > 0 ? asked : undefined;
}

/** A part of an earlier run: what an interrupted run has kept, or the finished shard. */
function earlierPart(files: readonly (string | undefined)[]): WorkOptions['resume'] {
	for (const file of files) {
		if (file === undefined || !existsSync(file)) continue;
		const part = readPart(file, { own: true });
		if (part) return { file, part };
	}
	return undefined;
}

/** A failing disk is told, but it need not end a long run: the result itself may have another place to go. */
function keep(file: string, part: Part, say: (text: string) => void): void {
	try {
		writeWhole(file, [renderJson(sealed(savedActivity(part)))]);
	} catch (error) {
		if (!(error instanceof UserError)) throw error;
		say(messages.snapshotFailed(error.message));
	}
}
