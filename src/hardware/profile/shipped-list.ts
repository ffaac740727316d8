import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { displayName, profileFiles, shippedProfiles } from './find.ts';

/** One line of the list of profiles. */
export interface ProfileSummary {
	readonly name: string;
	readonly title: string;
	/** As messages name it: relative to the working directory if that is shorter. */
	readonly file: string;
	readonly scope: string;
}

/** The list of the shipped profiles as the build found it, each read and checked, and the digest of their files. */
export interface ShippedList {
	readonly digest: string;
	/** `file` is a name within the folder of profiles. */
	readonly profiles: readonly ProfileSummary[];
}

/** Where the build keeps the list: beside this module. */
export const shippedListFile = new URL('shipped-list.json', import.meta.url);

/** What a list must be made from to still hold: names and bytes of all shipped profiles. */
export function shippedDigest(): string {
	const hash = createHash('sha256');
	for (const [name, path] of profileFiles([shippedProfiles])) hash.update(`${name}\0`).update(readFileSync(path));
	return hash.digest('hex');
}

export const shippedList = (summaries: readonly ProfileSummary[]): ShippedList => ({
	digest: shippedDigest(),
	profiles: summaries.map((summary) => ({ ...summary, file: basename(summary.file) })),
});

/**
 * The shipped profiles as the build listed them, in a hundredth of the time it takes to check them again.
 *
 * @returns null where the build made no list, or a profile changed since
 */
export function readShippedList(path: string | URL = shippedListFile): readonly ProfileSummary[] | null {
	let list: ShippedList;
	try {
		list = JSON.parse(readFileSync(path, 'utf8')) as ShippedList;
	} catch {
		return null;
	}
	if (list.digest !== shippedDigest()) return null;
	return list.profiles.map((summary) => ({ ...summary, file: displayName(join(shippedProfiles, summary.file)) }));
}
