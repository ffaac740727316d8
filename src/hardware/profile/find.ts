import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../errors.ts';
import { nearestNames } from '../../nearest.ts';
import * as messages from '../messages.ts';

/** Where profiles lie, without reading one: light, so that a wrong name is told before anything heavy loads. */

export const profilesDirectory = new URL('../../../hardware-profiles/', import.meta.url);

/** What a profile's file may end in. */
export const endings = ['.yaml', '.yml', '.json'];

/** The folder of the profiles that ship with the tool. */
export const shippedProfiles: string = fileURLToPath(profilesDirectory);

/** Paths of all profile files of some folders, by name: a file's name without its ending. The first folder wins. */
export function profileFiles(directories: readonly string[]): ReadonlyMap<string, string> {
	const found = new Map<string, string>();
	for (const directory of directories) {
		let entries: string[];
		try {
			entries = readdirSync(directory).sort();
		} catch (error) {
			throw new UserError(messages.cannotReadProfile(directory, (error as NodeJS.ErrnoException).code ?? String(error)), {
				cause: error,
			});
		}
		for (const entry of entries) {
			const ending = endings.find((candidate) => entry.endsWith(candidate));
			if (!ending || entry === 'profile.schema.json') continue;
			const name = basename(entry, ending);
			if (!found.has(name)) found.set(name, join(directory, entry));
		}
	}
	return found;
}

/**
 * The file of a profile given by name or by path.
 *
 * @throws UserError naming the nearest profiles if there is none
 */
export function findProfile(nameOrPath: string, directories: readonly string[]): string {
	if (looksLikePath(nameOrPath)) {
		if (existsSync(nameOrPath) && statSync(nameOrPath).isFile()) return nameOrPath;
		throw new UserError(
			messages.cannotReadProfile(nameOrPath, existsSync(nameOrPath) ? 'it is not a file' : 'there is no such file'),
		);
	}
	const known = profileFiles(directories);
	const file = known.get(nameOrPath);
	if (file) return file;
	const names = [...known.keys()];
	throw new UserError(messages.unknownProfile(nameOrPath.slice(0, 80), nearestNames(nameOrPath, names), names));
}

/** Whether a text names a file rather than a profile. */
export function looksLikePath(text: string): boolean {
	return text.includes('/') || text.includes('\\') || endings.some((ending) => text.endsWith(ending));
}

/** A file as messages name it: relative to the working directory if that is shorter. */
export function displayName(path: string): string {
	const short = relative(process.cwd(), path);
	return short !== '' && !short.startsWith('..') && short.length < path.length ? short : path;
}
