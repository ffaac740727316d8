import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import yargs from 'yargs';
import { explanations } from '../../src/cli/explain-arguments.ts';
import { loadCommands } from '../../src/cli/verbs.ts';
import { UserError } from '../../src/errors.ts';
import { parseAnalysis, renderJson } from '../../src/reporting/index.ts';
import { smallNetwork } from '../hardware/support/activities.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-energy-cli-'));
const run = join(folder, 'run.json');
writeFileSync(run, renderJson(smallNetwork(3)));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Each command adds a listener to stdout; here they all run in one process.
process.stdout.setMaxListeners(0);
let code: typeof process.exitCode;
beforeEach(() => {
	code = process.exitCode;
});
afterEach(() => {
	process.exitCode = code;
});

interface Outcome {
	readonly out: string;
	readonly errors: string;
	readonly code: typeof process.exitCode;
}

/** Runs a command line in this process. @throws what the command throws */
async function snnEnergy(...line: readonly string[]): Promise<Outcome> {
	const written = { out: '', errors: '' };
	const capture = (stream: NodeJS.WriteStream, key: 'out' | 'errors') =>
		jest.spyOn(stream, 'write').mockImplementation((text, ...rest: readonly unknown[]) => {
			written[key] += String(text);
			const done = rest.at(-1);
			if (typeof done === 'function') done();
			return true;
		});
	const spies = [capture(process.stdout, 'out'), capture(process.stderr, 'errors')];
	process.exitCode = undefined;
	try {
		let parser = yargs([...line])
			.exitProcess(false)
			.strict()
			.fail((message, error) => {
				throw error ?? new UserError(message);
			});
		for (const command of await loadCommands()) parser = parser.command(command);
		await parser.parseAsync();
		return { ...written, code: process.exitCode };
	} finally {
		for (const spy of spies) spy.mockRestore();
	}
}

test('a saved run analysed again prints an analysis that can be read back and priced again', async () => {
	const { out } = await snnEnergy('analyze', run, '--profile', '45nm', '--profile', '45nm-memory', '--format', 'json');
	const analysis = parseAnalysis(out, 'stdout');
	expect(analysis.estimates.map(({ profile }) => profile)).toEqual(['45nm', '45nm-memory']);
	const file = join(folder, 'analysis.json');
	writeFileSync(file, out);
	const again = parseAnalysis((await snnEnergy('analyze', file, '--format', 'json')).out, 'stdout');
	expect(again.estimates[0]).toEqual(analysis.estimates[0]);
});

test('a saved run analysed again writes a file whole, and nothing to stdout', async () => {
	const file = join(folder, 'priced.csv');
	expect((await snnEnergy('analyze', run, '--format', 'csv', '--out', file)).out).toBe('');
	expect(readFileSync(file, 'utf8')).toContain('fc1');
});

test('a saved run under a constant of the user says so', async () => {
	const priced = async (...set: readonly string[]) =>
		parseAnalysis((await snnEnergy('analyze', run, '--format', 'json', ...set)).out, 'stdout').estimates[0];
	const [plain, changed] = [await priced(), await priced('--set', 'E_ac=1.8pJ')];
	expect(changed?.terms.acs?.nominal).toBeCloseTo(2 * (plain?.terms.acs?.nominal ?? 0), 22);
	expect(changed?.assumptions.some(({ sentence }) => sentence.includes('E_ac=1.8pJ'))).toBe(true);
});

test('a budget that is exceeded sets the exit code after printing', async () => {
	const { out, code, errors } = await snnEnergy('analyze', run, '--max-energy', '1pJ');
	expect(out).toContain('45nm');
	expect(code).toBe(3);
	expect(errors).not.toBe('');
});

test.each([
	[['analyze', 'README.md'], 'is not'],
	[['analyze', 'nowhere.json'], 'nowhere.json'],
	[['analyze', run, '--profile', 'lohi'], 'Did you mean loihi'],
	[['analyze', run, '--accounting', 'exakt'], 'exakt'],
	[['profiles', 'show', 'nothing'], 'There is no hardware profile "nothing"'],
	[['explain', run, '--by', 'constants', '--sweep', 'timesteps'], 'expected VARIABLE=V1,V2'],
	[['explain', run, '--by', 'constants', '--sweep', 'E_av=1pJ'], 'has no constant "E_av"'],
	[['explain', run, '--by', 'break-even', '--density', '2'], '--density 2: expected a share from 0 to 1'],
	[['explain', run, '--by', 'break-even', '--dnn', 'package.json'], 'is not'],
	[['explain', run, '--by', 'memory', '--profile', 'loihi'], 'has no memory model'],
])('%p is refused in one sentence', async (line, problem) => {
	writeFileSync(join(folder, 'README.md'), '# no run\n');
	const outcome = snnEnergy(...line.map((word) => (word === 'README.md' ? join(folder, word) : word)));
	await expect(outcome).rejects.toThrow(UserError);
	await expect(outcome).rejects.toThrow(problem);
});

test('profiles lists every profile, show prints constants, sources and what is left out', async () => {
	expect((await snnEnergy('profiles')).out).toContain('loihi-sanafe');
	const out = (await snnEnergy('profiles', 'show', 'loihi', '--format', 'markdown')).out.replaceAll('\\', '');
	for (const part of ['E_synapse', 'simulated', '10.1109/MM.2018.112130359', 'barrier energy', 'drivenUpdates'])
		expect(out).toContain(part);
	const record = JSON.parse((await snnEnergy('profiles', 'show', '45nm', '--format', 'json')).out);
	expect(record.constants.E_mul).toMatchObject({ nominal: 3.7, unit: 'pJ', evidence: 'published' });
});

test('profiles check names every problem on stderr and sets the exit code', async () => {
	const [good, bad] = ['good.yaml', 'bad.yaml'].map((name) => join(folder, name)) as [string, string];
	writeFileSync(good, 'name: good\nextends: 45nm\n');
	writeFileSync(
		bad,
		'name: bad\nextends: 45nm\nconstants:\n  a: { value: 1 }\n  b: { value: 2, evidence: none, source: assumption }\n',
	);
	const { out, errors, code } = await snnEnergy('profiles', 'check', good, bad);
	expect(out).toBe(`${good}: a valid hardware profile\n`);
	expect(errors.trim().split('\n')).toHaveLength(3);
	expect(errors).toContain('bad.yaml:5');
	expect(code).toBe(1);
});

test('sensitivity prints a tornado, a sweep prints a line for each value', async () => {
	expect(JSON.parse((await snnEnergy('explain', run, '--by', 'constants', '--format', 'json')).out).bars[0]).toMatchObject({
		constant: 'E_mul',
	});
	const { out } = await snnEnergy('explain', run, '--by', 'constants', '--sweep', 'timesteps=1,2,8', '--format', 'csv');
	expect(out.trim().split('\n')).toHaveLength(4);
});

test('every explanation prints its tables in every format, and all of them at once in those that hold several', async () => {
	const out = (await snnEnergy('explain', run)).out;
	for (const title of ['Sensitivity on 45nm', 'Break-even on 45nm', 'Memory traffic on 45nm-memory', 'Dataflows of 45nm-memory'])
		expect(out).toContain(title);
	expect(Object.keys(JSON.parse((await snnEnergy('explain', run, '--format', 'json')).out))).toEqual([...explanations]);
	await expect(snnEnergy('explain', run, '--format', 'csv')).rejects.toThrow('--format csv holds one table');
});

test('each explanation alone prints its table in every format', async () => {
	for (const by of explanations) {
		for (const format of ['table', 'json', 'csv', 'markdown', 'latex']) {
			const { out } = await snnEnergy('explain', run, '--by', by, '--profile', '45nm-memory', '--format', format);
			expect(out.length).toBeGreaterThan(100);
			expect(out).not.toMatch(/NaN|undefined|\[object/);
		}
	}
});

test('profiles are separated by commas or given several times, and each is known', async () => {
	const profilesOf = async (...words: readonly string[]) =>
		parseAnalysis((await snnEnergy('analyze', run, '--format', 'json', ...words)).out, 'stdout').estimates.map(
			({ profile }) => profile,
		);
	expect(await profilesOf('--profile', '45nm,loihi')).toEqual(['45nm', 'loihi']);
	expect(await profilesOf('--profile', '45nm, loihi', '--profile', '45nm-memory')).toEqual(['45nm', 'loihi', '45nm-memory']);
	await expect(snnEnergy('analyze', run, '--profile', '45nm,lohi')).rejects.toThrow('Did you mean loihi');
});

test('a saved run is priced again under its own profiles where only a constant changes', async () => {
	const file = join(folder, 'loihi.json');
	writeFileSync(file, (await snnEnergy('analyze', run, '--profile', 'loihi', '--format', 'json')).out);
	const analysis = parseAnalysis((await snnEnergy('analyze', file, '--accounting', 'no-sparsity', '--format', 'json')).out, file);
	expect(analysis.estimates.map(({ profile, accounting }) => [profile, accounting])).toEqual([['loihi', 'no-sparsity']]);
});

test('options that say how to run are refused with a saved run', async () => {
	for (const line of [
		['analyze', run, '--samples', '2'],
		['explain', run, '--encoder', 'every-step'],
		['chip', run, '-T', '3'],
	])
		await expect(snnEnergy(...line)).rejects.toThrow('cannot change what was counted');
	await expect(snnEnergy('analyze', run, '--ambiguity')).rejects.toThrow('Name the model');
});
