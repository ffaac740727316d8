/**
 * One case, in a process of its own: batches of the analysis and of the bare run take turns, so that other load on the
 * machine meets both; what counts is CPU time (user + system), which other processes disturb less than wall time.
 *
 *   node bench/ratio.js CASE SECONDS     prints one line of JSON
 */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeModel } from '../dist/formats/onnx/index.js';
import { findStructure } from '../dist/network/structure.js';
import { simulate } from '../dist/simulation/simulate.js';
import { generator } from '../scripts/random.js';
import { cases } from './cases.js';

/** First batches after a session is made (memory arenas grow), left out on both sides. */
const warmUp = 2;
const fewest = 5;
const quiet = { logSeverityLevel: 3 };

const [name, seconds] = process.argv.slice(2);
const one = cases.find((other) => other.name === name);
process.stdout.write(`${JSON.stringify(await measure(one, Number(seconds) * 1000))}\n`);

async function measure({ load, loadWeights, batch, timesteps, file }, milliseconds) {
	const model = await load();
	const network = await findStructure({ model, file: 'bench', format: 'onnx', sha256: '' }, { timesteps });
	// An input of [T, batch, …] takes data that change over time.
	const { dims: inputDims } = network.input;
	const batchAxis = typeof inputDims[0] === 'number' && typeof inputDims[1] !== 'number' ? 1 : 0;
	const sampleShape = inputDims.slice(batchAxis + 1);
	const overTime = batchAxis === 1 ? inputDims[0] : null;
	const size = elements(sampleShape) * (overTime ?? 1);
	const random = generator(3);
	const data = Float32Array.from({ length: 4 * batch * size }, () => random() * 2 - 1);
	const bareSession = await InferenceSession.create(encodeModel(model), quiet);
	const weightsSession = loadWeights && (await InferenceSession.create(encodeModel(loadWeights()), quiet));
	const limit = [];
	const stop = new AbortController();
	const bare = [];
	const ours = [];
	let started = 0;
	let done = 0;
	let told = () => {};
	const source = {
		name: 'bench',
		sha256: null,
		random: true,
		count: batch * 1000,
		sampleShape,
		timesteps: overTime,
		labels: null,
		close() {},
		async read(start, end) {
			// The analysis reads ahead: its batch has to be over before the bare run takes its turn.
			while (done < start) await new Promise((resolve) => (told = resolve));
			const from = (start % (4 * batch)) * size;
			const values = data.slice(from, from + (end - start) * size);
			if (end - start === batch && !stop.signal.aborted) {
				const dims = [...inputDims.slice(0, batchAxis), batch, ...sampleShape];
				bare.push(await bareRun(bareSession, { network, values, dims, timesteps }));
				if (weightsSession) limit.push(await weightsRun(weightsSession, values, dims));
			}
			started = cpuMilliseconds();
			return values;
		},
	};
	const activity = await simulate(network, source, {
		batch,
		signal: stop.signal,
		onProgress(count) {
			if (count === 0) return;
			ours.push(cpuMilliseconds() - started);
			done = count;
			if (ours.length >= warmUp + fewest && cpuMilliseconds() > milliseconds) stop.abort();
			told();
		},
	});
	const silent = activity.layers.filter(
		(layer) => layer.kind === 'neuron' && layer.spiking !== false && layer.totals.spikes === 0,
	);
	if (silent.length > 0 && !file) throw new Error(`silent layers: ${silent.map(({ name: layer }) => layer).join(', ')}`);
	await bareSession.release();
	// A batch of one reads its pilot sample through the same source: as many extra readings at the front are dropped.
	const steady = (times) => times.slice(times.length - ours.length).slice(warmUp);
	const [counted, bareMilliseconds] = [ours.slice(warmUp), median(steady(bare))];
	return {
		batches: counted.length,
		bareMilliseconds,
		analysisMilliseconds: median(counted),
		ratio: median(counted) / bareMilliseconds,
		limit: weightsSession ? median(steady(limit)) / bareMilliseconds : null,
		imagesPerCpuSecond: (1000 * batch) / median(counted),
		macs: activity.layers.reduce((sum, layer) => sum + (layer.geometry?.denseMacs ?? 0), 0),
	};
}

/** CPU time of one batch, run as the model's own users run it: timestep by timestep, states fed back. */
async function bareRun(session, { network, values, dims, timesteps }) {
	const begin = cpuMilliseconds();
	const feeds = { [network.input.name]: new Tensor('float32', values, dims) };
	for (const { input, initial } of network.states) {
		const shape = [dims[0], ...network.model.graph.inputs.find(({ name: other }) => other === input).dims.slice(1)];
		feeds[input] = new Tensor(
			'float32',
			new Float32Array(elements(shape)).fill(typeof initial === 'number' ? initial : 0),
			shape,
		);
	}
	for (let step = 0; step < (network.mode === 'step' ? timesteps : 1); step += 1) {
		const results = await session.run(feeds);
		for (const { input, output } of network.states) feeds[input] = results[output];
	}
	return cpuMilliseconds() - begin;
}

/** CPU time of the weight layers alone, all timesteps at once. */
async function weightsRun(session, values, dims) {
	const begin = cpuMilliseconds();
	await session.run({ image: new Tensor('float32', values, dims) });
	return cpuMilliseconds() - begin;
}

function cpuMilliseconds() {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1000;
}

function median(values) {
	return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

function elements(dims) {
	return dims.reduce((product, dim) => product * dim, 1);
}
