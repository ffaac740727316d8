/** The worker: reads a model and its data, and counts. The page itself prices and draws. */

import { UserError } from '../../src/errors.ts';
import { countEvents, loadNetwork } from '../../src/pipeline.ts';
import { placeFile, removeFile } from '../../src/platform/memory-files.ts';
import { runtime } from '../../src/runtime/session.ts';
import type { CountRequest, FromWorker, ToWorker } from './protocol.ts';

const send = (message: FromWorker): void => globalThis.postMessage(message);
const placed: string[] = [];

function place({ files }: CountRequest): void {
	for (const path of placed.splice(0)) removeFile(path);
	for (const [path, content] of files) {
		placeFile(path, content);
		placed.push(path);
	}
}

async function count(request: CountRequest): Promise<void> {
	const begin = performance.now();
	const { model, data, labels, options } = request;
	send({ kind: 'progress', progress: { stage: 'reading', done: 0, samples: 0 } });
	place(request);
	await runtime();
	send({ kind: 'progress', progress: { stage: 'structure', done: 0, samples: 0 } });
	const network = await loadNetwork(model, options);
	const activity = await countEvents(network, {
		...options,
		data,
		labels,
		onProgress: (done, samples) => send({ kind: 'progress', progress: { stage: 'counting', done, samples } }),
	});
	send({ kind: 'counted', activity, seconds: (performance.now() - begin) / 1000 });
}

function words(error: unknown): string {
	if (error instanceof UserError) return error.message;
	return error instanceof Error ? error.message : String(error);
}

globalThis.onmessage = ({ data }: MessageEvent<ToWorker>) => {
	const work = data.kind === 'prepare' ? runtime().then(() => send({ kind: 'ready' })) : count(data.request);
	work.catch((error: unknown) => send({ kind: 'failed', message: words(error), expected: error instanceof UserError }));
};
