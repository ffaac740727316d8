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
function unrolled(hidden: (graph: ModelBuilder, current: string, timestep: number) => string): Promise<Network> {
	const graph = modelBuilder();
	graph.input('input', [timesteps, 'batch', 3]);
	graph.constant('w1', weights([3, width]));
	graph.constant('w2', weights([width, 2]));
	const outputs = Array.from({ length: timesteps }, (_, t) => {
		const frame = graph.add('Gather', ['input', graph.constant(`t${t}`, int64Tensor([t], []))], { axis: 0 });
		const spikes = hidden(graph, graph.add('MatMul', [frame, 'w1']), t);
		return atLeastOne(graph, graph.add('MatMul', [spikes, 'w2']));
	});
	graph.output(graph.add('Sum', outputs));
	return networkOf(graph.build());
}

const data = Float32Array.from({ length: timesteps * 3 }, (_, at) => (at % 2 === 0 ? 1 : 0));
const count = (network: Network) => simulate(network, arraySource(data, [3], { timesteps }));
const understood = ({ balance }: Network): boolean => balance.findings.every(({ kind }) => kind !== 'not-understood');

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
