/**
 * Kills runs at random moments and looks at what they leave behind.
 *
 *   npm run build && node scripts/kill-trials.js [trials, default 50] [seed]
 *
 * Each trial starts (or resumes) a run shared by two workers that keeps its counts ten times a second, and after a random
 * time kills -9 the parent or one worker. Then the result must be absent or byte for byte that of an unbroken run, what
 * was kept must be absent or whole (its checksum holds), and nothing half-written may go by a name that is read. A trial
 * that finishes before the kill must have the right bytes; the next one then starts anew.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readPart } from '../dist/scale/index.js';

const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const model = fileURLToPath(new URL('../test/fixtures/c-snntorch-fc-bernoulli/model.onnx', import.meta.url));
const trials = Number(process.argv[2] ?? 50);
let state = Number(process.argv[3] ?? 1);
const random = () => {
	state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
	return state / 2 ** 32;
};

const folder = mkdtempSync(join(tmpdir(), 'snn-energy-kill-'));
const result = join(folder, 'run.json');
const kept = `${result}.partial`;
const line = ['analyze', model, '--data', 'random:3', '--samples', '3000', '--batch', '4', '--format', 'csv', '--quiet'];

/** Starts the program; resolves when all its processes are gone. */
function start(options) {
	const env = { ...process.env, SNN_ENERGY_KEEP_SECONDS: '0.1' };
	const child = spawn(process.execPath, [main, ...line, ...options], { stdio: ['ignore', 'ignore', 'pipe'], env });
	let said = '';
	child.stderr.on('data', (text) => {
		said += text;
	});
	const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, said })));
	return { child, ended };
}

/** Processes whose parent this is. */
const workersOf = (pid) =>
	readdirSync('/proc').filter((entry) => {
		try {
			return /^\d+$/.test(entry) && readFileSync(`/proc/${entry}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(pid);
		} catch {
			return false; // it ended meanwhile
		}
	});

const fail = (trial, problem) => {
	console.error(`trial ${trial}: ${problem}; files are in ${folder}`);
	process.exit(1);
};

const begun = performance.now();
const unbroken = await start(['--save-activity', join(folder, 'unbroken.json')]).ended;
if (unbroken.code !== 0) fail(0, `the unbroken run ended with ${unbroken.code}: ${unbroken.said}`);
const expected = readFileSync(join(folder, 'unbroken.json'), 'utf8');
const longest = 1.2 * (performance.now() - begun);

const counts = { parent: 0, worker: 0, finished: 0, whole: 0, resumed: 0 };
for (let trial = 1; trial <= trials; trial += 1) {
	if (existsSync(kept)) counts.resumed += 1;
	const run = start(['--jobs', '2', '--save-activity', result, '--resume']);
	let over = null;
	run.ended.then((outcome) => {
		over = outcome;
	});
	const end = performance.now() + random() * longest;
	while (over === null && performance.now() < end) await wait(5);
	if (over === null) {
		const workers = workersOf(run.child.pid);
		const target = random() < 0.5 || workers.length === 0 ? 'parent' : 'worker';
		const pid = target === 'parent' ? run.child.pid : Number(workers[Math.floor(random() * workers.length)]);
		try {
			process.kill(pid, 'SIGKILL');
			counts[target] += 1;
		} catch {
			// It ended a moment ago by itself.
		}
	}
	const { code, signal, said } = await run.ended;
	if (signal === null && code !== 0 && !/Worker \d of \d was ended by SIGKILL/.test(said))
		fail(trial, `exit code ${code}: ${said}`);
	// Workers of a killed parent end as soon as they notice.
	for (let tries = 0; workersLeft() && tries < 2000; tries += 1) await wait(5);
	for (const name of readdirSync(folder)) {
		if (!['unbroken.json', 'run.json', 'run.json.partial'].includes(name) && !name.endsWith('.part')) fail(trial, `left ${name}`);
	}
	if (existsSync(kept)) {
		const part = readPart(kept);
		if (part === null || part.record.samples >= 3000) fail(trial, 'what was kept is no part');
	}
	if (existsSync(result)) {
		if (readFileSync(result, 'utf8') !== expected) fail(trial, 'the result differs from the unbroken run');
		counts.whole += 1;
		rmSync(result);
		rmSync(kept, { force: true });
	} else if (code === 0) fail(trial, 'success without a result');
	if (code === 0) counts.finished += 1;
}

function workersLeft() {
	return readdirSync('/proc').some((entry) => {
		try {
			const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8');
			return (
				command.includes('count-worker.js') && readFileSync(`/proc/${entry}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === '1'
			);
		} catch {
			return false;
		}
	});
}

const last = await start(['--jobs', '2', '--save-activity', result, '--resume']).ended;
if (last.code !== 0 || readFileSync(result, 'utf8') !== expected) fail('last', `the resumed run differs: ${last.said}`);
rmSync(folder, { recursive: true });
console.log(
	`${trials} trials: killed the parent ${counts.parent} times and a worker ${counts.worker} times; ${counts.resumed} went on from a partial run, ` +
		`${counts.whole} finished, each with the bytes of the unbroken run; no wrong and no half file.`,
);
