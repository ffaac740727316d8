import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { UserError } from '../errors.ts';
import * as messages from './messages.ts';

const folderOf = (packageFolder: string): string => join(packageFolder, 'dist/web');

/** The package keeps the page compressed; a checkout has it as it was built. Null for what is no file. */
export function fileAt(path: string): Uint8Array | null {
	if (existsSync(path) && statSync(path).isFile()) return readFileSync(path);
	return existsSync(`${path}.br`) ? brotliDecompressSync(readFileSync(`${path}.br`)) : null;
}

/** A file of the page by its name. @throws UserError if the page was not built */
export function pageFile(packageFolder: string, name: string): Uint8Array {
	const found = fileAt(join(folderOf(packageFolder), name));
	if (found === null) throw new UserError(messages.pageNotBuilt(folderOf(packageFolder)));
	return found;
}
