import { files } from '#platform/files';
import { basename } from '#platform/paths';
import { codeOf, UserError } from '../../errors.ts';
import { findNonFinite, type NdArray } from './array.ts';
import { hasNpySignature } from './header.ts';
import { messages } from './messages.ts';
import { readNpy } from './npy.ts';
import { readNpz } from './npz.ts';

/** Files larger than this are not loaded whole; {@link openRows} reads them piece by piece. */
const largestWholeFile = 2 ** 31 - 1;

/**
 * Every array of a .npz archive by its name, or the one array of a .npy file under the file's name without ending.
 * The content decides which it is.
 * @throws UserError if the file is missing, damaged, or too large to load whole
 */
export async function readArrays(path: string): Promise<Map<string, NdArray>> {
	const bytes = await readWhole(path);
	if (hasNpySignature(bytes)) {
		return new Map([[basename(path).replace(/\.npy$/i, ''), readNpy(bytes, path)]]);
	}
	if (bytes[0] === 0x50 && bytes[1] === 0x4b) {
		return readNpz(bytes, path);
	}
	throw new UserError(messages.notNumpy(path));
}

/** @throws UserError naming the first element that is NaN, infinite, or beyond float32 */
export function requireFinite(array: NdArray, file: string): void {
	const found = findNonFinite(array);
	if (found !== null) {
		throw new UserError(messages.notFinite(file, found.value, found.index, array.dtype));
	}
}

async function readWhole(path: string): Promise<Uint8Array> {
	try {
		if (files.isFile(path)) {
			const { size, close } = files.open(path);
			close();
			if (size > largestWholeFile) throw new UserError(messages.tooLarge(path, size, largestWholeFile));
		}
		return files.read(path);
	} catch (error) {
		throw asUserError(error, path);
	}
}

/** A failed file operation as a sentence. */
export function asUserError(error: unknown, path: string): Error {
	if (error instanceof UserError) {
		return error;
	}
	const code = codeOf(error);
	if (code === 'ENOENT') {
		return new UserError(messages.missing(path), { cause: error });
	}
	return new UserError(messages.unreadable(path, code === 'EISDIR' ? 'it is a folder' : String(code ?? error)), { cause: error });
}
