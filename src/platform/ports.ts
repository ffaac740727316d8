/**
 * What the core asks of the machine it runs on. Each port is a module `#platform/NAME`, chosen by the "imports" of
 * package.json: node/ for Node, browser/ for pages, workers and bundles.
 */

/** A SHA-256 in the making. */
export interface Digest {
	update(data: Uint8Array | string): Digest;
	hex(): string;
}

export interface ReadOptions {
	/** It is a file that an earlier run of this very program wrote, and that this run may write again. */
	readonly own?: boolean;
	/** Longer files are refused, in bytes. */
	readonly largest?: number;
}

/** A file open for reading by range. */
export interface InputFile {
	readonly size: number;
	/** Bytes from a position on: fewer than asked for where the file ends. */
	read(position: number, length: number): Uint8Array;
	/** @throws UserError if somebody wrote the file since it was opened */
	checkUnchanged(): void;
	close(): void;
}

/** Deflate that stops early. */
export interface InflateOptions {
	/** True for raw deflate (ZIP), false for zlib's frame (HDF5). */
	readonly raw: boolean;
	/** More output than this is an error whose code is ERR_BUFFER_TOO_LARGE. */
	readonly most?: number;
	/** The input is only the beginning of a stream. */
	readonly partial?: boolean;
}

/** Files by path. What cannot be read throws an error with the system's `code`, as ENOENT or EISDIR. */
export interface Files {
	exists(path: string): boolean;
	isFile(path: string): boolean;
	isFolder(path: string): boolean;
	/** Names in a folder. */
	list(folder: string): string[];
	open(path: string, options?: ReadOptions): InputFile;
	/** All of a file. @throws UserError if it is too large, or changes while it is read */
	read(path: string, options?: ReadOptions): Uint8Array;
	/** Whether a path leads out of the folder of the file that names it, links followed. */
	leadsOutside(owner: string, path: string): boolean;
	/** A path as messages name it. */
	shortName(path: string): string;
}
