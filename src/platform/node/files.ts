import { closeSync, existsSync, fstatSync, readdirSync, type Stats, statSync } from 'node:fs';
import { relative } from 'node:path';
import { changed } from '../../errors.ts';
import { fill, leadsOutside, openInput, readInput } from '../../inputs.ts';
import { memoryFiles } from '../memory-files.ts';
import type { Files } from '../ports.ts';

function statsOf(path: string): Stats | null {
	try {
		return statSync(path);
	} catch {
		return null;
	}
}

const disk: Files = {
	exists: existsSync,
	isFile: (path) => statsOf(path)?.isFile() ?? false,
	isFolder: (path) => statsOf(path)?.isDirectory() ?? false,
	list: (folder) => readdirSync(folder),
	open(path, options) {
		const descriptor = openInput(path, options);
		const { size, mtimeMs } = fstatSync(descriptor);
		return {
			size,
			read(position, length) {
				const bytes = new Uint8Array(length);
				return bytes.subarray(0, fill(descriptor, bytes, position));
			},
			checkUnchanged() {
				if (fstatSync(descriptor).mtimeMs !== mtimeMs) throw changed(path);
			},
			close: () => closeSync(descriptor),
		};
	},
	read: readInput,
	leadsOutside,
	shortName(path) {
		const short = relative(process.cwd(), path);
		return short !== '' && !short.startsWith('..') && short.length < path.length ? short : path;
	},
};

/** Where a path leads: files that were placed in memory come first. */
const at = (path: string): Files => (memoryFiles.exists(path) ? memoryFiles : disk);

export const files: Files = {
	exists: (path) => at(path).exists(path),
	isFile: (path) => at(path).isFile(path),
	isFolder: (path) => at(path).isFolder(path),
	list: (folder) => at(folder).list(folder),
	open: (path, options) => at(path).open(path, options),
	read: (path, options) => at(path).read(path, options),
	leadsOutside: (owner, path) => at(path).leadsOutside(owner, path),
	shortName: (path) => at(path).shortName(path),
};
