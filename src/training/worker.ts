/** The program of a worker thread: computes the gradients of the pieces it is handed. */
import { parentPort } from 'node:worker_threads';
import type { EngineChoice } from './engines.ts';
import { onnxSource } from './onnx-engine/source.ts';
import type { GradientSource } from './source.ts';
import type { WorkerReply, WorkerRequest } from './workers.ts';

let source: GradientSource | null = null;
let network: Extract<WorkerRequest, { kind: 'network' }> | null = null;

const reply = (message: WorkerReply): void => parentPort?.postMessage(message);

async function open(engine: string): Promise<GradientSource> {
	if (engine === 'onnx') return onnxSource();
	// tfjs takes longer to load than a small step to compute.
	const [{ startEngine }, { localSource }] = await Promise.all([import('./engines.ts'), import('./source.ts')]);
	return localSource(await startEngine(engine as EngineChoice));
}

async function handle(request: WorkerRequest): Promise<void> {
	if (request.kind === 'start') {
		source = await open(request.engine);
		reply({ kind: 'ready' });
	} else if (request.kind === 'network') network = request;
	else if (request.kind === 'end') {
		await source?.close();
		parentPort?.close();
	} else if (network && source) {
		const { plan, layout, parameters } = network;
		// A copy: onnxruntime takes no shared memory.
		const [result] = await source.run(plan, layout, parameters.slice(), [request.shard]);
		if (result) reply({ kind: 'result', result });
	}
}

parentPort?.on('message', (request: WorkerRequest) => {
	handle(request).catch((error: Error) => reply({ kind: 'failed', problem: error.message }));
});
