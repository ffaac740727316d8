import { closeSync, fstatSync, readSync } from 'node:fs';
import { changed, openInput } from '../../inputs.ts';
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
	let descriptor: number;
	try {
		descriptor = openInput(path);
	} catch (error) {
		throw messages.cannotOpen(path, error);
	}
	const { size } = fstatSync(descriptor);
	return {
		path,
		size,
		read(position, length) {
			checkInside(path, size, position, length);
			const bytes = new Uint8Array(length);
			for (let filled = 0; filled < length; ) {
				const count = readSync(descriptor, bytes, filled, length - filled, position + filled);
				if (count === 0) throw changed(path);
				filled += count;
			}
			return bytes;
		},
		close: () => closeSync(descriptor),
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
