/** Samples read by threads of their own: decoding runs beside computing, and memory is that of the samples asked for. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parentPort, Worker } from 'node:worker_threads';
import { UserError } from '../errors.ts';
import { type RangeReader, type Reading, readHere } from './range-reader.ts';

/** What a thread is asked and answers. */
interface Question<Request> {
	readonly id: number;
	readonly request: Request;
}
type Reply = { readonly id: number; readonly values: Float32Array } | { readonly id: number; readonly problem: string };

interface Thread<Request> {
	read(request: Request): Promise<Float32Array>;
	close(): void;
}

type Waiting = { readonly resolve: (values: Float32Array) => void; readonly reject: (error: Error) => void };

const readerFailed = (what: string, problem: string): UserError =>
	new UserError(
		`the thread that reads ${what} failed: ${problem}. Run the command again; --samples with fewer needs less memory.`,
	);

function startThread<Request>(program: URL, what: string): Thread<Request> {
	const worker = new Worker(program);
	const waiting = new Map<number, Waiting>();
	let asked = 0;
	let gone: Error | null = null;
	// A thread that has nothing to do must not keep the program from ending.
	worker.unref();
	const settle = (id: number, finish: (handlers: Waiting) => void): void => {
		const handlers = waiting.get(id);
		waiting.delete(id);
		if (waiting.size === 0) worker.unref();
		if (handlers) finish(handlers);
	};
	worker.on('message', (reply: Reply) =>
		settle(reply.id, ({ resolve, reject }) => ('values' in reply ? resolve(reply.values) : reject(new UserError(reply.problem)))),
	);
	const fail = (problem: string): void => {
		gone ??= readerFailed(what, problem);
		for (const id of [...waiting.keys()]) settle(id, ({ reject }) => reject(gone as Error));
	};
	worker.on('error', (error) => fail(error.message));
	worker.on('exit', (code) => fail(`it ended with code ${code}`));
	return {
		read: (request) =>
			new Promise((resolve, reject) => {
				if (gone) return reject(gone);
				asked += 1;
				waiting.set(asked, { resolve, reject });
				worker.ref();
				worker.postMessage({ id: asked, request } satisfies Question<Request>);
			}),
		close: () => void worker.terminate(),
	};
}

/** The program of a thread: answers every request with what is read. */
export function answerRequests<Request>(read: (request: Request) => Float32Array): void {
	parentPort?.on('message', ({ id, request }: Question<Request>) => {
		try {
			const values = read(request);
			parentPort?.postMessage({ id, values } satisfies Reply, [values.buffer as ArrayBuffer]);
		} catch (error) {
			parentPort?.postMessage({ id, problem: (error as Error).message } satisfies Reply);
		}
	});
}

const mostThreads = 4;

/**
 * How many threads read samples while others compute: the cores those leave over, or a quarter of many cores. A machine of
 * two cores that computes on both gains nothing by a third thread.
 *
 * @param computing  threads that compute; undefined: as many as there are cores
 */
export function readerThreads(computing: number | undefined, cores = availableParallelism()): number {
	const spare = cores - (computing ?? cores);
	return Math.min(mostThreads, spare > 0 ? spare : Math.floor(cores / 4));
}

/**
 * Reads samples on request. Threads start with the first request.
 *
 * @param threads  0: samples are read on the calling thread
 * @param program  the threads' compiled program; where there is none (sources that were not compiled, or were bundled
 *   into one file) samples are read on the calling thread
 */
export function rangeReader<Request>({ what, requestOf, read }: Reading<Request>, threads: number, program: URL): RangeReader {
	if (threads === 0 || !existsSync(program)) return readHere({ requestOf, read });
	let started: Thread<Request>[] | null = null;
	return {
		async read(start, end) {
			started ??= Array.from({ length: threads }, () => startThread<Request>(program, what));
			const share = Math.ceil((end - start) / threads);
			const parts = started.flatMap((thread, at) => {
				const from = start + at * share;
				return from < end ? [thread.read(requestOf(from, Math.min(end, from + share)))] : [];
			});
			return joined(await Promise.all(parts));
		},
		close() {
			for (const thread of started ?? []) thread.close();
		},
	};
}

function joined(parts: readonly Float32Array[]): Float32Array {
	const [first] = parts;
	if (first && parts.length === 1) return first;
	const values = new Float32Array(parts.reduce((length, part) => length + part.length, 0));
	let at = 0;
	for (const part of parts) {
		values.set(part, at);
		at += part.length;
	}
	return values;
}
