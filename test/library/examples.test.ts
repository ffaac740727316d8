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

async function run(code: string, of = code): Promise<Outcome> {
	const file = join(folder, `program-${programs.findIndex(([, other]) => other === of)}.mjs`);
	writeFileSync(file, code);
	return runOnBuild(file, [], { cwd: folder });
}

test('every program of the page is found', () => {
	expect(programs).toHaveLength([...page.matchAll(/```js/g)].length);
	expect(programs.length).toBeGreaterThanOrEqual(4);
});

// The program's own words are kept apart until it ends: what else is printed comes from the library.
const ownWords = `
globalThis.words = [];
globalThis.say = (...said) => words.push(format(...said));
process.on('exit', () => process.stdout.write('\\0' + words.join('\\n')));
`;

test.each(programs)(
	'the program under "%s" runs on the built package; the library is silent, and what the program prints is whole',
	async (_, code) => {
		const told = `import { format } from 'node:util';\n${ownWords}${code.replaceAll('console.log', 'say')}`;
		const { code: exit, stdout, stderr } = await run(told, code);
		const [library, program] = stdout.split('\0');
		expect({ exit, library, stderr }).toEqual({ exit: 0, library: '', stderr: '' });
		expect(program).not.toBe('');
		expect(program).not.toMatch(/NaN|undefined|\[object/);
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
