import fc from 'fast-check';
import type { Activity } from '../../src/activity/activity.ts';
import { float32Tensor, int64Tensor } from '../../src/model/tensors.ts';
import { findStructure } from '../../src/network/structure.ts';
import { answersEach } from '../../src/simulation/close-decisions.ts';
import { simulate } from '../../src/simulation/simulate.ts';
import { arraySource } from '../support/array-source.ts';
import { modelBuilder } from '../support/model-builder.ts';
import { decisions as idioms } from '../support/neuron-idioms.ts';
import { randomNumbers } from '../support/random-numbers.ts';

const { fround } = Math;
const close = (membrane: number, threshold: number): boolean =>
	Math.abs(fround(membrane - threshold)) <= fround(fround(1e-5) * Math.abs(threshold));

const decisionsOf = ({ layers }: Activity) =>
	layers.flatMap((layer) => (layer.kind === 'neuron' && layer.decisions ? [layer.decisions] : []));

/** Two layers of leaky neurons whose weights and data are multiples of powers of two: sums are exact, and many meet the threshold. */
interface Net {
	readonly widths: readonly [number, number];
	readonly timesteps: number;
	readonly reset: 'subtract' | 'zero' | 'none';
	readonly compare: 'Greater' | 'GreaterOrEqual' | 'Less' | 'Sub';
	/** A threshold for each neuron, or one for all. */
	readonly perNeuron: boolean;
	readonly opset: number;
	readonly samples: number;
	readonly batch: number;
	readonly look: number;
	readonly folded: boolean;
	readonly seed: number;
}

const nets: fc.Arbitrary<Net> = fc.record({
	widths: fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 4 })),
	timesteps: fc.constantFrom(1, 2, 3, 5, 40),
	reset: fc.constantFrom('subtract', 'zero', 'none'),
	compare: fc.constantFrom('Greater', 'GreaterOrEqual', 'Less', 'Sub'),
	perNeuron: fc.boolean(),
	opset: fc.constantFrom(9, 11, 12, 17, 21),
	samples: fc.integer({ min: 1, max: 7 }),
	batch: fc.integer({ min: 1, max: 4 }),
	look: fc.integer({ min: 0, max: 8 }),
	folded: fc.boolean(),
	seed: fc.nat(1e6),
});

const inputs = 3;

function valuesOf({ widths, perNeuron, seed, samples }: Net) {
	const random = randomNumbers(seed);
	const oneOf = (values: readonly number[]): number => values[Math.floor(random() * values.length)] as number;
	const many = (length: number, values: readonly number[]) => Float32Array.from({ length }, () => oneOf(values));
	const sizes = [inputs, ...widths];
	return {
		weights: widths.map((width, at) => many((sizes[at] as number) * width, [-0.5, 0, 0.25, 0.5, 1])),
		thresholds: widths.map((width) => (perNeuron ? many(width, [0.5, 1]) : many(1, [0.5, 1]))),
		// Nearer than 1e-5 and just beyond it.
		data: many(samples * inputs, [0, 0.5, 1, 1 + 2 ** -18, 1 - 2 ** -18, 1 + 2 ** -15, 0.5 + 2 ** -19, -1]),
	};
}

function built(net: Net) {
	const { widths, reset, compare } = net;
	const { weights, thresholds } = valuesOf(net);
	const graph = modelBuilder();
	let value = graph.input('x', ['batch', inputs]);
	const sizes = [inputs, ...widths];
	const states = widths.map((width, at) => graph.input(`u${at}`, ['batch', width]));
	for (const [at, width] of widths.entries()) {
		const of = thresholds[at] as Float32Array;
		const threshold = graph.constant(`threshold${at}`, float32Tensor(of, of.length === 1 ? [] : [width]));
		const weight = graph.constant(`w${at}`, float32Tensor(weights[at] as Float32Array, [sizes[at] as number, width]));
		const membrane = graph.add('Add', [
			graph.add('Mul', [states[at] as string, graph.scalar(0.5)]),
			graph.add('MatMul', [value, weight]),
		]);
		const fired =
			compare === 'Sub'
				? graph.add('Greater', [graph.add('Sub', [membrane, threshold]), graph.scalar(0)])
				: compare === 'Less'
					? graph.add('Less', [threshold, membrane])
					: compare === 'GreaterOrEqual' && net.opset < 12
						? graph.add('Not', [graph.add('Less', [membrane, threshold])])
						: graph.add(compare, [membrane, threshold]);
		value = graph.add('Cast', [fired], { to: 1 });
		const kept =
			reset === 'none'
				? graph.add('Identity', [membrane], {}, { output: `next${at}` })
				: reset === 'zero'
					? graph.add('Mul', [membrane, graph.add('Sub', [graph.scalar(1), value])], {}, { output: `next${at}` })
					: graph.add('Sub', [membrane, graph.add('Mul', [value, threshold])], {}, { output: `next${at}` });
		graph.output(kept);
	}
	graph.output(value);
	return findStructure(
		{
			model: graph.build({ opset: net.opset }),
			file: 'net.onnx',
			format: 'onnx',
			sha256: '0'.repeat(64),
			states: states.map((input, at) => ({ input, output: `next${at}`, initial: 0 })),
		},
		{ timesteps: net.timesteps },
	);
}

/** The same in plain loops: close decisions by layer and timestep. */
function recount(net: Net): number[][] {
	const { widths, timesteps, reset, samples, look, compare } = net;
	const { weights, thresholds, data } = valuesOf(net);
	const counts = widths.map(() => Array.from({ length: timesteps }, () => 0));
	for (let sample = 0; sample < Math.min(samples, look); sample += 1) {
		const membranes = widths.map((width) => new Float32Array(width));
		for (let step = 0; step < timesteps; step += 1) {
			let value = data.slice(sample * inputs, (sample + 1) * inputs);
			for (const [at, width] of widths.entries()) {
				const states = membranes[at] as Float32Array;
				const of = thresholds[at] as Float32Array;
				const spikes = new Float32Array(width);
				for (let neuron = 0; neuron < width; neuron += 1) {
					const current = value.reduce(
						(sum, one, from) => sum + one * ((weights[at] as Float32Array)[from * width + neuron] as number),
						0,
					);
					const membrane = fround(fround((states[neuron] as number) * 0.5) + fround(current));
					const threshold = (of.length === 1 ? of[0] : of[neuron]) as number;
					if (close(membrane, threshold)) (counts[at] as number[])[step] = ((counts[at] as number[])[step] as number) + 1;
					const fires = compare === 'GreaterOrEqual' ? membrane >= threshold : membrane > threshold;
					spikes[neuron] = fires ? 1 : 0;
					states[neuron] = reset === 'none' || !fires ? membrane : reset === 'zero' ? 0 : fround(membrane - threshold);
				}
				value = spikes;
			}
		}
	}
	return counts;
}

test('close decisions of small networks are those of plain loops, to the integer', async () => {
	let found = 0;
	await fc.assert(
		fc.asyncProperty(nets, async (net) => {
			const { batch, look, folded, samples, timesteps, widths } = net;
			const options = { batch, closeSamples: look, ...(folded ? {} : { mostFoldedBytes: 0 }) };
			const activity = await simulate(await built(net), arraySource(valuesOf(net).data, [inputs]), options);
			const expected = recount(net);
			const looked = Math.min(samples, look);
			const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
			expect(decisionsOf(activity)).toEqual(
				expected.map((closePerTimestep, at) =>
					looked === 0
						? { compared: 0, close: null, unknown: 0, closePerTimestep: null }
						: {
								compared: looked * timesteps * (widths[at] as number),
								close: sum(closePerTimestep),
								unknown: 0,
								closePerTimestep,
							},
				),
			);
			expect(activity.decisions).toEqual({
				samples: looked,
				compared: looked * timesteps * sum(widths),
				close: looked === 0 ? null : sum(expected.flat()),
				unknown: 0,
			});
			found += sum(expected.flat());
		}),
		{ numRuns: 25, seed: 21 },
	);
	expect(found).toBeGreaterThan(80);
});

/** Membranes at which the decisions of an idiom change, where it is not its one threshold. */
const levels: Readonly<Record<string, readonly number[]>> = {
	'Round(Clip(u, 0, 3)): up to three spikes at once': [0.5, 1.5, 2.5],
	'Clip(Floor(u), 0, 2)': [1, 2],
	'a sum of comparisons: (u > 1) + (u > 2)': [1, 2],
	'ternary: (u > 1) - (u < -1)': [1, -1],
	'ternary: Sign(u) * (|u| > 1)': [1, -1],
};

const around = [-1, 0, 0.5, 1, 1.5, 2, 2.5, 3, 4].flatMap((level) => [level, level * (1 + 2 ** -18), level * (1 - 2 ** -15)]);

test.each(idioms.map((idiom) => [idiom.name, idiom] as const))('%s: close decisions are found', async (name, idiom) => {
	const timesteps = 2;
	const width = around.length;
	const graph = modelBuilder();
	const x = graph.input('x', ['batch', width]);
	const states = Array.from({ length: idiom.words }, (_, at) => graph.input(`state${at}`, ['batch', width]));
	const identity = Float32Array.from({ length: width * width }, (_, at) => (at % (width + 1) === 0 ? 1 : 0));
	const current = graph.add('MatMul', [x, graph.constant('w', float32Tensor(identity, [width, width]))]);
	const { spikes, states: next } = idiom.build(graph, current, states);
	const pairs = next.map((tensor, at) => ({ input: states[at] as string, output: tensor, initial: 0 }));
	for (const tensor of next) graph.output(tensor);
	graph.output(graph.add('MatMul', [spikes, graph.constant('out', float32Tensor(new Float32Array(width).fill(1), [width, 1]))]));
	const network = await findStructure(
		{ model: graph.build({ opset: 17 }), file: 'net.onnx', format: 'onnx', sha256: '0'.repeat(64), states: pairs },
		{ timesteps },
	);
	const activity = await simulate(network, arraySource(Float32Array.from(around), [width]));
	const expected = Array.from({ length: timesteps }, () => 0);
	for (const value of Float32Array.from(around)) {
		let held: readonly number[] = [0];
		for (let step = 0; step < timesteps; step += 1) {
			const membrane = fround(fround((held[0] as number) / 2) + value);
			const thresholds = levels[name] ?? [idiom.expected.threshold as number];
			if (thresholds.some((threshold) => close(membrane, threshold))) expected[step] = (expected[step] as number) + 1;
			held = idiom.step(value, held).states.map(fround);
		}
	}
	expect(decisionsOf(activity).map(({ closePerTimestep }) => closePerTimestep)).toEqual([expected]);
	expect(expected[0]).toBeGreaterThan(0);
});

const level = { kind: 'level', value: 'u', level: 'theta', scale: 'theta' } as const;
const sizes =
	(of: Readonly<Record<string, readonly number[]>>) =>
	(tensor: string): readonly number[] | undefined =>
		of[tensor];

test.each<[string, Readonly<Record<string, readonly number[]>>, boolean]>([
	['one threshold for all', { u: [2, 12], theta: [] }, true],
	['one for each', { u: [2, 12], theta: [12] }, true],
	['membranes of several axes', { u: [2, 3, 4], theta: [3, 1] }, true],
	['a decision spread over three neurons', { u: [2, 4, 1], theta: [] }, false],
	['a membrane of the whole batch', { u: [1, 12], theta: [12] }, false],
	['thresholds that spread the membrane', { u: [2, 1], theta: [12] }, true],
	['a shape nobody knows', { theta: [12] }, false],
])('an answer for each neuron: %s', (_, dims, each) => {
	expect(answersEach(level, sizes(dims), 2, [12])).toBe(each);
});

/** Decisions of four membranes, each sent to three neurons behind it. */
async function spread(compareNaN: boolean, opset: number) {
	const graph = modelBuilder();
	const x = graph.input('x', ['batch', 4]);
	const weight = graph.constant('w', float32Tensor(new Float32Array(16).fill(0.5), [4, 4]));
	const current = graph.add('MatMul', [x, weight]);
	const membrane = compareNaN
		? graph.add('Sqrt', [current])
		: graph.add('Reshape', [current, graph.constant('column', int64Tensor([-1, 4, 1]))]);
	const fired = graph.add('Greater', [membrane, graph.scalar(1)]);
	const three = (of: number, name: string) => graph.constant(name, float32Tensor(new Float32Array(3).fill(of), [3]));
	const spikes = compareNaN
		? graph.add('Cast', [fired], { to: 1 })
		: graph.add('Reshape', [
				graph.add('Where', [fired, three(1, 'ones'), three(0, 'zeros')]),
				graph.constant('flat', int64Tensor([-1, 12])),
			]);
	const neurons = compareNaN ? 4 : 12;
	const out = graph.constant('v', float32Tensor(new Float32Array(2 * neurons).fill(1), [neurons, 2]));
	graph.output(graph.add('MatMul', [spikes, out]));
	const network = await findStructure(
		{ model: graph.build({ opset }), file: 'net.onnx', format: 'onnx', sha256: '0'.repeat(64) },
		{},
	);
	const data = Float32Array.from({ length: 12 }, (__, at) => (compareNaN ? -1 : at % 2));
	return simulate(network, arraySource(data, [4]), { batch: 2 });
}

test('a decision that several neurons share is not compared, and the run goes on', async () => {
	const [decisions] = decisionsOf(await spread(false, 17));
	expect(decisions).toMatchObject({ compared: 0, close: null, unknown: 36 });
});

test.each([11, 17])('no number is close to no threshold: opset %i', async (opset) => {
	const [decisions] = decisionsOf(await spread(true, opset));
	expect(decisions?.close ?? 0).toBe(0);
});
