/** Gets data sets from the first of their sources that answers, and checks what lies in the cache. */
import { join } from 'node:path';
import { makeFolder } from '../../files.ts';
import { dataFolder, locate, readOfficial } from './cache.ts';
import type { CatalogueEntry } from './catalogue.ts';
import { entryNamed } from './catalogue.ts';
import * as messages from './messages.ts';
import { allFiles, filesToPut, type Source, sourcesOf } from './sources.ts';

export interface FileState {
	readonly file: string;
	readonly path: string | null;
	readonly state: 'whole' | 'missing' | 'broken';
	readonly problem: string | null;
}

/** Looks at every official file of a set; with `verify` its checksum too, else only whether it is there. */
export function inspectDataset(name: string, options: { dataDir?: string | undefined; verify: boolean }): readonly FileState[] {
	return inspectEntry(entryNamed(name), options);
}

function inspectEntry(entry: CatalogueEntry, options: { dataDir?: string | undefined; verify: boolean }): readonly FileState[] {
	return allFiles(entry).map((file): FileState => {
		const path = locate(entry, file, options.dataDir);
		if (!path) return { file: file.name, path, state: 'missing', problem: null };
		if (!options.verify) return { file: file.name, path, state: 'whole', problem: null };
		try {
			readOfficial(entry, file, options.dataDir, { own: true });
			return { file: file.name, path, state: 'whole', problem: null };
		} catch (error) {
			return { file: file.name, path, state: 'broken', problem: (error as Error).message };
		}
	});
}

/**
 * Reads and verifies every file of a set.
 *
 * @throws UserError naming the first file that is missing or broken
 */
export function checkDataset(name: string, dataDir?: string): readonly FileState[] {
	return checkEntry(entryNamed(name), dataDir);
}

function checkEntry(entry: CatalogueEntry, dataDir: string | undefined): readonly FileState[] {
	return allFiles(entry).map((file) => ({
		file: file.name,
		path: readOfficial(entry, file, dataDir, { own: true }).path,
		state: 'whole',
		problem: null,
	}));
}

/**
 * Gets a set into the cache folder, from the first source that answers, and verifies it.
 *
 * @param note  receives a short line for each step
 * @returns the source that answered, or "cache" when the set was there already
 * @throws UserError when no source answers, saying which files to put where
 */
export async function fetchDataset(name: string, dataDir: string | undefined, note: (message: string) => void): Promise<string> {
	const entry = entryNamed(name);
	return fetchEntry(entry, sourcesOf(entry), dataDir, note);
}

/** {@link fetchDataset} of an entry from given sources. */
export async function fetchEntry(
	entry: CatalogueEntry,
	sources: readonly Source[],
	dataDir: string | undefined,
	note: (message: string) => void,
): Promise<string> {
	const folder = join(dataFolder(dataDir), entry.name);
	makeFolder(folder, '--data-dir');
	if (inspectEntry(entry, { dataDir, verify: true }).every(({ state }) => state === 'whole')) return 'cache';
	const tried: string[] = [];
	for (const { title, get } of sources) {
		try {
			await get(folder, note);
			checkEntry(entry, dataDir);
			return title;
		} catch (error) {
			tried.push(`${title}: ${((error as Error).message.split('\n')[0] ?? '').replace(/\.$/, '')}`);
		}
	}
	throw messages.noSourceAnswers(entry.name, tried, folder, filesToPut(entry));
}
