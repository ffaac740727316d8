import { closeSync, fstatSync, readSync } from 'node:fs';
import { UserError } from '../../errors.ts';
import { changed, openInput } from '../../inputs.ts';
import { type ArrayType, arrayTypes, elementCount, type NdArray } from './array.ts';
import { decodeElements } from './elements.ts';
import { headerEnd, type NpyHeader, parseHeader, prefixBytes } from './header.ts';
import { asUserError } from './load.ts';
import { messages } from './messages.ts';

/** A .npy file read piece by piece: memory is one piece, however large the file. */
export interface RowReader {
	readonly shape: readonly number[];
	readonly dtype: ArrayType;
	/**
	 * The elements whose index along `axis` is in [start, end): shape as the file's, with end − start along that axis.
	 * @param axis 0 unless told; 1 takes samples of spike trains [timesteps, samples, …]
	 * @throws UserError if the range does not lie in the array or the file changed meanwhile
	 */
	readonly readRows: (start: number, end: number, axis?: number) => Promise<NdArray>;
	readonly close: () => void;
}

/**
 * Opens a .npy file without loading it.
 * @throws UserError if the file is missing, damaged, a single number, or not as long as its header says
 */
export async function openRows(path: string): Promise<RowReader> {
	let descriptor: number;
	try {
		descriptor = openInput(path);
	} catch (error) {
		throw asUserError(error, path);
	}
	try {
		const { mtimeMs } = fstatSync(descriptor);
		const header = readHeader(descriptor, path);
		return {
			shape: header.shape,
			dtype: header.dtype,
			readRows: async (start, end, axis = 0) => {
				const rows = readSlab(descriptor, header, path, start, end, axis);
				// Rows of two versions of a file would be counted as one.
				if (fstatSync(descriptor).mtimeMs !== mtimeMs) throw changed(path);
				return rows;
			},
			close: () => closeSync(descriptor),
		};
	} catch (error) {
		closeSync(descriptor);
		throw asUserError(error, path);
	}
}

function readHeader(descriptor: number, path: string): NpyHeader {
	const { size } = fstatSync(descriptor);
	const prefix = readAt(descriptor, 0, Math.min(prefixBytes, size), path);
	const length = headerEnd(prefix, path);
	const header = parseHeader(readAt(descriptor, 0, Math.min(length, size), path), path);
	if (size - header.dataOffset !== header.dataBytes) {
		throw new UserError(messages.wrongLength(path, header.dtype, header.shape, header.dataBytes, size - header.dataOffset));
	}
	if (header.shape.length === 0) {
		throw new UserError(messages.noRows(path));
	}
	return header;
}

function readSlab(descriptor: number, header: NpyHeader, path: string, start: number, end: number, axis: number): NdArray {
	const size = header.shape[axis] ?? 0;
	if (!(Number.isInteger(start) && Number.isInteger(end) && start >= 0 && start <= end && end <= size)) {
		throw new UserError(messages.rowsOutside(path, start, end, size));
	}
	const shape = header.shape.map((length, index) => (index === axis ? end - start : length));
	const before = elementCount(header.shape.slice(0, axis));
	const after = elementCount(header.shape.slice(axis + 1));
	// Column-major files vary the first axis fastest: the same runs of bytes, with "before" and "after" exchanged.
	const [runs, stride] = header.fortranOrder ? [after, before] : [before, after];
	const elementBytes = arrayTypes[header.dtype].bytesPerElement;
	const runBytes = (end - start) * stride * elementBytes;
	const bytes = new Uint8Array(runs * runBytes);
	// Synchronous reads: the runs can be many and short, where a promise each would cost more than the read.
	for (let run = 0; run < runs && runBytes > 0; run++) {
		const position = header.dataOffset + (run * size + start) * stride * elementBytes;
		bytes.set(readAt(descriptor, position, runBytes, path), run * runBytes);
	}
	return decodeElements(bytes, shape, header);
}

function readAt(descriptor: number, position: number, length: number, path: string): Uint8Array {
	const bytes = new Uint8Array(length);
	let filled = 0;
	while (filled < length) {
		const count = readSync(descriptor, bytes, filled, length - filled, position + filled);
		if (count === 0) {
			throw new UserError(messages.unreadable(path, 'it became shorter while it was read'));
		}
		filled += count;
	}
	return bytes;
}
