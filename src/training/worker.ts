/** The program of a worker thread: computes the gradients of the shards it is handed. */
import { parentPort } from 'node:worker_threads';
import type { EngineChoice } from './engines.ts';
import { startEngine } from './engines.ts';
import { shardGradient } from './gradients.ts';
import type { WorkerReply, WorkerRequest } from './workers.ts';

let network: Extract<WorkerRequest, { kind: 'network' }> | null = null;

const reply = (message: WorkerReply): void => parentPort?.postMessage(message);

async function handle(request: WorkerRequest): Promise<void> {
	if (request.kind === 'start') {
		await startEngine(request.engine as EngineChoice);
		reply({ kind: 'ready' });
	} else if (request.kind === 'network') network = request;
	else if (network) {
		const { plan, layout, parameters } = network;
		reply({ kind: 'result', result: await shardGradient(plan, layout, parameters, request.shard) });
	}
}

parentPort?.on('message', (request: WorkerRequest) => {
	handle(request).catch((error: Error) => reply({ kind: 'failed', problem: error.message }));
});
