import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import yargs from 'yargs/yargs';
import { configuredOptions } from '../../src/cli/config.ts';
import { findConfigFile } from '../../src/cli/config-file.ts';
import { appliedOptions } from '../../src/cli/configured.ts';
import { verbNamed } from '../../src/cli/verbs.ts';
import { snnEnergy } from '../support/built-cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

async function given(text: string, line: readonly string[], name = 'snn-energy.yaml'): Promise<string[]> {
	const file = join(temporaryFolder('config-'), name);
	writeFileSync(file, text);
	const verb = await verbNamed(line[0])?.load();
	if (verb === undefined) throw new Error('no such verb');
	const { options } = await configuredOptions(file, verb, line, () => yargs([]).help(false).version(false));
	return [...options.values()].flat();
}

test('options of a file are those of the command line, which wins over it', async () => {
	const text = 'profile: [45nm, loihi]\nsamples: 20\nquiet: true\narch: vgg6\nanalyze:\n  encoder: every-step\n';
	expect(await given(text, ['analyze', 'm.onnx'])).toEqual([
		'--profile=45nm',
		'--profile=loihi',
		'--samples=20',
		'--quiet',
		'--encoder=every-step',
	]);
	expect(await given(text, ['analyze', 'm.onnx', '--profile=7nm', '--no-quiet', '--samples', '3'])).toEqual([
		'--encoder=every-step',
	]);
	expect(await given('timesteps: 4', ['analyze', 'm.onnx', '-T', '2'])).toEqual([]);
	// Options of other verbs say nothing to this one.
	expect(await given(text, ['profiles', 'show', 'loihi'])).toEqual([]);
	expect(await given('set: E_ac=1pJ', ['profiles', 'show', 'loihi'])).toEqual(['--set=E_ac=1pJ']);
	expect(await given('# nothing yet\n', ['analyze', 'm.onnx'])).toEqual([]);
	const inPackage = '{ "name": "mine", "snn-energy": { "samples": 3 } }';
	expect(await given(inPackage, ['analyze', 'm.onnx'], 'package.json')).toEqual(['--samples=3']);
});

test.each([
	['profil: 45nm', /:1: there is no option "profil"\. Did you mean profile/],
	['analyse:\n  samples: 3', /:1: there is no option "analyse"\. Did you mean analyze/],
	['samples: 3\nanalyze:\n  arch: vgg6', /:3: "analyze" has no option "arch"/],
	['out: x.json', /:1: --out says what one command does/],
	['samples: [1, 2]', /"samples" is a list, and --samples takes one value/],
	['quiet: maybe', /"quiet": expected true or false/],
	['samples:', /"samples" has no value/],
	['just words', /:1: expected options as "name: value"/],
	['a: [b\nc: d', /:2: this is not valid YAML/],
])('%j is answered in one sentence with file and line', async (text, said) => {
	const failure = await given(text, ['analyze', 'm.onnx']).catch((error: Error) => error.message);
	expect(failure).toMatch(said);
	expect(failure).not.toContain('\n');
});

test('the nearest file is found, and the result says what it set', async () => {
	const folder = temporaryFolder('config-');
	const inner = join(folder, 'a/b');
	mkdirSync(inner, { recursive: true });
	expect(findConfigFile(inner)?.startsWith(folder) ?? false).toBe(false);
	writeFileSync(join(folder, 'snn-energy.yaml'), 'profile: 45nm-int8\nsamples: 3\n');
	writeFileSync(join(folder, 'a/package.json'), '{ "dependencies": { "snn-energy": "1.0.0" } }');
	expect(findConfigFile(inner)).toBe(join(folder, 'snn-energy.yaml'));
	const saved = resolve('models/fashion-cnn/model.analysis.json');
	const { stdout, stderr, code } = await snnEnergy(['analyze', saved], { cwd: inner });
	expect([code, stderr]).toEqual([0, 'snn-energy: ../../snn-energy.yaml sets --profile=45nm-int8.\n']);
	// A saved run keeps its samples: only the price comes from the file.
	expect(stdout.replaceAll(/\s+/g, ' ')).toContain('1 timestep, --profile=45nm-int8 from ../../snn-energy.yaml');
	expect(stdout).toContain('Energy on 45nm-int8');
});

const piped = process.platform === 'win32' ? test.skip : test;

piped('a pipe under the name of a file of options is not waited for', async () => {
	const [above, folder] = [temporaryFolder('config-'), temporaryFolder('config-')];
	spawnSync('mkfifo', [join(above, 'package.json'), join(folder, 'snn-energy.yaml')]);
	expect(findConfigFile(above)).toBeNull();
	expect((await snnEnergy(['profiles'], { cwd: folder })).code).toBe(1);
});

test('a format the file gives is the one that is written, whatever the ending of --out', async () => {
	const folder = temporaryFolder('config-');
	writeFileSync(join(folder, 'snn-energy.yaml'), 'format: json\n');
	const run = resolve('models/fashion-cnn/model.analysis.json');
	const { code, stderr } = await snnEnergy(['analyze', run, '--out', 'run.csv'], { cwd: folder });
	expect([code, stderr]).toEqual([0, 'snn-energy: snn-energy.yaml sets --format=json.\n']);
	expect(readFileSync(join(folder, 'run.csv'), 'utf8')).toMatch(/^\{/);
});

test.each([
	['report RUN --interactive --out page.html', /^<!doctype html>/i],
	['analyze RUN --method --out method.md', /^[A-Z]/],
	['analyze RUN --method --out method.txt', /^[A-Z]/],
	['compare RUN RUN --layers --out layers.csv', /^layer/],
])('%s: a mode that cannot write the format of the file writes what its ending says, or its own', async (line, start) => {
	const folder = temporaryFolder('config-');
	writeFileSync(join(folder, 'snn-energy.yaml'), line.startsWith('compare') ? 'format: html\n' : 'format: json\n');
	const words = line.replaceAll('RUN', resolve('models/fashion-cnn/model.analysis.json')).split(' ');
	const { code } = await snnEnergy(words, { cwd: folder });
	expect([code, readFileSync(join(folder, words.at(-1) ?? ''), 'utf8')]).toEqual([0, expect.stringMatching(start)]);
	const typed = await snnEnergy([...words.slice(0, -2), '--format', 'pdf'], { cwd: folder });
	expect([typed.code, typed.stdout]).toEqual([2, '']);
});

test('only regular files are looked into for a saved run: no pipe is waited for, no folder is read', () => {
	const folder = temporaryFolder('config-');
	const configured = { file: 'snn-energy.yaml', options: new Map([['samples', ['--samples=3']]]) };
	const applied = (name: string): string[] => appliedOptions(configured, { model: join(folder, name) });
	mkdirSync(join(folder, 'folder.json'));
	expect(applied('folder.json')).toEqual(['--samples=3']);
	expect(applied('missing.json')).toEqual(['--samples=3']);
	writeFileSync(join(folder, 'run.json'), '{ "schema": "snn-energy/analysis@1" }');
	expect(applied('run.json')).toEqual([]);
	if (process.platform === 'win32') return;
	expect(spawnSync('mkfifo', [join(folder, 'pipe.json')]).status).toBe(0);
	expect(applied('pipe.json')).toEqual(['--samples=3']);
});
