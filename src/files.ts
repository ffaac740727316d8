import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { UserError } from './errors.ts';
import { processRuns } from './processes.ts';

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

/** This machine, in the names of temporary files: folders are shared, process numbers are not. */
const host = (hostname().split('.')[0] ?? '').replace(/\W/g, '_');

/** No write takes this long; machines of one name that share a folder do not take each other's files. */
const abandonedMilliseconds = 10 * 60 * 1000;

/** What this process has tidied up already. */
const tidied = new Set<string>();

/** Removes what runs killed while they wrote this file left behind. Tidying never fails a write. */
function tidy(path: string): void {
	if (tidied.has(path)) return;
	tidied.add(path);
	const folder = dirname(path);
	const begin = `${basename(path)}.${host}-`;
	try {
		for (const name of readdirSync(folder)) {
			const pid = name.startsWith(begin) ? /^(\d+)-\d+\.part$/.exec(name.slice(begin.length))?.[1] : undefined;
			if (pid === undefined || processRuns(Number(pid))) continue;
			const file = join(folder, name);
			if (Date.now() - statSync(file).mtimeMs > abandonedMilliseconds) removeQuietly(file);
		}
	} catch {}
}

/**
 * Writes a file whole or not at all: to a temporary name in the same folder, to the disk, then renamed. What a killed run
 * left of an earlier attempt goes.
 *
 * @throws UserError when it cannot be written; an older file of that name stays as it was
 */
export function writeWhole(path: string, parts: readonly (Uint8Array | string)[]): void {
	count += 1;
	const temporary = `${path}.${host}-${process.pid}-${count}.part`;
	tidy(path);
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
