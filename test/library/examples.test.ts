import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Outcome, runOnBuild } from '../support/built-cli.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(root, 'docs/library.md'), 'utf8');
/** Each program of the page under its heading. */
const programs = [...page.matchAll(/^## (.+)\n(?:(?!^## )[\s\S])*?```js\n([\s\S]*?)```/gm)].map(
	([, heading, code]) => [heading, code] as [string, string],
);

/** A folder in which the package is installed, as a user's project has it. */
const folder = mkdtempSync(join(tmpdir(), 'snn-energy-library-'));
mkdirSync(join(folder, 'node_modules'));
// Its own scope: a package.json further up could bear our name.
writeFileSync(join(folder, 'package.json'), '{}');
symlinkSync(root, join(folder, 'node_modules/snn-energy'), 'dir');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(code: string): Promise<Outcome> {
	const file = join(folder, `program-${programs.findIndex(([, other]) => other === code)}.mjs`);
	writeFileSync(file, code);
	return runOnBuild(file, [], { cwd: folder });
}

test('every program of the page is found', () => {
	expect(programs).toHaveLength([...page.matchAll(/```js/g)].length);
	expect(programs.length).toBeGreaterThanOrEqual(4);
});

test.each(programs)('the program under "%s" runs on the built package and prints its result alone', async (_, code) => {
	const { code: exit, stdout, stderr } = await run(code);
	expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
	expect(stdout).not.toBe('');
	expect(stdout).not.toMatch(/NaN|undefined|\[object/);
});

test.each(programs)(
	'without its own console.log the program under "%s" prints nothing: the library is silent',
	async (_, code) => {
		const { code: exit, stdout, stderr } = await run(code.replaceAll('console.log', 'String'));
		expect({ exit, stdout, stderr }).toEqual({ exit: 0, stdout: '', stderr: '' });
	},
);

test('a mistake is thrown as a UserError in every verb that reads, and the process goes on', async () => {
	const code = `
import { analyzeFile, checkProfile, loadNetwork, loadProfile, parseAnalysis, UserError } from 'snn-energy';
const attempts = [
	() => loadNetwork('missing.onnx'),
	() => loadNetwork('package-lock.json'),
	() => loadProfile('no-such-profile'),
	() => loadProfile('45nm', { set: ['E_ac=1 metre'] }),
	() => parseAnalysis('{', 'half.json'),
	() => parseAnalysis('{}', 'other.json'),
	() => analyzeFile('missing.onnx', { profiles: ['no-such-profile'] }),
];
for (const attempt of attempts) {
	try {
		await attempt();
		console.log('nothing was thrown by', String(attempt));
	} catch (error) {
		if (!(error instanceof UserError)) console.log(error);
	}
}
if (checkProfile('missing.yaml').length !== 1) console.log('no problem told');
console.log('done');
`;
	expect(await run(code)).toMatchObject({ code: 0, stdout: 'done\n', stderr: '' });
});
