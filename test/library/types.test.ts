import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { snnEnergy } from '../support/built-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-energy-types-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the README shows of the library. */
const snippet = /```ts\n([^`]*from 'snn-energy';[^`]*)```/.exec(readFileSync('README.md', 'utf8'))?.[1] as string;

/** What the compiler says of a program that uses the package and has no types of Node. */
function complaints(program: string, ...options: readonly string[]): string {
	writeFileSync(join(folder, 'program.mts'), program);
	const strict = ['--strict', '--module', 'nodenext', '--target', 'es2023', '--types', '', '--noEmit'];
	try {
		execFileSync(process.execPath, [resolve('node_modules/typescript/bin/tsc'), ...strict, ...options, 'program.mts'], {
			cwd: folder,
		});
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

test.each(['snn-energy', 'snn-energy/core'])("%s: the README's program compiles strictly without the types of Node", (door) => {
	expect(complaints(snippet.replace("'snn-energy'", `'${door}'`))).toBe('');
	expect(complaints(snippet.replace("'snn-energy'", `'${door}'`), '--customConditions', 'browser')).toBe('');
});

test('the compiler does look: a wrong program, and one that needs Node, are refused', () => {
	expect(complaints(snippet.replace('{ timesteps: 4 }', "{ timesteps: 'four' }"))).toContain('TS2322');
	expect(complaints("import 'snn-energy/core';\nconsole.log(Buffer.from(''));")).toContain("'Buffer'");
});
