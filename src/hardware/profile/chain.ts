import { files } from '#platform/files';
import { basename, dirname, isAbsolute, join } from '#platform/paths';
import { UserError } from '../../errors.ts';
import { nearestNames } from '../../nearest.ts';
import * as messages from '../messages.ts';
import { type ProfileDocument, readProfileDocument } from './document.ts';
import { endings, looksLikePath, profileFiles } from './find.ts';
import { checkSchema, type RawProfile } from './schema.ts';

/** One file of a chain of profiles that extend one another. */
export interface Link {
	readonly document: ProfileDocument;
	readonly raw: RawProfile;
}

const longestChain = 8;
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
	const path = candidates.find(files.isFile);
	if (path) return path;
	throw new UserError(messages.extendsUnknown(from.file, line, name, nearestNames(name, [...profileFiles(directories).keys()])));
}
