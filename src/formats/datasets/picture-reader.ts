/** Pictures read by threads of their own: decoding runs beside computing, and memory is that of the pictures asked for. */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { UserError } from '../../errors.ts';
import type { ImageFolder } from './folder.ts';
import * as messages from './messages.ts';
import { type PictureReply, type PictureRequest, type Pictures, readPictures } from './read-pictures.ts';

export interface PictureReader {
	/**
	 * Pictures start … end − 1 as numbers: float32 [end − start, C, H, W].
	 *
	 * @throws UserError naming the picture that is broken or has another size
	 */
	read(start: number, end: number): Promise<Float32Array>;
	/** Ends the threads; what is being read is given up. */
	close(): void;
}

interface Thread {
	read(pictures: Pictures): Promise<Float32Array>;
	close(): void;
}

type Waiting = { readonly resolve: (values: Float32Array) => void; readonly reject: (error: Error) => void };

function startThread(program: URL): Thread {
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
	worker.on('message', (reply: PictureReply) =>
		settle(reply.id, ({ resolve, reject }) => ('values' in reply ? resolve(reply.values) : reject(new UserError(reply.problem)))),
	);
	const fail = (problem: string): void => {
		gone ??= messages.readerFailed(problem);
		for (const id of [...waiting.keys()]) settle(id, ({ reject }) => reject(gone as Error));
	};
	worker.on('error', (error) => fail(error.message));
	worker.on('exit', (code) => fail(`it ended with code ${code}`));
	return {
		read: (pictures) =>
			new Promise((resolve, reject) => {
				if (gone) return reject(gone);
				asked += 1;
				waiting.set(asked, { resolve, reject });
				worker.ref();
				worker.postMessage({ id: asked, pictures } satisfies PictureRequest);
			}),
		close: () => void worker.terminate(),
	};
}

const mostThreads = 4;

/**
 * How many threads read pictures while others compute: the cores those leave over, or a quarter of many cores. A machine of
 * two cores that computes on both gains nothing by a third thread.
 *
 * @param computing  threads that compute; undefined: as many as there are cores
 */
export function readerThreads(computing: number | undefined, cores = availableParallelism()): number {
	const spare = cores - (computing ?? cores);
	return Math.min(mostThreads, spare > 0 ? spare : Math.floor(cores / 4));
}

/**
 * Reads a folder's pictures on request. Threads start with the first request.
 *
 * @param threads  0: pictures are read on the calling thread
 * @param program  the threads' compiled program; where there is none (sources that were not compiled, or were bundled
 *   into one file) pictures are read on the calling thread
 */
export function pictureReader(
	folder: ImageFolder,
	threads: number,
	program: URL = new URL('./picture-worker.js', import.meta.url),
): PictureReader {
	const { shape, normalisation, fit, files } = folder;
	const picturesOf = (start: number, end: number): Pictures => ({
		shape,
		normalisation,
		fit,
		paths: files.slice(start, end).map(({ path }) => path),
	});
	if (threads === 0 || !existsSync(program))
		return { read: async (start, end) => readPictures(picturesOf(start, end)), close: () => {} };
	let started: Thread[] | null = null;
	return {
		async read(start, end) {
			started ??= Array.from({ length: threads }, () => startThread(program));
			const share = Math.ceil((end - start) / threads);
			const parts = started.flatMap((thread, at) => {
				const from = start + at * share;
				return from < end ? [thread.read(picturesOf(from, Math.min(end, from + share)))] : [];
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
