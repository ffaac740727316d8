import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UserError } from '../../errors.ts';
import * as messages from '../messages.ts';
import { type ProfileDocument, readProfileDocument } from './document.ts';
import { nearestNames } from './nearest.ts';
import { checkSchema, profilesDirectory, type RawProfile } from './schema.ts';

/** One file of a chain of profiles that extend one another. */
export interface Link {
	readonly document: ProfileDocument;
	readonly raw: RawProfile;
}

const longestChain = 8;
const endings = ['.yaml', '.yml', '.json'];

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

function looksLikePath(text: string): boolean {
	return text.includes('/') || text.includes('\\') || endings.some((ending) => text.endsWith(ending));
}

/**
 * A profile's file and the files it extends, nearest first; each obeys the schema.
 *
 * @throws UserError if one is missing or invalid, or the chain comes back to itself
 */
export function readChain(first: ProfileDocument, directories: readonly string[]): readonly Link[] {
	const chain: Link[] = [];
	const seen: string[] = [];
	let document = first;
	for (;;) {
		const raw = checkSchema(document);
		chain.push({ document, raw });
		seen.push(document.path);
		if (raw.extends === undefined) return chain;
		const line = document.lineOf(['extends']);
		const path = parentFile(raw.extends, document, directories, line);
		if (seen.includes(path)) {
			const names = [...chain.map(({ raw }) => raw.name), basename(path).replace(/\.(ya?ml|json)$/, '')];
			throw new UserError(messages.cyclicExtends(document.file, line, names));
		}
		if (chain.length >= longestChain) throw new UserError(messages.extendsTooDeep(document.file, line, longestChain));
		document = readProfileDocument(path);
	}
}

function parentFile(name: string, from: ProfileDocument, directories: readonly string[], line: number): string {
	const folder = dirname(from.path);
	const candidates = looksLikePath(name)
		? [isAbsolute(name) ? name : join(folder, name)]
		: [...endings.map((ending) => join(folder, name + ending)), ...[profileFiles(directories).get(name) ?? []].flat()];
	const path = candidates.find((candidate) => existsSync(candidate) && statSync(candidate).isFile());
	if (path) return path;
	throw new UserError(messages.extendsUnknown(from.file, line, name, nearestNames(name, [...profileFiles(directories).keys()])));
}
