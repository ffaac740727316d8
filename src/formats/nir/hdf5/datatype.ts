import { Cursor, damaged, payBytes, type Source, visit } from './cursor.ts';

/** How one element is stored. */
export interface Datatype {
	readonly kind: 'integer' | 'float' | 'fixed-string' | 'variable-string';
	/** Bytes of one element in the file. */
	readonly size: number;
	readonly bigEndian: boolean;
	readonly signed: boolean;
}

const classes = { integer: 0, float: 1, string: 3, enumeration: 8, variableLength: 9 } as const;

/** @throws UserError for a type that is neither a number nor a string */
export function readDatatype(cursor: Cursor, path: string): Datatype {
	const classAndVersion = cursor.u8();
	const bits = cursor.unsigned(3);
	const size = cursor.u32();
	const bigEndian = (bits & 1) === 1;
	const signed = (bits & 8) !== 0;
	switch (classAndVersion & 0x0f) {
		case classes.integer:
			if ([1, 2, 4, 8].includes(size)) {
				return { kind: 'integer', size, bigEndian, signed };
			}
			break;
		case classes.float:
			if ([2, 4, 8].includes(size) && (bits & 0x40) === 0) {
				return { kind: 'float', size, bigEndian, signed: true };
			}
			break;
		case classes.string:
			if (size > 0) {
				return { kind: 'fixed-string', size, bigEndian: false, signed: false };
			}
			break;
		case classes.enumeration: {
			// numpy's bool is an enumeration of two integers.
			const base = readDatatype(cursor, path);
			if (base.kind === 'integer' && base.size === size) {
				return base;
			}
			break;
		}
		case classes.variableLength:
			if ((bits & 0x0f) === 1 && size === 16) {
				return { kind: 'variable-string', size, bigEndian: false, signed: false };
			}
			break;
	}
	throw damaged(cursor.source, `"${path}" holds neither numbers nor text (type class ${classAndVersion & 0x0f}, ${size} bytes)`);
}

/**
 * The type of the numbers that a dataset of sequences holds: rows of unequal length.
 *
 * @returns null where the dataset is no such one
 */
export function readSequenceType(cursor: Cursor, path: string): Datatype | null {
	const classAndVersion = cursor.u8();
	const kind = cursor.unsigned(3) & 0x0f;
	const size = cursor.u32();
	if ((classAndVersion & 0x0f) !== classes.variableLength || kind !== 0 || size !== heapReferenceBytes) return null;
	const base = readDatatype(cursor, path);
	return base.kind === 'integer' || base.kind === 'float' ? base : null;
}

/** Of what lies in a global heap: length, address of the heap, and number in it. */
export const heapReferenceBytes = 16;

export function decodeValues(
	source: Source,
	bytes: Uint8Array,
	count: number,
	datatype: Datatype,
	path: string,
): Float32Array | Float64Array | string[] {
	if (datatype.kind === 'fixed-string') {
		return Array.from({ length: count }, (_, index) =>
			trimmed(bytes.subarray(index * datatype.size, (index + 1) * datatype.size)),
		);
	}
	if (datatype.kind === 'variable-string') {
		return variableStrings(source, bytes, count, path);
	}
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const read = numberReader(view, datatype);
	const values = datatype.kind === 'float' && datatype.size < 8 ? new Float32Array(count) : new Float64Array(count);
	for (let index = 0; index < count; index++) {
		values[index] = read(index * datatype.size);
	}
	return values;
}

/** Reads a number at a place of the view. */
export function numberReader(view: DataView, { kind, size, bigEndian, signed }: Datatype): (offset: number) => number {
	const little = !bigEndian;
	if (kind === 'float') {
		switch (size) {
			case 2:
				return (offset) => halfToNumber(view.getUint16(offset, little));
			case 4:
				return (offset) => view.getFloat32(offset, little);
			default:
				return (offset) => view.getFloat64(offset, little);
		}
	}
	switch (size) {
		case 1:
			return signed ? (offset) => view.getInt8(offset) : (offset) => view.getUint8(offset);
		case 2:
			return signed ? (offset) => view.getInt16(offset, little) : (offset) => view.getUint16(offset, little);
		case 4:
			return signed ? (offset) => view.getInt32(offset, little) : (offset) => view.getUint32(offset, little);
		default:
			return signed
				? (offset) => Number(view.getBigInt64(offset, little))
				: (offset) => Number(view.getBigUint64(offset, little));
	}
}

function halfToNumber(half: number): number {
	const sign = half & 0x8000 ? -1 : 1;
	const exponent = (half >> 10) & 0x1f;
	const fraction = half & 0x3ff;
	if (exponent === 31) {
		return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
	}
	return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Strings of variable length lie in global heaps; an element is length, heap address and index in the heap. */
function variableStrings(source: Source, bytes: Uint8Array, count: number, path: string): string[] {
	const heaps = new Map<number, Map<number, Uint8Array>>();
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	return Array.from({ length: count }, (_, index) => {
		const length = view.getUint32(index * 16, true);
		const address = Number(view.getBigUint64(index * 16 + 4, true));
		const object = view.getUint32(index * 16 + 12, true);
		if (length === 0) {
			return '';
		}
		payBytes(source, length, `the text of "${path}"`);
		let heap = heaps.get(address);
		if (heap === undefined) {
			heap = new Map();
			for (const { index, content } of heapObjects(source, address, 'a text heap')) {
				const object = content();
				heap.set(index, object.take(object.left));
			}
			heaps.set(address, heap);
		}
		const text = heap.get(object);
		if (text === undefined || text.length < length) {
			throw damaged(source, `the text of "${path}" is missing`);
		}
		return trimmed(text.subarray(0, length));
	});
}

function trimmed(bytes: Uint8Array): string {
	const end = bytes.indexOf(0);
	return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/**
 * One object of a global heap.
 *
 * @throws UserError where it is not there
 */
export function heapObject(source: Source, address: number, wanted: number, what: string): Cursor {
	for (const { index, content } of heapObjects(source, address, what)) if (index === wanted) return content();
	throw damaged(source, `${what} is missing`);
}

/** The objects of a global heap; the content of one is read where it is asked for. */
function* heapObjects(
	source: Source,
	address: number,
	what: string,
): Generator<{ readonly index: number; readonly content: () => Cursor }> {
	const header = new Cursor(source, address, what);
	header.expect('GCOL');
	header.skip(4);
	const cursor = new Cursor(source, address + 16, what, header.u64() - 16);
	while (cursor.left >= 16) {
		visit(source);
		const index = cursor.u16();
		cursor.skip(6);
		const length = cursor.u64();
		if (index === 0) return;
		const start = cursor.address;
		cursor.skip(length);
		yield { index, content: () => new Cursor(source, start, what, length) };
		cursor.skip(Math.min(cursor.left, (8 - (length % 8)) % 8));
	}
}
