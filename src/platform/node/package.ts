import { readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The folder of this package: what it ships lies below. */
export const packageFolder: string = fileURLToPath(new URL('../../../', import.meta.url));

const { name, version, repository } = JSON.parse(readFileSync(`${packageFolder}package.json`, 'utf8')) as Record<
	'name' | 'version' | 'repository',
	string
>;

/** A program of the build that runs in a thread or a process of its own, by its path without an ending, such as "cli/program/count-worker". */
export const builtProgram = (path: string): URL => new URL(`dist/${path}.js`, pathToFileURL(packageFolder));

/** What its package.json says. */
export const tool: { readonly name: string; readonly version: string } = { name, version };
/** Where its source is, such as "github:OWNER/snn-energy". */
export const toolRepository: string = repository;
