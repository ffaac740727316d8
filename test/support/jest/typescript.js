/**
 * Module hooks: sources in TypeScript, `#platform/NAME` as the sources for Node, and '@jest/globals'. What a module with `?own=NUMBER`
 * imports of the sources and the tests is loaded anew too.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';

const root = new URL('../../../', import.meta.url).href;

export async function resolve(specifier, context, next) {
	if (specifier === '@jest/globals') return { url: `${root}test/support/jest/globals.js`, format: 'module', shortCircuit: true };
	const found = await source(specifier, context, next);
	const own = /\?own=\d+$/.exec(context.parentURL ?? '')?.[0];
	return own !== undefined && found.url.endsWith('.ts') ? { ...found, url: found.url + own } : found;
}

async function source(specifier, context, next) {
	const platform = /^#platform\/(.+)$/.exec(specifier)?.[1];
	// What the build imports stays in the build.
	if (platform !== undefined && !context.parentURL?.startsWith(`${root}dist/`))
		return { url: `${root}src/platform/node/${platform}.ts`, format: 'module', shortCircuit: true };
	return next(specifier, context);
}

/** One wrong operator in one source file, for scripts/mutants.js. */
const mutant = process.env.SNN_ENERGY_MUTANT ? JSON.parse(process.env.SNN_ENERGY_MUTANT) : null;

function mutated(text, url) {
	if (mutant === null || !url.startsWith(root + mutant.file)) return text;
	return text.slice(0, mutant.at) + mutant.to + text.slice(mutant.at + mutant.from.length);
}

export async function load(url, context, next) {
	const { protocol, pathname } = new URL(url);
	if (protocol !== 'file:' || !pathname.endsWith('.ts')) return next(url, context);
	const filename = fileURLToPath(url);
	const { code } = await transform(mutated(await readFile(filename, 'utf8'), url), {
		filename,
		sourceMaps: 'inline',
		jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
		module: { type: 'es6' },
	});
	return { source: code, format: 'module', shortCircuit: true };
}
