import { int64Tensor } from '../../../src/model/tensors.ts';
import type { Network } from '../../../src/network/network.ts';
import { type ModelBuilder, modelBuilder, networkOf, weights } from '../../support/model-builder.ts';

const timesteps = 4;

/** A layer of neurons written out over time; `answer` makes something of its spikes at every timestep, and all of it is added. */
function network(answer: (graph: ModelBuilder, spikes: string, timestep: number) => string): Promise<Network> {
	const graph = modelBuilder();
	graph.input('x', [timesteps, 'batch', 3]);
	graph.constant('w1', weights([3, 5]));
	graph.constant('w2', weights([5, 2], 2));
	const neuron = leaky(graph, 1);
	const answers = Array.from({ length: timesteps }, (_, t) => {
		const frame = graph.add('Gather', ['x', graph.constant(`t${t}`, int64Tensor([t], []))], { axis: 0 });
		return answer(graph, neuron(graph.add('MatMul', [frame, 'w1'])), t);
	});
	graph.output(graph.add('Sum', answers));
	return networkOf(graph.build());
}

const fires = (graph: ModelBuilder, membrane: string, threshold: number): string =>
	graph.add('Cast', [graph.add('Greater', [membrane, graph.scalar(threshold)])], { to: 1 });

/** u ← u/2 + current − spikes, timestep by timestep; at the first there is nothing but the current. */
function leaky(graph: ModelBuilder, threshold: number): (current: string) => string {
	let membrane = '';
	return (current) => {
		const before = membrane === '' ? current : graph.add('Add', [graph.add('Mul', [membrane, graph.scalar(0.5)]), current]);
		const spikes = fires(graph, before, threshold);
		membrane = graph.add('Sub', [before, spikes]);
		return spikes;
	};
}

const sentences = async (made: Promise<Network>): Promise<string[]> =>
	(await made).balance.findings.map(({ sentence }) => sentence);

test('neurons that spikes drive without weights, found a timestep late, are said to be; with weights they are found in time', async () => {
	const behind = (weight: readonly string[]) => {
		let second: ((current: string) => string) | null = null;
		return network((graph, spikes) => {
			second ??= leaky(graph, 0.75);
			if (weight.length > 0) graph.constant('own', weights([5, 5], 4));
			const current = weight.length > 0 ? graph.add('MatMul', [spikes, ...weight]) : spikes;
			return graph.add('MatMul', [second(current), 'w2']);
		});
	};
	expect(await sentences(behind(['own']))).toEqual([]);
	const [said, ...others] = await sentences(behind([]));
	expect(said).toMatch(/is not understood: it was found from timestep 2 on, yet spikes of ".+" drive it from timestep 1\.$/);
	expect(others).toEqual([]);
});

test('neurons that decide at one timestep, over the currents of that timestep among several, are said to be missing at the others', async () => {
	const deciding = (at: (timestep: number) => boolean) =>
		network((graph, spikes, t) => {
			const current = graph.add('MatMul', [spikes, 'w2']);
			return at(t) ? fires(graph, current, 0.2) : current;
		});
	expect(await sentences(deciding(() => true))).toEqual([]);
	expect(await sentences(deciding((t) => t === 2))).toContainEqual(
		expect.stringMatching(/is not understood: its spikes were found at 1 of 4 timesteps\.$/),
	);
});

test('weights that read where spikes differ from those of the timestep before do not read what is counted as fired', async () => {
	const reading = (different: boolean) => {
		let before: string | null = null;
		return network((graph, spikes) => {
			const equal = different && before !== null ? graph.add('Equal', [spikes, before]) : null;
			before = spikes;
			const read = equal === null ? spikes : graph.add('Cast', [graph.add('Not', [equal])], { to: 1 });
			return graph.add('MatMul', [read, 'w2']);
		});
	};
	expect(await sentences(reading(false))).toEqual([]);
	const [said, ...others] = await sentences(reading(true));
	expect(said).toMatch(
		/it reads where spikes of ".+" differ from each other \(".+"\), and not the spikes that are counted as fired\.$/,
	);
	expect(others).toEqual([]);
});

describe('a first membrane that is nothing but spikes of the layer before, mixed or moved', () => {
	const ways: Record<string, (graph: ModelBuilder, spikes: string) => string> = {
		'averaged by pooling': (graph, spikes) => {
			const image = graph.add('Reshape', [spikes, graph.constant('image', int64Tensor([-1, 1, 6]))]);
			return graph.add('AveragePool', [image], { kernel_shape: [2], strides: [2] });
		},
		'averaged over all places': (graph, spikes) => {
			const image = graph.add('Reshape', [spikes, graph.constant('halves', int64Tensor([-1, 3, 2]))]);
			return graph.add('GlobalAveragePool', [image]);
		},
		joined: (graph, spikes) => {
			const image = graph.add('Reshape', [spikes, graph.constant('halves', int64Tensor([-1, 3, 2]))]);
			const means = graph.add('ReduceMean', [image], { axes: [2], keepdims: 1 });
			return graph.add('Concat', [image, means], { axis: 2 });
		},
		turned: (graph, spikes) => {
			const image = graph.add('Reshape', [spikes, graph.constant('halves', int64Tensor([-1, 3, 2]))]);
			return graph.add('Transpose', [image], { perm: [0, 2, 1] });
		},
	};
	test.each(Object.entries(ways))('%s: a neuron that starts at 0 fires from the first timestep on', async (_, way) => {
		const graph = modelBuilder();
		graph.input('x', [timesteps, 'batch', 3]);
		graph.constant('w1', weights([3, 6]));
		const first = leaky(graph, 0.25);
		let membrane = '';
		const answers = Array.from({ length: timesteps }, (__, t) => {
			const frame = graph.add('Gather', ['x', graph.constant(`t${t}`, int64Tensor([t], []))], { axis: 0 });
			const current = way(graph, first(graph.add('MatMul', [frame, 'w1'])));
			const before = membrane === '' ? current : graph.add('Add', [membrane, current]);
			const fired = graph.add('Cast', [graph.add('GreaterOrEqual', [before, graph.scalar(0.5)])], { to: 1 });
			membrane = graph.add('Sub', [before, graph.add('Mul', [fired, graph.scalar(0.5)])]);
			const size = graph.constant('rows', int64Tensor([0, -1]));
			return graph.add('ReduceSum', [graph.add('Reshape', [fired, size])], { axes: [1], keepdims: 1 });
		});
		graph.output(graph.add('Sum', answers));
		const network = await networkOf(graph.build({ opset: 12 }));
		expect(network.neuronLayers.map(({ calls }) => calls.map(({ timestep }) => timestep))).toEqual([
			[0, 1, 2, 3],
			[0, 1, 2, 3],
		]);
		expect(network.balance.headlines).toEqual([]);
	});

	test('logic on spikes that nothing remembers is no neuron', async () => {
		const plain = network((graph, spikes) => {
			const image = graph.add('Reshape', [spikes, graph.constant('image', int64Tensor([-1, 1, 5]))]);
			const pooled = graph.add('AveragePool', [image], { kernel_shape: [3], strides: [1], pads: [1, 1], count_include_pad: 1 });
			const most = graph.add('Reshape', [pooled, graph.constant('rows', int64Tensor([-1, 5]))]);
			return graph.add('MatMul', [fires(graph, most, 0.5), 'w2']);
		});
		expect((await plain).neuronLayers.length).toBe(1);
	});
});

test('spikes that enter another membrane times a factor of each neuron are named; one factor for all, and their own reset, are not', async () => {
	const behind = (factor: string, own: boolean) => {
		let neuron: ((current: string) => string) | null = null;
		let membrane = '';
		return network((graph, spikes, timestep) => {
			graph.constant('each', weights([5], 3));
			neuron ??= leaky(graph, 0.25);
			const factors = factor === 'each' ? 'each' : graph.scalar(0.75);
			const driven = graph.add('Mul', [spikes, factors]);
			if (!own) return graph.add('MatMul', [neuron(driven), 'w2']);
			const frame = graph.add('Gather', ['x', `t${timestep}`], { axis: 0 });
			const current = graph.add('MatMul', [frame, 'w1']);
			const before = membrane === '' ? current : graph.add('Add', [membrane, current]);
			const fired = fires(graph, before, 0.5);
			membrane = graph.add('Sub', [before, graph.add('Mul', [fired, factors])]);
			return graph.add('MatMul', [graph.add('Mul', [fired, factors]), 'w2']);
		});
	};
	const named = async (made: Promise<Network>): Promise<string[]> =>
		(await made).warnings.filter((sentence) => sentence.includes('times factors that differ'));
	const [sentence = '', ...others] = await named(behind('each', false));
	expect(others).toEqual([]);
	expect(sentence).toMatch(/^Spikes of ".*" enter ".*" without weights that are counted, times factors that differ/);
	expect(await named(behind('one', false))).toEqual([]);
	expect(await named(behind('each', true))).toEqual([]);
});
