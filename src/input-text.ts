import { files } from '#platform/files';
import type { ReadOptions } from './platform/ports.ts';

/** V8 has no longer strings. */
const longestText = 2 ** 29 - 25;

/** A file as UTF-8 text. @throws as the files of the platform do */
export const readText = (path: string, options: ReadOptions = {}): string => {
	const bytes = files.read(path, { ...options, largest: Math.min(options.largest ?? longestText, longestText) });
	return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
};
