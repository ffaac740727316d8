import {
	accessSync,
	chmodSync,
	chownSync,
	closeSync,
	constants,
	existsSync,
	fsyncSync,
	lstatSync,
	mkdirSync,
	openSync,
	readdirSync,
	readlinkSync,
	readSync,
	realpathSync,
	renameSync,
	rmSync,
	type Stats,
	statSync,
	writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { codeOf, UserError } from './errors.ts';
import { kindOfFile, telltaleBytes } from './file-kinds.ts';
import { announceOutput, inputNameOf, specialKind, waitAMoment } from './inputs.ts';
import { processRuns, withDefaultSignals } from './processes.ts';
import { fileProblem, systemError } from './system-errors.ts';

let count = 0;

/** This machine, in the names of temporary files: folders are shared, process numbers are not. */
const host = (hostname().split('.')[0] ?? '').replace(/\W/g, '_');

/** No write takes this long; machines of one name that share a folder do not take each other's files. */
const abandonedMilliseconds = 10 * 60 * 1000;

/** The beginning of a file's temporary names, which are longer than its own. */
function temporaryBegin(path: string): string {
	const name = basename(path);
	return `${Buffer.byteLength(name) > longestName ? name.slice(0, longestName / 4) : name}.${host}-`;
}

const longestName = 160;

/** What this process has tidied up already. */
const tidied = new Set<string>();

/** Removes what runs killed while they wrote this file left behind. Tidying never fails a write. */
function tidy(path: string): void {
	if (tidied.has(path)) return;
	tidied.add(path);
	const folder = dirname(path);
	const begin = temporaryBegin(path);
	try {
		for (const name of readdirSync(folder)) {
			const pid = name.startsWith(begin) ? /^(\d+)-\d+\.part$/.exec(name.slice(begin.length))?.[1] : undefined;
			if (pid === undefined || processRuns(Number(pid))) continue;
			const file = join(folder, name);
			if (Date.now() - statSync(file).mtimeMs > abandonedMilliseconds) removeQuietly(file);
		}
	} catch {}
}

let replaceAnything = false;

/** What --force says: a file of another kind may be replaced. */
export function allowReplacing(allowed: boolean): void {
	replaceAnything = allowed;
}

/** Where a path leads: a file to make or to replace, or something that takes bytes as they come. */
type Place =
	| { readonly kind: 'new'; readonly path: string }
	| { readonly kind: 'file'; readonly path: string; readonly stats: Stats }
	| { readonly kind: 'stream'; readonly path: string; readonly descriptor: number | null };

const mostLinks = 40;

/** Follows symbolic links by hand: their end need not exist, and links to open files have no path to follow. */
function placeOf(path: string): Place {
	if (/[\\/]$/.test(path)) throw systemError('EISDIR');
	let at = path;
	for (let links = 0; links < mostLinks; links += 1) {
		const descriptor = /^\/(?:dev|proc\/(?:self|\d+))\/fd\/(\d+)$/.exec(resolve(at));
		if (descriptor !== null && (at.startsWith('/dev') || [`${process.pid}`, 'self'].includes(resolve(at).split('/')[2] ?? '')))
			return { kind: 'stream', path, descriptor: Number(descriptor[1]) };
		at = join(realpathSync(dirname(at)), basename(at));
		const stats = lstatSync(at, { throwIfNoEntry: false });
		if (stats === undefined) return { kind: 'new', path: at };
		if (stats.isDirectory()) throw systemError('EISDIR');
		if (stats.isFile()) return { kind: 'file', path: at, stats };
		if (!stats.isSymbolicLink()) {
			if (stats.isSocket() || stats.isBlockDevice())
				throw new UserError(`${path}: is ${specialKind(stats)}, which cannot be written to. Name a file.`);
			return { kind: 'stream', path: at, descriptor: null };
		}
		at = resolve(dirname(at), readlinkSync(at));
	}
	throw systemError('ELOOP');
}

/**
 * Looks at a place for results before the work that gives them is done: whether it can be written, is no input, and holds
 * nothing of another kind.
 *
 * @param kind  what will be written, as {@link kindOfFile} says it; undefined where only the write can tell
 * @throws UserError
 */
export function checkOutput(path: string, kind?: string): void {
	explained(path, () => {
		const place = placeOf(path);
		if (place.kind === 'new') accessSync(dirname(place.path), constants.W_OK);
		// Nothing is written, and what is not open for writing says so.
		if (place.kind === 'stream' && place.descriptor !== null) writeSync(place.descriptor, new Uint8Array(0));
		if (place.kind !== 'file') return;
		checkReplaceable(path, place, kind);
		accessSync(dirname(place.path), constants.W_OK);
		announceOutput(path, place.stats);
	});
}

function checkReplaceable(path: string, place: Place & { readonly kind: 'file' }, kind: string | undefined): void {
	const input = inputNameOf(place.stats);
	if (input !== undefined) announceOutput(path, place.stats);
	try {
		accessSync(place.path, constants.W_OK);
	} catch (cause) {
		if ((cause as NodeJS.ErrnoException).code !== 'EACCES') throw cause;
		throw new UserError(`${path}: cannot be written: the file is write-protected. Nothing was written.`, { cause });
	}
	if (replaceAnything || kind === undefined || place.stats.size === 0) return;
	const found = kindOfFile(firstBytes(place.path), place.path);
	if (found === kind) return;
	throw new UserError(
		`${path}: is ${found}, and ${kind} would replace it. Nothing was written; name another file, or add --force.`,
	);
}

function firstBytes(path: string): Uint8Array {
	const descriptor = openSync(path, 'r');
	try {
		const start = Buffer.alloc(telltaleBytes);
		return start.subarray(0, readSync(descriptor, start, 0, start.length, 0));
	} finally {
		closeSync(descriptor);
	}
}

/**
 * Writes a file whole or not at all: to a temporary name in the same folder, to the disk, then renamed. What a killed run
 * left of an earlier attempt goes. A file that is replaced hands on its mode and owner; a symbolic link stays, and its
 * target is written; devices and pipes are written to.
 *
 * @throws UserError when it cannot be written, is an input of this run, or is a file of another kind that --force does not
 *   give away; an older file of that name stays as it was
 */
export function writeWhole(path: string, parts: readonly (Uint8Array | string)[]): void {
	const pieces = parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part));
	explained(path, () => {
		const place = placeOf(path);
		if (place.kind === 'stream') {
			withDefaultSignals(() => writeStream(place.path, place.descriptor, pieces));
			return;
		}
		if (place.kind === 'file') checkReplaceable(path, place, kindOfFile(startOf(pieces), ''));
		const temporary = temporaryFor(place);
		try {
			const file = openSync(temporary, 'wx');
			try {
				for (const bytes of pieces) writeAll(file, bytes);
				fsyncSync(file);
			} finally {
				closeSync(file);
			}
			takePlace(temporary, place, path);
		} catch (cause) {
			removeQuietly(temporary);
			throw cause;
		}
	});
}

/**
 * As {@link writeWhole}, of pieces that are made one after another, into a regular file: memory is that of one piece.
 *
 * @param kind  what is written, as {@link kindOfFile} says it
 * @throws UserError when it cannot be written, or what making a piece throws
 */
export async function writePieces(path: string, kind: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
	const place = explained(path, () => placeOf(path));
	if (place.kind === 'stream') throw new UserError(`${path}: is not a regular file, and only one is written to. Name a file.`);
	if (place.kind === 'file') explained(path, () => checkReplaceable(path, place, kind));
	const temporary = temporaryFor(place);
	const file = explained(path, () => openSync(temporary, 'wx'));
	try {
		try {
			for await (const piece of pieces) explained(path, () => writeAll(file, piece));
			explained(path, () => fsyncSync(file));
		} finally {
			closeSync(file);
		}
		explained(path, () => takePlace(temporary, place, path));
	} catch (cause) {
		removeQuietly(temporary);
		throw cause;
	}
}

/** A name beside a place, where what killed runs left is removed. */
function temporaryFor(place: Place): string {
	tidy(place.path);
	count += 1;
	return join(dirname(place.path), `${temporaryBegin(place.path)}${process.pid}-${count}.part`);
}

function takePlace(temporary: string, place: Place, path: string): void {
	if (place.kind === 'file') handOn(place.stats, temporary, path);
	renameSync(temporary, place.path);
}

function explained<Result>(path: string, work: () => Result): Result {
	try {
		return work();
	} catch (cause) {
		if (cause instanceof UserError) throw cause;
		throw new UserError(`${path}: cannot be written: ${pathProblem(path, cause)}. Nothing was written.`, { cause });
	}
}

/** As much of the pieces as tells their kind. */
function startOf(pieces: readonly Uint8Array[]): Uint8Array {
	const start: Uint8Array[] = [];
	let length = 0;
	for (const piece of pieces) {
		if (length >= telltaleBytes) break;
		start.push(piece.subarray(0, telltaleBytes - length));
		length += piece.length;
	}
	return Buffer.concat(start);
}

function writeAll(file: number, bytes: Uint8Array): void {
	for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done);
}

/** Gives the new file the owner and mode of the one it replaces. */
function handOn(stats: Stats, temporary: string, path: string): void {
	const own = statSync(temporary);
	if (own.uid !== stats.uid || own.gid !== stats.gid) {
		try {
			chownSync(temporary, stats.uid, stats.gid);
		} catch (cause) {
			throw new UserError(
				`${path}: belongs to another user or group (${stats.uid}:${stats.gid}), which a new file cannot be given. Nothing was written; remove it first, or name another file.`,
				{ cause },
			);
		}
	}
	if ((own.mode & 0o7777) !== (stats.mode & 0o7777)) chmodSync(temporary, stats.mode & 0o7777);
}

/** @param open  a file descriptor that is open already; null to open the path */
function writeStream(path: string, open: number | null, pieces: readonly Uint8Array[]): void {
	const file = open ?? openSync(path, constants.O_WRONLY | (constants.O_NOCTTY ?? 0));
	try {
		for (const bytes of pieces) for (let done = 0; done < bytes.length; ) done += writeWaiting(file, bytes, done);
	} finally {
		if (open === null) closeSync(file);
	}
}

function writeWaiting(file: number, bytes: Uint8Array, done: number): number {
	for (;;) {
		try {
			return writeSync(file, bytes, done, bytes.length - done);
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
			waitAMoment();
		}
	}
}

/**
 * Makes a folder and those above it, where they are not there.
 *
 * @param option  that names it, for the advice
 * @throws UserError
 */
export function makeFolder(path: string, option: string): void {
	try {
		makeFolders(resolve(path));
	} catch (cause) {
		throw new UserError(`${path} cannot be made: ${pathProblem(path, cause)}. Choose another ${option}.`, { cause });
	}
}

/** Step by step: the recursive mkdir of Node.js never returns where a folder is there and takes none, as in /proc. */
function makeFolders(path: string): void {
	const isFolder = (at: string): boolean => statSync(at, { throwIfNoEntry: false })?.isDirectory() === true;
	if (isFolder(path)) return;
	try {
		mkdirSync(path);
	} catch (cause) {
		const code = codeOf(cause);
		// Another run may have made it meanwhile.
		if (code === 'EEXIST' && isFolder(path)) return;
		if (code !== 'ENOENT' || isFolder(dirname(path))) throw cause;
		makeFolders(dirname(path));
		makeFolders(path);
	}
}

/** Why the system refused a path: a disk that is read-only says that folders on it do not exist. */
function pathProblem(path: string, cause: unknown): string {
	if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
		try {
			let above = resolve(path);
			while (!existsSync(above) && above !== dirname(above)) above = dirname(above);
			accessSync(above, constants.W_OK);
		} catch (deeper) {
			return fileProblem(deeper);
		}
	}
	return fileProblem(cause);
}

/** Removes what was begun; where even that fails, the first error is the one to tell. */
function removeQuietly(path: string): void {
	try {
		rmSync(path, { force: true });
	} catch {}
}
