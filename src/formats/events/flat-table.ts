import { viewOf } from './byte-file.ts';

/**
 * A table of FlatBuffers, read by field number. The npm package `flatbuffers` reads beyond a damaged buffer without a word, so the
 * few accesses needed here are written with a DataView, which throws.
 *
 * @see https://flatbuffers.dev/internals/
 */
export interface FlatTable {
	/** Place of a field in the buffer; null where the table leaves it out. */
	readonly place: (field: number) => number | null;
	/** Place a field of the table refers to: of a string or vector. */
	readonly target: (field: number) => number | null;
	readonly view: DataView;
}

/**
 * The root table of a buffer that starts with its size and has an identifier of four letters.
 *
 * @returns null where the identifier is another
 * @throws RangeError where places lie outside the buffer
 */
export function rootTable(buffer: Uint8Array, identifier: string): FlatTable | null {
	const size = viewOf(buffer).getUint32(0, true);
	if (size + 4 > buffer.length) throw new RangeError('the table is cut off');
	const bytes = buffer.subarray(4, 4 + size);
	if (new TextDecoder('latin1').decode(bytes.subarray(4, 8)) !== identifier) return null;
	const view = viewOf(bytes);
	const table = view.getUint32(0, true);
	const vtable = table - view.getInt32(table, true);
	const vtableBytes = view.getUint16(vtable, true);
	const place = (field: number): number | null => {
		const at = 4 + 2 * field;
		const offset = at + 2 <= vtableBytes ? view.getUint16(vtable + at, true) : 0;
		return offset === 0 ? null : table + offset;
	};
	return {
		view,
		place,
		target(field) {
			const at = place(field);
			return at === null ? null : at + view.getUint32(at, true);
		},
	};
}

/** A vector of structures of equal size. @throws RangeError where it lies outside the buffer */
export function vectorOf({ view, target }: FlatTable, field: number, elementBytes: number): { start: number; length: number } {
	const at = target(field);
	if (at === null) return { start: 0, length: 0 };
	const length = view.getUint32(at, true);
	if (at + 4 + length * elementBytes > view.byteLength) throw new RangeError('the vector is cut off');
	return { start: at + 4, length };
}

/** @throws RangeError where it lies outside the buffer */
export function textOf(table: FlatTable, field: number): string {
	const { start, length } = vectorOf(table, field, 1);
	return new TextDecoder().decode(new Uint8Array(table.view.buffer, table.view.byteOffset + start, length));
}
