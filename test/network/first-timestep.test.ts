import { float32Tensor, int64Tensor } from '../../src/model/tensors.ts';
import type { Network } from '../../src/network/network.ts';
import { simulate } from '../../src/simulation/simulate.ts';
import { arraySource } from '../support/array-source.ts';
import { neuronLayers } from '../support/fixture.ts';
import { type ModelBuilder, modelBuilder, networkOf, weights } from '../support/model-builder.ts';

const timesteps = 4;
const width = 5;

type Fire = (graph: ModelBuilder, membrane: string) => string;
const atLeastOne: Fire = (graph, membrane) =>
	graph.add('Cast', [graph.add('GreaterOrEqual', [membrane, graph.scalar(1)])], { to: 1 });

/** A network of two layers, written out over time; `hidden` is the first layer's neuron. */
function unrolled(
	hidden: (graph: ModelBuilder, current: string, timestep: number) => string,
	batch: number | string = 'batch',
	opset = 13,
): Promise<Network> {
	const graph = modelBuilder();
	graph.input('input', [timesteps, batch, 3]);
	graph.constant('w1', weights([3, width]));
	graph.constant('w2', weights([width, 2]));
	const outputs = Array.from({ length: timesteps }, (_, t) => {
		const frame = graph.add('Gather', ['input', graph.constant(`t${t}`, int64Tensor([t], []))], { axis: 0 });
		const spikes = hidden(graph, graph.add('MatMul', [frame, 'w1']), t);
		return graph.add('Cast', [graph.add('Greater', [graph.add('MatMul', [spikes, 'w2']), graph.scalar(1)])], { to: 1 });
	});
	graph.output(graph.add('Sum', outputs));
	return networkOf(graph.build({ opset }));
}

const data = Float32Array.from({ length: timesteps * 3 }, (_, at) => (at % 2 === 0 ? 1 : 0));
const count = (network: Network) => simulate(network, arraySource(data, [3], { timesteps }));
const understood = ({ balance }: Network): boolean => balance.findings.every(({ kind }) => kind !== 'not-understood');

/** Three levels beside each other along an axis of their own, in the ways exporters write that; 0 to 3 spikes at once. */
const levels: readonly (readonly [string, Fire])[] = [
	['a last axis', (graph, u) => sumOfLevels(graph, graph.add('Unsqueeze', [u, axes(graph, [-1])]), [3], -1)],
	['a first axis', (graph, u) => sumOfLevels(graph, graph.add('Unsqueeze', [u, axes(graph, [0])]), [3, 1, 1], 0)],
	['an axis of the levels alone', (graph, u) => sumOfLevels(graph, u, [3, 1, 1], 0)],
	[
		'an axis given by a Reshape',
		(graph, u) => sumOfLevels(graph, graph.add('Reshape', [u, axes(graph, [-1, width, 1])]), [1, 1, 3], 2),
	],
	['an axis on which comparisons were stacked', stackedLevels],
	...(['ReduceL1', 'ReduceSumSquare'] as const).map((op): readonly [string, Fire] => [
		`a last axis that ${op} joins`,
		(graph, u) => graph.add(op, [besideLevels(graph, u)], { axes: [-1], keepdims: 0 }),
	]),
	['a last axis times a vector', (graph, u) => graph.add('MatMul', [besideLevels(graph, u), ones(graph, [3])])],
	[
		'a last axis times a column',
		(graph, u) => graph.add('Squeeze', [graph.add('MatMul', [besideLevels(graph, u), ones(graph, [3, 1])]), axes(graph, [-1])]),
	],
];
const ones = (graph: ModelBuilder, dims: readonly number[]): string =>
	graph.constant(`ones ${dims.join()}`, float32Tensor([1, 1, 1], dims));

function besideLevels(graph: ModelBuilder, membrane: string): string {
	const beside = graph.add('Unsqueeze', [membrane, axes(graph, [-1])]);
	const reached = graph.add('GreaterOrEqual', [beside, graph.constant('levels', float32Tensor([1, 2, 3], [3]))]);
	return graph.add('Cast', [reached], { to: 1 });
}
const axes = (graph: ModelBuilder, values: readonly number[]): string =>
	graph.constant(`axes ${values.join()}`, int64Tensor(values));

function stackedLevels(graph: ModelBuilder, membrane: string): string {
	const reached = [1, 2, 3].map((level) => {
		const above = graph.add('GreaterOrEqual', [membrane, graph.scalar(level)]);
		return graph.add('Unsqueeze', [graph.add('Cast', [above], { to: 1 }), axes(graph, [0])]);
	});
	return graph.add('ReduceSum', [graph.add('Concat', reached, { axis: 0 }), axes(graph, [0])], { keepdims: 0 });
}

function sumOfLevels(graph: ModelBuilder, membrane: string, dims: readonly number[], axis: number): string {
	const reached = graph.add('GreaterOrEqual', [membrane, graph.constant('levels', float32Tensor([1, 2, 3], dims))]);
	const count = graph.add('ReduceSum', [graph.add('Cast', [reached], { to: 7 }), axes(graph, [axis])], { keepdims: 0 });
	return graph.add('Cast', [count], { to: 1 });
}

test.each(levels)('levels along %s are one neuron that fires several times at once', async (_, fire) => {
	const spiking = await Promise.all(
		[
			fire,
			(graph: ModelBuilder, u: string) => graph.add('Clip', [graph.add('Floor', [u]), graph.scalar(0), graph.scalar(3)]),
		].map(async (decide) => {
			let membrane = '';
			const network = await unrolled((graph, current, t) => {
				const driven = graph.add('Mul', [current, graph.scalar(4)]);
				membrane = t === 0 ? driven : graph.add('Add', [membrane, driven]);
				const spikes = decide(graph, membrane);
				membrane = graph.add('Sub', [membrane, spikes]);
				return spikes;
			});
			const activity = await count(network);
			expect(understood(network)).toBe(true);
			return activity.layers.map((layer) => [layer.kind === 'neuron' ? layer.neurons : layer.kind, layer.totals]);
		}),
	);
	expect(spiking[0]).toEqual(spiking[1]);
});

/** Neurons that decide over the membrane they have, and only then take their current up. */
function decidesFirst(start: number): Promise<Network> {
	let membrane = '';
	return unrolled((graph, current, t) => {
		const shape = graph.add('Shape', [current]);
		if (t === 0) membrane = graph.add('Expand', [graph.constant('start', float32Tensor([start], [1, 1])), shape]);
		const spikes = atLeastOne(graph, membrane);
		membrane = graph.add('Add', [graph.add('Sub', [membrane, spikes]), current]);
		return spikes;
	});
}

test.each([
	['ReduceMax', 11, 7, 3],
	['ReduceMean', 13, 6, 3],
	// In floats, the mean of so many ones is a hair below one.
	['ReduceMean', 13, 6, 41],
] as const)(
	'%s of integers over an axis of levels (opset %i, type %i, %i levels) runs, and is one neuron',
	async (op, opset, type, levels) => {
		const below = float32Tensor(
			Float32Array.from({ length: levels }, (_, at) => (2 * at) / (levels - 1)),
			[1, 1, levels],
		);
		const network = await unrolled(
			(graph, current, t) => {
				const membrane = graph.add('Reshape', [
					graph.add('Add', [graph.add('Abs', [current]), graph.scalar(3)]),
					axes(graph, [-1, width, 1]),
				]);
				const reached = graph.add('Greater', [membrane, graph.constant('levels', below)]);
				const joined = graph.add(
					op,
					[graph.add('Cast', [reached], { to: type })],
					{ axes: [2], keepdims: 0 },
					{ name: `j${t}`, output: `j${t}` },
				);
				return graph.add('Cast', [joined], { to: 1 });
			},
			'batch',
			opset,
		);
		const [hidden] = neuronLayers(await count(network));
		expect(hidden?.neurons).toBe(width);
		expect(hidden?.perTimestep.map(({ spikes }) => spikes)).toEqual(Array(timesteps).fill(width));
	},
);

test('a neuron that starts above its threshold fires at the first timestep, and its spikes drive the weights behind it', async () => {
	const network = await decidesFirst(1.25);
	const activity = await count(network);
	const [hidden] = neuronLayers(activity);
	expect(neuronLayers(activity)).toHaveLength(2);
	expect(hidden?.perTimestep).toHaveLength(timesteps);
	expect(hidden?.perTimestep[0]?.spikes).toBe(width);
	const behind = activity.layers.find(({ name }) => name === 'w2');
	expect(behind).toMatchObject({ inputKind: 'spikes' });
});

test('a neuron that starts below its threshold is as silent as it was', async () => {
	const activity = await count(await decidesFirst(0));
	expect(neuronLayers(activity)[0]?.totals.spikes).toBeLessThan(width * timesteps);
	expect(neuronLayers(activity)[0]?.perTimestep[0]?.spikes).toBe(0);
});

function recurrent(first: number): Promise<Network> {
	let spikes = '';
	return unrolled((graph, current, t) => {
		if (t === 0) {
			graph.constant('w3', weights([width, width]));
			spikes = graph.constant('first', float32Tensor(Array(width).fill(first), [1, width]));
		}
		spikes = atLeastOne(graph, graph.add('Add', [current, graph.add('MatMul', [spikes, 'w3'])]));
		return spikes;
	});
}

test('recurrent spikes that start at 1 are said not to be counted; those that start at 0 are none', async () => {
	expect((await recurrent(1)).balance.headlines.join()).toMatch(/not understood: "w3"/);
	const silent = await recurrent(0);
	expect(understood(silent)).toBe(true);
	expect(silent.assumptions.join()).toMatch(/"w3" is computed at 3 of 4 timesteps: before that its input is a constant/);
});

test('a constant mask: the spikes that pass it are those of the layer', async () => {
	const mask = [1, 0, 1, 0, 0];
	const network = await unrolled((graph, current) =>
		graph.add('Mul', [atLeastOne(graph, graph.add('Abs', [current])), graph.constant('mask', float32Tensor(mask))]),
	);
	const activity = await count(network);
	const [hidden] = neuronLayers(activity);
	const behind = activity.layers.find(({ name }) => name === 'w2');
	expect(hidden?.perTimestep.map(({ spikes }) => spikes)).toEqual(
		behind?.kind === 'synaptic' ? behind.perTimestep.map(({ activeInputs }) => activeInputs) : null,
	);
	expect(activity.balance?.findings.filter(({ kind }) => kind === 'not-understood')).toEqual([]);
});

test('a constant mask over thousands of neurons is a mask too', async () => {
	const wide = 5000;
	const network = await unrolled((graph, current, t) => {
		const spread = graph.constant(`spread ${t}`, float32Tensor(new Float32Array(width * wide).fill(1), [width, wide]));
		const joined = graph.constant(`joined ${t}`, float32Tensor(new Float32Array(wide * width).fill(1), [wide, width]));
		const mask = graph.constant(`mask ${t}`, float32Tensor(Float32Array.from({ length: wide }, (_, at) => at % 2)));
		const many = graph.add('Add', [graph.add('MatMul', [graph.add('Abs', [current]), spread]), graph.scalar(1)]);
		return graph.add('MatMul', [graph.add('Mul', [atLeastOne(graph, many), mask]), joined]);
	});
	const [hidden] = neuronLayers(await count(network));
	expect(hidden?.perTimestep.map(({ spikes }) => spikes)).toEqual(Array(timesteps).fill(wide / 2));
});

test('a constant mask that chooses between spikes and zeros', async () => {
	const network = await unrolled((graph, current) => {
		const mask = graph.constant('mask', { type: 'bool', dims: [width], bytes: Uint8Array.of(1, 0, 1, 0, 0) });
		const fired = atLeastOne(graph, graph.add('Add', [graph.add('Abs', [current]), graph.scalar(1)]));
		return graph.add('Where', [mask, fired, graph.constant('zeros', float32Tensor(Array(width).fill(0), [1, width]))]);
	});
	const activity = await count(network);
	expect(neuronLayers(activity)[0]?.perTimestep.map(({ spikes }) => spikes)).toEqual(Array(timesteps).fill(2));
	expect(activity.balance?.findings.filter(({ kind }) => kind === 'not-understood')).toEqual([]);
});

test('a mask that the graph makes from a size is a constant mask', async () => {
	const network = await unrolled((graph, current) => {
		const [zero, one] = [graph.constant('0', int64Tensor([0], [])), graph.constant('1', int64Tensor([1], []))];
		const size = graph.add('Gather', [graph.add('Shape', [current]), one], { axis: 0 });
		const odd = graph.add('Mod', [graph.add('Range', [zero, size, one]), graph.constant('2', int64Tensor([2], []))]);
		const fired = atLeastOne(graph, graph.add('Add', [graph.add('Abs', [current]), graph.scalar(1)]));
		return graph.add('Mul', [fired, graph.add('Cast', [odd], { to: 1 })]);
	});
	const [hidden] = neuronLayers(await count(network));
	expect(hidden?.perTimestep.map(({ spikes }) => spikes)).toEqual(Array(timesteps).fill(Math.floor(width / 2)));
});

test('one part of a Split of sizes becomes a constant; the others are still there', async () => {
	const network = await unrolled((graph, current, t) => {
		const sizes = graph.add('Cast', [graph.add('Shape', [current])], { to: 1 });
		graph.addMany('Split', [sizes], [`batch of ${t}`, `width of ${t}`], { axis: 0 });
		const share = graph.add('Div', [graph.add('Abs', [current]), `width of ${t}`]);
		const above = graph.add('ConstantOfShape', [graph.add('Cast', [`batch of ${t}`], { to: 7 })]);
		return atLeastOne(graph, graph.add('Add', [graph.add('Add', [share, above]), graph.scalar(1)]));
	});
	const [hidden] = neuronLayers(await count(network));
	expect(hidden?.perTimestep.map(({ spikes }) => spikes)).toEqual(Array(timesteps).fill(width));
});

test('numbers drawn at random never become a constant, not even where the batch is fixed', async () => {
	const network = await unrolled((graph, current) => {
		const zeros = graph.add('ConstantOfShape', [graph.add('Shape', [current])]);
		const drawn = graph.add('RandomUniformLike', [zeros]);
		return atLeastOne(graph, graph.add('Add', [graph.add('Abs', [current]), drawn]));
	}, 1);
	expect(network.warnings.join()).toMatch(/RandomUniformLike ".*" draws random numbers/);
});

/** As an exporter that computes constants away leaves them: the second layer's first timestep is numbers in the file. */
function lostStart(start: readonly number[]): Promise<Network> {
	const graph = modelBuilder();
	graph.input('input', [timesteps, 1, 3]);
	graph.constant('w1', weights([3, width]));
	graph.constant('w2', weights([width, 2]));
	graph.constant('bias', float32Tensor([0.5, -0.25]));
	let hidden = graph.constant('hidden', float32Tensor(Array(width).fill(0), [1, width]));
	let membrane = graph.constant('start', float32Tensor(start, [1, 2]));
	const outputs: string[] = [];
	for (let t = 0; t < timesteps; t += 1) {
		const frame = graph.add('Gather', ['input', graph.constant(`t${t}`, int64Tensor([t], []))], { axis: 0 });
		hidden = graph.add('Add', [hidden, graph.add('MatMul', [frame, 'w1'])]);
		// The last timestep's current comes too late for a spike.
		if (t === timesteps - 1) break;
		const spikes = atLeastOne(graph, hidden);
		hidden = graph.add('Sub', [hidden, spikes]);
		const current = graph.add('Add', [graph.add('MatMul', [spikes, 'w2']), 'bias']);
		membrane = graph.add('Add', [membrane, current]);
		outputs.push(atLeastOne(graph, membrane));
	}
	graph.output(graph.add('Sum', outputs));
	return networkOf(graph.build());
}

test('a first timestep that was computed away is said to be missing, unless nothing but the bias is in it', async () => {
	expect((await lostStart([0.75, 1.5])).balance.findings.map(({ sentence }) => sentence).join()).toMatch(
		/in the file at 3 of 4 timesteps, and its membrane starts from numbers that were computed of an earlier one \("start"\)/,
	);
	expect(understood(await lostStart([0.25, -0.125]))).toBe(true);
});

test('only the first spike among neighbours passes: that is what the layer fires', async () => {
	const network = await unrolled((graph, current) => {
		const spikes = atLeastOne(graph, graph.add('Add', [current, graph.scalar(2)]));
		const order = graph.add('CumSum', [spikes, graph.constant('axis', int64Tensor([1], []))]);
		return graph.add('Mul', [spikes, graph.add('Cast', [graph.add('Equal', [order, graph.scalar(1)])], { to: 1 })]);
	});
	expect(understood(network)).toBe(true);
	const activity = await count(network);
	for (const { spikes } of neuronLayers(activity)[0]?.perTimestep ?? []) expect(spikes).toBeLessThanOrEqual(1);
});

test('the first spike in time, over all timesteps side by side, is said not to be understood', async () => {
	const graph = modelBuilder();
	graph.input('input', [timesteps, 'batch', 3]);
	graph.constant('w1', weights([3, width]));
	graph.constant('w2', weights([width, 2]));
	const at = (tensor: string, t: number) =>
		graph.add('Gather', [tensor, graph.constant(`t${t}`, int64Tensor([t], []))], { axis: 0 });
	const axis = graph.constant('axis', int64Tensor([0]));
	const spikes = Array.from({ length: timesteps }, (_, t) =>
		graph.add('Unsqueeze', [atLeastOne(graph, graph.add('MatMul', [at('input', t), 'w1'])), axis]),
	);
	const all = graph.add('Concat', spikes, { axis: 0 });
	const order = graph.add('CumSum', [all, graph.constant('time', int64Tensor([0], []))]);
	const first = graph.add('Mul', [all, graph.add('Cast', [graph.add('Equal', [order, graph.scalar(1)])], { to: 1 })]);
	const outputs = Array.from({ length: timesteps }, (_, t) => atLeastOne(graph, graph.add('MatMul', [at(first, t), 'w2'])));
	graph.output(graph.add('Sum', outputs));
	const network = await networkOf(graph.build());
	expect(network.balance.headlines.join()).toMatch(/not understood: "w2"/);
});
