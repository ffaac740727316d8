import type { Runtime } from '../../runtime/runtime.ts';
import { wasmRuntime } from '../wasm-runtime.ts';

/** Pages and workers; not Node. */
declare const crossOriginIsolated: boolean | undefined;
declare const navigator: { readonly hardwareConcurrency?: number } | undefined;

const mostThreads = 8;

/** As many threads as there are cores, where the server's headers (COOP, COEP) let a page have memory that threads share. */
export const openRuntime = (): Promise<Runtime> => {
	const shared = typeof crossOriginIsolated !== 'undefined' && crossOriginIsolated;
	const cores = typeof navigator === 'undefined' ? 1 : (navigator.hardwareConcurrency ?? 1);
	return wasmRuntime(shared ? Math.min(mostThreads, cores) : 1);
};
