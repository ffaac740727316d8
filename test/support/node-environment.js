import { TestEnvironment } from 'jest-environment-node';

/**
 * Jest runs each test file in its own realm, but native addons (onnxruntime-node) check
 * `instanceof Float32Array` against the outer realm. Sharing the outer realm's binary types lets
 * tensors made in a test be accepted by the addon.
 */
export default class SharedBinaryTypesEnvironment extends TestEnvironment {
	constructor(config, context) {
		super(config, context);
		for (const type of [
			ArrayBuffer,
			SharedArrayBuffer,
			DataView,
			Uint8Array,
			Uint8ClampedArray,
			Int8Array,
			Uint16Array,
			Int16Array,
			Uint32Array,
			Int32Array,
			BigInt64Array,
			BigUint64Array,
			Float32Array,
			Float64Array,
		]) {
			this.global[type.name] = type;
		}
	}
}
