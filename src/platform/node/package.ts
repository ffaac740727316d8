import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The folder of this package: what it ships lies below. */
export const packageFolder: string = fileURLToPath(new URL('../../../', import.meta.url));

const { name, version } = JSON.parse(readFileSync(`${packageFolder}package.json`, 'utf8')) as Record<'name' | 'version', string>;

/** What its package.json says. */
export const tool: { readonly name: string; readonly version: string } = { name, version };
