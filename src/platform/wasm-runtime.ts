import type { Runtime } from '../runtime/runtime.ts';

/**
 * onnxruntime's WebAssembly build. Its one large file, ort-wasm-simd-threaded.wasm, lies beside the script that holds it.
 *
 * @param threads  more than one needs workers and, in a page, cross-origin isolation; counts are the same with any number
 */
export async function wasmRuntime(threads = 1): Promise<Runtime> {
	const { env, InferenceSession } = await import('onnxruntime-web/wasm');
	env.wasm.numThreads = threads;
	env.logLevel = 'error';
	return {
		name: 'onnxruntime-web',
		version: env.versions.web ?? env.versions.common,
		kind: 'wasm',
		memoryBytes: 2 ** 32,
		createSession: (model, options) => InferenceSession.create(model, options),
	};
}
