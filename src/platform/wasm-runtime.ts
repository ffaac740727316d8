import type { Runtime } from '../runtime/runtime.ts';

/**
 * onnxruntime's WebAssembly build. Its one large file, ort-wasm-simd-threaded.wasm, lies beside the script that holds it.
 * It computes with one thread: more need workers and, in a page, cross-origin isolation.
 */
export async function wasmRuntime(): Promise<Runtime> {
	const { env, InferenceSession } = await import('onnxruntime-web/wasm');
	env.wasm.numThreads = 1;
	env.logLevel = 'error';
	return {
		name: 'onnxruntime-web',
		version: env.versions.web ?? env.versions.common,
		kind: 'wasm',
		memoryBytes: 2 ** 32,
		createSession: (model, options) => InferenceSession.create(model, options),
	};
}
