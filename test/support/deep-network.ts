import fc from 'fast-check';
import type { Model } from '../../src/model/graph.ts';
import { elementCount, float32Tensor } from '../../src/model/tensors.ts';
import { type ModelBuilder, modelBuilder } from './model-builder.ts';
import { randomNumbers } from './random-numbers.ts';

/** One layer of weights, what stands around it, and its neurons. */
export interface Block {
	readonly width: number;
	readonly stride: 1 | 2;
	readonly normalised: boolean;
	readonly reset: 'soft' | 'hard' | 'none';
	/** Height of a spike. */
	readonly theta: number;
	/** Adds the block's input to its spikes where shapes agree. */
	readonly residual: boolean;
	readonly pool: 'AveragePool' | 'MaxPool' | null;
	/** Feeds the block's spikes of the timestep before back into its current, through weights. */
	readonly recurrent: boolean;
}

/** A layer as most networks have it. */
export const plainBlock: Block = {
	width: 3,
	stride: 1,
	normalised: true,
	reset: 'soft',
	theta: 1,
	residual: false,
	pool: 'AveragePool',
	recurrent: false,
};

/** A deep spiking network with weights drawn from a seed: not dyadic, so that every rounding shows. */
export interface DeepNetwork {
	readonly blocks: readonly Block[];
	readonly form: 'step' | 'unrolled';
	readonly timesteps: number;
	readonly opset: number;
	readonly seed: number;
	/** Whether the output layer is made of neurons too. */
	readonly firingReadout: boolean;
}

export const sampleShape = [2, 8, 8] as const;

const block: fc.Arbitrary<Block> = fc.record({
	width: fc.constantFrom(2, 3, 8),
	stride: fc.constantFrom(1, 1, 2),
	normalised: fc.boolean(),
	reset: fc.constantFrom('soft', 'hard', 'none'),
	theta: fc.constantFrom(1, 0.75),
	residual: fc.boolean(),
	pool: fc.constantFrom('AveragePool', 'MaxPool', null, null),
	recurrent: fc.boolean().map((yes) => yes),
});

export const deepNetwork: fc.Arbitrary<DeepNetwork> = fc.record({
	blocks: fc.array(block, { minLength: 1, maxLength: 3 }),
	form: fc.constantFrom('step', 'unrolled'),
	timesteps: fc.integer({ min: 2, max: 5 }),
	opset: fc.constantFrom(11, 13, 18),
	seed: fc.integer({ min: 1, max: 1e6 }),
	firingReadout: fc.boolean(),
});

type States = Map<string, string>;

export function deepModel(net: DeepNetwork): Model {
	const graph = modelBuilder();
	const { form, timesteps, opset } = net;
	const random = randomNumbers(net.seed);
	const known = new Set<string>();
	const weight = (name: string, dims: readonly number[], fanIn: number): string => {
		if (known.has(name)) return name;
		known.add(name);
		const values = Float32Array.from({ length: elementCount(dims) }, () => ((random() - 0.4) * 3) / Math.sqrt(fanIn));
		return graph.constant(name, float32Tensor(values, dims));
	};
	graph.input('x', ['batch', ...sampleShape]);
	if (form === 'step') {
		const states = new Map<string, string>();
		const shapes = new Map<string, readonly number[]>();
		const before = (name: string, shape: readonly number[]): string => {
			shapes.set(name, shape);
			return graph.input(`${name}.before`, ['batch', ...shape]);
		};
		const answer = oneStep(graph, net, { before, after: states, weight });
		graph.output(answer, ['batch', 4]);
		for (const [name, tensor] of states)
			graph.output(graph.add('Identity', [tensor], {}, { output: `${name}.after` }), ['batch', ...(shapes.get(name) ?? [])]);
		const pairs = [...states.keys()].map((name) => `${name}.before=${name}.after`).join(',');
		return graph.build({ opset, metadata: { 'snn.timesteps': String(timesteps), 'snn.states': pairs } });
	}
	let states: States = new Map();
	const answers: string[] = [];
	for (let t = 0; t < timesteps; t += 1) {
		const last = states;
		states = new Map();
		answers.push(oneStep(graph, net, { before: (name) => last.get(name) ?? null, after: states, weight }));
	}
	graph.output(graph.add('Sum', answers), ['batch', 4]);
	return graph.build({ opset });
}

interface Step {
	/** State of the timestep before; null where there is none. */
	readonly before: (name: string, shape: readonly number[]) => string | null;
	readonly after: States;
	readonly weight: (name: string, dims: readonly number[], fanIn: number) => string;
}

function oneStep(graph: ModelBuilder, { blocks, firingReadout }: DeepNetwork, { before, after, weight }: Step): string {
	let [channels, side]: [number, number] = [sampleShape[0], sampleShape[1]];
	let x = 'x';
	const fire = (name: string, current: string, shape: readonly number[], { reset, theta }: Pick<Block, 'reset' | 'theta'>) => {
		graph.scope(name);
		const last = before(`${name}.u`, shape);
		const u = last === null ? current : graph.add('Add', [graph.add('Mul', [last, graph.scalar(0.875)]), current]);
		const fired = graph.add('Cast', [graph.add('Greater', [u, graph.scalar(theta)])], { to: 1 });
		const spikes = theta === 1 ? fired : graph.add('Mul', [fired, graph.scalar(theta)]);
		const left =
			reset === 'none'
				? u
				: reset === 'soft'
					? graph.add('Sub', [u, spikes])
					: graph.add('Mul', [u, graph.add('Sub', [graph.scalar(1), fired])]);
		after.set(`${name}.u`, left);
		return spikes;
	};
	for (const [at, one] of blocks.entries()) {
		const name = `block${at}`;
		graph.scope(name);
		const from = x;
		let current = graph.add('Conv', [x, weight(`${name}.weight`, [one.width, channels, 3, 3], channels * 9)], {
			kernel_shape: [3, 3],
			pads: [1, 1, 1, 1],
			strides: [one.stride, one.stride],
		});
		const size = Math.ceil(side / one.stride);
		if (one.normalised) {
			const parts = ['scale', 'shift', 'mean', 'variance'].map((part) =>
				graph.constant(`${name}.${part}`, float32Tensor(Array.from({ length: one.width }, (_, c) => 0.5 + c / 7))),
			);
			current = graph.add('BatchNormalization', [current, ...parts]);
		}
		const shape = [one.width, size, size];
		if (one.recurrent) {
			const fed = before(`${name}.s`, shape);
			if (fed !== null) {
				const back = graph.add('Conv', [fed, weight(`${name}.back`, [one.width, one.width, 1, 1], one.width * 4)], {
					kernel_shape: [1, 1],
				});
				current = graph.add('Add', [current, back]);
			}
		}
		const spikes = fire(name, current, shape, one);
		if (one.recurrent) after.set(`${name}.s`, spikes);
		x = one.residual && at > 0 && one.width === channels && one.stride === 1 ? graph.add('Add', [spikes, from]) : spikes;
		[channels, side] = [one.width, size];
		if (one.pool && side > 1) {
			x = graph.add(one.pool, [x], { kernel_shape: [2, 2], strides: [2, 2] });
			side = Math.floor(side / 2);
		}
	}
	graph.scope('head');
	const features = channels * side * side;
	const score = graph.add('Gemm', [graph.add('Flatten', [x]), weight('head.weight', [4, features], features / 2)], { transB: 1 });
	return firingReadout ? fire('out', score, [4], { reset: 'soft', theta: 1 }) : score;
}
