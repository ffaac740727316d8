import { compareWithDense, loadProfile } from '../../src/hardware/index.ts';
import type { Finding } from '../../src/network/findings.ts';
import type { Network } from '../../src/network/network.ts';
import { simulate } from '../../src/simulation/simulate.ts';
import { arraySource } from '../support/array-source.ts';
import { type ModelBuilder, modelBuilder, networkOf, weights } from '../support/model-builder.ts';

interface Parts {
	readonly threshold?: number;
	readonly timesteps?: number;
	/** What comes between the weights and the membrane. */
	readonly current?: (graph: ModelBuilder, current: string) => string;
	/** What comes between the spikes and the next weights. */
	readonly carried?: (graph: ModelBuilder, spikes: string) => string;
}

/** x → fc1 → lif → fc2 as a step model; the scores are fc2's output. */
function network({
	threshold = 0.5,
	timesteps = 3,
	current = (_, name) => name,
	carried = (_, name) => name,
}: Parts = {}): Promise<Network> {
	const graph = modelBuilder();
	graph.input('x', ['batch', 6]);
	graph.input('v', ['batch', 8]);
	graph.constant('fc1.weight', weights([6, 8], 3));
	graph.constant('fc2.weight', weights([8, 4], 5));
	graph.scope('fc1');
	const driven = current(graph, graph.add('MatMul', ['x', 'fc1.weight']));
	graph.scope('lif');
	const membrane = graph.add('Add', [graph.add('Mul', ['v', graph.scalar(0.5)]), driven]);
	const spikes = graph.add('Cast', [graph.add('Greater', [membrane, graph.scalar(threshold)])], { to: 1 }, { output: 'spikes' });
	graph.add('Sub', [membrane, spikes], {}, { output: 'v_next' });
	graph.scope('fc2');
	graph.add('MatMul', [carried(graph, spikes), 'fc2.weight'], {}, { output: 'scores' });
	graph.output('scores', ['batch', 4]);
	graph.output('v_next', ['batch', 8]);
	return networkOf(graph.build(), { timesteps });
}

const samples = 5;
const values = Float32Array.from({ length: samples * 6 }, (_, at) => ((at * 7) % 11) / 5 - 0.8);

async function findingsOf(net: Network, source = arraySource(values, [6])): Promise<readonly Finding[]> {
	return (await simulate(net, source)).balance?.findings ?? [];
}
const finding = (kind: Finding['kind'], subject: string) => expect.objectContaining({ kind, subject });

test('a network that fires and answers leaves nothing to say, and is compared with a DNN', async () => {
	const activity = await simulate(await network(), arraySource(values, [6]));
	expect(activity.balance).toEqual({ headlines: [], layers: 3, findings: [] });
	expect(compareWithDense(activity, loadProfile('45nm'))).not.toBeNull();
});

test('a layer that never fires is dead: the headline says so, and no ratio is formed', async () => {
	const activity = await simulate(await network({ threshold: 1e9 }), arraySource(values, [6]));
	expect(activity.balance?.findings).toContainEqual(finding('dead', 'lif'));
	expect(activity.balance?.findings).toContainEqual(finding('no-answer', 'class scores'));
	expect(activity.balance?.headlines[0]).toMatch(
		/^The network is dead: "lif" never fires on any sample\..* No ratio to a DNN is given\.$/,
	);
	expect(activity.warnings[0]).toMatch(/Neuron layer "lif" never fires on all 5 samples/);
	expect(compareWithDense(activity, loadProfile('45nm'))).toBeNull();
});

test('a layer that fires always is saturated', async () => {
	expect(await findingsOf(await network({ threshold: -1e9 }))).toContainEqual(finding('saturated', 'lif'));
});

test('a membrane of NaN is named, though no comparison and no class score shows it', async () => {
	const net = await network({ current: (graph, name) => graph.add('Log', [name]) });
	expect(await findingsOf(net)).toContainEqual(finding('no-numbers', 'lif'));
});

test('a membrane of NaN is named where only a later sample has one', async () => {
	const net = await network({ current: (graph, name) => graph.add('Sqrt', [graph.add('Add', [name, graph.scalar(2)])]) });
	const numbers = Float32Array.from({ length: samples * 6 }, () => 0.125);
	expect(await findingsOf(net, arraySource(numbers, [6]))).not.toContainEqual(finding('no-numbers', 'lif'));
	for (const last of [18, 24]) {
		const wild = Float32Array.from(numbers, (value, at) => (at >= last && at < last + 6 ? (at % 2 === 0 ? 1e4 : -1e4) : value));
		for (const batch of [1, 2, 5]) {
			const { balance } = await simulate(net, arraySource(wild, [6]), { batch });
			const found = balance?.findings.filter(({ kind }) => kind === 'no-numbers') ?? [];
			expect(found.map(({ subject }) => subject)).toEqual(['lif']);
			expect(found[0]?.sentence).toMatch(/is NaN or infinite at the last timestep of some samples;/);
		}
	}
});

test('NaN that comes at a later timestep is found', async () => {
	// √(1 − v): no number once the membrane has grown past 1.
	const graph = modelBuilder();
	graph.input('x', ['batch', 2]);
	graph.input('v', ['batch', 2]);
	graph.constant('fc1.weight', weights([2, 2], 3));
	graph.constant('fc2.weight', weights([2, 2], 5));
	graph.scope('lif');
	const grown = graph.add('Add', ['v', graph.scalar(0.7)]);
	const current = graph.add('Abs', [graph.add('MatMul', ['x', 'fc1.weight'])]);
	const membrane = graph.add('Add', [
		graph.add('Sqrt', [graph.add('Sub', [graph.scalar(1), grown])]),
		graph.add('Mul', [current, graph.scalar(0)]),
	]);
	const spikes = graph.add('Cast', [graph.add('Greater', [graph.add('Add', [membrane, 'v']), graph.scalar(0.3)])], { to: 1 });
	graph.add('Identity', [grown], {}, { output: 'v_next' });
	graph.output(graph.add('MatMul', [spikes, 'fc2.weight']), ['batch', 2]);
	graph.output('v_next', ['batch', 2]);
	const net = await networkOf(graph.build(), { timesteps: 3 });
	const source = arraySource(Float32Array.of(1, 2, 3, 4), [2]);
	expect(await findingsOf(net, source)).toContainEqual(expect.objectContaining({ kind: 'no-numbers' }));
});

test('spikes counted inverted are found by recounting them from the membrane', async () => {
	const net = await network({
		carried: (graph, spikes) => graph.add('Sub', [graph.scalar(1), spikes], {}, { output: 'silent' }),
	});
	const layers = (spikes: string) =>
		net.neuronLayers.map((layer) => ({ ...layer, calls: layer.calls.map((call) => ({ ...call, spikes })) }));
	expect(await findingsOf({ ...net, neuronLayers: layers('spikes') })).toEqual([]);
	expect(await findingsOf({ ...net, neuronLayers: layers('silent') })).toContainEqual(finding('not-understood', 'lif'));
});

test('values that the graph seemed to rule out are found', async () => {
	const net = await network();
	const valueSets = new Map(net.valueSets).set('spikes', { kind: 'finite', values: [0, 2], spiking: true });
	expect(await findingsOf({ ...net, valueSets })).toEqual([finding('not-understood', 'lif'), finding('not-understood', 'fc2')]);
});

test('two values in front of weights without a neuron behind them are found', async () => {
	const net = await network();
	const sets = new Map(net.valueSets);
	for (const tensor of ['spikes', 'v']) sets.delete(tensor);
	const blind: Network = {
		...net,
		valueSets: sets,
		neuronLayers: [],
		synapticLayers: net.synapticLayers.map((layer) => ({ ...layer, sources: [] })),
	};
	expect(await findingsOf(blind)).toContainEqual(finding('not-understood', 'fc2'));
});

test('labels beyond the classes are named', async () => {
	const labelled = { ...arraySource(values, [6]), labels: [0, 1, 2, 3, 99] };
	expect(await findingsOf(await network(), labelled)).toEqual([finding('doubtful', 'class scores')]);
	expect(await findingsOf(await network(), { ...labelled, labels: [0, 1, 2, 3, 0] })).toEqual([]);
});
