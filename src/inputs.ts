import { closeSync, constants, fstatSync, openSync, readSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, isAbsolute, relative, sep } from 'node:path';
import { changed, UserError } from './errors.ts';
import { withDefaultSignals } from './processes.ts';

/** What users name instead of a file when they pipe it in. */
export const standardInput = '-';

/** As long as one buffer may be. */
const longestInput = 2 ** 31 - 1;

/** Files by device and inode, which no other name of them hides. */
const identityOf = ({ dev, ino }: Stats): string => `${dev}:${ino}`;

let watching = false;

/** From now on no result takes the place of a file that was read: for programs that do one thing, and not for the library. */
export function watchInputs(): void {
	watching = true;
}

/** Forgets what was read, for a program that has done its one thing and begins another. */
export function forgetInputs(): void {
	watching = false;
	inputs.clear();
	outputs.clear();
}

/** Files that this process has read as input; nothing it writes may take their place. */
const inputs = new Map<string, string>();
/** Files that stand where this process will write. */
const outputs = new Map<string, string>();

const inputIsOutput = (input: string, output: string): UserError =>
	new UserError(
		input === output
			? `${output}: the result would replace a file that this run reads. Nothing was written; name another file for the result.`
			: `${output}: is the same file as ${input}, which this run reads. Nothing was written; name another file for the result.`,
	);

/** Says that a file will be written, so that reading it as input is refused at once and not after a long run. @throws UserError if it was read */
export function announceOutput(path: string, stats: Stats): void {
	const identity = identityOf(stats);
	const input = inputs.get(identity);
	if (input !== undefined) throw inputIsOutput(input, path);
	outputs.set(identity, path);
}

/** The name under which a file was read as input; undefined where it was not. */
export const inputNameOf = (stats: Stats): string | undefined => inputs.get(identityOf(stats));

/** @throws UserError when results are to be written to this file */
function noteInput(path: string, stats: Stats): void {
	if (!watching) return;
	const identity = identityOf(stats);
	const output = outputs.get(identity);
	if (output !== undefined) throw inputIsOutput(path, output);
	if (!inputs.has(identity)) inputs.set(identity, path);
}

/** What a file is, where it is no regular one. */
export function specialKind(stats: Stats): string | null {
	if (stats.isFile() || stats.isDirectory()) return null;
	if (stats.isFIFO()) return 'a pipe';
	if (stats.isSocket()) return 'a socket';
	if (stats.isBlockDevice()) return 'a disk';
	return 'a device';
}

/**
 * Opens a regular file; never waits for one that somebody else has to fill.
 *
 * @param own  it is a file of our own, such as counts kept of an earlier run, that this run may write again
 * @returns a file descriptor
 * @throws UserError if it is a device, a pipe or a socket, or results are to be written to it; the system's error if it
 *   cannot be opened (EISDIR for a folder)
 */
export function openInput(path: string, { own = false } = {}): number {
	checkRegular(path, statSync(path));
	const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
	try {
		const stats = fstatSync(descriptor);
		checkRegular(path, stats);
		if (!own) noteInput(path, stats);
		return descriptor;
	} catch (error) {
		closeSync(descriptor);
		throw error;
	}
}

function checkRegular(path: string, stats: Stats): void {
	if (stats.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
	const special = specialKind(stats);
	if (special !== null) {
		throw new UserError(
			`${path}: is ${special}, and only regular files are read. Write its content to a file, or pipe it in and name it "${standardInput}".`,
		);
	}
}

export interface ReadOptions {
	/** It is a file of our own, which this run may write again. */
	readonly own?: boolean;
	/** Longer files are refused, in bytes. */
	readonly largest?: number;
}

/** What one call to the system reads at most: Node.js refuses 2 GiB and more. */
const longestPiece = 2 ** 30;

/** Reads until the bytes are full or the file ends. @param position  where in the file, null: where reading stands. @returns how many were read */
export function fill(descriptor: number, bytes: Uint8Array, position: number | null): number {
	let filled = 0;
	for (let count = -1; count !== 0 && filled < bytes.length; filled += count) {
		const length = Math.min(longestPiece, bytes.length - filled);
		count = readSync(descriptor, bytes, filled, length, position === null ? null : position + filled);
	}
	return filled;
}

/**
 * The bytes of a regular file, or of what is piped in where the path is "-".
 *
 * @throws UserError if it is not a regular file, is too large, changes while it is read, or results are to be written to it;
 *   the system's error if it cannot be read
 */
export function readInput(path: string, { own = false, largest = longestInput }: ReadOptions = {}): Uint8Array<ArrayBuffer> {
	if (path === standardInput) return readPiped(Math.min(largest, longestInput));
	const descriptor = openInput(path, { own });
	try {
		const before = fstatSync(descriptor);
		if (before.size > largest) throw tooLarge(path, before.size, largest);
		// A byte more than it has, to see whether it grows.
		const bytes = new Uint8Array(before.size + 1);
		const filled = fill(descriptor, bytes, null);
		const after = fstatSync(descriptor);
		if (filled !== before.size || after.size !== before.size || after.mtimeMs !== before.mtimeMs) throw changed(path);
		return bytes.subarray(0, filled);
	} finally {
		closeSync(descriptor);
	}
}

/** As {@link readInput}, as UTF-8 text. */
export const readInputText = (path: string, options: ReadOptions = {}): string => {
	const bytes = readInput(path, { ...options, largest: Math.min(options.largest ?? longestText, longestText) });
	return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
};

/** V8 has no longer strings. */
const longestText = 2 ** 29 - 25;

const tooLarge = (path: string, size: number, largest: number): UserError =>
	new UserError(
		`${path}: has ${size} bytes, and at most ${largest} are read of a file of this kind. Check that it is the right file.`,
	);

let piped: Uint8Array<ArrayBuffer> | null = null;

/** All that comes through the standard input, kept for whoever reads it again. */
function readPiped(largest: number): Uint8Array<ArrayBuffer> {
	piped ??= withDefaultSignals(() => {
		const pieces: Uint8Array[] = [];
		let size = 0;
		for (;;) {
			const piece = new Uint8Array(2 ** 16);
			const count = readWaiting(piece);
			if (count === 0) return Uint8Array.from(Buffer.concat(pieces));
			size += count;
			if (size > largest) throw tooLarge('standard input', size, largest);
			pieces.push(piece.subarray(0, count));
		}
	});
	return piped;
}

const moment = new Int32Array(new SharedArrayBuffer(4));
const momentMilliseconds = 10;

/** Waits a moment without turning the event loop. */
export const waitAMoment = (): void => {
	Atomics.wait(moment, 0, 0, momentMilliseconds);
};

function readWaiting(piece: Uint8Array): number {
	for (;;) {
		try {
			return readSync(0, piece, 0, piece.length, null);
		} catch (error) {
			const { code } = error as NodeJS.ErrnoException;
			if (code === 'EOF') return 0;
			if (code !== 'EAGAIN') throw error;
			waitAMoment();
		}
	}
}

/**
 * Whether a path leads out of the folder of the file that names it, followed through symbolic links: a model that somebody
 * sends must not bring files of this machine with it. Beside the model means where it is named, or where it really lies.
 *
 * @param owner  the file that names the path
 * @param path  as opened
 */
export function leadsOutside(owner: string, path: string): boolean {
	let real: string;
	let folders: string[];
	try {
		real = realpathSync(path);
		folders = [realpathSync(dirname(owner)), dirname(realpathSync(owner))];
	} catch {
		return false; // what is not there, its reader says
	}
	return folders.every((folder) => {
		const way = relative(folder, real);
		return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way);
	});
}
