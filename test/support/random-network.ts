import fc from 'fast-check';
import { elementCount } from '../../src/model/tensors.ts';
import type { Network } from '../../src/network/network.ts';
import { modelBuilder, networkOf } from './model-builder.ts';
import { type PlainEvents, plainEvents } from './plain-counter.ts';
import { convolution, gemm, matMul, type RandomLayer } from './random-layer.ts';

/** How data become the input of the layer, and which values they may hold. */
export interface InputKind {
	readonly name: string;
	/** Values the data are drawn from (zero besides). */
	readonly values: readonly number[];
	/** Whether the layer's input comes out of thresholds. */
	readonly fromThreshold: boolean;
	/** The layer's input for a data value; the graph computes the same. */
	readonly apply: (value: number) => number;
	/** Timesteps that hold other values (a layer whose input turns analog half way). */
	readonly laterValues?: readonly number[];
}

const clip = (low: number, high: number) => (value: number) => Math.min(high, Math.max(low, Math.round(value)));

export const inputKinds: readonly InputKind[] = [
	{ name: 'binary data', values: [1], fromThreshold: false, apply: (value) => value },
	{ name: 'data of one height', values: [0.5], fromThreshold: false, apply: (value) => value },
	{ name: 'ternary data', values: [0.75, -0.75], fromThreshold: false, apply: (value) => value },
	{ name: 'analog data', values: [0.125, -1.5, 2, 0.375], fromThreshold: false, apply: (value) => value },
	{ name: 'two-valued data', values: [1, 2], fromThreshold: false, apply: (value) => value },
	{ name: 'data that turn analog', values: [1], laterValues: [1, 0.5, 0.375], fromThreshold: false, apply: (value) => value },
	{ name: 'threshold', values: [1, 0.25, -2], fromThreshold: true, apply: (value) => (value > 0.5 ? 1 : 0) },
	{ name: 'scaled threshold', values: [1, 0.25, -2], fromThreshold: true, apply: (value) => (value > 0.5 ? 0.375 : 0) },
	{ name: 'sign', values: [1, 0.25, -2], fromThreshold: true, apply: (value) => Math.sign(value) },
	{ name: 'levels', values: [1, 2, 3, 4, -1], fromThreshold: true, apply: clip(0, 3) },
	{ name: 'quarters', values: [1, 2, 3, 4], fromThreshold: true, apply: (value) => clip(0, 4)(value) / 4 },
	{ name: 'signed levels', values: [1, 2, -1, -2], fromThreshold: true, apply: clip(-2, 2) },
	{
		name: 'sum of two thresholds',
		values: [1, 2],
		fromThreshold: true,
		apply: (value) => (value > 0.5 ? 1 : 0) + (value > 1.5 ? 1 : 0),
	},
	{ name: 'unequal heights', values: [1, 2], fromThreshold: true, apply: (value) => (value > 1.5 ? 1.5 : value > 0.5 ? 1 : 0) },
];

export interface RandomRun {
	readonly layer: RandomLayer;
	readonly kind: InputKind;
	readonly timesteps: number;
	readonly samples: number;
	/** [T, N, …sample] */
	readonly data: Float32Array;
}

/** onnxruntime infers another shape than its own kernel computes for these, and refuses to add a state to the result. */
const consistentShape = ({ node, inputShape }: RandomLayer): boolean => {
	const asked = node.attributes.get('output_shape');
	const extra = node.attributes.get('output_padding');
	if (asked?.kind === 'ints') return asked.value.every((size, axis) => size >= (inputShape[axis + 1] as number));
	return !node.attributes.has('auto_pad') || extra?.kind !== 'ints' || extra.value.every((size) => size === 0);
};

const layers = fc.oneof(
	{ weight: 4, arbitrary: convolution.filter(consistentShape) },
	{ weight: 1, arbitrary: gemm },
	{ weight: 1, arbitrary: matMul },
);

export const randomRun: fc.Arbitrary<RandomRun> = fc
	.record({
		layer: layers,
		kind: fc.constantFrom(...inputKinds),
		timesteps: fc.integer({ min: 1, max: 3 }),
		samples: fc.integer({ min: 1, max: 5 }),
		density: fc.constantFrom(0, 1, 3, 8, 10),
	})
	.chain(({ layer, kind, timesteps, samples, density }) => {
		const size = samples * elementCount(layer.inputShape);
		return fc
			.array(fc.tuple(fc.integer({ min: 1, max: 10 }), fc.nat({ max: 1000 })), {
				minLength: timesteps * size,
				maxLength: timesteps * size,
			})
			.map((draws) => {
				const data = Float32Array.from(draws, ([chance, pick], at) => {
					const values = at >= size && kind.laterValues ? kind.laterValues : kind.values;
					return chance <= density ? (values[pick % values.length] as number) : 0;
				});
				return { layer, kind, timesteps, samples, data };
			});
	});

/** One layer between the data (made into spikes or not) and leaky neurons: u ← u/2 + current, a spike above 1, soft reset. */
export function stepNetwork({ layer, kind, timesteps }: RandomRun, opset = 13): Promise<Network> {
	const graph = modelBuilder();
	graph.input('data', ['batch', ...layer.inputShape]);
	graph.input('u', ['batch', ...layer.plain.outputShape]);
	graph.constant('weight', layer.weight);
	if (layer.bias) graph.constant('bias', layer.bias);
	const above = (level: number): string =>
		graph.add('Cast', [graph.add('Greater', ['data', graph.scalar(level)])], { to: 1 }, { output: `above_${level}` });
	const rounded = (low: number, high: number): string =>
		graph.add('Clip', [graph.add('Round', ['data']), graph.scalar(low), graph.scalar(high)]);
	const inputs: Readonly<Record<string, () => string>> = {
		threshold: () => above(0.5),
		'scaled threshold': () => graph.add('Mul', [above(0.5), graph.scalar(0.375)]),
		sign: () => graph.add('Sign', ['data']),
		levels: () => rounded(0, 3),
		quarters: () => graph.add('Div', [rounded(0, 4), graph.scalar(4)]),
		'signed levels': () => rounded(-2, 2),
		'sum of two thresholds': () => graph.add('Add', [above(0.5), above(1.5)]),
		'unequal heights': () => graph.add('Add', [above(0.5), graph.add('Mul', [above(1.5), graph.scalar(0.5)])]),
	};
	const x = inputs[kind.name]?.() ?? 'data';
	graph.add(
		layer.node.op,
		layer.node.inputs.map((name) => (name === 'x' ? x : name)),
		Object.fromEntries(layer.node.attributes),
		{ output: 'current', name: '/layer/Apply' },
	);
	const membrane = graph.add('Add', [graph.add('Mul', ['u', graph.scalar(0.5)]), 'current']);
	const spikes = graph.add('Cast', [graph.add('Greater', [membrane, graph.scalar(1)], {}, { name: '/lif/Greater' })], { to: 1 });
	graph.add('Sub', [membrane, spikes], {}, { output: 'u_next' });
	graph.output(spikes, ['batch', ...layer.plain.outputShape]);
	graph.output('u_next', ['batch', ...layer.plain.outputShape]);
	return networkOf(graph.build({ opset }), { timesteps });
}

/** What happened, element by element: [timestep][sample]. */
export interface PlainRun {
	readonly inputs: readonly (readonly Float32Array[])[];
	readonly events: readonly (readonly PlainEvents[])[];
	readonly spikes: readonly (readonly number[])[];
	readonly driven: readonly (readonly number[])[];
}

export function plainRun({ layer, kind, timesteps, samples, data }: RandomRun): PlainRun {
	const size = elementCount(layer.inputShape);
	const outputs = elementCount(layer.plain.outputShape);
	const bias = layer.bias ? new Float32Array(layer.bias.bytes.buffer) : null;
	const biasOf = (at: number): number => (bias ? (bias[Math.floor(at / (outputs / bias.length))] as number) : 0);
	const membranes = Array.from({ length: samples }, () => new Float32Array(outputs));
	const run = {
		inputs: [] as Float32Array[][],
		events: [] as PlainEvents[][],
		spikes: [] as number[][],
		driven: [] as number[][],
	};
	for (let step = 0; step < timesteps; step += 1) {
		const inputs = Array.from({ length: samples }, (_, sample) => {
			const from = (step * samples + sample) * size;
			return Float32Array.from(data.subarray(from, from + size), (value) => kind.apply(value));
		});
		const events = inputs.map((values) => plainEvents(layer.plain, values));
		run.inputs.push(inputs);
		run.events.push(events);
		const spikes: number[] = [];
		const driven: number[] = [];
		for (let sample = 0; sample < samples; sample += 1) {
			const membrane = membranes[sample] as Float32Array;
			const { received, result } = events[sample] as PlainEvents;
			let [fired, touched] = [0, 0];
			for (let at = 0; at < outputs; at += 1) {
				const held = membrane[at] as number;
				if (held !== 0 || received[at]) touched += 1;
				const raised = held / 2 + (result[at] as number) + biasOf(at);
				const spike = raised > 1 ? 1 : 0;
				fired += spike;
				membrane[at] = raised - spike;
			}
			spikes.push(fired);
			driven.push(touched);
		}
		run.spikes.push(spikes);
		run.driven.push(driven);
	}
	return run;
}
