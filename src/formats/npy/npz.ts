import { UserError } from '../../errors.ts';
import type { NdArray } from './array.ts';
import { parseHeader } from './header.ts';
import { messages } from './messages.ts';
import { readNpy } from './npy.ts';
import { extractEntry, listZip } from './zip.ts';

/** Bytes all arrays of an archive together may take once decompressed. */
const largestArchive = 2 ** 31 - 1;

/**
 * Every array of a .npz archive, by its name without ".npy", in the archive's order.
 *
 * An archive decompresses only as far as its arrays' headers say and never beyond `limit` bytes in all.
 *
 * @throws UserError if the archive is damaged, too large, or holds something that is not an array of numbers
 */
export function readNpz(bytes: Uint8Array, file: string, limit = largestArchive): Map<string, NdArray> {
	const entries = listZip(bytes, file);
	if (entries.length === 0) {
		throw new UserError(messages.emptyZip(file));
	}
	const claimed = entries.reduce((sum, entry) => sum + entry.size, 0);
	if (claimed > limit) {
		throw new UserError(messages.tooLarge(file, claimed, limit));
	}
	const arrays = new Map<string, NdArray>();
	for (const entry of entries) {
		if (!entry.name.endsWith('.npy')) {
			throw new UserError(messages.zipEntryNotArray(file, entry.name));
		}
		const name = entry.name.slice(0, -4);
		const place = `${file}, array "${name}",`;
		const inflated = extractEntry(entry, file, (start) => {
			const header = parseHeader(start, place);
			if (header.dataOffset + header.dataBytes !== entry.size) {
				const found = entry.size - header.dataOffset;
				throw new UserError(messages.wrongLength(place, header.dtype, header.shape, header.dataBytes, found));
			}
		});
		arrays.set(name, readNpy(inflated, place));
	}
	return arrays;
}
