/**
 * How fast the analysis is, as a ratio to a bare onnxruntime run of the same model: same batch, same data, step by step.
 *
 *   npm run bench                       the usual cases
 *   npm run bench -- --quick            a few of them, for the work between two commits
 *   npm run bench -- --full             also those that take minutes each
 *   npm run bench -- --case NAME        one case (may be given several times)
 *   npm run bench -- --start-up         how fast the command line answers, and nothing else
 *   npm run bench -- --seconds 20       CPU time each case may take (default 20; --quick 8)
 *   npm run bench -- --record           append the results to bench/history.ndjson
 *   npm run bench -- --check            exit 1 when a ratio is more than a tenth above the median of its history, or
 *                                       a start-up above its limit
 *
 * "limit" is the same ratio for the weight layers alone, all timesteps as one batch: what a dense run cannot go below.
 * Each case runs in a process of its own (bench/ratio.js); peak memory is that of the whole command `snn-energy analyze`
 * on two batches. Start-ups are ratios to a bare `node -e 0` (bench/start-up.js). Times are CPU times (user + system) and medians,
 * because other processes disturb them less.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeModel } from '../dist/formats/onnx/index.js';
import { scriptOptions } from '../scripts/script-options.js';
import { cases, levels } from './cases.js';
import { measureStartUps } from './start-up.js';

/** A ratio this much above the median of its history, as a share of it, is a regression: repeats differ by less. */
const margin = 0.1;

const options = scriptOptions({
	quick: { type: 'boolean', default: false },
	full: { type: 'boolean', default: false },
	record: { type: 'boolean', default: false },
	check: { type: 'boolean', default: false },
	case: { type: 'string', multiple: true },
	'start-up': { type: 'boolean', default: false },
	seconds: { type: 'string' },
});
const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const historyFile = path('./history.ndjson');
const cli = path('../dist/cli/main.js');
const level = options.quick ? 0 : options.full ? 2 : 1;
const chosen = cases.filter((one) => (options.case ? options.case.includes(one.name) : levels.indexOf(one.level) <= level));
if (options['start-up']) chosen.length = 0;
else if (chosen.length === 0) throw new Error(`no such case; there are ${cases.map(({ name }) => name).join(', ')}`);
const history = existsSync(historyFile)
	? readFileSync(historyFile, 'utf8')
			.split('\n')
			.filter((line) => line !== '')
			.map((line) => JSON.parse(line))
	: [];
const seconds = options.seconds ?? (options.quick ? '8' : '20');

const results = [];
console.log(`${'case'.padEnd(28)}   bare CPU   analysis CPU   ratio   limit   images per CPU second   peak memory`);
for (const one of chosen) {
	const measured = JSON.parse(node([path('./ratio.js'), one.name, seconds]).stdout);
	const peakMegabytes = peakMemory(one);
	results.push({
		name: one.name,
		model: modelOf(one),
		ratio: measured.ratio,
		imagesPerCpuSecond: measured.imagesPerCpuSecond,
		peakMegabytes,
	});
	console.log(
		one.name.padEnd(28) +
			`${measured.bareMilliseconds.toFixed(measured.bareMilliseconds < 10 ? 1 : 0)} ms`.padStart(11) +
			`${measured.analysisMilliseconds.toFixed(measured.analysisMilliseconds < 10 ? 1 : 0)} ms`.padStart(15) +
			measured.ratio.toFixed(2).padStart(8) +
			(measured.limit?.toFixed(2) ?? '').padStart(8) +
			measured.imagesPerCpuSecond.toPrecision(3).padStart(24) +
			`${peakMegabytes} MB`.padStart(14),
	);
}
let worse = 0;
for (const { name, limit, bareMilliseconds, milliseconds, ratio } of options.case ? [] : measureStartUps()) {
	console.log(
		name.padEnd(28) +
			`${bareMilliseconds.toFixed(0)} ms`.padStart(11) +
			`${milliseconds.toFixed(0)} ms`.padStart(15) +
			ratio.toFixed(2).padStart(8),
	);
	if (options.check && ratio > limit) {
		console.error(`${name}: ${ratio.toFixed(2)} times a bare node -e 0; the limit is ${limit}.`);
		worse += 1;
	}
	if (options.record) record({ name, ratio: Number(ratio.toFixed(2)), cpuMilliseconds: Math.round(milliseconds) });
}

for (const { name, model, ratio, imagesPerCpuSecond, peakMegabytes } of results) {
	const before = history.filter((entry) => entry.name === name && entry.model === model).map((entry) => entry.ratio);
	if (options.check && before.length > 0 && ratio > median(before) * (1 + margin)) {
		console.error(
			`${name}: ratio ${ratio.toFixed(2)}, its history says ${median(before).toFixed(2)}; more than ${margin * 100} % worse.`,
		);
		worse += 1;
	}
	if (options.record)
		record({
			name,
			model,
			ratio: Number(ratio.toFixed(3)),
			imagesPerCpuSecond: Number(imagesPerCpuSecond.toPrecision(3)),
			peakMegabytes,
		});
}
process.exitCode = worse > 0 ? 1 : 0;

/** Which file a case measured: a network that was trained anew has a history of its own. Nothing for the benchmark's own networks. */
function modelOf({ file }) {
	return file && createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 12);
}

function record(entry) {
	const date = new Date().toISOString().slice(0, 10);
	appendFileSync(
		historyFile,
		`${JSON.stringify({ ...entry, date, processor: cpus()[0]?.model ?? 'unknown', cores: cpus().length })}\n`,
	);
}

/** Megabytes `snn-energy analyze` needs for two batches of random images. */
function peakMemory({ load, file, batch }) {
	const folder = mkdtempSync(join(tmpdir(), 'snn-energy-bench-'));
	try {
		const model = file ?? join(folder, 'model.onnx');
		if (!file) writeFileSync(model, encodeModel(load()));
		const { output } = node(
			['--import', new URL('./peak-memory.js', import.meta.url).href, cli, 'analyze', model]
				.concat(['--data', 'random:1', '--samples', String(2 * batch), '--batch', String(batch), '--format', 'json'])
				.concat(['--out', join(folder, 'analysis.json')]),
		);
		return Math.round(Number(output[3]) / 1024);
	} finally {
		rmSync(folder, { recursive: true });
	}
}

/** Runs node; standard error goes to ours, file descriptor 3 is read. */
function node(args) {
	const result = spawnSync(process.execPath, args, {
		stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
		encoding: 'utf8',
		maxBuffer: 2 ** 28,
	});
	if (result.status !== 0) throw new Error(`node ${args.join(' ')} ended with ${result.status ?? result.signal}`);
	return result;
}

function median(values) {
	return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}
