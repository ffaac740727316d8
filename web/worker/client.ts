import type { Activity } from '../../src/activity/activity.ts';
import type { CountRequest, FromWorker, Progress, ToWorker } from './protocol.ts';

/** Counting in the worker, one run at a time; what was cancelled ends with its worker. */
export interface Counter {
	/** Loads the WebAssembly before it is needed. */
	prepare(): void;
	count(request: CountRequest, onProgress: (progress: Progress) => void): Promise<{ activity: Activity; seconds: number }>;
	cancel(): void;
}

/** The user stopped a run. */
export class Cancelled extends Error {}

/** What a run could not do; `expected` tells a mistake of the files from one of the page. */
export class CountError extends Error {
	readonly expected: boolean;
	constructor(message: string, expected: boolean) {
		super(message);
		this.expected = expected;
	}
}

export function createCounter(address: string): Counter {
	let worker: Worker | null = null;
	let stop: ((error: Error) => void) | null = null;
	const started = (): Worker => {
		worker ??= new Worker(address, { type: 'module' });
		return worker;
	};
	const post = (message: ToWorker): void => started().postMessage(message);
	const end = (error: Error): void => {
		worker?.terminate();
		worker = null;
		stop?.(error);
		stop = null;
	};
	return {
		prepare: () => post({ kind: 'prepare' }),
		cancel: () => end(new Cancelled('cancelled')),
		count: (request, onProgress) =>
			new Promise((resolve, reject) => {
				const own = started();
				stop = reject;
				own.onerror = (event) => end(new CountError(event.message || 'the worker did not start', false));
				own.onmessage = ({ data }: MessageEvent<FromWorker>) => {
					if (data.kind === 'progress') onProgress(data.progress);
					if (data.kind === 'counted') {
						stop = null;
						resolve({ activity: data.activity, seconds: data.seconds });
					}
					if (data.kind === 'failed') {
						const error = new CountError(data.message, data.expected);
						// After a failure that no one foresaw, the runtime's memory cannot be trusted.
						if (data.expected) {
							stop = null;
							reject(error);
						} else end(error);
					}
				};
				post({ kind: 'count', request });
			}),
	};
}
