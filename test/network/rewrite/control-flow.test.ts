import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeModel } from '../../../src/formats/onnx/index.ts';
import type { Attribute, Graph, Model } from '../../../src/model/graph.ts';
import { float32Tensor, int64Tensor } from '../../../src/model/tensors.ts';
import { simulate } from '../../../src/simulation/simulate.ts';
import { arraySource } from '../../support/array-source.ts';
import { type ModelBuilder, modelBuilder, networkOf, weights } from '../../support/model-builder.ts';

const bool = (value: boolean) => ({ type: 'bool', dims: [], bytes: Uint8Array.of(Number(value)) }) as const;
type Input = readonly [name: string, type: 'float32' | 'int64' | 'bool'];

/** A subgraph; `make` returns the names of its outputs. */
function body(
	make: (inner: ModelBuilder) => readonly string[],
	inputs: readonly Input[] = [],
	first: 'bool' | 'float32' = 'float32',
): Attribute {
	const inner = modelBuilder();
	const outputs = make(inner);
	const { graph } = inner.build();
	const value: Graph = {
		...graph,
		name: 'body',
		inputs: inputs.map(([name, type]) => ({ name, type, dims: type === 'float32' ? null : [] })),
		outputs: outputs.map((name, at) => ({ name, type: at === 0 ? first : 'float32', dims: null })),
	};
	return { kind: 'graph', value };
}

async function run(model: Model, feeds: Record<string, Tensor>): Promise<number[]> {
	const session = await InferenceSession.create(encodeModel(model), { logSeverityLevel: 4 });
	try {
		const results = await session.run(feeds);
		return Array.from(results[session.outputNames[0] ?? '']?.data as Float32Array);
	} finally {
		await session.release();
	}
}

const x = () =>
	new Tensor(
		'float32',
		Float32Array.from({ length: 8 }, (_, at) => at / 4 - 1),
		[2, 4],
	);

/** x → dense → whatever `tail` makes of it. */
function denseModel(tail: (graph: ModelBuilder, y: string) => string, opset = 13): Model {
	const graph = modelBuilder();
	graph.input('x', ['batch', 4]);
	graph.constant('w.weight', weights([4, 3], 3));
	graph.output(tail(graph, graph.add('MatMul', ['x', 'w.weight'])));
	return graph.build({ opset });
}

test.each([true, false])('an If whose condition is the constant %s is the branch it takes', async (condition) => {
	const model = denseModel((graph, y) => {
		graph.constant('condition', bool(condition));
		return graph.add('If', ['condition'], {
			then_branch: body((inner) => [inner.add('Relu', [y])]),
			else_branch: body((inner) => [inner.add('Neg', [y])]),
		});
	});
	const network = await networkOf(model);
	expect(network.model.graph.nodes.map(({ op }) => op)).toEqual(['MatMul', condition ? 'Relu' : 'Neg']);
	expect(await run(network.model, { x: x() })).toEqual(await run(model, { x: x() }));
});

test('an If that depends on the data is refused by name, with what to do', async () => {
	const model = denseModel((graph, y) => {
		const positive = graph.add('Greater', [graph.add('ReduceSum', [y], { keepdims: 0 }), graph.scalar(0)]);
		return graph.add(
			'If',
			[positive],
			{
				then_branch: body((inner) => [inner.add('Relu', [y])]),
				else_branch: body((inner) => [inner.add('Neg', [y])]),
			},
			{ name: '/gate/If' },
		);
	});
	await expect(networkOf(model)).rejects.toThrow(
		/If "\/gate\/If" depends on values that are known only while the model runs.*export the model unrolled/,
	);
});

const loop = (graph: ModelBuilder, y: string, trips: string, inner: (inner: ModelBuilder) => string): string =>
	graph.addMany('Loop', [trips, graph.constant('going', bool(true)), y], ['loop.last'], {
		body: body(
			(builder) => [builder.add('Identity', ['keep']), inner(builder)],
			[
				['t', 'int64'],
				['keep', 'bool'],
				['v', 'float32'],
			],
			'bool',
		),
	})[0] as string;

test('a loop with a constant number of trips is written out that often, its weight staying one weight', async () => {
	const model = denseModel((graph, y) => {
		graph.constant('trips', int64Tensor([3], []));
		graph.constant('r.weight', weights([3, 3], 5));
		return loop(graph, y, 'trips', (inner) => inner.add('Relu', [inner.add('MatMul', ['v', 'r.weight'])]));
	});
	const network = await networkOf(model);
	expect(network.synapticLayers.map(({ name, calls }) => [name, calls.length])).toEqual([
		['w', 1],
		['r', 3],
	]);
	expect(await run(network.model, { x: x() })).toEqual(await run(model, { x: x() }));
});

test('weights kept inside a loop’s body are one layer over all trips', async () => {
	const model = denseModel((graph, y) => {
		graph.constant('trips', int64Tensor([4], []));
		return loop(graph, y, 'trips', (inner) => {
			inner.constant('inside.weight', weights([3, 3], 5));
			return inner.add('Tanh', [inner.add('MatMul', ['v', 'inside.weight'])]);
		});
	});
	const network = await networkOf(model);
	expect(network.synapticLayers.map(({ name, calls }) => [name, calls.length])).toContainEqual(['inside', 4]);
	expect(await run(network.model, { x: x() })).toEqual(await run(model, { x: x() }));
});

test('an If inside a loop, and a loop inside a loop, are resolved from the outside in', async () => {
	const model = denseModel((graph, y) => {
		graph.constant('trips', int64Tensor([2], []));
		graph.constant('choice', bool(false));
		const nested = body(
			(inner) => {
				const halved = inner.add('If', ['choice'], {
					then_branch: body((branch) => [branch.add('Neg', ['v'])]),
					else_branch: body((branch) => [branch.add('Mul', ['v', 'half'])]),
				});
				const [last = ''] = inner.addMany('Loop', ['trips', 'going', halved], ['inner.last'], {
					body: body(
						(deep) => [deep.add('Identity', ['keep2']), deep.add('Add', ['u', halved])],
						[
							['t2', 'int64'],
							['keep2', 'bool'],
							['u', 'float32'],
						],
						'bool',
					),
				});
				return [inner.add('Identity', ['keep']), last];
			},
			[
				['t', 'int64'],
				['keep', 'bool'],
				['v', 'float32'],
			],
			'bool',
		);
		graph.constant('half', float32Tensor([0.5]));
		graph.constant('going', bool(true));
		return graph.addMany('Loop', ['trips', 'going', y], ['loop.last'], { body: nested })[0] as string;
	});
	const network = await networkOf(model);
	expect(network.model.graph.nodes.every(({ op }) => !['If', 'Loop'].includes(op))).toBe(true);
	const found = await run(network.model, { x: x() });
	const expected = await run(model, { x: x() });
	for (const [at, value] of found.entries()) expect(value).toBeCloseTo(expected[at] as number, 5);
});

test('a loop of a billion trips is refused in a sentence, not in memory', async () => {
	const model = denseModel((graph, y) => {
		graph.constant('trips', int64Tensor([1e9], []));
		return loop(graph, y, 'trips', (inner) => inner.add('Relu', ['v']));
	});
	await expect(networkOf(model)).rejects.toThrow(/Loop .* would have to be written out into more than 400000 operators/);
});

test('a loop that ends when a condition says so runs as often as --timesteps', async () => {
	const model = denseModel((graph, y) => {
		graph.constant('trips', int64Tensor([2 ** 53], []));
		return loop(graph, y, 'trips', (inner) => inner.add('Mul', ['v', inner.scalar(0.5)]));
	});
	await expect(networkOf(model)).rejects.toThrow(/Pass --timesteps T/);
});

test.each([
	['bi,oi->bo', [3, 4], 'dense layer with the weights turned'],
	['bi,io->bo', [4, 3], 'dense layer'],
	['bi,io->ob', [4, 3], 'dense layer whose result is turned'],
])('an Einsum %s with constant weights is counted as the dense layer it is', async (equation, dims) => {
	const graph = modelBuilder();
	graph.input('x', ['batch', 4]);
	graph.constant('w.weight', weights(dims, 3));
	graph.output(graph.add('Einsum', ['x', 'w.weight'], { equation }));
	const model = graph.build();
	const network = await networkOf(model);
	expect(network.synapticLayers.map(({ name, op }) => [name, op])).toEqual([['w', 'MatMul']]);
	expect(await run(network.model, { x: x() })).toEqual(await run(model, { x: x() }));
});

test('attention written as Einsum is a product of activations, heads and all', async () => {
	const graph = modelBuilder();
	graph.input('x', ['batch', 3, 2, 4]);
	graph.constant('w.weight', weights([4, 4], 3));
	const q = graph.add('MatMul', ['x', 'w.weight']);
	graph.output(graph.add('Einsum', [q, 'x'], { equation: 'bihd,bjhd->bhij' }, { name: '/attention/Einsum' }));
	const model = graph.build();
	const network = await networkOf(model);
	expect(network.products.map(({ name }) => name)).toEqual(['attention']);
	const values = Float32Array.from({ length: 48 }, (_, at) => (at % 5) / 4);
	const feeds = () => ({ x: new Tensor('float32', values, [2, 3, 2, 4]) });
	expect(await run(network.model, feeds())).toEqual(await run(model, feeds()));
	const activity = await simulate(network, arraySource(values, [3, 2, 4]));
	const product = activity.layers.find(({ name }) => name === 'attention');
	expect(product).toMatchObject({ kind: 'synaptic', op: 'MatMul', geometry: { denseMacs: 2 * 3 * 3 * 4 } });
});

test('an Einsum that is no matrix product is named as not counted', async () => {
	const graph = modelBuilder();
	graph.input('x', ['batch', 4]);
	graph.constant('w.weight', weights([4, 4], 3));
	const y = graph.add('MatMul', ['x', 'w.weight']);
	graph.output(graph.add('Einsum', [y, 'x'], { equation: 'bi,bi->bi' }, { name: '/odd/Einsum' }));
	expect((await networkOf(graph.build())).warnings).toContainEqual(expect.stringContaining('Einsum "/odd/Einsum"'));
});

test('an operator of a framework’s own is refused by name, inside a loop too', async () => {
	const model = denseModel((graph, y) => graph.add('LIF', [y], {}, { name: '/lif1/LIF', domain: 'my.spikes' }));
	await expect(networkOf(model)).rejects.toThrow(
		/node "\/lif1\/LIF" is the operator LIF of "my.spikes".*written in standard operators/,
	);
	const inLoop = denseModel((graph, y) => {
		graph.constant('trips', int64Tensor([2], []));
		return loop(graph, y, 'trips', (inner) => inner.add('LIF', ['v'], {}, { domain: 'my.spikes' }));
	});
	await expect(networkOf(inLoop)).rejects.toThrow(/the operator LIF of "my.spikes"/);
});

test('a membrane behind an operator that is not read through is counted, and the operator named', async () => {
	const graph = modelBuilder();
	graph.input('x', ['batch', 4]);
	graph.input('v', ['batch', 3]);
	graph.constant('w.weight', weights([4, 3], 3));
	const u = graph.add('Add', [
		graph.add('Softplus', ['v'], {}, { name: '/lif/Softplus' }),
		graph.add('MatMul', ['x', 'w.weight']),
	]);
	const spikes = graph.add(
		'Cast',
		[graph.add('Greater', [u, graph.scalar(1)], {}, { name: '/lif/Greater' })],
		{ to: 1 },
		{ output: 'spikes' },
	);
	graph.output(spikes, ['batch', 3]);
	graph.output(graph.add('Sub', [u, spikes], {}, { output: 'v_next' }), ['batch', 3]);
	const network = await networkOf(graph.build(), { timesteps: 3 });
	expect(network.neuronLayers.map(({ leak }) => leak)).toEqual([null]);
	expect(network.warnings).toContainEqual(expect.stringMatching(/membrane of "lif" goes through Softplus \("\/lif\/Softplus"\)/));
	const activity = await simulate(
		network,
		arraySource(
			Float32Array.from({ length: 8 }, (_, at) => at / 4),
			[4],
		),
	);
	expect(activity.totals.spikes).toBeGreaterThan(0);
});
