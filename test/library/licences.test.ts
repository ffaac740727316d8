import { readFileSync } from 'node:fs';

interface LockedPackage {
	readonly license?: string;
	readonly dev?: boolean;
	readonly hasInstallScript?: boolean;
}

const lock = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')) as {
	readonly packages: Readonly<Record<string, LockedPackage>>;
};
/** What users install: everything but the tools of development. */
const installed = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && !dev);

/** Licences under which a package may be used by an Apache-2.0 one, as far as SPDX names them. */
// MPL-2.0 covers its own files only; Apache's licence policy lets them be used unchanged beside others.
const compatible = new Set([
	'MPL-2.0',
	'MIT',
	'ISC',
	'Apache-2.0',
	'BSD-2-Clause',
	'BSD-3-Clause',
	'0BSD',
	'Unlicense',
	'CC0-1.0',
]);
/** Packages whose package.json names no licence, and the one in their LICENSE file. */
const unnamed: Readonly<Record<string, string>> = { 'node_modules/png-js': 'MIT' };

test.each(installed.map(([path, { license }]) => [path, license ?? unnamed[path] ?? 'none']))(
	'%s is under a licence that goes with Apache-2.0: %s',
	(_, licence) => {
		for (const part of licence.replaceAll(/[()]/g, '').split(/ AND | OR /)) expect(compatible).toContain(part);
	},
);

test('a licence that does not go with Apache-2.0 would be seen', () => {
	expect(compatible).not.toContain('GPL-3.0-only');
	expect(installed.length).toBeGreaterThan(100);
});

test('the package names licence, versions of Node and no script that runs when it is installed', () => {
	const own = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
	expect(own.license).toBe('Apache-2.0');
	expect(own.engines.node).toBe('>=20.19');
	for (const name of ['preinstall', 'install', 'postinstall', 'prepare']) expect(own.scripts).not.toHaveProperty(name);
});
