/** The package is optional, and its types are those of onnxruntime-common. */
declare module 'onnxruntime-web/wasm' {
	export * from 'onnxruntime-common';
}

/** The package's single-file build: the same library, loaded nine times faster than its thousand modules. */
declare module 'mathjs/lib/browser/math.js' {
	const mathjs: typeof import('mathjs');
	export default mathjs;
}
