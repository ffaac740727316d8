import { files } from '#platform/files';
import { UserError } from '../../errors.ts';
import type { InputFile } from '../../platform/ports.ts';
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
	let opened: InputFile;
	try {
		opened = files.open(path);
	} catch (error) {
		throw asUserError(error, path);
	}
	try {
		const header = readHeader(opened, path);
		return {
			shape: header.shape,
			dtype: header.dtype,
			readRows: async (start, end, axis = 0) => {
				const rows = readSlab(opened, header, path, start, end, axis);
				// Rows of two versions of a file would be counted as one.
				opened.checkUnchanged();
				return rows;
			},
			close: () => opened.close(),
		};
	} catch (error) {
		opened.close();
		throw asUserError(error, path);
	}
}

function readHeader(opened: InputFile, path: string): NpyHeader {
	const { size } = opened;
	const prefix = readAt(opened, 0, Math.min(prefixBytes, size), path);
	const length = headerEnd(prefix, path);
	const header = parseHeader(readAt(opened, 0, Math.min(length, size), path), path);
	if (size - header.dataOffset !== header.dataBytes) {
		throw new UserError(messages.wrongLength(path, header.dtype, header.shape, header.dataBytes, size - header.dataOffset));
	}
	if (header.shape.length === 0) {
		throw new UserError(messages.noRows(path));
	}
	return header;
}

function readSlab(opened: InputFile, header: NpyHeader, path: string, start: number, end: number, axis: number): NdArray {
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
		bytes.set(readAt(opened, position, runBytes, path), run * runBytes);
	}
	return decodeElements(bytes, shape, header);
}

function readAt(opened: InputFile, position: number, length: number, path: string): Uint8Array {
	const bytes = opened.read(position, length);
	if (bytes.length < length) {
		throw new UserError(messages.unreadable(path, 'it became shorter while it was read'));
	}
	return bytes;
}
