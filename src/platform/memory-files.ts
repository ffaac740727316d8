import { UserError } from '../errors.ts';
import type { Files, InputFile } from './ports.ts';

/** What a file in memory is made of. A Blob is read by range, which browsers allow in workers only. */
export type FileContent = Uint8Array | ArrayBuffer | Blob;

/** Of workers; not of Node. */
declare const FileReaderSync: { new (): { readAsArrayBuffer(blob: Blob): ArrayBuffer } };

const contents = new Map<string, Uint8Array | Blob>();

/** Names with slashes; "a/../b" and "./b" are "b". */
const nameOf = (path: string): string => {
	const parts: string[] = [];
	for (const part of path.split('/')) {
		if (part === '..') parts.pop();
		else if (part !== '' && part !== '.') parts.push(part);
	}
	return parts.join('/');
};

/**
 * Puts a file into memory under a path: what is read from that path, or found beside it, is read from there. This is how a
 * page hands over a model, its weights, data and profiles.
 */
export function placeFile(path: string, content: FileContent): void {
	contents.set(nameOf(path), content instanceof ArrayBuffer ? new Uint8Array(content) : content);
}

/** Takes a file that was placed out of memory. */
export function removeFile(path: string): void {
	contents.delete(nameOf(path));
}

function list(folder: string): string[] {
	const begin = nameOf(folder) === '' ? '' : `${nameOf(folder)}/`;
	const names = [...contents.keys()].filter((name) => name.startsWith(begin)).map((name) => name.slice(begin.length));
	return [...new Set(names.map((name) => name.split('/')[0] as string))];
}

function open(path: string): InputFile {
	const content = contents.get(nameOf(path));
	if (content === undefined)
		throw Object.assign(new Error(`no file ${path}`), { code: list(path).length > 0 ? 'EISDIR' : 'ENOENT' });
	return content instanceof Uint8Array
		? {
				size: content.length,
				read: (position, length) => content.slice(position, position + length),
				checkUnchanged: () => {},
				close: () => {},
			}
		: {
				size: content.size,
				read: (position, length) =>
					new Uint8Array(new FileReaderSync().readAsArrayBuffer(content.slice(position, position + length))),
				checkUnchanged: () => {},
				close: () => {},
			};
}

export const memoryFiles: Files = {
	exists: (path) => nameOf(path) !== '' && (contents.has(nameOf(path)) || list(path).length > 0),
	isFile: (path) => contents.has(nameOf(path)),
	isFolder: (path) => !contents.has(nameOf(path)) && list(path).length > 0,
	list,
	open,
	read(path, { largest = 2 ** 31 - 1 } = {}) {
		const { size, read } = open(path);
		if (size > largest)
			throw new UserError(`${path}: has ${size} bytes, and at most ${largest} are read of a file of this kind.`);
		return read(0, size);
	},
	leadsOutside: () => false,
	shortName: (path) => path,
};
