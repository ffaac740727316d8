// npm run fuzz: feeds every reader broken files until the time is up. A file may be read, or refused with a UserError;
// any other exception, a crash, a hang, unbounded memory or a result that is no number is a failure, and its file is kept.
//
//   npm run fuzz -- [--seconds 60] [--inputs N] [--seed N] [--target onnx --target npy] [--limit 20] [--memory 2048] [--keep DIR]
//   npm run fuzz -- --target onnx --file kept-file      reads one file again
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, extname, join, relative } from 'node:path';
import fc from 'fast-check';
import { scriptOptions } from '../script-options.js';
import { mutateBytes, mutateContent } from './mutations.js';
import { startReader } from './reader-process.js';
import { place, targets } from './targets.js';

const values = scriptOptions({
	seconds: { type: 'string', default: '60' },
	inputs: { type: 'string', default: 'Infinity' },
	seed: { type: 'string' },
	target: { type: 'string', multiple: true, default: Object.keys(targets) },
	limit: { type: 'string', default: '20' },
	memory: { type: 'string', default: '2048' },
	keep: { type: 'string', default: 'fuzz-failures' },
	file: { type: 'string' },
});
/** "events" stands for events-bin, events-dat and so on. */
values.target = values.target.flatMap((name) => {
	const found = Object.keys(targets).filter((one) => one === name || one.startsWith(`${name}-`));
	if (found.length === 0) throw new Error(`--target ${name}: expected one of ${Object.keys(targets).join(', ')}`);
	return found;
});
const limits = { limitSeconds: Number(values.limit), limitBytes: Number(values.memory) * 2 ** 20 };
const filesPerReader = 300;
const most = Number(values.inputs);
const work = mkdtempSync(join(tmpdir(), 'snn-energy-fuzz-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

/** The input of a seed: an example with changes to its content, to its bytes, or to both. */
async function inputOf({ seeds, content }, seed) {
	const [which] = fc.sample(fc.noBias(fc.integer({ min: 0, max: seeds.length - 1 })), { seed, numRuns: 1 });
	const original = seeds[which];
	await content?.prepare?.(original);
	const arbitrary = fc.gen().map((draw) => {
		const below = (size) => draw(fc.noBias, fc.integer({ min: 0, max: size - 1 }));
		if (content?.mutate) return content.encode(content.mutate(below, content.decode(original)));
		if (content === undefined || below(3) === 0) return mutateBytes(draw, original, seeds);
		try {
			const changed = content.encode(mutateContent(draw, content.decode(original)));
			return below(5) === 0 ? mutateBytes(draw, changed, seeds) : changed;
		} catch {
			// Content that the format has no bytes for.
			return mutateBytes(draw, original, seeds);
		}
	});
	return fc.sample(arbitrary, { seed, numRuns: 1 })[0];
}

async function readAgain(name, file) {
	const reader = await startReader();
	const path = place(name, work);
	copyFileSync(file, path);
	const { kind, text = '', seconds } = await reader.read(name, path, limits);
	reader.stop();
	console.log(`${name} ${file}: ${kind} after ${seconds} s\n${text}`);
	return kind === 'read' || kind === 'refused';
}

async function fuzz(seconds, firstSeed) {
	console.log(`seed ${firstSeed}, ${seconds} s, readers: ${values.target.join(', ')}`);
	const rows = new Map(values.target.map((name) => [name, { inputs: 0, read: 0, refused: 0, failures: 0, slowest: 0 }]));
	const until = performance.now() + seconds * 1000;
	// Whoever stops the run early gets what it found.
	let stopped = false;
	for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => (stopped = true));
	const ready = [];
	for (const name of values.target) ready.push({ name, seeds: await targets[name].seeds(), content: targets[name].content });
	const known = new Set();
	let said = performance.now();
	let reader = await startReader();
	let peak = 0;
	let failures = 0;
	for (let number = 0; !stopped && performance.now() < until && number < most; number++) {
		const target = ready[number % ready.length];
		const seed = (firstSeed + number) | 0;
		const path = place(target.name, join(work, target.name));
		writeFileSync(path, await inputOf(target, seed));
		const outcome = await reader.read(target.name, path, limits);
		const row = rows.get(target.name);
		row.inputs += 1;
		row.slowest = Math.max(row.slowest, outcome.seconds);
		peak = Math.max(peak, reader.peakBytes());
		if (outcome.kind === 'read' || outcome.kind === 'refused') row[outcome.kind] += 1;
		else {
			row.failures += 1;
			failures += 1;
			report(target.name, seed, path, outcome, known);
		}
		if (performance.now() > said + 60_000) {
			said = performance.now();
			console.log(`${number + 1} inputs, ${failures} failed`);
		}
		if (!outcome.alive || number % filesPerReader === filesPerReader - 1) {
			reader.stop();
			reader = await startReader();
		}
	}
	reader.stop();
	for (const [name, { inputs, read, refused, failures, slowest }] of rows)
		console.log(
			`${name.padEnd(12)} ${inputs} inputs: ${read} read, ${refused} refused, ${failures} failed; slowest ${slowest.toFixed(1)} s`,
		);
	console.log(
		`most memory ${Math.round(peak / 2 ** 20)} MiB; ${failures === 0 ? 'no failure' : `${failures} failures, ${known.size} of them different`}`,
	);
	return failures === 0;
}

/** Keeps a failing input and prints how to read it again; one that fails in the same place is only counted. */
function report(name, seed, path, { kind, text = '' }, known) {
	const place = `${name} ${kind} ${text.split('\n').slice(0, 2).join(' ').replaceAll(/\d+/g, '#')}`;
	if (known.has(place)) return;
	known.add(place);
	mkdirSync(values.keep, { recursive: true });
	const kept = join(values.keep, `${name}-${seed}${extname(path)}`);
	copyFileSync(path, kept);
	console.log(
		`\n${name}, seed ${seed}: ${kind}\n${text}\n  npm run fuzz -- --target ${name} --file ${relative('.', kept) || basename(kept)}\n`,
	);
}

const passed =
	values.file === undefined
		? await fuzz(Number(values.seconds), Number(values.seed ?? Math.trunc(Math.random() * 2 ** 31)))
		: await readAgain(values.target[0], values.file);
process.exitCode = passed ? 0 : 1;
