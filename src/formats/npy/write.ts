import { zipSync } from 'fflate';
import { type ArrayType, arrayTypes, elementCount, type NdArray, narrowToHalves } from './array.ts';

/**
 * The bytes of a .npy file (version 1, little-endian, row-major).
 * @throws RangeError if the data does not fill the shape
 */
export function encodeNpy(array: NdArray): Uint8Array {
	const { dtype, shape } = array;
	if (array.data.length !== elementCount(shape)) {
		throw new RangeError(`${array.data.length} elements do not fill the shape [${shape.join(', ')}]`);
	}
	const header = npyHeader(dtype, shape);
	const data = dtype === 'float16' ? narrowToHalves(array.data as Float32Array) : array.data;
	const result = new Uint8Array(header.length + data.byteLength);
	result.set(header);
	result.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), header.length);
	return result;
}

/** What stands before the elements. */
export function npyHeader(dtype: ArrayType, shape: readonly number[]): Uint8Array {
	const { code, bytesPerElement } = arrayTypes[dtype];
	const order = bytesPerElement === 1 ? '|' : '<';
	const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
	const description = `{'descr': '${order}${code}', 'fortran_order': False, 'shape': (${sizes}), }`;
	// The elements start at a multiple of 64 bytes, so that they can be mapped into memory.
	const headerBytes = Math.ceil((10 + description.length + 1) / 64) * 64;
	const result = new Uint8Array(headerBytes);
	result.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, (headerBytes - 10) & 0xff, (headerBytes - 10) >> 8]);
	result.set(new TextEncoder().encode(`${description.padEnd(headerBytes - 11)}\n`), 10);
	return result;
}

/**
 * The bytes of a .npz archive of named arrays, deflated; the same arrays always give the same bytes.
 */
export function encodeNpz(arrays: ReadonlyMap<string, NdArray>): Uint8Array {
	const entries = [...arrays].map(([name, array]) => [`${name}.npy`, encodeNpy(array)] as const);
	// Zip's earliest date instead of today, so that the bytes depend on nothing but the arrays.
	return zipSync(Object.fromEntries(entries), { level: 6, mtime: new Date(1980, 0, 1) });
}
