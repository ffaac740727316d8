import { type ArrayData, arrayTypes, elementCount, type NdArray } from './array.ts';
import type { NpyHeader } from './header.ts';

/**
 * The elements of a block of a .npy file as an array in row-major order.
 * @param bytes exactly the block's bytes, in the file's order
 * @param shape the block's shape, in the array's own order of axes
 */
export function decodeElements(
	bytes: Uint8Array,
	shape: readonly number[],
	header: Pick<NpyHeader, 'dtype' | 'bigEndian' | 'fortranOrder'>,
): NdArray {
	const { bytesPerElement, make } = arrayTypes[header.dtype];
	// A copy: the block may start at an address that is no multiple of the element size.
	const buffer = new ArrayBuffer(bytes.length);
	const copy = new Uint8Array(buffer);
	copy.set(bytes);
	if (header.bigEndian) {
		reverseEach(copy, bytesPerElement);
	}
	if (header.dtype === 'bool') {
		for (let index = 0; index < copy.length; index++) {
			copy[index] = copy[index] === 0 ? 0 : 1;
		}
	}
	const data = make(buffer);
	return { dtype: header.dtype, shape, data: header.fortranOrder ? fromFortranOrder(data, shape) : data };
}

function reverseEach(bytes: Uint8Array, size: number): void {
	if (size > 1) {
		for (let start = 0; start < bytes.length; start += size) {
			bytes.subarray(start, start + size).reverse();
		}
	}
}

/** Column-major to row-major. */
function fromFortranOrder(data: ArrayData, shape: readonly number[]): ArrayData {
	if (shape.length < 2 || data.length === 0) {
		return data;
	}
	const strides: number[] = [];
	let stride = 1;
	for (const size of shape) {
		strides.push(stride);
		stride *= size;
	}
	const result = data.slice();
	const index = new Array<number>(shape.length).fill(0);
	const count = elementCount(shape);
	let source = 0;
	for (let target = 0; target < count; target++) {
		result[target] = data[source] as never;
		for (let axis = shape.length - 1; axis >= 0; axis--) {
			const next = (index[axis] ?? 0) + 1;
			const size = shape[axis] ?? 1;
			source += strides[axis] ?? 0;
			if (next < size) {
				index[axis] = next;
				break;
			}
			index[axis] = 0;
			source -= size * (strides[axis] ?? 0);
		}
	}
	return result;
}
