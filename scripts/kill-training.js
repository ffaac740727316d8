/**
 * Kills a small training run with SIGKILL at random moments, again and again, and continues it: no saved checkpoint may be lost or
 * damaged, no more than the epoch under way may be repeated, and the models must come out as those of an unbroken run, byte for byte.
 *
 *     npm run build && node scripts/kill-training.js [trials, 50] [seed, 1]
 *
 * Needs MNIST ("snn-energy data fetch mnist").
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadCheckpoint } from '../dist/training/checkpoint.js';
import { randomStream } from '../dist/training/random.js';

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const trials = Number(process.argv[2] ?? 50);
const random = randomStream(Number(process.argv[3] ?? 1));
const folder = mkdtempSync(join(tmpdir(), 'snn-kill-'));
const net = ['--dataset', 'mnist', '--arch', '4 A 6 A 12d', '--train-limit', '400', '--test-limit', '100', '--batch-size', '20'];
const settings = [
	...net,
	'--schedule',
	'3,2,1',
	'--epochs',
	'4,3,3,4',
	'--threshold-steps',
	'3',
	'--workers',
	'1',
	'--samples',
	'20',
];

function start(out) {
	const child = spawn(process.execPath, [main, 'train', ...settings, '--out', join(folder, out), '--resume'], {
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	let stderr = '';
	const first = new Promise((resolve) => {
		child.stderr.on('data', (text) => {
			stderr += text;
			if (stderr.includes('left in this stage')) resolve();
		});
		child.on('close', resolve);
	});
	return { child, first, ended: new Promise((resolve) => child.on('close', (code) => resolve({ code, stderr }))) };
}

/** Epochs that each stage's checkpoint holds; reading one checks it whole. */
function saved(out) {
	const place = join(folder, out, 'checkpoints');
	if (!existsSync(place)) return new Map();
	const names = readdirSync(place).filter((name) => name.endsWith('.ckpt'));
	return new Map(names.map((name) => [name, loadCheckpoint(join(place, name)).header.epoch]));
}

function models(out) {
	const files = readdirSync(join(folder, out), { recursive: true }).filter((name) => /\.(onnx|bin|npz)$/.test(name));
	return files.sort().map(
		(name) =>
			`${name} ${createHash('sha256')
				.update(readFileSync(join(folder, out, name)))
				.digest('hex')}`,
	);
}

const began = performance.now();
const whole = await start('whole').ended;
if (whole.code !== 0) throw new Error(`the unbroken run ended with ${whole.code}: ${whole.stderr}`);
// From the start of a process to its end, some way into what a whole run takes.
const span = performance.now() - began;
let before = new Map();
let killed = 0;
for (let trial = 0; trial < trials; trial++) {
	const run = start('killed');
	// Every third is killed wherever it is, while it starts or reads; the others once they train.
	if (trial % 3 !== 0) await run.first;
	await new Promise((resolve) => setTimeout(resolve, (random() / 2 ** 32) * span * 0.3));
	killed += run.child.kill('SIGKILL') ? 1 : 0;
	await run.ended;
	const now = saved('killed');
	for (const [name, epochs] of before)
		if (!((now.get(name) ?? -1) >= epochs))
			throw new Error(`trial ${trial}: ${name} held ${epochs} epochs and now ${now.get(name)}`);
	before = now;
	if (now.has('T1.ckpt') && now.get('T1.ckpt') >= 4) {
		// Everything was trained: start over, so that all trials hit work in progress.
		rmSync(join(folder, 'killed'), { recursive: true });
		before = new Map();
	}
}
const last = await start('killed').ended;
if (last.code !== 0) throw new Error(`the last run ended with ${last.code}: ${last.stderr}`);
const [expected, found] = [models('whole'), models('killed')];
if (expected.join() !== found.join()) throw new Error(`the models differ:\n${expected.join('\n')}\n${found.join('\n')}`);
rmSync(folder, { recursive: true });
process.stdout.write(
	`${trials} trials, ${killed} processes killed: no checkpoint lost or damaged, ${found.length} files as those of an unbroken run\n`,
);
