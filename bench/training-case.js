/**
 * Times training steps of one stage on one engine, beside the engine's own convolutions on the same layer shapes.
 * A program of its own, so that the peak memory is that of the case; bench/training.js runs it.
 *
 *   node bench/training-case.js ENGINE STAGE BATCH SECONDS WORKERS[,WORKERS…]
 *
 * STAGE: relu, T1 or T5. With one number of workers CPU time counts; with several their steps take turns and wall time counts.
 */
import { performance } from 'node:perf_hooks';
import { parseArchitecture } from '../dist/network/architectures.js';
import { augmentedBatch } from '../dist/training/batches.js';
import { openEngine } from '../dist/training/index.js';
import { newOptimiserState, updateParameters } from '../dist/training/optimiser.js';
import { initialParameters, layoutOf } from '../dist/training/parameters.js';
import { buildPlan, denseMacs, synapsesOf } from '../dist/training/plan.js';
import { averageGradient } from '../dist/training/stage.js';
import { peakMegabytes } from './peak-megabytes.js';
import { forwardConvolutions } from './training-forward.js';

const [engine, stage, batchText, secondsText, workersText] = process.argv.slice(2);
const [batch, seconds] = [Number(batchText), Number(secondsText)];
const workers = workersText.split(',').map(Number);
const architecture = '32 32 A 64 64 A 128 128 A';
const spiking = stage !== 'relu';
const timesteps = spiking ? Number(stage.slice(1)) : 1;

const plan = buildPlan(parseArchitecture(architecture), [3, 32, 32], 10);
const layout = layoutOf(plan, { neuron: spiking ? 'lif' : 'relu', normalised: !spiking });
const settings = { optimiser: 'adam', momentum: 0.9, amsgrad: false, weightDecay: 0 };

/** Pixels of no meaning: a step costs the same whatever the images show. */
const set = {
	shape: [3, 32, 32],
	count: 4 * batch,
	pixels: Uint8Array.from({ length: 4 * batch * 3072 }, (_, index) => (index * 7919) % 251),
	labels: Uint16Array.from({ length: 4 * batch }, (_, index) => index % 10),
	normalisation: { mean: [0.5, 0.5, 0.5], deviation: [0.25, 0.25, 0.25] },
	classNames: Array.from({ length: 10 }, (_, index) => String(index)),
};

function startParameters() {
	const parameters = initialParameters(plan, layout, 1);
	for (const { role, offset } of layout.entries) {
		if (role === 'threshold') parameters[offset] = 0.5;
		if (role === 'leak') parameters[offset] = 0.9;
	}
	return parameters;
}

/** FLOP of one image's step: forward, to the weights and to the input; the first layer sees the image once and gives nothing back. */
function flopsPerImage() {
	const [first, ...rest] = synapsesOf(plan).map(denseMacs);
	return 2 * (2 * first + 3 * timesteps * rest.reduce((sum, macs) => sum + macs, 0));
}

function stepper(source, shards) {
	const parameters = startParameters();
	const optimiser = newOptimiserState(layout, settings);
	let number = 0;
	return async () => {
		const size = batch / shards;
		const parts = Array.from({ length: shards }, (_, shard) => {
			const indices = Array.from({ length: size }, (_, i) => ((number % 4) * batch + shard * size + i) % set.count);
			const { images, labels } = augmentedBatch(set, indices, { crop: 4, flip: true }, [1, number, shard]);
			return { images, labels, timesteps, dropout: 0, labelSmoothing: 0, stream: [2, number, shard] };
		});
		const gradient = averageGradient(await source.run(plan, layout, parameters, parts));
		updateParameters(layout, parameters, gradient, optimiser, 1e-4, settings);
		number += 1;
	};
}

const cpuSeconds = () => {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1e6;
};
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const timed = async (clock, work) => {
	const begin = clock();
	await work();
	return clock() - begin;
};
const repeats = 4;
const wallSeconds = () => performance.now() / 1000;

/** The first steps fill memory, let V8 optimise and, on a GPU, compile shaders. */
async function warmUp(step) {
	for (let steps = 0; steps < 2; steps += 1) await step();
}

const measureOne = async () => {
	const { source, name } = await openEngine(engine, 1);
	const step = stepper(source, 1);
	const forward = await forwardConvolutions(name, plan, false);
	const prepared = await forwardConvolutions(name, plan, true);
	const clock = name.includes('webgpu') ? wallSeconds : cpuSeconds;
	await warmUp(step);
	for (const { run } of [forward, prepared]) await run();
	const steps = [];
	const bare = [];
	const best = [];
	for (const end = cpuSeconds() + seconds; steps.length < 3 || cpuSeconds() < end; ) {
		steps.push(await timed(clock, step));
		// Several at a time: one is too short for the clock.
		for (const [times, { run }] of [
			[bare, forward],
			[best, prepared],
		])
			times.push(
				(await timed(clock, async () => {
					for (let i = 0; i < repeats; i += 1) await run();
				})) / repeats,
			);
	}
	const step_ = median(steps);
	const result = {
		name,
		imagesPerSecond: batch / step_,
		gflops: (flopsPerImage() * batch) / step_ / 1e9,
		forwardGflops: forward.flops / median(bare) / 1e9,
		preparedGflops: prepared.flops / median(best) / 1e9,
		peakMegabytes: peakMegabytes(),
		steps: steps.length,
	};
	await source.close();
	return result;
};

const measureScaling = async () => {
	const sources = [];
	for (const count of workers) sources.push(await openEngine(engine, count));
	const steps = sources.map(({ source }) => stepper(source, Math.max(...workers)));
	for (const step of steps) await warmUp(step);
	const times = steps.map(() => []);
	for (const end = wallSeconds() + seconds; times[0].length < 3 || wallSeconds() < end; )
		for (const [index, step] of steps.entries()) times[index].push(await timed(wallSeconds, step));
	for (const { source } of sources) await source.close();
	return { name: sources[0].name, imagesPerSecond: times.map((values) => batch / median(values)), steps: times[0].length };
};

const result = workers.length > 1 ? await measureScaling() : await measureOne();
process.stdout.write(JSON.stringify(result));
process.exit(0);
