import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Activity } from '../../src/activity/activity.ts';
import { activityOf, countEvents, loadNetwork, parseAnalysis } from '../../src/core.ts';
import { encodeNpy } from '../../src/formats/npy/index.ts';
import { encodeModel } from '../../src/formats/onnx/index.ts';
import { float32Tensor } from '../../src/model/tensors.ts';
import { runtime } from '../../src/runtime/session.ts';
import { snnEnergy } from '../support/built-cli.ts';
import { corpusFiles, corpusReference, countCorpus, difference, expectedCounts, foundCounts } from '../support/corpus.ts';
import { modelBuilder } from '../support/model-builder.ts';
import { randomNumbers } from '../support/random-numbers.ts';
import { temporaryFolder } from '../support/temporary.ts';

/**
 * onnxruntime's WebAssembly build, as a page and the Python package use it, here in Node: chosen once for all the modules, so that
 * this file has its own. @own-modules
 */
beforeAll(() => {
	process.env.SNN_ENERGY_RUNTIME = 'wasm';
});
afterAll(() => {
	delete process.env.SNN_ENERGY_RUNTIME;
});

test('the runtime is the WebAssembly build, and says so', async () => {
	const { name, kind, version } = await runtime();
	expect([name, kind]).toEqual(['onnxruntime-web', 'wasm']);
	expect(version).toMatch(/^1\.\d+\.\d+$/);
});

/** Every tenth: weights are multiples of powers of two, so that sums are exact in any order. */
const files = corpusFiles().filter((_, at) => at % 10 === 0);

test.each(files)('%s/%s: every count of the WebAssembly build is the integer of the reference', async (name, file) => {
	expect(difference(foundCounts(await countCorpus(name, file)), expectedCounts(corpusReference(name)))).toBe('');
});

interface Counted {
	readonly timestep: number;
	readonly layer: string;
	readonly difference: number;
	/** Close decisions of the layer until then, and of all layers. */
	readonly own: number;
	readonly all: number;
	readonly first: boolean;
}

/** Spiking layers timestep by timestep, as they are computed: what two builds counted, and how many decisions were close until then. */
function inOrder(native: Activity, other: Activity): Counted[] {
	const spiking = ({ layers }: Activity) => layers.flatMap((layer) => (layer.kind === 'neuron' && layer.spiking ? [layer] : []));
	const [one, two] = [spiking(native), spiking(other)];
	const own = one.map(() => 0);
	let all = 0;
	return Array.from({ length: native.run.timesteps }, (_, timestep) => timestep).flatMap((timestep) =>
		one.map((layer, at): Counted => {
			const known = [layer, two[at]].map((each) => each?.decisions?.closePerTimestep?.[timestep] ?? Number.POSITIVE_INFINITY);
			own[at] = (own[at] as number) + Math.max(...known);
			all += Math.max(...known);
			const [spikes, others] = [layer, two[at]].map((each) => each?.perTimestep[timestep]?.spikes ?? Number.NaN) as [
				number,
				number,
			];
			return { timestep, layer: layer.name, difference: Math.abs(spikes - others), own: own[at] as number, all, first: at === 0 };
		}),
	);
}

/**
 * Differences that close decisions do not explain. A neuron whose input is the data can only fire otherwise once a decision of its
 * own was close; one behind it, once any decision was. Without close decisions all counts are equal.
 */
const unexplained = (counted: readonly Counted[]): Counted[] =>
	counted.filter(({ difference, own, all, first }) => (first ? difference > own : difference > 0 && all === 0));

/** What the native build counts, in a process of its own. */
async function countedNatively(path: string, options: readonly string[]): Promise<Activity> {
	const { stdout } = await snnEnergy(['analyze', path, ...options, '--format', 'json', '--quiet'], {
		environment: { SNN_ENERGY_RUNTIME: 'native' },
	});
	return activityOf(parseAnalysis(stdout, path));
}

test.each(['fashion-cnn/model-T5', 'fashion-cnn/relu'])(
	'%s, trained: every total is that of the native build within 1e-4, and close decisions explain each difference',
	async (model) => {
		const path = `models/${model}.onnx`;
		const native = await countedNatively(path, ['--samples', '30']);
		const activity = await countEvents(await loadNetwork(path), { samples: 30 });
		expect(Object.keys(activity.totals)).toEqual(Object.keys(native.totals));
		for (const [event, count] of Object.entries(native.totals)) {
			const difference = Math.abs(activity.totals[event as keyof typeof native.totals] - count);
			expect([event, difference <= 1e-4 * count]).toEqual([event, true]);
		}
		expect(native.totals.spikes + native.totals.macs).toBeGreaterThan(0);
		expect(unexplained(inOrder(native, activity))).toEqual([]);
		expect(native.decisions?.samples).toBe(model.endsWith('relu') ? undefined : 30);
	},
);

test('a network at whose thresholds the builds decide otherwise: close decisions explain it', async () => {
	const [inputs, neurons, samples] = [2048, 256, 2];
	const random = randomNumbers(3);
	const numbers = (length: number) => Float32Array.from({ length }, () => random() * 2 - 1);
	const [weights, data] = [numbers(inputs * neurons), numbers(samples * inputs)];
	const withThresholds = (thresholds: Float32Array) => {
		const graph = modelBuilder();
		const x = graph.input('x', ['batch', inputs]);
		const current = graph.add('MatMul', [x, graph.constant('w', float32Tensor(weights, [inputs, neurons]))], {}, { output: 'u' });
		const fired = graph.add('Greater', [current, graph.constant('threshold', float32Tensor(thresholds, [neurons]))]);
		const spikes = graph.add('Cast', [fired], { to: 1 });
		graph.output(graph.add('MatMul', [spikes, graph.constant('out', float32Tensor(numbers(neurons * 4), [neurons, 4]))]));
		graph.output('u');
		return encodeModel(graph.build());
	};
	// The threshold of each neuron is what the native build gives it of the first sample: there no neuron fires.
	const session = await InferenceSession.create(withThresholds(new Float32Array(neurons)), { logSeverityLevel: 4 });
	const results = await session.run({ x: new Tensor('float32', data, [samples, inputs]) });
	const model = withThresholds((results.u as Tensor).data.slice(0, neurons) as Float32Array);
	const folder = temporaryFolder('close-');
	const [path, file] = [join(folder, 'net.onnx'), join(folder, 'data.npy')];
	writeFileSync(path, model);
	writeFileSync(file, encodeNpy({ dtype: 'float32', shape: [samples, inputs], data }));
	const native = await countedNatively(path, ['--data', file]);
	const activity = await countEvents(await loadNetwork(path), { data: file });
	const counted = inOrder(native, activity);
	expect(unexplained(counted)).toEqual([]);
	for (const { decisions } of [native, activity]) {
		expect(decisions).toMatchObject({ samples, compared: samples * neurons, unknown: 0 });
		expect(decisions?.close).toBeGreaterThan(0.9 * neurons);
		expect(decisions?.close).toBeLessThan(1.1 * neurons);
	}
	// One more would not be explained.
	expect(unexplained(counted.map((one) => ({ ...one, difference: one.own + 1 })))).toHaveLength(1);
});
