import { crc32, inflate as inflateBytes } from '#platform/inflate';
import { codeOf, UserError } from '../../errors.ts';
import { messages } from './messages.ts';

/** One file inside a zip archive, still compressed. */
export interface ZipEntry {
	readonly name: string;
	readonly method: number;
	readonly crc32: number;
	/** Size the archive claims the entry has when decompressed. */
	readonly size: number;
	readonly compressed: Uint8Array;
}

const endSignature = 0x06054b50;
const end64LocatorSignature = 0x07064b50;
const end64Signature = 0x06064b50;
const directorySignature = 0x02014b50;
const localSignature = 0x04034b50;
const longestComment = 65535;
/** Deflate cannot expand a byte to more than this many. */
const largestExpansion = 1032;

/**
 * The entries of a zip archive, from its central directory (zip64 too). Nothing is decompressed.
 *
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 * @throws UserError if a record is missing, cut off, or points outside the file
 */
export function listZip(bytes: Uint8Array, file: string): ZipEntry[] {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const damaged = (what: string) => new UserError(messages.badZip(file, what));
	let { count, offset } = findDirectory(view, damaged);
	const entries: ZipEntry[] = [];
	for (; count > 0; count--) {
		if (offset + 46 > bytes.length || view.getUint32(offset, true) !== directorySignature) {
			throw damaged(`entry ${entries.length + 1} of its table of contents is missing`);
		}
		const nameLength = view.getUint16(offset + 28, true);
		const extraLength = view.getUint16(offset + 30, true);
		const commentLength = view.getUint16(offset + 32, true);
		const next = offset + 46 + nameLength + extraLength + commentLength;
		if (next > bytes.length) {
			throw damaged(`entry ${entries.length + 1} of its table of contents is cut off`);
		}
		const name = new TextDecoder().decode(bytes.subarray(offset + 46, offset + 46 + nameLength));
		if (view.getUint16(offset + 8, true) & 1) {
			throw new UserError(messages.encryptedZip(file, name));
		}
		if (entries.some((entry) => entry.name === name)) {
			throw damaged(`entry "${name}" is stored twice, and which one is meant cannot be known`);
		}
		const sizes = entrySizes(view, offset, offset + 46 + nameLength, extraLength);
		if (sizes === null) {
			throw damaged(`the sizes of entry "${name}" are missing`);
		}
		entries.push({
			name,
			method: view.getUint16(offset + 10, true),
			crc32: view.getUint32(offset + 16, true),
			size: sizes.size,
			compressed: entryBytes(bytes, view, sizes.localOffset, sizes.compressedSize, name, damaged),
		});
		offset = next;
	}
	return entries;
}

function findDirectory(view: DataView, damaged: (what: string) => UserError): { count: number; offset: number } {
	const first = Math.max(0, view.byteLength - 22 - longestComment);
	for (let end = view.byteLength - 22; end >= first; end--) {
		if (view.getUint32(end, true) !== endSignature || end + 22 + view.getUint16(end + 20, true) !== view.byteLength) {
			continue;
		}
		const count = view.getUint16(end + 10, true);
		const offset = view.getUint32(end + 16, true);
		if (count !== 0xffff && offset !== 0xffffffff) {
			return { count, offset };
		}
		if (end < 20 || view.getUint32(end - 20, true) !== end64LocatorSignature) {
			throw damaged('its zip64 end record is missing');
		}
		const end64 = Number(view.getBigUint64(end - 12, true));
		if (end64 + 56 > view.byteLength || view.getUint32(end64, true) !== end64Signature) {
			throw damaged('its zip64 end record is missing');
		}
		return { count: Number(view.getBigUint64(end64 + 32, true)), offset: Number(view.getBigUint64(end64 + 48, true)) };
	}
	throw damaged('its table of contents is missing, so the file is probably truncated');
}

function entrySizes(
	view: DataView,
	offset: number,
	extraStart: number,
	extraLength: number,
): { size: number; compressedSize: number; localOffset: number } | null {
	const values = [view.getUint32(offset + 24, true), view.getUint32(offset + 20, true), view.getUint32(offset + 42, true)];
	let missing = values.filter((value) => value === 0xffffffff).length;
	for (let at = extraStart; missing > 0 && at + 4 <= extraStart + extraLength; at += 4 + view.getUint16(at + 2, true)) {
		if (view.getUint16(at, true) === 1) {
			if (view.getUint16(at + 2, true) < 8 * missing || at + 4 + 8 * missing > extraStart + extraLength) {
				return null;
			}
			let from = at + 4;
			for (const [index, value] of values.entries()) {
				if (value === 0xffffffff) {
					values[index] = Number(view.getBigUint64(from, true));
					from += 8;
				}
			}
			missing = 0;
		}
	}
	const [size = 0, compressedSize = 0, localOffset = 0] = values;
	return missing > 0 ? null : { size, compressedSize, localOffset };
}

function entryBytes(
	bytes: Uint8Array,
	view: DataView,
	localOffset: number,
	compressedSize: number,
	name: string,
	damaged: (what: string) => UserError,
): Uint8Array {
	if (localOffset + 30 > bytes.length || view.getUint32(localOffset, true) !== localSignature) {
		throw damaged(`entry "${name}" is not where the table of contents says`);
	}
	const start = localOffset + 30 + view.getUint16(localOffset + 26, true) + view.getUint16(localOffset + 28, true);
	if (start + compressedSize > bytes.length) {
		throw damaged(`entry "${name}" is cut off`);
	}
	return bytes.subarray(start, start + compressedSize);
}

/**
 * Decompresses an entry into a buffer of `size` bytes, allocated only once the first bytes were looked at, and stops at the first
 * byte too many, so a bomb costs neither memory nor time.
 *
 * @param inspectStart sees the first decompressed bytes and throws if they are not what is wanted
 * @throws UserError if the entry does not decompress to exactly its claimed size and checksum
 */
export function extractEntry(entry: ZipEntry, file: string, inspectStart: (start: Uint8Array) => void): Uint8Array {
	const damaged = (what: string) => new UserError(messages.badZip(file, `entry "${entry.name}" ${what}`));
	let result: Uint8Array;
	if (entry.method === 0) {
		if (entry.compressed.length !== entry.size) {
			throw damaged(`claims ${entry.size} bytes but has ${entry.compressed.length}`);
		}
		inspectStart(entry.compressed);
		result = entry.compressed;
	} else if (entry.method === 8) {
		if (entry.size > (entry.compressed.length + 64) * largestExpansion) {
			throw damaged(`claims ${entry.size} bytes, more than ${entry.compressed.length} compressed bytes can hold`);
		}
		result = inflate(entry, damaged, inspectStart);
	} else {
		throw new UserError(messages.zipMethod(file, entry.name, entry.method));
	}
	if (crc32(result) !== entry.crc32) {
		throw damaged('does not match its checksum');
	}
	return result;
}

/** Compressed bytes whose content is looked at before the rest is decompressed. */
const startBytes = 4096;

function inflate(entry: ZipEntry, damaged: (what: string) => UserError, inspectStart: (start: Uint8Array) => void): Uint8Array {
	const { compressed, size } = entry;
	const inflated = (bytes: Uint8Array, options: { readonly most?: number; readonly partial?: boolean }): Uint8Array => {
		try {
			return inflateBytes(bytes, { raw: true, ...options });
		} catch (error) {
			if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') throw damaged(`holds more than the ${size} bytes it claims`);
			throw damaged(`cannot be decompressed (${(error as Error).message})`);
		}
	};
	inspectStart(inflated(compressed.subarray(0, startBytes), { partial: true }).subarray(0, size));
	const result = inflated(compressed, { most: size });
	if (result.length !== size) throw damaged(`holds ${result.length} bytes, not the ${size} it claims`);
	return result;
}
