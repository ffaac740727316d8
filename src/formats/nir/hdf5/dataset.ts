import { readChunks, readFilters } from './chunks.ts';
import { Cursor, damaged, payBytes, type Source } from './cursor.ts';
import {
	type Datatype,
	decodeValues,
	heapObject,
	heapReferenceBytes,
	numberReader,
	readDatatype,
	readSequenceType,
} from './datatype.ts';
import { findMessage, type HeaderMessage, messageTypes } from './object-header.ts';

/** An array of numbers (64-bit integers as doubles) or of strings; shape [] is a single value. */
export interface Hdf5Dataset {
	readonly kind: 'dataset';
	readonly shape: readonly number[];
	readonly values: Float32Array | Float64Array | readonly string[];
}

const mostAxes = 32;

/** The dataset an object header describes, or null if it describes none. */
export function readDataset(source: Source, messages: readonly HeaderMessage[], path: string): Hdf5Dataset | null {
	const spaceMessage = findMessage(messages, messageTypes.dataspace);
	const typeMessage = findMessage(messages, messageTypes.datatype);
	const layoutMessage = findMessage(messages, messageTypes.dataLayout);
	if (spaceMessage === undefined || typeMessage === undefined || layoutMessage === undefined) {
		return null;
	}
	if (findMessage(messages, messageTypes.externalFiles) !== undefined) {
		throw damaged(source, `"${path}" is stored in another file, which is refused`);
	}
	const shape = readShape(spaceMessage, path);
	const datatype = readDatatype(typeMessage, path);
	const count = shape.reduce((product, size) => product * size, 1);
	payBytes(source, count * datatype.size, `"${path}" of shape [${shape.join(', ')}]`);
	const bytes = readLayout(layoutMessage, messages, shape, datatype, path);
	if (bytes.length !== count * datatype.size) {
		throw damaged(
			source,
			`"${path}" of shape [${shape.join(', ')}] needs ${count * datatype.size} bytes but has ${bytes.length}`,
		);
	}
	return { kind: 'dataset', shape, values: decodeValues(source, bytes, count, datatype, path) };
}

/** Rows of numbers of unequal length, each read where it is asked for. */
export interface Hdf5Sequences {
	readonly count: number;
	/** @throws UserError where the file is damaged */
	readonly read: (index: number) => Float64Array;
}

/**
 * The rows of unequal length an object holds (PyTables' VLArray, h5py's vlen_dtype).
 *
 * @param fresh  the same file with full budgets, for each row that is read
 * @returns null where the object holds something else
 */
export function readSequences(
	fresh: () => Source,
	source: Source,
	messages: readonly HeaderMessage[],
	path: string,
): Hdf5Sequences | null {
	const spaceMessage = findMessage(messages, messageTypes.dataspace);
	const typeMessage = findMessage(messages, messageTypes.datatype);
	const layoutMessage = findMessage(messages, messageTypes.dataLayout);
	if (spaceMessage === undefined || typeMessage === undefined || layoutMessage === undefined) return null;
	const type = readSequenceType(typeMessage, path);
	const shape = readShape(spaceMessage, path);
	if (type === null || shape.length !== 1) return null;
	const [count = 0] = shape;
	payBytes(source, count * heapReferenceBytes, `"${path}" of shape [${count}]`);
	const reference: Datatype = { kind: 'variable-string', size: heapReferenceBytes, bigEndian: false, signed: false };
	const bytes = readLayout(layoutMessage, messages, shape, reference, path);
	if (bytes.length !== count * heapReferenceBytes)
		throw damaged(source, `"${path}" of ${count} rows needs ${count * heapReferenceBytes} bytes but has ${bytes.length}`);
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	return {
		count,
		read(index) {
			const at = index * heapReferenceBytes;
			const length = view.getUint32(at, true);
			if (length === 0) return new Float64Array();
			const one = fresh();
			const what = `row ${index} of "${path}"`;
			const object = heapObject(one, Number(view.getBigUint64(at + 4, true)), view.getUint32(at + 12, true), what);
			if (object.left < length * type.size) throw damaged(one, `${what} is cut off`);
			const content = object.take(length * type.size);
			const number = numberReader(new DataView(content.buffer, content.byteOffset, content.byteLength), type);
			return Float64Array.from({ length }, (_, place) => number(place * type.size));
		},
	};
}

function readShape(cursor: Cursor, path: string): number[] {
	const version = cursor.u8();
	const rank = cursor.u8();
	const flags = cursor.u8();
	if ((version !== 1 && version !== 2) || rank > mostAxes) {
		throw damaged(cursor.source, `"${path}" has a shape of unknown version ${version} or of ${rank} axes`);
	}
	if (version === 1) {
		cursor.skip(5);
	} else if (cursor.u8() === 2) {
		throw damaged(cursor.source, `"${path}" is empty`);
	}
	void flags;
	return Array.from({ length: rank }, () => cursor.u64());
}

function readLayout(
	cursor: Cursor,
	messages: readonly HeaderMessage[],
	shape: readonly number[],
	datatype: Datatype,
	path: string,
): Uint8Array {
	const { source } = cursor;
	const version = cursor.u8();
	const layout = cursor.u8();
	if (version < 3 || version > 5) {
		throw damaged(source, `"${path}" has a layout of version ${version}; versions 3 to 5 are read`);
	}
	if (layout === 0) {
		return cursor.take(cursor.u16());
	}
	const byteCount = shape.reduce((product, size) => product * size, datatype.size);
	if (layout === 1) {
		const address = cursor.address64();
		const size = cursor.u64();
		if (byteCount === 0) {
			return new Uint8Array();
		}
		if (address === null || size < byteCount) {
			throw damaged(source, `the values of "${path}" are missing`);
		}
		return new Cursor(source, address, `the values of "${path}"`).take(byteCount);
	}
	if (layout === 2) {
		const filters = readFilters(findMessage(messages, messageTypes.filterPipeline), path);
		return readChunks(cursor, version, shape, datatype, filters, path);
	}
	throw damaged(source, `"${path}" has the unknown layout ${layout}`);
}
