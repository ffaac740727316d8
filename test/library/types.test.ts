import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { snnEnergy } from '../support/built-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-energy-types-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the README shows of the library. */
const snippet = /```ts\n([^`]*from 'snn-energy';[^`]*)```/.exec(readFileSync('README.md', 'utf8'))?.[1] as string;

/** What the compiler says of programs that use the package and have no types of Node, by name. */
function complaints(programs: Readonly<Record<string, string>>, ...options: readonly string[]): string {
	for (const [name, program] of Object.entries(programs)) writeFileSync(join(folder, `${name}.mts`), program);
	const strict = ['--strict', '--module', 'nodenext', '--target', 'es2023', '--types', '', '--noEmit'];
	try {
		execFileSync(
			process.execPath,
			[resolve('node_modules/typescript/bin/tsc'), ...strict, ...options, ...Object.keys(programs).map((name) => `${name}.mts`)],
			{
				cwd: folder,
			},
		);
		return '';
	} catch (error) {
		return String((error as { readonly stdout: Buffer }).stdout);
	}
}

beforeAll(async () => {
	await snnEnergy(['--version']);
	mkdirSync(join(folder, 'node_modules'));
	symlinkSync(resolve('.'), join(folder, 'node_modules', 'snn-energy'), 'dir');
});

const doors = Object.fromEntries(
	['snn-energy', 'snn-energy/core'].map((door, at) => [`door${at}`, snippet.replace("'snn-energy'", `'${door}'`)]),
);

test.each([
	['Node', []],
	['browsers', ['--customConditions', 'browser']],
])("from both doors the README's program compiles strictly for %s without the types of Node", (_, options) => {
	expect(complaints(doors, ...options)).toBe('');
});

test('the compiler does look: a wrong program, and one that needs Node, are refused', () => {
	const said = complaints({
		wrong: snippet.replace('{ timesteps: 4 }', "{ timesteps: 'four' }"),
		node: "import 'snn-energy/core';\nconsole.log(Buffer.from(''));",
	});
	expect(said).toMatch(/^wrong\.mts.* TS2322/m);
	expect(said).toMatch(/^node\.mts.*'Buffer'/m);
});
