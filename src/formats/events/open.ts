import { files } from '#platform/files';
import { changed } from '../../errors.ts';
import type { InputFile } from '../../platform/ports.ts';
import { checkInside } from './byte-file.ts';
import { readRecordings } from './formats.ts';
import * as messages from './messages.ts';
import type { ByteFile, EventFile } from './types.ts';

/**
 * Opens a file to be read piece by piece.
 *
 * @throws UserError if it cannot be opened
 */
export function openBytes(path: string): ByteFile {
	let file: InputFile;
	try {
		file = files.open(path);
	} catch (error) {
		throw messages.cannotOpen(path, error);
	}
	const { size } = file;
	return {
		path,
		size,
		read(position, length) {
			checkInside(path, size, position, length);
			const bytes = file.read(position, length);
			if (bytes.length < length) throw changed(path);
			return bytes;
		},
		close: file.close,
	};
}

/**
 * Opens a file of recordings; the content decides its format wherever it tells.
 *
 * @throws UserError if it cannot be read, or holds no recordings that are understood
 */
export function openEventFile(path: string): EventFile & { readonly title: string; readonly close: () => void } {
	const file = openBytes(path);
	try {
		return { ...readRecordings(file), close: file.close };
	} catch (error) {
		file.close();
		throw error;
	}
}
