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

function numberReader(view: DataView, { kind, size, bigEndian, signed }: Datatype): (offset: number) => number {
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
			heap = readGlobalHeap(source, address);
			heaps.set(address, heap);
		}
		const text = heap.get(object);
		if (text === undefined || text.length < length) {
			throw damaged(source, `the text of "${path}" is missing`);
		}
		return trimmed(text.subarray(0, length));
	});
}

function readGlobalHeap(source: Source, address: number): Map<number, Uint8Array> {
	const header = new Cursor(source, address, 'a text heap');
	header.expect('GCOL');
	header.skip(4);
	const size = header.u64();
	const cursor = new Cursor(source, address + 16, 'a text heap', size - 16);
	const objects = new Map<number, Uint8Array>();
	while (cursor.left >= 16) {
		visit(source);
		const index = cursor.u16();
		cursor.skip(6);
		const length = cursor.u64();
		if (index === 0) {
			break;
		}
		objects.set(index, cursor.take(length));
		cursor.skip(Math.min(cursor.left, (8 - (length % 8)) % 8));
	}
	return objects;
}

function trimmed(bytes: Uint8Array): string {
	const end = bytes.indexOf(0);
	return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}
