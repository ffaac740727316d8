import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finishScript, planSweep, shellWord } from '../../src/jobs/sweep.ts';
import { commandLine } from '../support/command-line.ts';
import { fixturePath } from '../support/fixture.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-energy-sweep-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const request = {
	models: [
		{ model: 'dnn.onnx', name: 'dnn', timesteps: null },
		{ model: "it's/snn.onnx", name: 'snn.T2', timesteps: 2 },
		{ model: "it's/snn.onnx", name: 'snn.T4', timesteps: 4 },
	],
	profiles: ['45nm', 'loihi'],
	shards: 3,
	folder: 'out',
	program: 'npx snn-energy',
	analyzeOptions: ['--data', 'my data.npy'],
	priceOptions: ['--set', 'E_ac=0.4pJ'],
};

test('a sweep has a job for each model, number of timesteps and shard, and none for a profile', () => {
	const { jobs, runs } = planSweep(request);
	expect(jobs).toHaveLength(9);
	expect(new Set(jobs).size).toBe(9);
	expect(jobs[4]).toBe(
		"npx snn-energy analyze 'it'\\''s/snn.onnx' --timesteps 2 --data 'my data.npy' --shard 2/3 --save-activity out/counts/snn.T2.2-of-3.activity.json --resume",
	);
	expect(jobs.filter((job) => job.includes('--timesteps'))).toHaveLength(6);
	expect(runs.map(({ shards }) => shards.length)).toEqual([3, 3, 3]);
	expect(planSweep({ ...request, profiles: ['45nm'] }).jobs).toEqual(jobs);
});

test('finishing merges what the jobs of a run have saved before it prices it, and prices before it compares', () => {
	const plan = planSweep(request);
	const { finish, runs } = plan;
	expect(finish).toHaveLength(7);
	for (const { shards, activity, result } of runs) {
		const merge = finish.findIndex((line) => line.includes(' merge ') && line.endsWith(`--out ${activity}`));
		const price = finish.findIndex((line) =>
			line.includes(` analyze ${activity} --profile 45nm --profile loihi --set E_ac=0.4pJ`),
		);
		for (const shard of shards) expect(finish[merge]).toContain(` ${shard} `);
		expect(merge).toBeLessThan(price);
		expect(finish[price]?.endsWith(`--out ${result}`)).toBe(true);
		expect(finish.at(-1)).toContain(result);
	}
	expect(finishScript(plan).split('\n').slice(3, -1)).toEqual([...finish]);
	expect(planSweep({ ...request, shards: 1 }).finish.some((line) => line.includes(' merge '))).toBe(false);
});

test.each(['plain', 'with space', "it's", '$HOME', '`id`', 'a\\b', '*', 'ü', '"'])(
	'a shell reads %p back from its quoted form',
	(word) => {
		expect(execFileSync('/bin/sh', ['-c', `printf %s ${shellWord(word)}`], { encoding: 'utf8' })).toBe(word);
	},
);

test('the command opens every model, gives step models each T and others their own, and writes whole files', async () => {
	const [step, unrolled] = [
		fixturePath('a-snntorch-conv-step', 'model.onnx'),
		fixturePath('a-snntorch-conv-unrolled', 'model.onnx'),
	];
	const data = fixturePath('a-snntorch-conv-step', 'inputs.npy');
	const line = ['batch', 'plan', step, unrolled, '--data', data, '--graded', 'ac', '--out', join(folder, 'sweep')];
	const { out, error } = await commandLine(...line, '-T', '2,4', '--shards', '2');
	expect(error).toBeNull();
	expect(out).toContain('6 jobs of 3 runs');
	expect(readdirSync(join(folder, 'sweep')).sort()).toEqual(['counts', 'finish.sh', 'jobs.txt', 'results', 'sweep.json']);
	const jobs = readFileSync(join(folder, 'sweep/jobs.txt'), 'utf8').trimEnd().split('\n');
	const { runs, jobs: listed } = JSON.parse(readFileSync(join(folder, 'sweep/sweep.json'), 'utf8'));
	expect(listed).toEqual(jobs);
	expect(runs.map(({ name, timesteps }: { name: string; timesteps: number | null }) => [name, timesteps])).toEqual([
		['a-snntorch-conv-step-model.T2', 2],
		['a-snntorch-conv-step-model.T4', 4],
		['a-snntorch-conv-unrolled-model', null],
	]);
	for (const job of jobs) expect(job).toContain('--graded ac');
});

test('what would fail in a job is told when the sweep is written', async () => {
	const step = fixturePath('a-snntorch-conv-step', 'model.onnx');
	const data = ['--data', fixturePath('a-snntorch-conv-step', 'inputs.npy')];
	const cases: readonly (readonly [readonly string[], string])[] = [
		[[step, ...data], '--timesteps'],
		[[step, ...data, '-T', '2,x'], '--timesteps 2,x: expected whole numbers'],
		[[step, ...data, '-T', '2', '--shards', '0'], '--shards 0: expected a whole number'],
		[[step, ...data, '-T', '2', '--shards', '17'], 'has only 16 samples'],
		[[step, '--data', fixturePath('e-resnet20-cifar10', 'inputs.npy'), '-T', '2'], 'wants'],
		[[step, ...data, '-T', '2', '--profile', 'none'], 'none'],
	];
	for (const [words, sentence] of cases) {
		const { error } = await commandLine('batch', 'plan', ...words, '--out', join(folder, 'bad'));
		expect(String(error)).toContain(sentence);
	}
	expect(readdirSync(folder)).not.toContain('bad');
});
