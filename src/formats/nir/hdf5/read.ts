import { UserError } from '../../../errors.ts';
import { messages } from '../messages.ts';
import { Cursor, damaged, type Source } from './cursor.ts';
import { type Hdf5Dataset, readDataset } from './dataset.ts';
import { readLinks } from './groups.ts';
import { type HeaderMessage, readObjectHeader } from './object-header.ts';

export interface Hdf5Group {
	readonly kind: 'group';
	readonly children: ReadonlyMap<string, Hdf5Node>;
}

export type Hdf5Node = Hdf5Group | Hdf5Dataset;

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
/** A byte of deflated data expands to at most this many. */
const largestExpansion = 1032;
/** Decoded bytes of one file, whatever it claims. */
const largestContent = 2 ** 31;
const deepestGroup = 32;

/** Whether the bytes start like an HDF5 file. */
export function hasHdf5Signature(bytes: Uint8Array, start = 0): boolean {
	return signature.every((byte, index) => bytes[start + index] === byte);
}

/**
 * Every group and dataset of an HDF5 file: what h5py writes with any `libver`, with gzip, shuffle and fletcher32.
 *
 * Time and memory are bounded by the file's length, whatever the file claims: visits and decoded bytes are paid from budgets.
 *
 * @param bytes the whole file
 * @param file  its name, for messages
 * @throws UserError if the file is not HDF5, is damaged, or uses what model files do not (soft links, compound types, other filters)
 */
export function readHdf5(bytes: Uint8Array, file: string): Hdf5Group {
	let base = 0;
	// A user block of 512, 1024, 2048 … bytes may come first.
	while (!hasHdf5Signature(bytes, base)) {
		base = base === 0 ? 512 : base * 2;
		if (base + signature.length > bytes.length) {
			throw new UserError(messages.notHdf5(file));
		}
	}
	const source: Source = {
		file,
		size: bytes.length,
		read: (position, length) => bytes.subarray(position, position + length),
		base,
		budget: { visits: bytes.length + 1000, decodedBytes: Math.min(largestContent, bytes.length * largestExpansion) },
	};
	const root = readNode(source, rootAddress(source), '', 0);
	if (root.kind !== 'group') {
		throw damaged(source, 'its root is not a group');
	}
	return root;
}

/** The object at a path of an HDF5 file, and nothing beside it; null where there is none. */
export function findHdf5(source: Source, path: string): readonly HeaderMessage[] | null {
	let header = readObjectHeader(source, rootAddress(source));
	for (const name of path.split('/')) {
		const address = readLinks(source, header)?.get(name);
		if (address === undefined) return null;
		header = readObjectHeader(source, address);
	}
	return header;
}

function rootAddress(source: Source): number {
	const cursor = new Cursor(source, signature.length, 'the superblock');
	const version = cursor.u8();
	if (version > 3) {
		throw damaged(source, `its superblock has the unknown version ${version}`);
	}
	cursor.skip(version < 2 ? 4 : 0);
	const sizes = [cursor.u8(), cursor.u8()];
	if (sizes.some((size) => size !== 8)) {
		throw damaged(source, `its addresses and lengths take ${sizes.join(' and ')} bytes; 8 are read`);
	}
	// Then: what precedes the four addresses in version 0, 1, 2 and 3, and the root's place among what follows.
	cursor.skip([9, 13, 1, 1][version] ?? 0);
	cursor.skip(version < 2 ? 4 * 8 + 8 : 3 * 8);
	const root = cursor.address64();
	if (root === null) {
		throw damaged(source, 'it has no root group');
	}
	return root;
}

function readNode(source: Source, address: number, path: string, depth: number): Hdf5Node {
	if (depth > deepestGroup) {
		throw damaged(source, 'its groups contain each other');
	}
	const header = readObjectHeader(source, address);
	const dataset = readDataset(source, header, path);
	if (dataset !== null) {
		return dataset;
	}
	const links = readLinks(source, header);
	if (links === null) {
		throw damaged(source, `"${path}" is neither a group nor a dataset`);
	}
	const children = new Map<string, Hdf5Node>();
	for (const [name, child] of links) {
		children.set(name, readNode(source, child, path === '' ? name : `${path}/${name}`, depth + 1));
	}
	return { kind: 'group', children };
}
