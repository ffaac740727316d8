import { Cursor, damaged, type Source, visit } from './cursor.ts';

/**
 * The link records of a group with many names, as files of the newer HDF5 layout store them: a version 2 B-tree of heap
 * identifiers, each pointing into a fractal heap.
 *
 * @see https://docs.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html sections III.A.2 and III.G
 */
export function* denseLinks(source: Source, linkInfo: Cursor): Generator<Cursor> {
	linkInfo.skip(1);
	const flags = linkInfo.u8();
	linkInfo.skip(flags & 1 ? 8 : 0);
	const heapAddress = linkInfo.address64();
	const treeAddress = linkInfo.address64();
	if (heapAddress === null || treeAddress === null) {
		return;
	}
	const heap = readHeap(source, heapAddress);
	for (const identifier of treeRecords(source, treeAddress)) {
		// A record is the hash of the name and the identifier; the low bits of its first byte are its version, then its kind.
		identifier.skip(4);
		const kind = (identifier.u8() >> 4) & 3;
		if (kind !== 0) {
			throw damaged(source, 'a name is too long to be one');
		}
		const offset = identifier.unsigned(heap.offsetBytes);
		const length = identifier.unsigned(Math.min(identifier.left, 4));
		yield new Cursor(source, locate(source, heap, offset), 'a link', length);
	}
}

interface Heap {
	readonly offsetBytes: number;
	/** Direct blocks in the order of their addresses inside the heap. */
	readonly blocks: readonly { readonly start: number; readonly size: number; readonly address: number }[];
}

function readHeap(source: Source, address: number): Heap {
	const cursor = new Cursor(source, address, 'a fractal heap');
	cursor.expect('FRHP');
	cursor.skip(3);
	const filterBytes = cursor.u16();
	cursor.skip(1 + 4 + 12 * 8);
	const width = cursor.u16();
	const startingSize = cursor.u64();
	const largestDirect = cursor.u64();
	const offsetBytes = Math.ceil(cursor.u16() / 8);
	cursor.skip(2);
	const root = cursor.address64();
	const rows = cursor.u16();
	if (filterBytes > 0 || root === null) {
		throw damaged(source, 'the names of a group are compressed or missing');
	}
	if (rows === 0) {
		return { offsetBytes, blocks: [{ start: 0, size: startingSize, address: root }] };
	}
	const indirect = new Cursor(source, root, 'a fractal heap');
	indirect.expect('FHIB');
	indirect.skip(1 + 8 + offsetBytes);
	const blocks: { start: number; size: number; address: number }[] = [];
	let start = 0;
	for (let row = 0; row < rows; row++) {
		const size = row === 0 ? startingSize : startingSize * 2 ** (row - 1);
		if (size > largestDirect) {
			throw damaged(source, 'a group has more names than are read; write the file with libver="earliest"');
		}
		for (let column = 0; column < width; column++, start += size) {
			visit(source);
			const child = indirect.address64();
			if (child !== null) {
				blocks.push({ start, size, address: child });
			}
		}
	}
	return { offsetBytes, blocks };
}

function locate(source: Source, heap: Heap, offset: number): number {
	const block = heap.blocks.find((candidate) => offset >= candidate.start && offset < candidate.start + candidate.size);
	if (block === undefined) {
		throw damaged(source, 'a name lies outside its heap');
	}
	return block.address + offset - block.start;
}

function* treeRecords(source: Source, address: number): Generator<Cursor> {
	const cursor = new Cursor(source, address, 'a version 2 B-tree');
	cursor.expect('BTHD');
	cursor.skip(2);
	const nodeBytes = cursor.u32();
	const recordBytes = cursor.u16();
	const depth = cursor.u16();
	cursor.skip(2);
	const root = cursor.address64();
	const count = cursor.u16();
	if (root !== null && recordBytes > 4) {
		yield* nodeRecords(source, { address: root, count, depth }, nodeBytes, recordBytes);
	}
}

function* nodeRecords(
	source: Source,
	node: { address: number; count: number; depth: number },
	nodeBytes: number,
	recordBytes: number,
): Generator<Cursor> {
	visit(source);
	if (node.depth > 1) {
		throw damaged(source, 'a group has more names than are read; write the file with libver="earliest"');
	}
	const cursor = new Cursor(source, node.address, 'a version 2 B-tree');
	cursor.expect(node.depth === 0 ? 'BTLF' : 'BTIN');
	cursor.skip(2);
	for (let index = 0; index < node.count; index++) {
		visit(source);
		yield new Cursor(source, cursor.address, 'a link record', recordBytes);
		cursor.skip(recordBytes);
	}
	if (node.depth === 1) {
		const countBytes = bytesFor(Math.floor((nodeBytes - 10) / recordBytes));
		for (let index = 0; index <= node.count; index++) {
			const child = cursor.address64();
			const count = cursor.unsigned(countBytes);
			if (child !== null) {
				yield* nodeRecords(source, { address: child, count, depth: 0 }, nodeBytes, recordBytes);
			}
		}
	}
}

const bytesFor = (value: number): number => Math.max(1, Math.ceil(Math.log2(value + 1) / 8));
