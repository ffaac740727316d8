import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { loadCheckpoint } from '../../src/training/checkpoint.ts';
import { snnEnergy } from '../support/built-cli.ts';
import { writeDigits } from '../support/digits.ts';
import { resultDigests, startTraining } from '../support/training-run.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-train-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);

let unrefined: string[] = [];
let settings: string[] = [];
let whole: Record<string, string> = {};
/** What a second run said that wanted into the folder of the whole one while that was at work. */
let second: { readonly code: number | null; readonly stderr: string };
/** For a process of its own, whose two workers share the work. */
const line = (out: string, ...more: string[]): string[] => [...settings, '--workers', '2', '--out', path(out), ...more];
/** A run in this process, without workers: what no signal has to reach. */
const train = (out: string, ...more: string[]) =>
	snnEnergy(['train', ...settings, '--workers', '1', '--out', path(out), ...more]);

beforeAll(async () => {
	await snnEnergy(['--version']);
	const dataset = await writeDigits(path('digits'), { training: 80, test: 20 });
	const net = ['--arch', '4 A 12d', '--schedule', '2,1', '--epochs', '2,1,2', '--control'];
	const steps = ['--batch-size', '20', '--threshold-steps', '2', '--threshold-images', '20', '--dropout', '0.05'];
	const augmented = ['--cutout', '2', '--learning-rate', '0.003', '--samples', '10'];
	unrefined = ['--dataset', dataset, ...net, ...steps, ...augmented];
	settings = [...unrefined, '--refine', '1'];
	const first = startTraining(line('whole'));
	await first.saw('left in this stage');
	second = await train('whole', '--resume');
	const run = await first.ended;
	expect(run.stderr).toContain('left in this stage');
	expect(run.stderr).not.toContain('idle');
	expect(run.code).toBe(0);
	whole = resultDigests(path('whole'));
}, 600_000);

test('a run leaves a model of every stage, their checkpoints, and nothing half written', () => {
	const models = ['control-T1.onnx', 'model-T2.onnx', 'model.onnx', 'relu.onnx', 'samples.npz', 'tfjs/model.json'];
	const refined = ['T1', 'control-T1'].flatMap((stage) => [stage, `${stage}-refined`]);
	const checkpoints = ['T2', 'converted', 'relu', ...refined].map((stage) => `checkpoints/${stage}.ckpt`);
	expect(Object.keys(whole).sort()).toEqual([...checkpoints, ...models, 'tfjs/weights.bin'].sort());
	const all = readdirSync(path('whole'), { recursive: true, encoding: 'utf8' });
	expect(all.filter((name) => /\.(part|lock)$/.test(name))).toEqual([]);
});

test('the same command with the same seed makes the same bytes on one worker as on two, another seed others', async () => {
	expect((await train('again')).code).toBe(0);
	expect((await train('other', '--seed', '2')).code).toBe(0);
	expect(resultDigests(path('again'))).toEqual(whole);
	expect(resultDigests(path('other'))['model.onnx']).not.toBe(whole['model.onnx']);
}, 600_000);

test('a second run into the same folder is refused while the first one lives, and the first is not disturbed', () => {
	expect(second.stderr).toMatch(/whole is in use by another training run \(process \d+\)/);
	expect(second.code).toBe(1);
	expect(resultDigests(path('again'))).toEqual(whole);
});

test('a run that ended can be refined later, to the bytes of one that was refined at once; its training.json tells both parts', async () => {
	expect((await snnEnergy(['train', ...unrefined, '--workers', '1', '--out', path('later')])).code).toBe(0);
	const before = resultDigests(path('later'));
	expect((await train('later', '--resume')).code).toBe(0);
	expect(resultDigests(path('later'))).toEqual(whole);
	expect(before['model.onnx']).not.toBe(whole['model.onnx']);
	expect(before['model-T2.onnx']).toBe(whole['model-T2.onnx']);
	const { stages } = JSON.parse(readFileSync(join(path('later'), 'training.json'), 'utf8'));
	const epochs = stages.map(
		({ stage, epochs }: { stage: string; epochs: { stage: string; epoch: number; testAccuracy: number }[] }) => [
			stage,
			...epochs.map((one) => `${one.stage} ${one.epoch}`),
		],
	);
	expect(epochs.slice(2)).toEqual([
		['T1', 'T1 1', 'T1 2', 'T1-refined 1'],
		['control-T1', 'control-T1 1', 'control-T1 2', 'control-T1 3', 'control-T1-refined 1'],
	]);
	const { epochs: last, evaluation } = stages[2];
	expect(last.at(-1).testAccuracy).toBe(evaluation.correct / evaluation.total);
}, 600_000);

/** Starts or continues a run, and ends it by a signal once it has said a text. */
async function brokenOff(out: string, signal: NodeJS.Signals, said: string, milliseconds = 0) {
	const run = startTraining(line(out, '--resume'));
	await run.saw(said);
	await wait(milliseconds);
	run.child.kill(signal);
	return run.ended;
}

test('SIGINT and SIGTERM write a checkpoint; one that cannot be written leaves the older one whole; --resume comes to the bytes of an unbroken run', async () => {
	const expectContinued = ({ code, stderr }: Awaited<ReturnType<typeof brokenOff>>): void => {
		expect(stderr).toContain('Continue with the same command and --resume');
		expect(code).toBe(130);
	};
	expectContinued(await brokenOff('broken', 'SIGINT', 'relu epoch 1/2 step'));
	const before = readFileSync(path('broken/checkpoints/relu.ckpt'));
	// The shell's unit is 512 bytes: less than a checkpoint needs, as on a disk that has filled up.
	const { code, stderr } = await startTraining(line('broken', '--resume'), 'ulimit -f 4').ended;
	expect(stderr).toMatch(/checkpoints\/relu\.ckpt: cannot be written: the file would be larger than this process may write/);
	expect(code).toBe(1);
	expect(readFileSync(path('broken/checkpoints/relu.ckpt')).equals(before)).toBe(true);
	expectContinued(await brokenOff('broken', 'SIGTERM', 'T2 epoch 1'));
	expectContinued(await brokenOff('broken', 'SIGINT', 'T1 epoch 1'));
	expect((await train('broken', '--resume')).code).toBe(0);
	expect(resultDigests(path('broken'))).toEqual(whole);
}, 600_000);

test('kill -9 at any moment loses no saved checkpoint, and --resume comes to the bytes of an unbroken run', async () => {
	let saved: string[] = [];
	for (const milliseconds of [0, 90]) {
		await brokenOff('killed', 'SIGKILL', 'left in this stage', milliseconds);
		const checkpoints = existsSync(path('killed/checkpoints')) ? readdirSync(path('killed/checkpoints')) : [];
		const now = checkpoints.filter((name) => name.endsWith('.ckpt'));
		for (const name of now) expect(loadCheckpoint(path(`killed/checkpoints/${name}`))).not.toBeNull();
		for (const name of saved) expect(now).toContain(name);
		saved = now;
	}
	writeFileSync(path('killed/checkpoints/T2.ckpt.host-123-1.part'), 'cut short');
	expect((await train('killed', '--resume')).code).toBe(0);
	expect(resultDigests(path('killed'))).toEqual(whole);
	const left = readdirSync(path('killed'), { recursive: true, encoding: 'utf8' });
	expect(left.filter((name) => /\.(part|lock)$/.test(name))).toEqual([]);
}, 600_000);

test('a lock whose process has ended, or whose number another process has now, does not keep a run out', async () => {
	const gone = startTraining(['--help']);
	await gone.ended;
	const place = path('again/checkpoints');
	writeFileSync(join(place, `training-run-${gone.child.pid}.lock`), JSON.stringify({ host: hostname(), started: '1' }));
	writeFileSync(join(place, 'training-run-1.lock'), JSON.stringify({ host: hostname(), started: '1' }));
	expect((await train('again', '--resume')).code).toBe(0);
	writeFileSync(join(place, 'training-run-1.lock'), JSON.stringify({ host: 'another machine', started: '1' }));
	const refused = await train('again', '--resume');
	expect(refused.stderr).toMatch(/is in use by another training run \(process 1\).*delete .*training-run-1\.lock/);
	rmSync(join(place, 'training-run-1.lock'));
}, 600_000);

test('a loss that is no number stops the run, names stage, epoch and step, and saves nothing of it', async () => {
	const { code, stderr } = await train('nan', '--relu-learning-rate', '100', '--relu-weight-decay', '1', '--no-batch-norm');
	expect(stderr).toMatch(/stage relu, epoch 1, step \d+: .* is not a finite number\. Lower the learning rate/);
	expect(code).toBe(1);
	expect(readdirSync(path('nan/checkpoints'))).toEqual([]);
}, 600_000);

test('checkpoints of other settings, of other images, and damaged ones are refused by name', async () => {
	const other = await train('again', '--resume', '--no-batch-norm');
	expect(other.stderr).toMatch(/relu\.ckpt was written by a run with other settings/);
	const oneShard = await startTraining(line('again', '--resume', '--shards', '1')).ended;
	expect(oneShard.stderr).toMatch(
		/note: .*--shards 1 leaves 1 of 2 workers idle while the ReLU net is trained; --shards 2 uses all\n/,
	);
	expect(oneShard.stderr).toMatch(/relu\.ckpt was written by a run with other settings/);
	const anew = await train('again');
	expect(anew.stderr).toMatch(/again\/checkpoints holds checkpoints of an earlier run; continue it with --resume/);
	const checkpoint = path('other/checkpoints/T2.ckpt');
	const bytes = readFileSync(checkpoint);
	for (const broken of [bytes.subarray(0, bytes.length / 2), Buffer.alloc(0), Buffer.from(bytes).fill(0, 2000, 2010)]) {
		writeFileSync(checkpoint, broken);
		const run = await train('other', '--seed', '2', '--resume');
		expect(run.stderr).toMatch(/T2\.ckpt is not a whole checkpoint; delete it and continue with --resume/);
		expect(run.code).toBe(1);
	}
	rmSync(checkpoint);
	const model = resultDigests(path('other'))['model.onnx'];
	expect((await train('other', '--seed', '2', '--resume')).code).toBe(0);
	expect(resultDigests(path('other'))['model.onnx']).toBe(model);
	rmSync(path('digits/train/0/0.png'), { force: true });
	const [first] = readdirSync(path('digits/train/3'));
	rmSync(path(`digits/train/3/${first}`));
	const changed = await train('again', '--resume');
	expect(changed.stderr).toMatch(/relu\.ckpt was written by a run on other training images/);
}, 600_000);
