import { Cursor, damaged, type Source, visit } from './cursor.ts';
import { denseLinks } from './dense-links.ts';
import { findMessage, type HeaderMessage, messageTypes } from './object-header.ts';

/** Names in a group and the addresses of the objects they stand for. */
export type Links = Map<string, number>;

/** B-trees deeper than this do not exist: 32 levels of 32 children hold more than any file. */
const deepestTree = 32;

/** The links of a group, or null if the object is no group. Soft and external links are refused. */
export function readLinks(source: Source, messages: readonly HeaderMessage[]): Links | null {
	const symbolTable = findMessage(messages, messageTypes.symbolTable);
	if (symbolTable !== undefined) {
		return readSymbolTable(source, symbolTable);
	}
	const linkInfo = findMessage(messages, messageTypes.linkInfo);
	if (linkInfo === undefined) {
		return null;
	}
	const links: Links = new Map();
	for (const message of messages) {
		if (message.type === messageTypes.link) {
			addLink(links, message.body());
		}
	}
	for (const record of denseLinks(source, linkInfo)) {
		addLink(links, record);
	}
	return links;
}

function addLink(links: Links, cursor: Cursor): void {
	const { source } = cursor;
	visit(source);
	const version = cursor.u8();
	if (version !== 1) {
		throw damaged(source, `a link has the unknown version ${version}`);
	}
	const flags = cursor.u8();
	const type = flags & 0x08 ? cursor.u8() : 0;
	cursor.skip((flags & 0x04 ? 8 : 0) + (flags & 0x10 ? 1 : 0));
	const name = cursor.text(cursor.unsigned(1 << (flags & 3)));
	const address = type === 0 ? cursor.address64() : null;
	if (address === null) {
		throw damaged(source, `"${name}" is a soft or external link, which is not followed`);
	}
	links.set(name, address);
}

function readSymbolTable(source: Source, message: Cursor): Links {
	const tree = message.address64();
	const heap = message.address64();
	if (tree === null || heap === null) {
		throw damaged(source, 'a group has no table of names');
	}
	const heapCursor = new Cursor(source, heap, 'the names of a group');
	heapCursor.expect('HEAP');
	heapCursor.skip(4);
	const heapSize = heapCursor.u64();
	heapCursor.skip(8);
	const heapData = heapCursor.address64();
	if (heapData === null) {
		throw damaged(source, 'the names of a group are missing');
	}
	const links: Links = new Map();
	for (const leaf of treeLeaves(source, tree, 0, 8, deepestTree)) {
		visit(source);
		const cursor = new Cursor(source, leaf.child, 'a table of names');
		cursor.expect('SNOD');
		cursor.skip(2);
		for (let count = cursor.u16(); count > 0; count--) {
			const nameOffset = cursor.u64();
			const address = cursor.address64();
			const cacheType = cursor.u32();
			cursor.skip(20);
			const name = nullTerminated(source, heapData, nameOffset, heapSize);
			if (cacheType === 2 || address === null) {
				throw damaged(source, `"${name}" is a soft link, which NIR files do not use`);
			}
			links.set(name, address);
		}
	}
	return links;
}

function nullTerminated(source: Source, heapData: number, offset: number, heapSize: number): string {
	const bytes = new Cursor(source, heapData, 'the names of a group', heapSize);
	bytes.skip(offset);
	const rest = bytes.take(bytes.left);
	const end = rest.indexOf(0);
	if (end < 0) {
		throw damaged(source, 'a name does not end');
	}
	return new TextDecoder().decode(rest.subarray(0, end));
}

export interface TreeLeaf {
	/** The key left of the child, as it lies in the file. */
	readonly key: Cursor;
	readonly child: number;
}

/** The leaves of a version 1 B-tree, left to right. @param type 0 for groups, 1 for chunks */
export function* treeLeaves(source: Source, address: number, type: number, keyBytes: number, depth: number): Generator<TreeLeaf> {
	visit(source);
	const cursor = new Cursor(source, address, 'a B-tree');
	cursor.expect('TREE');
	const found = cursor.u8();
	const level = cursor.u8();
	const count = cursor.u16();
	cursor.skip(16);
	if (found !== type || level >= depth) {
		throw damaged(source, 'a B-tree has a node of the wrong kind');
	}
	for (let index = 0; index < count; index++) {
		visit(source);
		const key = new Cursor(source, cursor.address, 'a B-tree key', keyBytes);
		cursor.skip(keyBytes);
		const child = cursor.address64();
		if (child === null) {
			throw damaged(source, 'a B-tree has a missing branch');
		}
		if (level === 0) {
			yield { key, child };
		} else {
			yield* treeLeaves(source, child, type, keyBytes, level);
		}
	}
}
