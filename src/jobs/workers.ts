import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { UserError } from '../errors.ts';
import { builtProgram } from '../platform/node/package.ts';
import type { Part } from '../scale/index.ts';
import type { SampleRange } from '../scale/sample-range.ts';
import * as messages from './messages.ts';
import type { ModelRun, WorkerReply, WorkerRequest } from './protocol.ts';

export interface WorkersOptions {
	readonly snapshotSeconds: number;
	readonly signal?: AbortSignal | undefined;
	readonly onProgress?: ((samplesDone: number) => void) | undefined;
	/** Told when something new was counted: the latest part of every worker that has told one. */
	readonly onParts?: ((parts: readonly Part[]) => void) | undefined;
}

/** What the workers found, and what stopped them if something did. */
export interface WorkersResult {
	readonly parts: readonly Part[];
	readonly failure: Error | null;
}

/**
 * Counts shares of a run's samples in a process each. When one fails, the others stop after the batch under way, and
 * what they counted is returned with the failure.
 *
 * @param shares  samples of each worker
 */
export async function runWorkers(
	run: ModelRun,
	shares: readonly (readonly SampleRange[])[],
	options: WorkersOptions,
): Promise<WorkersResult> {
	const done = shares.map(() => 0);
	const latest: (Part | undefined)[] = shares.map(() => undefined);
	const workers: ChildProcess[] = [];
	let failure: Error | null = null;
	const stopAll = (): void => {
		for (const worker of workers) if (worker.connected) worker.send({ kind: 'stop' } satisfies WorkerRequest, () => {});
	};
	const known = (): Part[] => latest.filter((part): part is Part => part !== undefined);
	const work = shares.map(async (ranges, at) => {
		try {
			const request = { kind: 'count', run, ranges, snapshotSeconds: options.snapshotSeconds } as const;
			await runWorker(at + 1, shares.length, request, workers, (reply) => {
				if (reply.kind === 'progress') {
					done[at] = reply.done;
					options.onProgress?.(done.reduce((sum, one) => sum + one, 0));
				} else if (reply.kind === 'snapshot' || reply.kind === 'done') {
					latest[at] = reply.part;
					options.onParts?.(known());
				}
			});
		} catch (error) {
			failure ??= error as Error;
			stopAll();
		}
	});
	options.signal?.addEventListener('abort', stopAll);
	try {
		if (options.signal?.aborted) stopAll();
		await Promise.all(work);
	} finally {
		options.signal?.removeEventListener('abort', stopAll);
	}
	return { parts: known(), failure };
}

/** Resolves when the worker has told all it counted. @throws UserError when it fails or ends too early */
function runWorker(
	number: number,
	of: number,
	request: WorkerRequest,
	workers: ChildProcess[],
	told: (reply: WorkerReply) => void,
): Promise<void> {
	return new Promise((resolve, reject) => {
		let finished = false;
		// What a dying process writes to stderr is no message for a user.
		const output = process.env.SNN_ENERGY_DEBUG ? 'inherit' : 'ignore';
		const worker = fork(fileURLToPath(builtProgram('cli/program/count-worker')), [], {
			serialization: 'advanced',
			stdio: ['ignore', output, output, 'ipc'],
		});
		workers.push(worker);
		worker.on('message', (reply: WorkerReply) => {
			told(reply);
			if (reply.kind === 'done') finished = true;
			if (reply.kind === 'failed') {
				finished = true;
				reject(reply.internal ? new Error(reply.message) : new UserError(reply.message, { exitCode: reply.exitCode }));
			}
		});
		worker.on('error', (cause) => reject(new UserError(messages.workerUnstartable(cause.message), { cause })));
		worker.on('exit', (code, signal) => {
			if (finished) resolve();
			else
				reject(
					new UserError(messages.workerEnded(number, of, signal ? messages.endedBySignal(signal) : messages.endedWithCode(code))),
				);
		});
		worker.send(request, () => {});
	});
}
