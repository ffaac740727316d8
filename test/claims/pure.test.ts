import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../src/claims', import.meta.url));

/** Modules a file needs at run time; types leave nothing behind. */
const needs = (file: string): string[] =>
	[...readFileSync(file, 'utf8').matchAll(/^(?:import|export)\s+(?!type\b)[^;]*?from\s+'([^']+)'/gm)].map(
		([, name]) => name as string,
	);

test('the claim checker runs where there is no Node: nothing it imports, near or far, is a module of Node', () => {
	const seen = new Set<string>();
	const packages = new Set<string>();
	const visit = (file: string): void => {
		if (seen.has(file)) return;
		seen.add(file);
		for (const name of needs(file)) {
			if (name.startsWith('.')) visit(resolve(dirname(file), name));
			else packages.add(name);
		}
	};
	for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
		if (file.endsWith('.ts')) visit(join(folder, file));
	expect(seen.size).toBeGreaterThan(12);
	expect([...packages]).toEqual(['yaml']);
});
