import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { UserError } from './errors.ts';

const reasons: Readonly<Record<string, string>> = {
	ENOENT: 'its folder does not exist; make it first',
	ENOSPC: 'the disk is full',
	EACCES: 'the folder may not be written',
	EPERM: 'the folder may not be written',
	EROFS: 'the disk is read-only',
	EISDIR: 'it is a folder; name a file',
	ENOTDIR: 'a part of the path is a file, not a folder',
};

let count = 0;

/**
 * Writes a file whole or not at all: to a temporary name in the same folder, to the disk, then renamed.
 *
 * @throws UserError when it cannot be written; an older file of that name stays as it was
 */
export function writeWhole(path: string, parts: readonly (Uint8Array | string)[]): void {
	count += 1;
	const temporary = `${path}.${process.pid}-${count}.part`;
	try {
		const file = openSync(temporary, 'wx');
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
		removeQuietly(temporary);
		const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
		throw new UserError(`${path}: cannot be written: ${reasons[code] ?? code}. Nothing was written.`, { cause });
	}
}

/** Removes what was begun; where even that fails, the first error is the one to tell. */
function removeQuietly(path: string): void {
	try {
		rmSync(path, { force: true });
	} catch {}
}
