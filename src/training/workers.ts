/** Worker threads that share the pieces of a batch: every core computes, the results are the same. */
import { Worker } from 'node:worker_threads';
import { builtProgram } from '../platform/node/package.ts';
import * as messages from './messages.ts';
import type { Layout } from './parameters.ts';
import type { Shard, ShardResult } from './pieces.ts';
import { cacheBytes, joinPieces, pieceSize, piecesOf } from './pieces.ts';
import type { Plan } from './plan.ts';
import type { GradientSource } from './source.ts';

/** What a worker is told. Parameters lie in memory shared by all workers. */
export type WorkerRequest =
	| { readonly kind: 'start'; readonly engine: string }
	| { readonly kind: 'network'; readonly plan: Plan; readonly layout: Layout; readonly parameters: Float32Array }
	| { readonly kind: 'piece'; readonly shard: Shard }
	| { readonly kind: 'end' };
export type WorkerReply =
	| { readonly kind: 'ready' }
	| { readonly kind: 'result'; readonly result: ShardResult }
	| { readonly kind: 'failed'; readonly problem: string };

interface Thread {
	ask(request: WorkerRequest): Promise<WorkerReply>;
	tell(request: WorkerRequest): void;
	/** The thread lets go of its engine and ends by itself: a native library does not bear being cut off. */
	end(): Promise<void>;
}

function startThread(file: URL): Thread {
	const worker = new Worker(file);
	let waiting: { resolve: (reply: WorkerReply) => void; reject: (error: Error) => void } | null = null;
	const settle = (finish: (handlers: NonNullable<typeof waiting>) => void): void => {
		const handlers = waiting;
		waiting = null;
		if (handlers) finish(handlers);
	};
	worker.on('message', (reply: WorkerReply) =>
		settle(({ resolve, reject }) => (reply.kind === 'failed' ? reject(messages.workerFailed(reply.problem)) : resolve(reply))),
	);
	// What a request to a thread that is gone is answered with.
	let gone: Error | null = null;
	const fail = (problem: string): void => {
		gone ??= messages.workerFailed(problem);
		const error = gone;
		settle(({ reject }) => reject(error));
	};
	worker.on('error', (error) => fail(error.message));
	const ended = new Promise<void>((resolve) => {
		worker.on('exit', (code) => {
			fail(`it ended with code ${code}`);
			resolve();
		});
	});
	return {
		ask: (request) =>
			new Promise((resolve, reject) => {
				if (gone) return reject(gone);
				waiting = { resolve, reject };
				worker.postMessage(request);
			}),
		tell: (request) => worker.postMessage(request),
		end: () => {
			worker.postMessage({ kind: 'end' } satisfies WorkerRequest);
			return ended;
		},
	};
}

/**
 * Starts worker threads, each with an engine of its own that computes on one core.
 *
 * Shards are cut as a single thread would cut them, and a thread that is free takes the next piece; the results are joined in
 * the order of the pieces, so the gradient does not depend on the number of threads, to the last bit.
 *
 * @param engine  "onnx", or the name of a tfjs engine
 * @param file  the compiled worker; the default is that of the build
 */
export async function workerSource(
	engine: string,
	count: number,
	file = builtProgram('cli/program/training-worker'),
): Promise<GradientSource> {
	const threads = Array.from({ length: count }, () => startThread(file));
	await Promise.all(threads.map((thread) => thread.ask({ kind: 'start', engine })));
	let shared: Float32Array = new Float32Array(0);
	let known: Layout | null = null;
	const prepare = (plan: Plan, layout: Layout, parameters: Float32Array): void => {
		if (known !== layout) {
			shared = new Float32Array(new SharedArrayBuffer(4 * layout.size));
			for (const thread of threads) thread.tell({ kind: 'network', plan, layout, parameters: shared });
			known = layout;
		}
		shared.set(parameters);
	};
	return {
		title: `${engine === 'onnx' ? 'onnxruntime' : `tfjs ${engine}`} (${count} workers)`,
		async run(plan, layout, parameters, shards) {
			prepare(plan, layout, parameters);
			const cut = shards.map((shard) => {
				const { timesteps, labels } = shard;
				return piecesOf(shard, pieceSize(plan, layout, timesteps, labels.length, cacheBytes));
			});
			const results = cut.map((): ShardResult[] => []);
			const waiting = cut.flatMap((pieces, shard) => pieces.map((piece, index) => ({ piece, shard, index }))).reverse();
			await Promise.all(
				threads.map(async (thread) => {
					for (let next = waiting.pop(); next; next = waiting.pop()) {
						// A view of the whole batch would be sent with all of it.
						const { images, targets } = next.piece;
						const shard = { ...next.piece, images: images.slice(), ...(targets && { targets: targets.slice() }) };
						const reply = await thread.ask({ kind: 'piece', shard });
						const pieces = results[next.shard];
						if (reply.kind === 'result' && pieces) pieces[next.index] = reply.result;
					}
				}),
			);
			return results.map(joinPieces);
		},
		async close() {
			await Promise.all(threads.map((thread) => thread.end()));
		},
	};
}
