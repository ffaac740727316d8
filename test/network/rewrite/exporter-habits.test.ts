import type { Activity } from '../../../src/activity/activity.ts';
import { float32Tensor, int64Tensor } from '../../../src/model/tensors.ts';
import type { Network } from '../../../src/network/network.ts';
import { simulate } from '../../../src/simulation/simulate.ts';
import { arraySource } from '../../support/array-source.ts';
import { neuronLayers, synapticLayers } from '../../support/fixture.ts';
import { type ModelBuilder, modelBuilder, networkOf, weights } from '../../support/model-builder.ts';

/** Habits of exporters whose counts can be worked out by hand: identity weights pass the data on, every neuron sees one input. */
const width = 2;
const identity = float32Tensor([1, 0, 0, 1], [width, width]);
const sizes = (graph: ModelBuilder, values: readonly number[]): string =>
	graph.constant(`sizes_${values.join('_')}`, int64Tensor(values));
const at = (graph: ModelBuilder, index: number): string => graph.constant(`index_${index}`, int64Tensor([index], []));

/** A neuron without leak that fires at 1 and loses 1, at one timestep. */
function fire(graph: ModelBuilder, current: string, state: string): { spikes: string; state: string } {
	const membrane = graph.add('Add', [state, current]);
	const spikes = graph.add('Cast', [graph.add('GreaterOrEqual', [membrane, graph.scalar(1)])], { to: 1 });
	return { spikes, state: graph.add('Sub', [membrane, spikes]) };
}

/** Rows of timesteps and samples in one axis, unfolded inside; `timeMajor`: [T·N, …], else [N·T, …]. */
function rows(timesteps: number, timeMajor: boolean): Promise<Network> {
	const graph = modelBuilder();
	graph.input('x', ['rows', width]);
	graph.constant('fc1.weight', identity);
	graph.constant('fc2.weight', weights([width, 3], 4));
	graph.scope('fc1');
	const axis = timeMajor ? 0 : 1;
	const current = graph.add('Reshape', [
		graph.add('MatMul', ['x', 'fc1.weight']),
		sizes(graph, timeMajor ? [timesteps, -1, width] : [-1, timesteps, width]),
	]);
	graph.scope('lif');
	let state = graph.scalar(0);
	const spikes = Array.from({ length: timesteps }, (_, step) => {
		const fired = fire(graph, graph.add('Gather', [current, at(graph, step)], { axis }), state);
		({ state } = fired);
		return graph.add('Unsqueeze', [fired.spikes, sizes(graph, [axis])]);
	});
	graph.scope('fc2');
	const stacked = graph.add('Reshape', [graph.add('Concat', spikes, { axis }), sizes(graph, [-1, width])]);
	graph.output(graph.add('MatMul', [stacked, 'fc2.weight']));
	return networkOf(graph.build());
}

/** Two samples over three timesteps: 1/2 a timestep fires at the second, 1 at every one, 0 never. */
const trains: readonly (readonly (readonly number[])[])[] = [
	[
		[0.5, 1],
		[0.5, 1],
		[0.5, 1],
	],
	[
		[0, 0.5],
		[0, 0.5],
		[0, 0.5],
	],
];
const spikesByTimestep = [1, 3, 1]; // (neuron b), (a and b of the first, b of the second), (b)

const spikesOf = (activity: Activity): number[] => neuronLayers(activity)[0]?.perTimestep.map(({ spikes }) => spikes) ?? [];

test('rows [N·T, …] are fed as [N, T, …] and counted timestep by timestep', async () => {
	const network = await rows(3, false);
	expect([network.timesteps, network.input.dims]).toEqual([3, ['samples', 3, width]]);
	const activity = await simulate(network, arraySource(Float32Array.from(trains.flat(2)), [3, width]));
	expect(spikesOf(activity)).toEqual(spikesByTimestep);
	expect(synapticLayers(activity)[1]?.perTimestep.map(({ acs }) => acs)).toEqual(spikesByTimestep.map((spikes) => spikes * 3));
});

test('rows [T·N, …] are fed as [T, N, …]', async () => {
	const network = await rows(3, true);
	expect([network.timesteps, network.input.dims, network.batchAxis]).toEqual([3, [3, 'samples', width], 1]);
	expect(network.assumptions.join(' ')).toContain('The model takes rows [T·samples, …]; data are fed as [3, samples, …].');
});

/** An open batch, but the zero state was traced for two samples. */
function bakedBatch(unrolled: number): Promise<Network> {
	const graph = modelBuilder();
	graph.input('x', ['batch', width]);
	graph.constant('fc1.weight', identity);
	graph.constant('fc2.weight', weights([width, 3], 4));
	let state = graph.constant('zeros', float32Tensor(new Float32Array(2 * width), [2, width]));
	const answers: string[] = [];
	for (let step = 0; step < unrolled; step += 1) {
		graph.scope('fc1');
		const current = graph.add('MatMul', ['x', 'fc1.weight']);
		graph.scope('lif');
		const fired = fire(graph, current, state);
		({ state } = fired);
		graph.scope('fc2');
		answers.push(graph.add('MatMul', [fired.spikes, 'fc2.weight']));
	}
	graph.output(graph.add('Sum', answers));
	return networkOf(graph.build());
}

test('a batch baked into zero states is the batch the model runs with, and the last one is filled up without being counted', async () => {
	const network = await bakedBatch(2);
	expect(network.input.dims).toEqual([2, width]);
	expect(network.assumptions.join(' ')).toContain('shapes or zero states in it hold only for a batch of 2');
	const activity = await simulate(network, arraySource(Float32Array.from([0.5, 1, 0.5, 0, 1, 1]), [width]));
	expect(spikesOf(activity)).toEqual([3, 5]);
});

/** Spikes summed over two neurons, without weights, into a third that fires at 1 and keeps half. */
function spikesIntoNeuron(timesteps: number): Promise<Network> {
	const graph = modelBuilder();
	graph.input('x', [timesteps, 'batch', width]);
	graph.constant('fc1.weight', identity);
	graph.constant('fc2.weight', weights([1, 3], 4));
	let [state, gate] = [graph.scalar(0), graph.scalar(0)];
	const answers: string[] = [];
	for (let step = 0; step < timesteps; step += 1) {
		graph.scope('fc1');
		const current = graph.add('MatMul', [graph.add('Gather', ['x', at(graph, step)], { axis: 0 }), 'fc1.weight']);
		graph.scope('lif');
		const fired = fire(graph, current, state);
		({ state } = fired);
		graph.scope('gate');
		const sum = graph.add('ReduceSum', [fired.spikes, sizes(graph, [1])], { keepdims: 1 });
		const membrane = graph.add('Add', [graph.add('Mul', [gate, graph.scalar(0.5)]), graph.add('Mul', [sum, graph.scalar(0.5)])]);
		const open = graph.add('Cast', [graph.add('GreaterOrEqual', [membrane, graph.scalar(0.75)])], { to: 1 });
		gate = graph.add('Sub', [membrane, graph.add('Mul', [open, graph.scalar(0.75)])]);
		graph.scope('fc2');
		answers.push(graph.add('MatMul', [open, 'fc2.weight']));
	}
	graph.output(graph.add('Sum', answers));
	return networkOf(graph.build());
}

test('a neuron that spikes enter without weights is a neuron with a membrane, and logic on spikes is none', async () => {
	const network = await spikesIntoNeuron(3);
	expect(network.neuronLayers.map(({ name, stateWords, leak, threshold }) => [name, stateWords, leak, threshold])).toEqual([
		['lif', 1, 1, 1],
		['gate', 1, 0.5, 0.75],
	]);
	// One sample: neuron a fires at t = 1, b at every timestep. Membranes: 1/2, 1/4 + 1 → fires, 1/4 + 1/2 → fires.
	const data = Float32Array.from((trains[0] as readonly (readonly number[])[]).flat());
	const activity = await simulate(network, arraySource(data, [width], { timesteps: 3 }));
	expect(neuronLayers(activity).map(({ perTimestep }) => perTimestep.map(({ spikes }) => spikes))).toEqual([
		[1, 2, 1],
		[0, 1, 1],
	]);
	const logic = modelBuilder();
	logic.input('x', ['batch', width]);
	logic.constant('fc1.weight', identity);
	logic.constant('fc2.weight', weights([1, 3], 4));
	logic.scope('fc1');
	const spikes = logic.add('Cast', [logic.add('Greater', [logic.add('MatMul', ['x', 'fc1.weight']), logic.scalar(0.5)])], {
		to: 1,
	});
	logic.scope('any');
	const any = logic.add(
		'Cast',
		[logic.add('Greater', [logic.add('ReduceSum', [spikes, sizes(logic, [1])], { keepdims: 1 }), logic.scalar(0)])],
		{ to: 1 },
	);
	logic.scope('fc2');
	logic.output(logic.add('MatMul', [any, 'fc2.weight']));
	expect((await networkOf(logic.build())).neuronLayers.map(({ name }) => name)).toEqual(['fc1']);
});
