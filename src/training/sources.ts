/** Opens the gradient source that a user's choice of engine means. */
import type { EngineChoice } from './engines.ts';
import { startEngine } from './engines.ts';
import { onnxSource } from './onnx-engine/source.ts';
import type { GradientSource } from './source.ts';
import { localSource } from './source.ts';
import { closeWebgpu, webgpuTitle } from './webgpu.ts';
import { workerSource } from './workers.ts';

export interface OpenedEngine {
	/** The engine that runs, as a record of a run names it. */
	readonly name: string;
	readonly source: GradientSource;
}

/**
 * Starts the engine. `auto` means onnxruntime, the fastest engine on a CPU; GPUs and tfjs engines are asked for by name.
 * A tfjs engine is started beside onnxruntime too: it measures the thresholds.
 *
 * @param workers  worker threads that share a batch (1: this thread)
 */
export async function openEngine(choice: EngineChoice, workers: number): Promise<OpenedEngine> {
	if (choice === 'onnx' || choice === 'auto') {
		await startEngine('tfjs');
		return { name: 'onnxruntime', source: workers < 2 ? onnxSource() : await workerSource('onnx', workers) };
	}
	const name = await startEngine(choice);
	if (name === 'webgpu') {
		const title = `tfjs webgpu on ${webgpuTitle()}`;
		return { name: title, source: { ...localSource(title), close: async () => closeWebgpu() } };
	}
	// TensorFlow's own library spreads each operation over the cores.
	if (workers < 2 || name === 'tensorflow') return { name: `tfjs ${name}`, source: localSource(`tfjs ${name}`) };
	return { name: `tfjs ${name}`, source: await workerSource(name, workers) };
}
