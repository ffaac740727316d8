/** An n-dimensional array of numbers as .npy files hold it, in row-major order whatever the file's order was. */

/** Element types; the names are numpy's. */
export type ArrayType =
	| 'float16'
	| 'float32'
	| 'float64'
	| 'int8'
	| 'int16'
	| 'int32'
	| 'int64'
	| 'uint8'
	| 'uint16'
	| 'uint32'
	| 'uint64'
	| 'bool';

export type ArrayData =
	| Float32Array
	| Float64Array
	| Int8Array
	| Int16Array
	| Int32Array
	| BigInt64Array
	| Uint8Array
	| Uint16Array
	| Uint32Array
	| BigUint64Array;

/**
 * @property dtype the element type in the file
 * @property shape sizes, outermost first; [] is a single number
 * @property data  row-major elements: float16 widened to a Float32Array (exact), bool as a Uint8Array of 0 and 1
 */
export interface NdArray {
	readonly dtype: ArrayType;
	readonly shape: readonly number[];
	readonly data: ArrayData;
}

interface ArrayTypeFacts {
	/** numpy's code without the byte order, such as "f4". */
	readonly code: string;
	readonly bytesPerElement: number;
	readonly make: (buffer: ArrayBuffer) => ArrayData;
}

export const arrayTypes: Readonly<Record<ArrayType, ArrayTypeFacts>> = {
	float16: { code: 'f2', bytesPerElement: 2, make: (buffer) => widenHalves(new Uint16Array(buffer)) },
	float32: { code: 'f4', bytesPerElement: 4, make: (buffer) => new Float32Array(buffer) },
	float64: { code: 'f8', bytesPerElement: 8, make: (buffer) => new Float64Array(buffer) },
	int8: { code: 'i1', bytesPerElement: 1, make: (buffer) => new Int8Array(buffer) },
	int16: { code: 'i2', bytesPerElement: 2, make: (buffer) => new Int16Array(buffer) },
	int32: { code: 'i4', bytesPerElement: 4, make: (buffer) => new Int32Array(buffer) },
	int64: { code: 'i8', bytesPerElement: 8, make: (buffer) => new BigInt64Array(buffer) },
	uint8: { code: 'u1', bytesPerElement: 1, make: (buffer) => new Uint8Array(buffer) },
	uint16: { code: 'u2', bytesPerElement: 2, make: (buffer) => new Uint16Array(buffer) },
	uint32: { code: 'u4', bytesPerElement: 4, make: (buffer) => new Uint32Array(buffer) },
	uint64: { code: 'u8', bytesPerElement: 8, make: (buffer) => new BigUint64Array(buffer) },
	bool: { code: 'b1', bytesPerElement: 1, make: (buffer) => new Uint8Array(buffer) },
};

/** Number of elements of a shape; 1 for []. */
export function elementCount(shape: readonly number[]): number {
	return shape.reduce((product, size) => product * size, 1);
}

/**
 * The elements as float32, rounded to the nearest where the type is wider. Values that are not finite stay so:
 * call {@link requireFinite} first where they must not pass.
 */
export function toFloat32(array: NdArray): Float32Array {
	const { data } = array;
	if (data instanceof Float32Array) {
		return data;
	}
	if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
		const result = new Float32Array(data.length);
		for (let index = 0; index < data.length; index++) {
			result[index] = Number(data[index]);
		}
		return result;
	}
	return Float32Array.from(data);
}

/** Position of the first element that is NaN, infinite, or becomes infinite as float32; null when there is none. */
export function findNonFinite(array: NdArray): { index: number[]; value: number } | null {
	const { data } = array;
	if (!(data instanceof Float32Array || data instanceof Float64Array)) {
		return null;
	}
	for (let position = 0; position < data.length; position++) {
		const value = data[position] ?? 0;
		if (!Number.isFinite(Math.fround(value))) {
			return { index: unravel(position, array.shape), value };
		}
	}
	return null;
}

function unravel(position: number, shape: readonly number[]): number[] {
	const index: number[] = [];
	let rest = position;
	for (const size of [...shape].reverse()) {
		index.unshift(rest % size);
		rest = Math.floor(rest / size);
	}
	return index;
}

/** IEEE 754 half to single precision: exact. */
function widenHalves(halves: Uint16Array): Float32Array {
	const result = new Float32Array(halves.length);
	for (let index = 0; index < halves.length; index++) {
		result[index] = halfToNumber(halves[index] ?? 0);
	}
	return result;
}

function halfToNumber(half: number): number {
	const sign = half & 0x8000 ? -1 : 1;
	const exponent = (half >> 10) & 0x1f;
	const fraction = half & 0x3ff;
	if (exponent === 0) {
		return sign * fraction * 2 ** -24;
	}
	if (exponent === 31) {
		return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
	}
	return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Single to half precision, ties to even; what is too large becomes infinite. */
export function narrowToHalves(values: ArrayLike<number>): Uint16Array {
	const result = new Uint16Array(values.length);
	for (let index = 0; index < values.length; index++) {
		result[index] = numberToHalf(values[index] ?? 0);
	}
	return result;
}

function numberToHalf(value: number): number {
	if (Number.isNaN(value)) {
		return 0x7e00;
	}
	const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
	const magnitude = Math.abs(value);
	if (magnitude >= 65520) {
		return sign | 0x7c00;
	}
	const exponent = Math.max(-14, Math.floor(Math.log2(magnitude)));
	const quantum = 2 ** (exponent - 10);
	const steps = roundHalfToEven(magnitude / quantum);
	return sign | (exponent === -14 ? steps : ((exponent + 15) << 10) + (steps - 1024));
}

function roundHalfToEven(value: number): number {
	const floor = Math.floor(value);
	const excess = value - floor;
	if (excess === 0.5) {
		return floor % 2 === 0 ? floor : floor + 1;
	}
	return Math.round(value);
}
