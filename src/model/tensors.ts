import type { ConstantTensor, ElementType } from './graph.ts';

/** Bytes of one element; strings have no fixed size and count 0. */
export const elementBytes: Readonly<Record<ElementType, number>> = {
	float32: 4,
	float64: 8,
	float16: 2,
	bfloat16: 2,
	int8: 1,
	uint8: 1,
	int16: 2,
	uint16: 2,
	int32: 4,
	uint32: 4,
	int64: 8,
	uint64: 8,
	bool: 1,
	string: 0,
};

/** ONNX's number for each element type (TensorProto.DataType). */
export const elementTypeCodes: Readonly<Record<ElementType, number>> = {
	float32: 1,
	uint8: 2,
	int8: 3,
	uint16: 4,
	int16: 5,
	int32: 6,
	int64: 7,
	string: 8,
	bool: 9,
	float16: 10,
	float64: 11,
	uint32: 12,
	uint64: 13,
	bfloat16: 16,
};

/** More elements than any activation of one sample has (1 GB of float32): a size beyond it is damage, and not worth a run. */
export const mostElements = 2 ** 28;

export const elementCount = (dims: readonly number[]): number => dims.reduce((product, dim) => product * dim, 1);

/** A float32 constant of the given shape. */
export function float32Tensor(values: ArrayLike<number>, dims: readonly number[] = [values.length]): ConstantTensor {
	const array = Float32Array.from(values);
	return { type: 'float32', dims, bytes: new Uint8Array(array.buffer) };
}

export const float32Scalar = (value: number): ConstantTensor => float32Tensor([value], []);

export const int32Scalar = (value: number): ConstantTensor => ({
	type: 'int32',
	dims: [],
	bytes: new Uint8Array(Int32Array.of(value).buffer),
});

export function float64Tensor(values: Float64Array, dims: readonly number[] = [values.length]): ConstantTensor {
	return { type: 'float64', dims, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}

export function int64Tensor(values: readonly number[], dims: readonly number[] = [values.length]): ConstantTensor {
	return { type: 'int64', dims, bytes: new Uint8Array(BigInt64Array.from(values, BigInt).buffer) };
}

export function uint8Tensor(values: Uint8Array, dims: readonly number[]): ConstantTensor {
	return { type: 'uint8', dims, bytes: values };
}

/** IEEE 754 half precision to a number. */
export function halfToNumber(bits: number): number {
	const sign = bits & 0x8000 ? -1 : 1;
	const exponent = (bits >> 10) & 0x1f;
	const fraction = bits & 0x3ff;
	if (exponent === 0) return sign * fraction * 2 ** -24;
	if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
	return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Elements of a numeric constant as numbers (64-bit integers are rounded to double precision). */
export function tensorValues(tensor: ConstantTensor): Float32Array | Float64Array {
	const count = elementCount(tensor.dims);
	const { bytes } = tensor;
	// A view needs an aligned start; the bytes of a file seldom are.
	const aligned = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
	const at = [aligned.buffer, aligned.byteOffset, count] as const;
	switch (tensor.type) {
		case 'float32':
			return new Float32Array(...at);
		case 'float64':
			return new Float64Array(...at);
		case 'float16':
			return Float32Array.from(new Uint16Array(...at), halfToNumber);
		case 'bfloat16': {
			const words = Uint32Array.from(new Uint16Array(...at), (bits) => bits * 65536);
			return new Float32Array(words.buffer);
		}
		case 'int8':
			return Float32Array.from(new Int8Array(...at));
		case 'uint8':
		case 'bool':
			return Float32Array.from(new Uint8Array(...at));
		case 'int16':
			return Float32Array.from(new Int16Array(...at));
		case 'uint16':
			return Float32Array.from(new Uint16Array(...at));
		case 'int32':
			return Float64Array.from(new Int32Array(...at));
		case 'uint32':
			return Float64Array.from(new Uint32Array(...at));
		case 'int64':
			return Float64Array.from(new BigInt64Array(...at), Number);
		case 'uint64':
			return Float64Array.from(new BigUint64Array(...at), Number);
		case 'string':
			return new Float64Array(0);
	}
}
