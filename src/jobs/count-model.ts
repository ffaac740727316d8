import { availableParallelism } from 'node:os';
import { UserError } from '../errors.ts';
import { loadNetwork, openNetworkData } from '../pipeline.ts';
import { differentSetting, type RunSettings, sameStructure } from '../scale/identity.ts';
import { countRanges, describeRun, joinParts, type Part } from '../scale/index.ts';
import * as messages from '../scale/messages.ts';
import type { SampleRange } from '../scale/sample-range.ts';
import { cutRanges, missingRanges, sampleCount } from '../scale/shard.ts';
import type { ModelRun } from './protocol.ts';
import { runWorkers } from './workers.ts';

export interface WorkOptions {
	/** Processes that share the samples; 1 is this process. */
	readonly jobs?: number | undefined;
	/** An earlier part of the same run, to go on from. */
	readonly resume?: { readonly file: string; readonly part: Part } | undefined;
	readonly signal?: AbortSignal | undefined;
	readonly onProgress?: ((samplesDone: number, samples: number) => void) | undefined;
	/** Told every so often what has been counted so far, and what is left when a worker has ended early. */
	readonly onSnapshot?: ((part: Part) => void) | undefined;
	readonly snapshotSeconds?: number | undefined;
}

export interface CountedModel {
	readonly part: Part;
	/** False when the signal stopped it before all samples of the run or shard were counted. */
	readonly complete: boolean;
}

/**
 * Runs a model on data and counts its events, in this process or shared by several. Neither the number of processes nor
 * of threads nor an interruption in between changes the counts.
 *
 * @throws UserError as loading and running do; when a worker ends early; when the part to go on from is of another run
 */
export async function countModel(run: ModelRun, options: WorkOptions = {}): Promise<CountedModel> {
	const network = await loadNetwork(run.model, run.load);
	const data = await openNetworkData(network, run.count);
	try {
		const { settings, range } = describeRun(network, data, run.count);
		const before = options.resume ? [checkedResume(options.resume, settings, range)] : [];
		const todo = missingRanges(
			range,
			before.flatMap(({ ranges }) => ranges),
		);
		const ready = sampleCount([range]) - sampleCount(todo);
		const progress = (done: number): void => options.onProgress?.(ready + done, sampleCount([range]));
		const snapshots = snapshotEvery(options, before);
		const jobs = Math.min(options.jobs ?? 1, sampleCount(todo));
		const found: Part[] = [];
		let failure: Error | null = null;
		progress(0);
		if (jobs > 1) {
			const threads = Math.max(1, Math.floor((run.count.threads ?? availableParallelism()) / jobs));
			// Each reads its own pictures: that already runs beside the others' computing.
			const result = await runWorkers({ ...run, count: { ...run.count, threads, readers: 0 } }, cutRanges(todo, jobs), {
				snapshotSeconds: snapshots.seconds,
				signal: options.signal,
				onProgress: progress,
				onParts: (parts) => snapshots.tell(() => parts),
			});
			found.push(...result.parts);
			failure = result.failure;
		} else if (todo.length > 0) {
			const part = await countRanges(network, data, todo, settings, {
				...run.count,
				signal: options.signal,
				onProgress: progress,
				onPart: (current) => snapshots.tell(() => [current()]),
			});
			found.push(part);
		}
		const parts = [...before, ...found];
		const [first] = parts;
		const stranger = first && parts.find(({ record }) => !sameStructure(first.record.facts, record.facts));
		if (stranger) throw new UserError(messages.structureChanged(run.model));
		if (failure) {
			if (sampleCount(found.flatMap(({ ranges }) => ranges)) > 0) options.onSnapshot?.(joinParts(parts));
			throw failure;
		}
		const part = joinParts(parts);
		return { part, complete: part.record.samples === sampleCount([range]) };
	} finally {
		data.source.close();
	}
}

const defaultSnapshotSeconds = 60;

function snapshotEvery(options: WorkOptions, before: readonly Part[]) {
	const seconds = options.snapshotSeconds ?? defaultSnapshotSeconds;
	let told = performance.now();
	return {
		seconds,
		tell(parts: () => readonly Part[]): void {
			if (!options.onSnapshot || performance.now() - told < seconds * 1000) return;
			told = performance.now();
			options.onSnapshot(joinParts([...before, ...parts()]));
		},
	};
}

/** @throws UserError when the part is of another run, or has samples this shard has not */
function checkedResume({ file, part }: NonNullable<WorkOptions['resume']>, settings: RunSettings, range: SampleRange): Part {
	const difference = differentSetting(part.settings, settings);
	if (difference) throw new UserError(messages.resumeDiffers(file, ...difference));
	const outside = part.ranges.filter(([start, end]) => start < range[0] || end > range[1]);
	if (outside.length > 0) throw new UserError(messages.resumeOutside(file, outside));
	return part;
}
