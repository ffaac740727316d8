import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { UserError } from './errors.ts';

const reasons: Readonly<Record<string, string>> = {
	ENOENT: 'its folder does not exist; make it first',
	ENOSPC: 'the disk is full',
	EDQUOT: 'the disk quota is used up',
	EFBIG: 'the file would be larger than this process may write (ulimit -f)',
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
		throw new UserError(`${path}: cannot be written: ${fileProblem(cause)}. Nothing was written.`, { cause });
	}
}

/** Why the system refused a file, in words. */
export function fileProblem(cause: unknown): string {
	const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
	return reasons[code] ?? code;
}

/** Removes what was begun; where even that fails, the first error is the one to tell. */
function removeQuietly(path: string): void {
	try {
		rmSync(path, { force: true });
	} catch {}
}
