import { UserError } from '../errors.ts';
import { chipParameters } from './chip/chip-profile.ts';
import { readProfileDocument } from './profile/document.ts';
import { shippedProfiles } from './profile/find.ts';
import { buildProfile } from './profile/load.ts';
import { schemaProblems } from './profile/schema.ts';

/**
 * All that is wrong with a profile file: every violation of the schema, or else the first mistake
 * in units, names, formulas or the chip section. Empty if the file is a valid profile.
 */
export function checkProfile(path: string, directories: readonly string[] = []): readonly string[] {
	try {
		const document = readProfileDocument(path);
		const problems = schemaProblems(document);
		if (problems.length > 0) return problems;
		const profile = buildProfile(document, [...directories, shippedProfiles], []);
		if (profile.chip !== null) chipParameters(profile);
		return [];
	} catch (error) {
		if (error instanceof UserError) return [error.message];
		throw error;
	}
}
