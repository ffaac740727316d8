/**
 * How fast a CIFAR-10 network of 32 to 128 channels trains: images/s of the ReLU net with batch normalisation, and of the spiking net at
 * T = 1 and T = 5, on each engine that starts here; which share of the engine's own convolution speed that is; and the memory.
 *
 *   npm run bench:training
 *   npm run bench:training -- --engine onnx --engine tensorflow    only these (cpu, the slowest, runs only when named)
 *   npm run bench:training -- --batch 128 --seconds 10       images a step; CPU seconds a case
 *   npm run bench:training -- --workers                      also two workers beside one, by wall time: wants an idle machine
 *
 * A step is everything a training step does: cut and flip the images, gradients, Adam. Its arithmetic is counted as the network
 * needs it: forward, gradient to the weights and to the input of every layer but the first, which sees the image once for all
 * timesteps. Speeds are per second of CPU time on one core, medians of steps that take turns with the engine's bare forward
 * convolutions: `forward` with weights that are given anew, as training must; `prepared` with weights that onnxruntime may
 * bring into its fastest layout once, as only inference can.
 */
import { spawnSync } from 'node:child_process';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { scriptOptions } from '../scripts/script-options.js';

const options = scriptOptions({
	engine: { type: 'string', multiple: true, default: ['onnx', 'tensorflow', 'webgpu'] },
	stage: { type: 'string', multiple: true, default: ['relu', 'T1', 'T5'] },
	batch: { type: 'string', default: '128' },
	seconds: { type: 'string', default: '10' },
	workers: { type: 'boolean', default: false },
});
const program = fileURLToPath(new URL('./training-case.js', import.meta.url));

function measure(engine, stage, workers) {
	const { stdout, stderr, status } = spawnSync(
		process.execPath,
		[program, engine, stage, options.batch, options.seconds, workers],
		{ encoding: 'utf8', maxBuffer: 2 ** 26 },
	);
	if (status === 0 && stdout.startsWith('{')) return JSON.parse(stdout);
	const problem = stderr.split('\n').find((line) => line.includes('Error')) ?? `ended with ${status}`;
	return { problem: problem.trim() };
}

console.log(`batch ${options.batch}, load of the machine ${loadavg()[0].toFixed(1)}`);
console.log('engine            stage   images/s    GFLOP/s      forward   share      prepared   share   peak memory');
const running = new Set();
for (const engine of options.engine)
	for (const stage of options.stage) {
		const result = measure(engine, stage, '1');
		if (result.problem) {
			console.log(`${engine.padEnd(18)}${stage.padEnd(8)}does not run here: ${result.problem}`);
			break;
		}
		running.add(engine);
		const { name, imagesPerSecond, gflops, forwardGflops, preparedGflops, peakMegabytes } = result;
		console.log(
			[
				name.padEnd(18) + stage.padEnd(6),
				imagesPerSecond.toFixed(1).padStart(10),
				gflops.toFixed(1).padStart(11),
				...[forwardGflops, preparedGflops].map(
					(speed) => `${speed.toFixed(1).padStart(13)}${((100 * gflops) / speed).toFixed(0).padStart(6)} %`,
				),
				`${peakMegabytes.toFixed(0).padStart(11)} MB`,
			].join(''),
		);
	}
if (options.workers) {
	console.log('\nengine            stage   one worker   two workers   ratio');
	for (const engine of [...running].filter((name) => name !== 'webgpu' && name !== 'tensorflow'))
		for (const stage of options.stage) {
			const { name, imagesPerSecond, problem } = measure(engine, stage, '1,2');
			if (problem) throw new Error(problem);
			const [one, two] = imagesPerSecond;
			console.log(
				`${name.padEnd(18)}${stage.padEnd(6)}${one.toFixed(1).padStart(12)}${two.toFixed(1).padStart(14)}${(two / one).toFixed(2).padStart(8)}`,
			);
		}
}
