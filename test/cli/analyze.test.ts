import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { type Outcome, snnEnergy, snnEnergyAll } from '../support/built-cli.ts';
import { commandLine } from '../support/command-line.ts';
import { fixturePath, reference } from '../support/fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-energy-analyze-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);

const name = 'a-snntorch-conv-step';
const model = fixturePath(name, 'model.onnx');
const data = ['--data', fixturePath(name, 'inputs.npy'), '--labels', fixturePath(name, 'labels.npy')];
const analyze = ['analyze', model, '--timesteps', '6', ...data];

const schema = JSON.parse(
	readFileSync(fileURLToPath(new URL('../../src/reporting/schemas/analysis.schema.json', import.meta.url)), 'utf8'),
);
const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema);

/** Runs in this process, for what does not need a process of its own. */
async function here(...line: readonly string[]): Promise<string> {
	const { out, errors, error } = await commandLine(...line);
	expect({ errors, error }).toEqual({ errors: '', error: null });
	return out;
}

test('the help of the program fits one screen, names every command, and goes to stdout', async () => {
	const [help, version, analyzeHelp] = (await snnEnergyAll([['--help'], ['--version'], ['analyze', '--help']])) as [
		Outcome,
		Outcome,
		Outcome,
	];
	expect([help.code, help.stderr]).toEqual([0, '']);
	expect(help.stdout.trimEnd().split('\n').length).toBeLessThanOrEqual(32);
	for (const line of help.stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
	for (const command of ['analyze', 'inspect', 'explain']) expect(help.stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
	const { version: own } = JSON.parse(readFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8'));
	expect(version.stdout).toBe(`${own}\n`);
	expect([analyzeHelp.code, analyzeHelp.stderr]).toEqual([0, '']);
	for (const option of ['--timesteps', '--data', '--labels', '--encoder', '--spike-test', '--format', '--out'])
		expect(analyzeHelp.stdout).toContain(option);
});

test('analyze writes JSON that keeps the published schema and holds PyTorch’s counts', async () => {
	const { stdout, stderr, code } = await snnEnergy([
		...analyze,
		'--encoder',
		'every-step',
		'--format',
		'json',
		'--profile',
		'45nm',
		'--profile',
		'loihi',
	]);
	expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
	const analysis = JSON.parse(stdout);
	expect(validate(analysis) ? [] : validate.errors).toEqual([]);
	const { totals_over_batch: totals, correct_in_batch: correct } = reference(name);
	expect(analysis.totals).toMatchObject({
		acs: totals.acs_by_call,
		macs: totals.macs_effective_by_call,
		synapticEvents: totals.events,
		denseMacs: totals.dense_macs,
		spikes: totals.spikes,
	});
	expect(analysis.accuracy).toEqual({ correct, total: 16 });
	expect(analysis.model).toMatchObject({ file: model, format: 'onnx' });
	expect(analysis.estimates.map(({ profile }: { profile: string }) => profile)).toHaveLength(2);
	expect(analysis.run).toMatchObject({ samples: 16, timesteps: 6, encoder: 'every-step', spikeTest: 'element' });
});

test('the JSON without labels, of a plain network, and of random input keeps the schema too', async () => {
	for (const line of [
		['analyze', model, '--timesteps', '2', ...data.slice(0, 2), '--samples', '3'],
		['analyze', fixturePath('e-relu-twin', 'model.onnx'), '--data', fixturePath('e-relu-twin', 'inputs.npy')],
		[
			'analyze',
			fixturePath('e-relu-twin', 'model.onnx'),
			'--data',
			'random:7',
			'--samples',
			'2',
			'--spike-test',
			'layer',
			'--graded',
			'ac',
		],
		[
			'analyze',
			fixturePath('c-snntorch-fc-bernoulli', 'model.onnx'),
			'--data',
			fixturePath('c-snntorch-fc-bernoulli', 'inputs.npy'),
			'--accounting',
			'all',
		],
	]) {
		const analysis = JSON.parse(await here(...line, '--format', 'json'));
		expect(validate(analysis) ? [] : validate.errors).toEqual([]);
	}
});

test('random input marks the report, and the same seed gives the same counts', async () => {
	const line = ['analyze', fixturePath('e-relu-twin', 'model.onnx'), '--data', 'random:7', '--samples', '3', '--format', 'json'];
	const once = JSON.parse(await here(...line));
	expect(once.warnings).toContainEqual(expect.stringContaining('The input is random (uniform in [0, 1), seed 7)'));
	expect(JSON.parse(await here(...line, '--batch', '1')).totals).toEqual(once.totals);
	expect(JSON.parse(await here(...line.map((word) => (word === 'random:7' ? 'random:8' : word)))).totals).not.toEqual(
		once.totals,
	);
});

test('the bytes of a result depend on neither the batch size nor the run', async () => {
	const line = [...analyze, '--format', 'json'];
	const first = await here(...line);
	expect(await here(...line, '--batch', '5')).toBe(first);
	expect(await here(...line)).toBe(first);
});

test('--out writes the whole file and nothing to stdout; a failed run leaves an older file as it was', async () => {
	const out = path('result.json');
	// Of the kind that is written: a file of another kind is not replaced without --force.
	const older = JSON.stringify({ schema: 'snn-energy/analysis@1' });
	writeFileSync(out, older);
	const failed = await snnEnergy(['analyze', path('none.onnx'), '--format', 'json', '--out', out]);
	expect([failed.code, failed.stdout, readFileSync(out, 'utf8')]).toEqual([1, '', older]);
	const { stdout, stderr, code } = await snnEnergy([...analyze, '--format', 'json', '--out', out]);
	expect({ stdout, stderr, code }).toEqual({ stdout: '', stderr: '', code: 0 });
	expect(JSON.parse(readFileSync(out, 'utf8')).schema).toBe('snn-energy/analysis@1');
	expect(readdirSync(folder).filter((file) => file.includes('.part'))).toEqual([]);
});

test('counts saved once are priced again to the same estimate', async () => {
	const saved = path('activity.json');
	const direct = JSON.parse(await here(...analyze, '--profile', 'loihi', '--format', 'json', '--save-activity', saved));
	const again = JSON.parse(await here('analyze', saved, '--profile', 'loihi', '--format', 'json'));
	expect(validate(again) ? [] : validate.errors).toEqual([]);
	expect(again.estimates).toEqual(direct.estimates);
	expect(again.totals).toEqual(direct.totals);
});

test('CSV has the same columns in every row, and each layer’s counts', async () => {
	const rows = (await here(...analyze, '--format', 'csv'))
		.trimEnd()
		.split('\n')
		.map((line) => line.split(','));
	const widths = new Set(rows.map(({ length }) => length));
	expect(widths.size).toBe(1);
	for (const layer of ['conv1', 'lif1', 'conv2', 'lif2', 'fc', 'lif3'])
		expect(rows.some((cells) => cells.includes(layer))).toBe(true);
});

test('Markdown holds tables whose rows have as many cells as their head', async () => {
	const tables = (await here(...analyze, '--format', 'markdown')).split(/\n\n+/).filter((block) => block.startsWith('|'));
	expect(tables.length).toBeGreaterThan(0);
	for (const table of tables) {
		const cells = table
			.trimEnd()
			.split('\n')
			.map((line) => line.split(/(?<!\\)\|/).length);
		expect(new Set(cells).size).toBe(1);
	}
});

test('the table for people goes to stdout without colours when stdout is no terminal', async () => {
	const { stdout, stderr, code } = await snnEnergy(analyze);
	expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
	expect(stdout).not.toContain('\u001b[');
	for (const word of ['conv1', 'fc', '93.75 %', '45nm', 'per inference']) expect(stdout).toContain(word);
});

test('a limit that is broken ends with exit code 3, after the result', async () => {
	const [broken, kept] = (await snnEnergyAll([
		[...analyze, '--max-energy', '1pJ', '--min-accuracy', '0.99', '--format', 'json'],
		[...analyze, '--max-energy', '1J', '--min-accuracy', '0.5', '--format', 'json'],
	])) as [Outcome, Outcome];
	expect(broken.code).toBe(3);
	expect(broken.stderr.trimEnd().split('\n')).toHaveLength(2);
	expect(JSON.parse(broken.stdout).schema).toBe('snn-energy/analysis@1');
	expect([kept.code, kept.stderr]).toEqual([0, '']);
});

test('inspect says what was found, as JSON and as a table, without any data', async () => {
	const inspection = JSON.parse(await here('inspect', model, '--timesteps', '6', '--format', 'json'));
	const text = JSON.stringify(inspection);
	for (const word of ['conv1', 'conv2', 'fc', 'lif1', 'mem1', 'mem1_next', 'Greater']) expect(text).toContain(word);
	const table = await here('inspect', model, '--timesteps', '6');
	// 25,634 weights and biases; the neurons of all layers share one stored leak and one threshold.
	for (const word of ['conv1', 'lif1', 'soft, delayed', '25,636', 'mem1']) expect(table).toContain(word);
});

test('a reader that closes the pipe early is no error', async () => {
	const { execFileSync } = await import('node:child_process');
	await snnEnergy(['--version']); // builds
	const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
	const line = [process.execPath, main, ...analyze, '--format', 'json'].map((word) => `'${word}'`).join(' ');
	expect(
		execFileSync('bash', ['-o', 'pipefail', '-c', `${line} | head -c 1`], {
			encoding: 'utf8',
			env: { ...process.env, NODE_OPTIONS: '' },
		}),
	).toBe('{');
});
