import { UserError } from '../../errors.ts';
import type { NdArray } from './array.ts';
import { decodeElements } from './elements.ts';
import { parseHeader } from './header.ts';
import { messages } from './messages.ts';

/**
 * Reads a .npy file: versions 1 to 3, row- and column-major, little- and big-endian.
 *
 * @param bytes the whole file
 * @param file  its name, for messages
 * @throws UserError if the bytes are not exactly one array of numbers
 */
export function readNpy(bytes: Uint8Array, file: string): NdArray {
	const header = parseHeader(bytes, file);
	const found = bytes.length - header.dataOffset;
	if (found !== header.dataBytes) {
		throw new UserError(messages.wrongLength(file, header.dtype, header.shape, header.dataBytes, found));
	}
	return decodeElements(bytes.subarray(header.dataOffset), header.shape, header);
}
