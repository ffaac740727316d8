import { inflate as inflateBytes } from '#platform/inflate';
import { codeOf } from '../../../errors.ts';
import { Cursor, damaged, payBytes, type Source, visit } from './cursor.ts';
import type { Datatype } from './datatype.ts';
import { treeLeaves } from './groups.ts';

interface Filter {
	readonly id: number;
	readonly values: readonly number[];
}

const filterIds = { deflate: 1, shuffle: 2, fletcher32: 3 } as const;

/** The filters a chunk went through when it was written, in that order. */
export function readFilters(cursor: Cursor | undefined, path: string): Filter[] {
	if (cursor === undefined) {
		return [];
	}
	const version = cursor.u8();
	const count = cursor.u8();
	if (version !== 1 && version !== 2) {
		throw damaged(cursor.source, `"${path}" has filters of unknown version ${version}`);
	}
	cursor.skip(version === 1 ? 6 : 0);
	return Array.from({ length: count }, () => {
		const id = cursor.u16();
		const nameBytes = version === 1 || id >= 256 ? cursor.u16() : 0;
		cursor.skip(2);
		const valueCount = cursor.u16();
		cursor.skip(version === 1 ? Math.ceil(nameBytes / 8) * 8 : nameBytes);
		const values = Array.from({ length: valueCount }, () => cursor.u32());
		cursor.skip(version === 1 && valueCount % 2 === 1 ? 4 : 0);
		if (!Object.values<number>(filterIds).includes(id)) {
			throw damaged(cursor.source, `"${path}" is compressed by filter ${id}; gzip, shuffle and fletcher32 are read`);
		}
		return { id, values };
	});
}

interface Chunk {
	readonly address: number;
	readonly storedBytes: number;
	/** Bit k set: filter k was left out. */
	readonly skipped: number;
	readonly offset: readonly number[];
}

/** All elements of a chunked dataset, row-major; chunks that were never written are zero. */
export function readChunks(
	layout: Cursor,
	version: number,
	shape: readonly number[],
	datatype: Datatype,
	filters: readonly Filter[],
	path: string,
): Uint8Array {
	const { source } = layout;
	const rank = shape.length;
	const { chunkShape, chunks } =
		version === 3 ? layoutVersion3(layout, rank, path) : layoutVersion4(layout, shape, filters, datatype, path);
	const chunkBytes = chunkShape.reduce((product, size) => product * size, datatype.size);
	const total = shape.reduce((product, size) => product * size, datatype.size);
	const result = new Uint8Array(total);
	for (const chunk of chunks) {
		payBytes(source, chunkBytes, `a chunk of "${path}"`);
		const stored = new Cursor(source, chunk.address, `a chunk of "${path}"`).take(
			filters.length > 0 ? chunk.storedBytes : chunkBytes,
		);
		const bytes = undoFilters(source, stored, filters, chunk.skipped, chunkBytes, datatype.size, path);
		copyChunk(result, shape, bytes, chunkShape, chunk.offset, datatype.size);
	}
	return result;
}

function layoutVersion3(layout: Cursor, rank: number, path: string): { chunkShape: number[]; chunks: Iterable<Chunk> } {
	const { source } = layout;
	if (layout.u8() !== rank + 1) {
		throw damaged(source, `the chunks of "${path}" have another number of axes`);
	}
	const tree = layout.address64();
	const chunkShape = Array.from({ length: rank }, () => layout.u32());
	return { chunkShape, chunks: tree === null ? [] : treeChunks(source, tree, rank) };
}

function* treeChunks(source: Source, tree: number, rank: number): Generator<Chunk> {
	for (const { key, child } of treeLeaves(source, tree, 1, 8 + 8 * (rank + 1), 32)) {
		const storedBytes = key.u32();
		const skipped = key.u32();
		yield { address: child, storedBytes, skipped, offset: Array.from({ length: rank }, () => key.u64()) };
	}
}

const indexTypes = { single: 1, implicit: 2, fixedArray: 3 } as const;

/** The newer layout: of its five kinds of index, those that datasets of fixed size use. */
function layoutVersion4(
	layout: Cursor,
	shape: readonly number[],
	filters: readonly Filter[],
	datatype: Datatype,
	path: string,
): { chunkShape: number[]; chunks: Iterable<Chunk> } {
	const { source } = layout;
	const flags = layout.u8();
	const axes = layout.u8();
	const sizeBytes = layout.u8();
	if (axes !== shape.length + 1 || sizeBytes > 8) {
		throw damaged(source, `the chunks of "${path}" have another number of axes`);
	}
	const sizes = Array.from({ length: axes }, () => layout.unsigned(sizeBytes));
	const chunkShape = sizes.slice(0, -1);
	const chunkBytes = chunkShape.reduce((product, size) => product * size, datatype.size);
	const type = layout.u8();
	let storedBytes = chunkBytes;
	let skipped = 0;
	if (type === indexTypes.single && flags & 2) {
		storedBytes = layout.u64();
		skipped = layout.u32();
	} else if (type === indexTypes.fixedArray) {
		layout.skip(1);
	} else if (type !== indexTypes.single && type !== indexTypes.implicit) {
		throw damaged(source, `the chunks of "${path}" can grow; write the file with libver="earliest"`);
	}
	const address = layout.address64();
	if (address === null) {
		return { chunkShape, chunks: [] };
	}
	if (type === indexTypes.single) {
		return { chunkShape, chunks: [{ address, storedBytes, skipped, offset: shape.map(() => 0) }] };
	}
	const offsets = chunkOffsets(source, shape, chunkShape, path);
	if (type === indexTypes.implicit) {
		const chunks = offsets.map((offset, index) => ({ address: address + index * chunkBytes, storedBytes, skipped, offset }));
		return { chunkShape, chunks };
	}
	return { chunkShape, chunks: fixedArray(source, address, offsets, filters.length > 0, chunkBytes, path) };
}

function chunkOffsets(source: Source, shape: readonly number[], chunkShape: readonly number[], path: string): number[][] {
	if (chunkShape.some((size) => size === 0)) {
		throw damaged(source, `the chunks of "${path}" are empty`);
	}
	const grid = shape.map((size, axis) => Math.ceil(size / (chunkShape[axis] ?? 1)));
	const count = grid.reduce((product, size) => product * size, 1);
	payBytes(source, count * 8, `the table of chunks of "${path}"`);
	return Array.from({ length: count }, (_, index) => {
		const offset: number[] = [];
		let rest = index;
		for (let axis = grid.length - 1; axis >= 0; axis--) {
			offset.unshift((rest % (grid[axis] ?? 1)) * (chunkShape[axis] ?? 1));
			rest = Math.floor(rest / (grid[axis] ?? 1));
		}
		return offset;
	});
}

function* fixedArray(
	source: Source,
	address: number,
	offsets: readonly (readonly number[])[],
	filtered: boolean,
	chunkBytes: number,
	path: string,
): Generator<Chunk> {
	const header = new Cursor(source, address, `the table of chunks of "${path}"`);
	header.expect('FAHD');
	header.skip(2);
	const entryBytes = header.u8();
	const pageBits = header.u8();
	const count = header.u64();
	const blockAddress = header.address64();
	const sizeBytes = entryBytes - 12;
	if (blockAddress === null) {
		return;
	}
	if (count > 2 ** pageBits || count < offsets.length || (filtered && (sizeBytes < 1 || sizeBytes > 8))) {
		throw damaged(source, `"${path}" has too many chunks; write the file with libver="earliest"`);
	}
	const block = new Cursor(source, blockAddress, `the table of chunks of "${path}"`);
	block.expect('FADB');
	block.skip(2 + 8);
	for (const offset of offsets) {
		visit(source);
		const chunkAddress = block.address64();
		const storedBytes = filtered ? block.unsigned(sizeBytes) : chunkBytes;
		const skipped = filtered ? block.u32() : 0;
		if (chunkAddress !== null) {
			yield { address: chunkAddress, storedBytes, skipped, offset };
		}
	}
}

/** The bytes of a chunk as they were before filters `filters` were applied: exactly `chunkBytes`, or an error. */
function undoFilters(
	source: Source,
	stored: Uint8Array,
	filters: readonly Filter[],
	skipped: number,
	chunkBytes: number,
	elementBytes: number,
	path: string,
): Uint8Array {
	let bytes = stored;
	for (let index = filters.length - 1; index >= 0; index--) {
		const filter = filters[index];
		if (filter === undefined || (skipped >> index) & 1) {
			continue;
		}
		if (filter.id === filterIds.deflate) {
			bytes = inflate(source, bytes, chunkBytes, path);
		} else if (filter.id === filterIds.shuffle) {
			bytes = unshuffle(bytes, filter.values[0] ?? elementBytes);
		} else {
			bytes = withoutChecksum(source, bytes, path);
		}
	}
	if (bytes.length !== chunkBytes) {
		throw damaged(source, `a chunk of "${path}" holds ${bytes.length} bytes instead of ${chunkBytes}`);
	}
	return bytes;
}

function inflate(source: Source, bytes: Uint8Array, chunkBytes: number, path: string): Uint8Array {
	try {
		// A checksum of four bytes may follow the elements; a bomb stops here.
		return inflateBytes(bytes, { raw: false, most: chunkBytes + 4 });
	} catch (error) {
		const code = codeOf(error);
		throw damaged(
			source,
			code === 'ERR_BUFFER_TOO_LARGE'
				? `a chunk of "${path}" expands beyond its ${chunkBytes} bytes`
				: `a chunk of "${path}" cannot be decompressed`,
		);
	}
}

/** Shuffling stores all first bytes of the elements, then all second bytes, and so on. */
function unshuffle(bytes: Uint8Array, elementBytes: number): Uint8Array {
	const count = Math.floor(bytes.length / elementBytes);
	if (elementBytes <= 1 || count <= 1) {
		return bytes;
	}
	const result = Uint8Array.from(bytes);
	for (let byte = 0; byte < elementBytes; byte++) {
		for (let element = 0; element < count; element++) {
			result[element * elementBytes + byte] = bytes[byte * count + element] ?? 0;
		}
	}
	return result;
}

/** Checks and removes the Fletcher-32 sum at the end. */
function withoutChecksum(source: Source, bytes: Uint8Array, path: string): Uint8Array {
	const content = bytes.subarray(0, Math.max(0, bytes.length - 4));
	let low = 0;
	let high = 0;
	for (let index = 0; index < content.length; index += 2) {
		low = (low + (((content[index] ?? 0) << 8) | (content[index + 1] ?? 0))) % 65535;
		high = (high + low) % 65535;
	}
	const expected = bytes.subarray(-4);
	const found = new DataView(expected.buffer, expected.byteOffset, expected.byteLength);
	if (bytes.length < 4 || found.getUint32(0, true) !== ((high << 16) | low) >>> 0) {
		throw damaged(source, `a chunk of "${path}" does not match its checksum`);
	}
	return content;
}

/** Copies what of a chunk lies inside the dataset. */
function copyChunk(
	target: Uint8Array,
	shape: readonly number[],
	chunk: Uint8Array,
	chunkShape: readonly number[],
	offset: readonly number[],
	elementBytes: number,
): void {
	const copyAxis = (axis: number, targetIndex: number, chunkIndex: number): void => {
		const size = shape[axis] ?? 1;
		const start = offset[axis] ?? 0;
		const length = Math.min(chunkShape[axis] ?? 1, size - start);
		if (axis === shape.length - 1) {
			if (length > 0) {
				const from = chunkIndex * (chunkShape[axis] ?? 1) * elementBytes;
				target.set(chunk.subarray(from, from + length * elementBytes), (targetIndex * size + start) * elementBytes);
			}
			return;
		}
		for (let index = 0; index < length; index++) {
			copyAxis(axis + 1, targetIndex * size + start + index, chunkIndex * (chunkShape[axis] ?? 1) + index);
		}
	};
	if (shape.length > 0) {
		copyAxis(0, 0, 0);
	}
}
