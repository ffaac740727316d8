/** Saved results carry a checksum over all they hold, so that a damaged or edited file is noticed when it is read. */

import { sha256 } from '#platform/digest';
import { changedSinceSaved } from './messages.ts';

/** Of the record's content and not of its bytes: reformatting, as JSON tools do it, does not matter. */
const checksumOf = (record: object): string => `sha256:${sha256().update(JSON.stringify(record)).hex()}`;

/** The record as it is saved, with its checksum. */
export function sealed<Saved extends object>(record: Saved): Saved & { readonly checksum: string } {
	// As it will be read back: without what JSON leaves out.
	return { ...record, checksum: checksumOf(JSON.parse(JSON.stringify(record)) as object) };
}

/**
 * The record without its checksum; one that has none, from an older version or other hands, is taken as it is.
 *
 * @throws UserError when the record is not the one the checksum was made of
 */
export function unsealed(record: object, file: string): object {
	if (!('checksum' in record)) return record;
	const { checksum, ...content } = record;
	if (checksum !== checksumOf(content)) throw changedSinceSaved(file);
	return content;
}
