/** The package is optional, and its types are those of onnxruntime-common. */
declare module 'onnxruntime-web/wasm' {
	export * from 'onnxruntime-common';
}
