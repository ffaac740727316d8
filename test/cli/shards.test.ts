import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { jest } from '@jest/globals';
import { snnEnergy, snnEnergyAll } from '../support/built-cli.ts';
import { fixturePath } from '../support/fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-energy-shards-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);
const read = (name: string): string => readFileSync(path(name), 'utf8');

jest.setTimeout(1_200_000);

const name = 'a-snntorch-conv-step';
const data = ['--data', fixturePath(name, 'inputs.npy'), '--labels', fixturePath(name, 'labels.npy')];
const analyze = ['analyze', fixturePath(name, 'model.onnx'), '-T', '6', ...data, '--format', 'csv'];
const shard = (k: number, of: number): string => path(`${k}-of-${of}.activity.json`);

beforeAll(async () => {
	const cuts = [1, 3, 7].flatMap((of) => Array.from({ length: of }, (_, at) => [at + 1, of] as const));
	const outcomes = await snnEnergyAll([
		[...analyze, '--save-activity', path('whole.json')],
		...cuts.map(([k, of]) => [...analyze, '--quiet', '--shard', `${k}/${of}`, '--save-activity', shard(k, of)]),
	]);
	for (const [at, { code, stdout }] of outcomes.entries()) expect([at, code, stdout.startsWith('model,')]).toEqual([at, 0, true]);
});

test('1, 3 and 7 shards merged in any order are byte for byte the run in one piece', async () => {
	expect(readFileSync(shard(1, 1), 'utf8')).toBe(read('whole.json'));
	const orders = [
		[1, 2, 3].map((k) => shard(k, 3)),
		[3, 1, 2].map((k) => shard(k, 3)),
		[1, 2, 3, 4, 5, 6, 7].map((k) => shard(k, 7)),
		[4, 7, 1, 6, 2, 5, 3].map((k) => shard(k, 7)),
	];
	const outcomes = await snnEnergyAll(orders.map((files) => ['batch', 'merge', ...files]));
	for (const { stdout, stderr, code } of outcomes) expect([code, stderr, stdout]).toEqual([0, '', read('whole.json')]);
});

test('worker processes give the bytes of one process', async () => {
	const { code, stderr } = await snnEnergy([...analyze, '--jobs', '2', '--save-activity', path('jobs.json')]);
	expect([code, stderr, read('jobs.json')]).toEqual([0, '', read('whole.json')]);
});

test('a shard is priced like any run, and says that it is none of the whole', async () => {
	const { stdout, code } = await snnEnergy(['analyze', shard(2, 3), '--format', 'json']);
	const analysis = JSON.parse(stdout);
	expect([code, analysis.run.partial, analysis.run.samples]).toEqual([0, true, 5]);
	expect(analysis.warnings).toContain('Partial: the counts are of samples 6 to 10 of 16 only.');
	expect(analysis).not.toHaveProperty('part');
});

test('missing samples are named; --partial joins what there is, and that can be joined again', async () => {
	const [refused, joined] = await snnEnergyAll([
		['batch', 'merge', shard(1, 3), shard(3, 3), '--out', path('none.json')],
		['batch', 'merge', shard(3, 3), shard(1, 3), '--partial', '--out', path('two.json')],
	]);
	expect(refused?.code).toBe(1);
	expect(refused?.stderr).toContain('Missing: samples 6 to 10 of 16. Name all shards, or pass --partial');
	expect(existsSync(path('none.json'))).toBe(false);
	expect([joined?.code, joined?.stderr]).toEqual([
		0,
		'snn-energy: Partial: the counts are of samples 1 to 5 and 11 to 16 of 16 only.\n',
	]);
	expect((await snnEnergy(['batch', 'merge', path('two.json'), shard(2, 3)])).stdout).toBe(read('whole.json'));
});

test('shards that do not belong together are refused with what differs', async () => {
	const other = fixturePath('a-snntorch-conv-unrolled', 'model.onnx');
	const run = [...analyze, '--quiet', '--shard', '2/3', '--save-activity'];
	const made = await snnEnergyAll([
		['analyze', other, ...data, '--quiet', '--shard', '2/3', '--save-activity', path('model.json')],
		[...run, path('encoder.json'), '--encoder', 'every-step'],
		[...run, path('timesteps.json'), '--timesteps', '5'].filter((word, at, all) => word !== '-T' && all[at - 1] !== '-T'),
		[...run, path('samples.json'), '--samples', '15'],
		[...run, path('unlabelled.json')].filter((word, at, all) => word !== '--labels' && all[at - 1] !== '--labels'),
	]);
	expect(made.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
	writeFileSync(path('edited.json'), readFileSync(shard(2, 3), 'utf8').replace(/("part"[\s\S]*?"active": )(\d+)/, '$11$2'));
	writeFileSync(path('short.json'), readFileSync(shard(2, 3), 'utf8').slice(0, 9000));
	const cases: readonly (readonly [string, string])[] = [
		[path('model.json'), 'the model (SHA-256) differs'],
		[path('encoder.json'), '--encoder differs (every-step, not once)'],
		[path('timesteps.json'), '--timesteps differs (5, not 6)'],
		[path('samples.json'), 'the number of samples of the whole run differs (15, not 16)'],
		[path('unlabelled.json'), 'the labels (SHA-256) differs'],
		[path('edited.json'), 'its checksum does not fit its counts'],
		[path('short.json'), 'is not JSON, or was cut short'],
		[shard(1, 7), 'samples 1 to 2 were counted in'],
		[path('whole.json'), 'holds a whole run'],
		[path('absent.json'), 'there is no such file'],
		[fixturePath(name, 'reference.json'), 'holds JSON of another kind'],
	];
	const outcomes = await snnEnergyAll(
		cases.map(([file]) => ['batch', 'merge', shard(1, 3), file, shard(3, 3), '--out', path('bad.json')]),
	);
	for (const [at, [file, sentence]] of cases.entries()) {
		const { code, stderr, stdout } = outcomes[at] as (typeof outcomes)[number];
		expect([file, code, stdout]).toEqual([file, 1, '']);
		expect(stderr).toContain(sentence);
	}
	expect(existsSync(path('bad.json'))).toBe(false);
});

test('compare runs a shard of each model, saves the counts in a folder, and compares the merged ones', async () => {
	const models = [fixturePath(name, 'model.onnx'), fixturePath('a-snntorch-conv-unrolled', 'model.onnx')];
	const line = (k: number) => [
		'compare',
		...models,
		'-T',
		'6',
		...data,
		'--quiet',
		'--shard',
		`${k}/2`,
		'--save-activity',
		path('both'),
	];
	const outcomes = await snnEnergyAll([line(1), line(2)]);
	expect(outcomes.map(({ code }) => code)).toEqual([0, 0]);
	expect(readdirSync(path('both')).sort()).toEqual(
		['a-snntorch-conv-step-model', 'a-snntorch-conv-unrolled-model'].flatMap((run) =>
			[1, 2].map((k) => `${run}.${k}-of-2.activity.json`),
		),
	);
	const merged = await snnEnergy([
		'batch',
		'merge',
		path('both/a-snntorch-conv-step-model.2-of-2.activity.json'),
		path('both/a-snntorch-conv-step-model.1-of-2.activity.json'),
	]);
	expect(merged.stdout).toBe(read('whole.json'));
});

/** Starts a long run and waits until it has kept something. */
async function begin(line: readonly string[], kept: string): Promise<ChildProcess & { readonly ended: Promise<number | null> }> {
	const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
	const child = spawn(process.execPath, [main, ...line], {
		stdio: 'ignore',
		env: { ...process.env, SNN_ENERGY_KEEP_SECONDS: '0.05' },
	});
	const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
	for (let tries = 0; tries < 8000 && !existsSync(kept) && child.exitCode === null; tries += 1) await wait(25);
	expect(existsSync(kept)).toBe(true);
	return Object.assign(child, { ended });
}

const long = [
	'analyze',
	fixturePath('c-snntorch-fc-bernoulli', 'model.onnx'),
	'--data',
	'random:3',
	'--samples',
	'800',
	'--batch',
	'4',
	'--format',
	'csv',
];

test('Ctrl-C keeps a valid partial result, kill -9 leaves the last one kept, and --resume ends in the bytes of an unbroken run', async () => {
	const unbroken = await snnEnergy([...long, '--quiet', '--save-activity', path('unbroken.json')]);
	expect(unbroken.code).toBe(0);
	for (const [signal, jobs] of [
		['SIGINT', '2'],
		['SIGKILL', '1'],
	] as const) {
		const file = path(`${signal}-${jobs}.json`);
		const line = [...long, '--quiet', '--save-activity', file];
		const run = await begin([...line, '--jobs', jobs], `${file}.partial`);
		run.kill(signal);
		expect([signal, await run.ended]).toEqual([signal, signal === 'SIGINT' ? 130 : null]);
		expect(existsSync(file)).toBe(false);
		const partial = JSON.parse(readFileSync(`${file}.partial`, 'utf8'));
		expect(partial.run.partial).toBe(true);
		expect(partial.run.samples).toBeLessThan(800);
		const [priced, other] = await snnEnergyAll([
			['analyze', `${file}.partial`, '--format', 'csv'],
			[...line, '--resume', '--encoder', 'every-step'],
		]);
		expect(priced?.code).toBe(0);
		expect([other?.code, other?.stderr]).toEqual([1, expect.stringContaining('--encoder differs (once then, every-step now)')]);
		const resumed = await snnEnergy([...line, '--resume']);
		expect([resumed.code, readFileSync(file, 'utf8') === read('unbroken.json')]).toEqual([0, true]);
		expect(resumed.stdout).toBe(unbroken.stdout);
		expect(existsSync(`${file}.partial`)).toBe(false);
	}
});

test('a worker that is killed is named, the others stop, and nothing is written but what can be gone on from', async () => {
	const file = path('killed.json');
	const line = [...long, '--quiet', '--jobs', '2', '--save-activity', file];
	const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
	const child = spawn(process.execPath, [main, ...line], {
		stdio: ['ignore', 'ignore', 'pipe'],
		env: { ...process.env, SNN_ENERGY_KEEP_SECONDS: '0.05' },
	});
	let said = '';
	child.stderr.on('data', (text: Buffer) => {
		said += text.toString();
	});
	const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
	for (let tries = 0; tries < 8000 && !existsSync(`${file}.partial`); tries += 1) await wait(25);
	const [worker] = childrenOf(child.pid as number);
	process.kill(worker as number, 'SIGKILL');
	expect(await ended).toBe(1);
	expect(said).toMatch(
		/^snn-energy: Worker [12] of 2 was ended by SIGKILL before it had counted its samples\..*too little memory.*\n$/,
	);
	expect(existsSync(file)).toBe(false);
	expect(readdirSync(folder).filter((found) => /^killed\.json.*\.part$/.test(found))).toEqual([]);
	expect((await snnEnergy([...line, '--resume'])).code).toBe(0);
	expect(readFileSync(file, 'utf8') === read('unbroken.json')).toBe(true);
});

/** Processes whose parent this is, on systems with /proc. */
function childrenOf(pid: number): number[] {
	return readdirSync('/proc')
		.filter((entry) => /^\d+$/.test(entry))
		.filter((entry) => {
			try {
				return readFileSync(`/proc/${entry}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(pid);
			} catch {
				return false; // it ended meanwhile
			}
		})
		.map(Number);
}
