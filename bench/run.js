/**
 * Analysis time as a ratio to a bare onnxruntime run of the same graph: same batch, same data, one process.
 *
 *   npm run bench                    all cases
 *   npm run bench -- --case vgg16-unrolled-b16
 *   npm run bench -- --record        also append the ratios to bench/history.ndjson
 *   npm run bench -- --check         exit 1 if a ratio is more than 0.10 above its best in the history
 *
 * Batches of the two are interleaved, so that other load on the machine meets both; the ratio is that of the medians of
 * CPU time (user + system), which other processes disturb less than wall time. The first batches after a session is made
 * (memory arenas grow) are left out on both sides.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeModel } from '../dist/formats/onnx/index.js';
import { findStructure } from '../dist/network/structure.js';
import { simulate } from '../dist/simulation/simulate.js';
import { generator, spikingVgg, vgg16 } from './spiking-vgg.js';

const historyFile = new URL('./history.ndjson', import.meta.url);

const vgg = (form) => ({ layers: vgg16, classifier: [4096, 4096, 10], size: 32, timesteps: 5, form });
const cases = [
	{ name: 'vgg16-unrolled-b16', model: vgg('unrolled'), batch: 16, batches: 10 },
	{ name: 'vgg16-unrolled-b1', model: vgg('unrolled'), batch: 1, batches: 40 },
	{ name: 'vgg16-step-b16', model: vgg('step'), batch: 16, batches: 10 },
	{ name: 'vgg16-step-b1', model: vgg('step'), batch: 1, batches: 40 },
];
const warmUp = 3;

const cpuMilliseconds = () => {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1000;
};
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function measure({ model: shape, batch, batches }) {
	const model = spikingVgg(shape);
	const network = await findStructure({ model, file: 'bench', format: 'onnx', sha256: '' });
	const size = 3 * shape.size * shape.size;
	const random = generator(3);
	const data = Float32Array.from({ length: batch * batches * size }, () => random() * 2 - 1);
	const bareSession = await InferenceSession.create(encodeModel(model));

	const bareBatch = async (start) => {
		const begin = cpuMilliseconds();
		const feeds = {
			image: new Tensor('float32', data.slice(start * size, (start + batch) * size), [batch, 3, shape.size, shape.size]),
		};
		for (const state of network.states) {
			const dims = [batch, ...model.graph.inputs.find(({ name }) => name === state.input).dims.slice(1)];
			feeds[state.input] = new Tensor('float32', new Float32Array(dims.reduce((product, dim) => product * dim, 1)), dims);
		}
		for (let step = 0; step < (shape.form === 'step' ? shape.timesteps : 1); step += 1) {
			const results = await bareSession.run(feeds);
			for (const state of network.states) feeds[state.input] = results[state.output];
		}
		return cpuMilliseconds() - begin;
	};

	const bare = [];
	const ours = [];
	let started = 0;
	const source = {
		name: 'bench',
		sha256: null,
		random: true,
		count: batch * batches,
		sampleShape: [3, shape.size, shape.size],
		timesteps: null,
		labels: null,
		close() {},
		async read(start, end) {
			const whole = end - start === batch;
			if (whole) bare.push(await bareBatch(start));
			started = cpuMilliseconds();
			return data.slice(start * size, end * size);
		},
	};
	const activity = await simulate(network, source, {
		batch,
		onProgress: (done) => {
			if (done > 0) ours.push(cpuMilliseconds() - started);
		},
	});
	const silent = activity.layers.filter((layer) => layer.kind === 'neuron' && layer.totals.spikes === 0);
	if (silent.length > 0) throw new Error(`the benchmark net has silent layers: ${silent.map(({ name }) => name).join(', ')}`);
	await bareSession.release();
	// A batch of one reads its pilot sample through the same source: as many extra readings at the front are dropped.
	const steady = bare.slice(bare.length - ours.length).slice(warmUp);
	const counted = ours.slice(warmUp);
	return {
		bareMilliseconds: median(steady),
		analysisMilliseconds: median(counted),
		ratio: median(counted) / median(steady),
		imagesPerSecond: (1000 * batch) / median(counted),
		peakMegabytes: process.resourceUsage().maxRSS / 1024,
	};
}

const option = (name) => process.argv.includes(name);
const only = process.argv[process.argv.indexOf('--case') + 1];
const chosen = option('--case') ? cases.filter(({ name }) => name === only) : cases;
if (chosen.length === 0) throw new Error(`no such case; there are ${cases.map(({ name }) => name).join(', ')}`);
const history = existsSync(historyFile)
	? readFileSync(historyFile, 'utf8')
			.trim()
			.split('\n')
			.map((line) => JSON.parse(line))
	: [];
let worse = 0;
console.log('case                    bare CPU    analysis CPU    ratio    images per CPU second    peak memory so far');
for (const one of chosen) {
	const result = await measure(one);
	console.log(
		`${one.name.padEnd(22)}${result.bareMilliseconds.toFixed(0).padStart(7)} ms${result.analysisMilliseconds.toFixed(0).padStart(13)} ms${result.ratio.toFixed(2).padStart(9)}${result.imagesPerSecond.toFixed(0).padStart(25)}${result.peakMegabytes.toFixed(0).padStart(19)} MB`,
	);
	const best = Math.min(...history.filter(({ name }) => name === one.name).map(({ ratio }) => ratio));
	if (option('--check') && result.ratio > best + 0.1) {
		console.error(`${one.name}: ratio ${result.ratio.toFixed(2)}, was ${best.toFixed(2)}`);
		worse += 1;
	}
	if (option('--record'))
		appendFileSync(
			historyFile,
			`${JSON.stringify({ name: one.name, ratio: Number(result.ratio.toFixed(3)), imagesPerCpuSecond: Math.round(result.imagesPerSecond), date: new Date().toISOString().slice(0, 10) })}\n`,
		);
}
process.exitCode = worse > 0 ? 1 : 0;
