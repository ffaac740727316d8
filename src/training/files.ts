/** Files that are either whole or not there. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import * as messages from './messages.ts';

/**
 * Writes to a temporary name in the same folder, makes sure the bytes are on the disk, and renames.
 *
 * @throws UserError when the disk is full or the folder cannot be written; an older file of that name stays as it was
 */
export function writeWhole(path: string, parts: readonly (Uint8Array | string)[]): void {
	const temporary = `${path}.${process.pid}.part`;
	try {
		const file = openSync(temporary, 'w');
		try {
			for (const part of parts) {
				const bytes = typeof part === 'string' ? Buffer.from(part) : part;
				for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done);
			}
			fsyncSync(file);
		} finally {
			closeSync(file);
		}
		renameSync(temporary, path);
	} catch (cause) {
		throw messages.cannotWrite(path, cause);
	} finally {
		rmSync(temporary, { force: true });
	}
}
