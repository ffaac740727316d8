import type { InferenceSession } from 'onnxruntime-common';

/** What computes a network: one of onnxruntime's builds. Results name it, because builds round differently. */
export interface Runtime {
	readonly name: 'onnxruntime-node' | 'onnxruntime-web';
	readonly version: string;
	/** The processor's architecture, or "wasm". */
	readonly kind: string;
	/** Memory it can use, in bytes. */
	readonly memoryBytes: number;
	createSession(model: Uint8Array, options: InferenceSession.SessionOptions): Promise<InferenceSession>;
}
