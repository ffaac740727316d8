import { compareBytes } from '../../../bytes.ts';
import type { Hdf5Dataset } from './dataset.ts';
import { messageTypes } from './object-header.ts';
import type { Hdf5Group, Hdf5Node } from './read.ts';

/** A dataset to be written; `integer` stores whole numbers as int64 instead of floating point. */
export interface WritableDataset extends Hdf5Dataset {
	readonly integer?: boolean;
}

/** Names a table of names holds: twice this number, the format's smallest sensible choice. */
const namesPerTable = 4;
const undefinedAddress = 0xffffffffffffffffn;
const superblockBytes = 96;

/** Blocks laid one after another, each at a multiple of eight bytes. */
interface Layout {
	readonly blocks: { readonly address: number; readonly bytes: Uint8Array }[];
	end: number;
	/** Children of a tree node, half of the most there can be: one number for the whole file. */
	readonly treeRank: number;
}

/**
 * The bytes of an HDF5 file of the oldest layout, which every reader knows: groups with symbol tables, contiguous arrays, strings
 * of fixed length. The same content always gives the same bytes.
 */
export function encodeHdf5(root: Hdf5Group): Uint8Array {
	const layout: Layout = { blocks: [], end: superblockBytes, treeRank: Math.max(16, Math.ceil(mostTables(root) / 2)) };
	const group = writeGroup(layout, root);
	const result = new Uint8Array(layout.end);
	const view = new DataView(result.buffer);
	result.set([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0, 0, 8, 8, 0]);
	view.setUint16(16, namesPerTable, true);
	view.setUint16(18, layout.treeRank, true);
	view.setBigUint64(32, undefinedAddress, true);
	view.setBigUint64(40, BigInt(layout.end), true);
	view.setBigUint64(48, undefinedAddress, true);
	view.setBigUint64(64, BigInt(group.header), true);
	// The root's entry repeats where its names are.
	view.setUint32(72, 1, true);
	view.setBigUint64(80, BigInt(group.tree), true);
	view.setBigUint64(88, BigInt(group.heap), true);
	for (const { address, bytes } of layout.blocks) {
		result.set(bytes, address);
	}
	return result;
}

function mostTables(node: Hdf5Node): number {
	return node.kind === 'dataset'
		? 0
		: Math.max(Math.ceil(node.children.size / (2 * namesPerTable)), ...[...node.children.values()].map(mostTables));
}

function place(layout: Layout, bytes: Uint8Array): number {
	const address = layout.end;
	layout.blocks.push({ address, bytes });
	layout.end = address + Math.ceil(bytes.length / 8) * 8;
	return address;
}

function writeNode(layout: Layout, node: Hdf5Node): number {
	return node.kind === 'group' ? writeGroup(layout, node).header : writeDataset(layout, node);
}

function writeGroup(layout: Layout, group: Hdf5Group): { header: number; tree: number; heap: number } {
	const encoder = new TextEncoder();
	const links = [...group.children]
		.map(([name, child]) => ({ name: encoder.encode(name), address: writeNode(layout, child) }))
		.sort((one, other) => compareBytes(one.name, other.name));
	// The heap starts with the empty name, the key left of all others; every name ends in a zero at a multiple of eight.
	let heapBytes = 8;
	const offsets = links.map(({ name }) => {
		const offset = heapBytes;
		heapBytes += Math.ceil((name.length + 1) / 8) * 8;
		return offset;
	});
	const names = new Uint8Array(heapBytes);
	for (const [index, { name }] of links.entries()) {
		names.set(name, offsets[index] ?? 0);
	}
	const heap = place(layout, heapHeader(heapBytes, place(layout, names)));
	const tables: { address: number; lastName: number }[] = [];
	for (let start = 0; start < links.length; start += 2 * namesPerTable) {
		const part = links.slice(start, start + 2 * namesPerTable);
		const entries = part.map(({ address }, index) => ({ name: offsets[start + index] ?? 0, address }));
		tables.push({ address: place(layout, nameTable(entries)), lastName: entries.at(-1)?.name ?? 0 });
	}
	const tree = place(layout, treeNode(layout.treeRank, tables));
	const message = new Uint8Array(16);
	new DataView(message.buffer).setBigUint64(0, BigInt(tree), true);
	new DataView(message.buffer).setBigUint64(8, BigInt(heap), true);
	return { header: place(layout, objectHeader([{ type: messageTypes.symbolTable, body: message }])), tree, heap };
}

function heapHeader(size: number, address: number): Uint8Array {
	const bytes = new Uint8Array(32);
	const view = new DataView(bytes.buffer);
	bytes.set(new TextEncoder().encode('HEAP'));
	view.setBigUint64(8, BigInt(size), true);
	// 1 stands for an empty list of free space.
	view.setBigUint64(16, 1n, true);
	view.setBigUint64(24, BigInt(address), true);
	return bytes;
}

function nameTable(entries: readonly { name: number; address: number }[]): Uint8Array {
	const bytes = new Uint8Array(8 + 2 * namesPerTable * 40);
	const view = new DataView(bytes.buffer);
	bytes.set(new TextEncoder().encode('SNOD'));
	bytes[4] = 1;
	view.setUint16(6, entries.length, true);
	for (const [index, { name, address }] of entries.entries()) {
		view.setBigUint64(8 + index * 40, BigInt(name), true);
		view.setBigUint64(16 + index * 40, BigInt(address), true);
	}
	return bytes;
}

function treeNode(rank: number, tables: readonly { address: number; lastName: number }[]): Uint8Array {
	const bytes = new Uint8Array(24 + 8 * (4 * rank + 1));
	const view = new DataView(bytes.buffer);
	bytes.set(new TextEncoder().encode('TREE'));
	view.setUint16(6, tables.length, true);
	view.setBigUint64(8, undefinedAddress, true);
	view.setBigUint64(16, undefinedAddress, true);
	for (const [index, { address, lastName }] of tables.entries()) {
		view.setBigUint64(32 + index * 16, BigInt(address), true);
		view.setBigUint64(40 + index * 16, BigInt(lastName), true);
	}
	return bytes;
}

function objectHeader(messages: readonly { type: number; body: Uint8Array }[]): Uint8Array {
	const padded = messages.map(({ type, body }) => ({ type, body, size: Math.ceil(body.length / 8) * 8 }));
	const size = padded.reduce((sum, message) => sum + 8 + message.size, 0);
	const bytes = new Uint8Array(16 + size);
	const view = new DataView(bytes.buffer);
	bytes[0] = 1;
	view.setUint16(2, messages.length, true);
	view.setUint32(4, 1, true);
	view.setUint32(8, size, true);
	let at = 16;
	for (const { type, body, size: messageSize } of padded) {
		view.setUint16(at, type, true);
		view.setUint16(at + 2, messageSize, true);
		bytes.set(body, at + 8);
		at += 8 + messageSize;
	}
	return bytes;
}

function writeDataset(layout: Layout, dataset: WritableDataset): number {
	const { type, data } = encodeValues(dataset);
	const address = place(layout, data);
	const space = new Uint8Array(8 + 8 * dataset.shape.length);
	space.set([1, dataset.shape.length]);
	for (const [axis, size] of dataset.shape.entries()) {
		new DataView(space.buffer).setBigUint64(8 + 8 * axis, BigInt(size), true);
	}
	const layoutMessage = new Uint8Array(18);
	layoutMessage.set([3, 1]);
	new DataView(layoutMessage.buffer).setBigUint64(2, data.length === 0 ? undefinedAddress : BigInt(address), true);
	new DataView(layoutMessage.buffer).setBigUint64(10, BigInt(data.length), true);
	return place(
		layout,
		objectHeader([
			{ type: messageTypes.dataspace, body: space },
			{ type: messageTypes.datatype, body: type },
			// Version 2, space allocated late, filled when set, the default value.
			{ type: messageTypes.fillValue, body: Uint8Array.of(2, 2, 2, 1, 0, 0, 0, 0) },
			{ type: messageTypes.dataLayout, body: layoutMessage },
		]),
	);
}

/** Properties of IEEE 754 types: byte order and sign, size, precision, and where exponent and fraction lie. */
const float32Type = [0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0];
const float64Type = [0x11, 0x20, 63, 0, 8, 0, 0, 0, 0, 0, 64, 0, 52, 11, 0, 52, 0xff, 3, 0, 0];
const int64Type = [0x10, 0x08, 0, 0, 8, 0, 0, 0, 0, 0, 64, 0];

function encodeValues({ values, integer }: WritableDataset): { type: Uint8Array; data: Uint8Array } {
	if (!(values instanceof Float32Array || values instanceof Float64Array)) {
		return encodeStrings(values);
	}
	const stored = integer ? BigInt64Array.from(Array.from(values, BigInt)) : values;
	const type = integer ? int64Type : values instanceof Float32Array ? float32Type : float64Type;
	return { type: Uint8Array.from(type), data: new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength) };
}

/** UTF-8 strings, padded with zeros to the longest. */
function encodeStrings(texts: readonly string[]): { type: Uint8Array; data: Uint8Array } {
	const encoded = texts.map((text) => new TextEncoder().encode(text));
	const length = Math.max(1, ...encoded.map((bytes) => bytes.length));
	const data = new Uint8Array(length * encoded.length);
	for (const [index, bytes] of encoded.entries()) {
		data.set(bytes, index * length);
	}
	const type = new Uint8Array(8);
	type.set([0x13, 0x11]);
	new DataView(type.buffer).setUint32(4, length, true);
	return { type, data };
}
