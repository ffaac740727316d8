import { sha256 } from '#platform/digest';
import { files } from '#platform/files';
import { packageFolder } from '#platform/package';
import { basename, join } from '#platform/paths';
import { readText } from '../../input-text.ts';
import { profileFiles, shippedProfiles } from './find.ts';

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

/** Where the build keeps the list. */
export const shippedListFile = join(packageFolder, 'dist', 'hardware', 'profile', 'shipped-list.json');

/** What a list must be made from to still hold: names and bytes of all shipped profiles. */
function shippedDigest(): string {
	const hash = sha256();
	for (const [name, path] of profileFiles([shippedProfiles])) hash.update(`${name}\0`).update(files.read(path));
	return hash.hex();
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
export function readShippedList(path = shippedListFile): readonly ProfileSummary[] | null {
	let list: ShippedList;
	try {
		list = JSON.parse(readText(path)) as ShippedList;
	} catch {
		return null;
	}
	if (list.digest !== shippedDigest()) return null;
	return list.profiles.map((summary) => ({ ...summary, file: files.shortName(join(shippedProfiles, summary.file)) }));
}
