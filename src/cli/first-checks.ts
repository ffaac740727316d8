import { statSync } from 'node:fs';
import { UserError } from '../errors.ts';
import { fileMissing } from '../formats/messages.ts';

/** What commands call the files they read: models, saved results, networks with their mapping. */
const files = ['model', 'models', 'network', 'run', 'results', 'before', 'after'] as const;

/**
 * Tells what is mistyped most often, a file or a profile that is not there, before anything heavy loads. Whether a
 * file is what it should be, its reader says.
 *
 * @throws UserError
 */
export async function firstChecks(values: Readonly<Record<string, unknown>>): Promise<void> {
	for (const path of files.flatMap((name) => texts(values[name]))) {
		try {
			statSync(path);
		} catch (cause) {
			const { code } = cause as NodeJS.ErrnoException;
			// Anything else, such as a folder that may not be entered, the reader words better.
			if (code === 'ENOENT' || code === 'ENOTDIR') throw new UserError(fileMissing(path), { cause });
		}
	}
	const profiles = texts(values.profile);
	if (profiles.length === 0) return;
	const { findProfile, shippedProfiles } = await import('../hardware/profile/find.ts');
	for (const name of profiles) findProfile(name, [shippedProfiles]);
}

const texts = (value: unknown): readonly string[] =>
	[value].flat().filter((entry): entry is string => typeof entry === 'string' && entry !== '');
