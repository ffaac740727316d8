import { float32Tensor, int64Tensor } from '../../src/model/tensors.ts';
import type { Network } from '../../src/network/network.ts';
import { simulate } from '../../src/simulation/simulate.ts';
import { arraySource } from '../support/array-source.ts';
import { neuronLayers, synapticLayers } from '../support/fixture.ts';
import { type ModelBuilder, modelBuilder, networkOf, weights } from '../support/model-builder.ts';

/** Networks as published code writes them, which were read otherwise than they run. */

const axes = (graph: ModelBuilder, values: readonly number[], scalar = false): string =>
	graph.constant(`i${values.join()}${scalar}`, int64Tensor(values, scalar ? [] : [values.length]));
const fires = (graph: ModelBuilder, membrane: string, threshold = 1): string =>
	graph.add('Cast', [graph.add('Greater', [membrane, graph.scalar(threshold)])], { to: 1 });
const hardReset = (graph: ModelBuilder, membrane: string, spikes: string): string =>
	graph.add('Mul', [membrane, graph.add('Sub', [graph.scalar(1), spikes])]);
const unclear = ({ balance }: Network): string[] =>
	balance.findings.flatMap(({ kind, sentence }) => (kind === 'not-understood' ? [sentence] : []));

test('currents of all timesteps made at once, of which a loop that lags reads the first ones only (SpyTorch)', async () => {
	const [T, N, H] = [8, 5, 6];
	const graph = modelBuilder();
	graph.input('x', ['batch', T, N]);
	graph.constant('w', weights([N, H]));
	graph.constant('v', weights([H, 3], 2));
	const currents = graph.add('MatMul', ['x', 'w']);
	let [synapse, membrane, trace, answer] = ['', '', '', ''];
	for (let t = 0; t < T; t += 1) {
		const current = graph.add('Gather', [currents, axes(graph, [t], true)], { axis: 1 });
		// The membrane takes the synapse of the timestep before, and the answer the trace of the timestep before.
		const [before, read] = [synapse, trace];
		if (membrane !== '') {
			const spikes = fires(graph, membrane);
			const driven = graph.add('MatMul', [spikes, 'v']);
			trace = read === '' ? driven : graph.add('Add', [graph.add('Mul', [read, graph.scalar(0.5)]), driven]);
			membrane = hardReset(graph, graph.add('Add', [graph.add('Mul', [membrane, graph.scalar(0.75)]), before]), spikes);
		} else membrane = before;
		if (read !== '') answer = answer === '' ? read : graph.add('Add', [graph.add('Mul', [answer, graph.scalar(0.75)]), read]);
		synapse = before === '' ? current : graph.add('Add', [graph.add('Mul', [before, graph.scalar(0.875)]), current]);
	}
	graph.output(answer);
	const network = await networkOf(graph.build());
	expect(network.timesteps).toBe(T);
	const data = arraySource(
		Float32Array.from({ length: T * N }, (_, at) => (at % 3 === 0 ? 1 : 0)),
		[T, N],
	);
	const [first] = synapticLayers(await simulate(network, data));
	// Every connection once a timestep, not all timesteps at each.
	expect(first?.totals).toMatchObject({ denseMacs: T * N * H, activeInputs: 14, acs: 14 * H });
});

test('a square matrix over the nodes of a graph is no matrix over time', async () => {
	const [nodes, T] = [7, 3];
	const graph = modelBuilder();
	graph.input('x', ['batch', nodes, 4]);
	graph.constant(
		'adjacency',
		float32Tensor(
			Float32Array.from({ length: nodes * nodes }, (_, at) => (at % 3 === 0 ? 0.5 : 0)),
			[nodes, nodes],
		),
	);
	graph.constant('w1', weights([4, 5]));
	graph.constant('w2', weights([5, 2]));
	const current = graph.add('MatMul', [graph.add('MatMul', ['adjacency', 'x']), 'w1']);
	let membrane = '';
	const outputs = Array.from({ length: T }, () => {
		membrane = membrane === '' ? current : graph.add('Add', [graph.add('Mul', [membrane, graph.scalar(0.5)]), current]);
		const spikes = fires(graph, membrane, 0.25);
		membrane = hardReset(graph, membrane, spikes);
		return graph.add('MatMul', [graph.add('MatMul', ['adjacency', spikes]), 'w2']);
	});
	graph.output(graph.add('Sum', outputs));
	const network = await networkOf(graph.build());
	expect(network.timesteps).toBe(T);
	expect(unclear(network)).toEqual([]);
	const activity = await simulate(
		network,
		arraySource(
			Float32Array.from({ length: nodes * 4 }, (_, at) => at % 5),
			[nodes, 4],
		),
	);
	// The first membrane is the current itself: its neurons are those of the later timesteps.
	expect(
		neuronLayers(activity)
			.filter(({ spiking }) => spiking)
			.map(({ neurons, perTimestep }) => [neurons, perTimestep.length]),
	).toEqual([[nodes * 5, T]]);
});

test('spikes summed over tokens are the first membrane of the neuron they drive', async () => {
	const [T, tokens, D] = [4, 6, 3];
	const graph = modelBuilder();
	graph.input('x', [T, 'batch', 2, tokens]);
	graph.constant('kv', weights([2 * D, 2, 1]));
	graph.constant('head', weights([D, 2]));
	let membrane = '';
	const outputs = Array.from({ length: T }, (_, t) => {
		const frame = graph.add('Gather', ['x', axes(graph, [t], true)], { axis: 0 });
		const spikes = fires(graph, graph.add('Conv', [frame, 'kv'], { kernel_shape: [1] }), 0);
		const [k = '', v = ''] = graph.addMany('Split', [spikes, axes(graph, [D, D])], [`k${t}`, `v${t}`], { axis: 1 });
		const sum = graph.add('ReduceSum', [graph.add('Mul', [k, v]), axes(graph, [-1])], { keepdims: 0 });
		membrane = membrane === '' ? sum : graph.add('Add', [graph.add('Mul', [membrane, graph.scalar(0.5)]), sum]);
		const fired = fires(graph, membrane, 1.5);
		membrane = hardReset(graph, membrane, fired);
		return graph.add('MatMul', [fired, 'head']);
	});
	graph.output(graph.add('Sum', outputs));
	const network = await networkOf(graph.build());
	expect(unclear(network)).toEqual([]);
	const data = arraySource(
		Float32Array.from({ length: T * 2 * tokens }, (_, at) => at % 3),
		[2, tokens],
		{ timesteps: T },
	);
	const gathering = neuronLayers(await simulate(network, data)).find(({ neurons }) => neurons === D);
	expect(gathering?.perTimestep.map(({ neuronUpdates }) => neuronUpdates)).toEqual(Array(T).fill(D));
});

/** A step model whose answer is summed up; `again` gives that sum a second time, to be fed back. */
function accumulating(again: boolean): Promise<Network> {
	const graph = modelBuilder();
	graph.input('input', ['batch', 4]);
	graph.input('in1', ['batch', 5]);
	graph.input('in2', ['batch', 2]);
	graph.constant('w1', weights([4, 5]));
	graph.constant('w2', weights([5, 2]));
	const membrane = graph.add('Add', [graph.add('Mul', ['in1', graph.scalar(0.5)]), graph.add('MatMul', ['input', 'w1'])]);
	const spikes = fires(graph, membrane);
	graph.add('Add', ['in2', graph.add('MatMul', [spikes, 'w2'])], {}, { output: '31' });
	graph.add('Sub', [membrane, spikes], {}, { output: '29' });
	graph.output('31', ['batch', 2]);
	graph.output('29', ['batch', 5]);
	if (again) graph.output(graph.add('Identity', ['31'], {}, { output: '32' }), ['batch', 2]);
	return networkOf(graph.build(), { timesteps: 3 });
}

test.each([
	[true, '31', 'in2=32'],
	[false, '31', 'in2=31'],
])('an answer that is a sum over time is told from the membranes (given twice: %s)', async (again, output, pair) => {
	const { readout, states } = await accumulating(again);
	expect(readout).toEqual({ output, rule: 'last' });
	expect(states.map((state) => `${state.input}=${state.output}`)).toContain(pair);
});

test.each(['OneHot', 'Equal', 'Cast and OneHot'] as const)(
	'tokens written as one-hot codes by %s are spikes for the weights, and no neurons',
	async (op) => {
		const [T, classes] = [3, 6];
		const graph = modelBuilder();
		graph.input('tokens', ['batch', T], op === 'Cast and OneHot' ? 'int32' : 'int64');
		graph.constant('w', weights([classes, 4]));
		graph.constant('v', weights([4, 2]));
		let membrane = '';
		const outputs = Array.from({ length: T }, (_, t) => {
			const token = graph.add('Gather', ['tokens', axes(graph, [t], true)], { axis: 1 });
			const places = graph.constant('places', int64Tensor([0, 1, 2, 3, 4, 5]));
			const code =
				op !== 'Equal'
					? graph.add('OneHot', [
							op === 'OneHot' ? token : graph.add('Cast', [token], { to: 7 }),
							axes(graph, [classes], true),
							graph.constant('off on', float32Tensor([0, 1], [2])),
						])
					: graph.add('Cast', [graph.add('Equal', [graph.add('Unsqueeze', [token, axes(graph, [-1])]), places])], { to: 1 });
			const current = graph.add('MatMul', [code, 'w']);
			membrane = membrane === '' ? current : graph.add('Add', [graph.add('Mul', [membrane, graph.scalar(0.5)]), current]);
			const spikes = fires(graph, membrane, 0.25);
			membrane = hardReset(graph, membrane, spikes);
			return graph.add('MatMul', [spikes, 'v']);
		});
		graph.output(graph.add('Sum', outputs));
		const network = await networkOf(graph.build());
		expect(network.balance.headlines).toEqual([]);
		const activity = await simulate(network, arraySource(Float32Array.from([4, 0, 2]), [T]));
		expect(
			neuronLayers(activity)
				.filter(({ spiking }) => spiking)
				.map(({ neurons }) => neurons),
		).toEqual([4]);
		expect(synapticLayers(activity)[0]?.totals).toMatchObject({ activeInputs: T, acs: T * 4, macs: 0 });
	},
);

test('a mean over many neurons of which no element is a single spike is graded, and that is no finding', async () => {
	const wide = 12;
	const graph = modelBuilder();
	graph.input('x', ['batch', wide, 1]);
	graph.constant('one', float32Tensor([1], [1, 1]));
	graph.constant('head', weights([1, 3]));
	const spikes = fires(graph, graph.add('MatMul', ['x', 'one']), 0.5);
	graph.output(graph.add('MatMul', [graph.add('ReduceMean', [spikes], { axes: [1], keepdims: 0 }), 'head']));
	const network = await networkOf(graph.build());
	// 2 and 3 of 12 neurons fire: a sixth and a quarter.
	const x = [2, 3].flatMap((firing) => Array.from({ length: wide }, (_, at) => (at < firing ? 1 : 0)));
	const activity = await simulate(network, arraySource(Float32Array.from(x), [wide, 1]));
	expect(synapticLayers(activity)[1]).toMatchObject({ inputKind: 'graded', totals: { acs: 0, macs: 2 * 3 } });
	expect(activity.warnings.join()).not.toMatch(/whole multiples/);
});

test('inhibition by a relay of spikes: the relay fires at the timestep before it is read, and its last spikes are said to be missing', async () => {
	const [T, N] = [4, 5];
	const graph = modelBuilder();
	graph.input('x', [T, 'batch', N]);
	graph.constant('w', weights([N, N]));
	graph.constant('inhibit', weights([N, N], 3));
	graph.constant('out', weights([N, 2], 4));
	let [cell, relay] = ['', ''];
	let relayed = graph.add('Mul', [graph.add('Gather', ['x', axes(graph, [0], true)], { axis: 0 }), graph.scalar(0)]);
	const outputs = Array.from({ length: T }, (_, t) => {
		const frame = graph.add('Gather', ['x', axes(graph, [t], true)], { axis: 0 });
		const current = graph.add('Sub', [graph.add('MatMul', [frame, 'w']), graph.add('MatMul', [relayed, 'inhibit'])]);
		cell = cell === '' ? current : graph.add('Add', [graph.add('Mul', [cell, graph.scalar(0.75)]), current]);
		const spikes = fires(graph, cell, 0.25);
		cell = hardReset(graph, cell, spikes);
		relay =
			relay === ''
				? graph.add('Mul', [spikes, graph.scalar(0.9)])
				: graph.add('Add', [graph.add('Mul', [relay, graph.scalar(0.5)]), spikes]);
		relayed = fires(graph, relay, 0.8);
		relay = hardReset(graph, relay, relayed);
		return graph.add('MatMul', [spikes, 'out']);
	});
	graph.output(graph.add('Sum', outputs));
	const network = await networkOf(graph.build());
	const layer = network.neuronLayers.find(({ spiking, calls }) => spiking && calls.length === T - 1);
	expect(layer?.calls.map(({ timestep }) => timestep)).toEqual([0, 1, 2]);
	expect(network.warnings.join()).toMatch(/in the file at 3 of 4 timesteps/);
});
