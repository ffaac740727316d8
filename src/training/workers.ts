/** Worker threads that share the shards of a batch: both cores compute, the results are the same. */
import { Worker } from 'node:worker_threads';
import type { Shard, ShardResult } from './gradients.ts';
import * as messages from './messages.ts';
import type { Layout } from './parameters.ts';
import type { Plan } from './plan.ts';
import type { GradientSource } from './source.ts';

/** What a worker is told. Parameters lie in memory shared by all workers. */
export type WorkerRequest =
	| { readonly kind: 'start'; readonly engine: string }
	| { readonly kind: 'network'; readonly plan: Plan; readonly layout: Layout; readonly parameters: Float32Array }
	| { readonly kind: 'shard'; readonly shard: Shard };
export type WorkerReply =
	| { readonly kind: 'ready' }
	| { readonly kind: 'result'; readonly result: ShardResult }
	| { readonly kind: 'failed'; readonly problem: string };

interface Thread {
	ask(request: WorkerRequest): Promise<WorkerReply>;
	tell(request: WorkerRequest): void;
	end(): Promise<number>;
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
	worker.on('error', (error) => settle(({ reject }) => reject(messages.workerFailed(error.message))));
	worker.on('exit', (code) => settle(({ reject }) => reject(messages.workerFailed(`it ended with code ${code}`))));
	return {
		ask: (request) =>
			new Promise((resolve, reject) => {
				waiting = { resolve, reject };
				worker.postMessage(request);
			}),
		tell: (request) => worker.postMessage(request),
		end: () => worker.terminate(),
	};
}

/**
 * Starts worker threads on a tfjs engine.
 *
 * Shards are handed out in a fixed order, thread k taking shards k, k + threads, …; the results come back in the order
 * of the shards, so the averaged gradient does not depend on the number of threads.
 *
 * @param file  the compiled worker; the default is the one beside this module
 */
export async function workerSource(
	engine: string,
	count: number,
	file = new URL('./worker.js', import.meta.url),
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
		title: `tfjs ${engine}, ${count} workers`,
		async run(plan, layout, parameters, shards) {
			prepare(plan, layout, parameters);
			const results: ShardResult[] = [];
			await Promise.all(
				threads.map(async (thread, first) => {
					for (let index = first; index < shards.length; index += count) {
						const reply = await thread.ask({ kind: 'shard', shard: shards[index] as Shard });
						if (reply.kind === 'result') results[index] = reply.result;
					}
				}),
			);
			return results;
		},
		async close() {
			await Promise.all(threads.map((thread) => thread.end()));
		},
	};
}
