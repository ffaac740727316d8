import { files } from '#platform/files';
import { packageFolder } from '#platform/package';
import { basename, join } from '#platform/paths';
import { codeOf, UserError } from '../../errors.ts';
import { nearestNames } from '../../nearest.ts';
import * as messages from '../messages.ts';

/** Where profiles lie, without reading one: light, so that a wrong name is told before anything heavy loads. */

/** What a profile's file may end in. */
export const endings = ['.yaml', '.yml', '.json'];

/** The folder of the profiles that ship with the tool. */
export const shippedProfiles: string = join(packageFolder, 'hardware-profiles');

/** Paths of all profile files of some folders, by name: a file's name without its ending. The first folder wins. */
export function profileFiles(directories: readonly string[]): ReadonlyMap<string, string> {
	const found = new Map<string, string>();
	for (const directory of directories) {
		let entries: string[];
		try {
			entries = files.list(directory).sort();
		} catch (error) {
			throw new UserError(messages.cannotReadProfile(directory, codeOf(error) ?? String(error)), {
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
		if (files.isFile(nameOrPath)) return nameOrPath;
		throw new UserError(
			messages.cannotReadProfile(nameOrPath, files.exists(nameOrPath) ? 'it is not a file' : 'there is no such file'),
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
