export { wasmRuntime as openRuntime } from '../wasm-runtime.ts';
