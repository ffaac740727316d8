import fc from 'fast-check';
import { balanceOf, bookings } from '../../src/network/balance/index.ts';
import type { Network } from '../../src/network/network.ts';
import { loadNetwork } from '../../src/pipeline.ts';
import { fixturePath } from '../support/fixture.ts';
import { type Form, idiomNetwork } from '../support/idiom-network.ts';
import { modelBuilder, networkOf, weights } from '../support/model-builder.ts';
import { decisions, membranes } from '../support/neuron-idioms.ts';

const timesteps = 4;
const forms: readonly Form[] = ['step', 'unrolled', 'unrolled with merged first layer'];
const idioms = [...decisions, ...membranes];

/** What the balance does not understand of a structure. */
const lost = (network: Network): string[] =>
	balanceOf(network).findings.flatMap(({ kind, subject }) => (kind === 'not-understood' ? [subject] : []));

test.each(idioms.map((idiom) => [idiom.name, idiom] as const))(
	'%s: everything is booked, in every form of the graph',
	async (_, idiom) => {
		for (const form of forms) {
			const network = await idiomNetwork(idiom, form, timesteps);
			expect(network.balance).toEqual({ headlines: [], layers: 4, findings: [] });
		}
	},
);

/** Ways in which structure finding could lose or misplace something. */
const losses: readonly (readonly [string, (network: Network, at: number) => Network])[] = [
	[
		'a neuron layer',
		(n, at) => ({ ...n, neuronLayers: n.neuronLayers.filter((_, other) => other !== at % n.neuronLayers.length) }),
	],
	[
		'a layer of weights',
		(n, at) => ({ ...n, synapticLayers: n.synapticLayers.filter((_, other) => other !== at % n.synapticLayers.length) }),
	],
	['the source of a layer', (n) => ({ ...n, synapticLayers: n.synapticLayers.map((layer) => ({ ...layer, sources: [] })) })],
	[
		'a state',
		(n) => ({
			...n,
			neuronLayers: n.neuronLayers.map((layer, at) =>
				at > 0 ? layer : { ...layer, calls: layer.calls.map((call) => ({ ...call, heldStates: [] })) },
			),
		}),
	],
	[
		'a timestep of a layer of weights',
		(n) => ({
			...n,
			synapticLayers: n.synapticLayers.map((layer, at) =>
				at === 1 ? { ...layer, calls: layer.calls.filter((_, k) => k !== 1) } : layer,
			),
		}),
	],
	[
		'the order of two timesteps',
		(n) => ({
			...n,
			synapticLayers: n.synapticLayers.map((layer, at) =>
				at === 1
					? { ...layer, calls: layer.calls.map((call, k) => ({ ...call, timestep: k === 0 ? 1 : k === 1 ? 0 : k })) }
					: layer,
			),
		}),
	],
	[
		'most timesteps of a neuron layer',
		(n) => ({
			...n,
			neuronLayers: n.neuronLayers.map((layer, at) => (at === 0 ? { ...layer, calls: layer.calls.slice(0, 1) } : layer)),
		}),
	],
];
const ofTime = new Set(['a timestep of a layer of weights', 'the order of two timesteps', 'most timesteps of a neuron layer']);

test.each(losses)('a structure that lost %s does not balance, whatever the neuron', async (what, lose) => {
	await fc.assert(
		fc.asyncProperty(fc.constantFrom(...idioms), fc.constantFrom(...forms), fc.nat({ max: 1 }), async (idiom, form, at) => {
			if (form === 'step' ? ofTime.has(what) : what === 'a state') return;
			const network = await idiomNetwork(idiom, form, timesteps);
			if (what === 'a state' && network.neuronLayers[0]?.stateWords === 0) return;
			expect(lost(lose(network, at))).not.toEqual([]);
		}),
		{ numRuns: 40, seed: 19 },
	);
});

test('products of activations are booked one by one', async () => {
	const network = await loadNetwork(fixturePath('exporters/attention', 'model.onnx'));
	expect(network.balance.findings).toEqual([]);
	expect(network.products.length).toBeGreaterThan(0);
	expect(lost({ ...network, products: network.products.slice(1) })).not.toEqual([]);
});

test('an answer that is read at the first timestep alone is named', async () => {
	const graph = modelBuilder();
	graph.input('x', [3, 'batch', 4]);
	graph.constant('fc.weight', weights([4, 2], 3));
	let membrane = '';
	for (let step = 0; step < 3; step += 1) {
		const frame = graph.add(
			'Gather',
			[
				'x',
				graph.constant(`at${step}`, { type: 'int64', dims: [], bytes: new Uint8Array(new BigInt64Array([BigInt(step)]).buffer) }),
			],
			{ axis: 0 },
		);
		const current = graph.add('MatMul', [frame, 'fc.weight']);
		membrane = step === 0 ? current : graph.add('Add', [graph.add('Mul', [membrane, graph.scalar(0.5)]), current]);
		const spikes = graph.add('Cast', [graph.add('Greater', [membrane, graph.scalar(1)])], { to: 1 }, { output: `spikes${step}` });
		membrane = graph.add('Sub', [membrane, spikes]);
		graph.output(spikes, ['batch', 2]);
	}
	const network = await networkOf(graph.build());
	const early = { ...network, readout: { ...network.readout, output: 'spikes0' } };
	expect(lost(early)).toEqual(['spikes0']);
	expect(lost({ ...network, readout: { ...network.readout, output: 'spikes2' } })).toEqual([]);
});

test('an activation function written with a comparison is no lost neuron', async () => {
	const graph = modelBuilder();
	graph.input('x', ['batch', 4]);
	graph.constant('a.weight', weights([4, 5], 3));
	graph.constant('b.weight', weights([5, 2], 5));
	const z = graph.add('MatMul', ['x', 'a.weight']);
	const positive = graph.add('Greater', [z, graph.scalar(0)]);
	graph.output(graph.add('MatMul', [graph.add('Where', [positive, z, graph.add('Mul', [z, graph.scalar(0.1)])]), 'b.weight']));
	expect((await networkOf(graph.build())).balance.findings).toEqual([]);
});

test.each([
	['an infinite threshold', Number.POSITIVE_INFINITY, 0.5],
	['a leak of NaN', 1, Number.NaN],
] as const)('%s is named, and the record of the network can be written', async (_, threshold, leak) => {
	const graph = modelBuilder();
	graph.input('x', ['batch', 4]);
	graph.input('v', ['batch', 3]);
	graph.constant('fc.weight', weights([4, 3], 3));
	graph.constant('out.weight', weights([3, 2], 5));
	graph.scope('lif');
	const membrane = graph.add('Add', [graph.add('Mul', ['v', graph.scalar(leak)]), graph.add('MatMul', ['x', 'fc.weight'])]);
	const spikes = graph.add('Cast', [graph.add('Greater', [membrane, graph.scalar(threshold)])], { to: 1 });
	graph.add('Sub', [membrane, spikes], {}, { output: 'v_next' });
	graph.output(graph.add('MatMul', [spikes, 'out.weight']), ['batch', 2]);
	graph.output('v_next', ['batch', 3]);
	const { balance, neuronLayers } = await networkOf(graph.build(), { timesteps: 2 });
	expect(balance.findings).toContainEqual(expect.objectContaining({ kind: 'no-numbers', subject: neuronLayers[0]?.name }));
	for (const layer of neuronLayers)
		expect([layer.leak, layer.threshold].every((value) => value === null || Number.isFinite(value))).toBe(true);
});

test.each<[string, string, string]>([
	['Dropout', 'training mode and drops elements at random', 'dropout'],
	['BatchNormalization', 'training mode: it normalises by the samples', 'norm'],
])('%s in training mode is named', async (op, words) => {
	const graph = modelBuilder();
	graph.input('x', ['batch', 4]);
	graph.constant('fc.weight', weights([4, 4], 3));
	const z = graph.add('MatMul', ['x', 'fc.weight']);
	const ones = { type: 'float32', dims: [4], bytes: new Uint8Array(new Float32Array([1, 1, 1, 1]).buffer) } as const;
	for (const name of ['scale', 'shift', 'mean', 'variance']) graph.constant(name, ones);
	graph.constant('on', { type: 'bool', dims: [], bytes: Uint8Array.of(1) });
	const changed =
		op === 'Dropout'
			? graph.add('Dropout', [z, graph.scalar(0.5), 'on'])
			: graph.add('BatchNormalization', [z, 'scale', 'shift', 'mean', 'variance'], { training_mode: 1 });
	graph.output(changed, ['batch', 4]);
	const { balance } = await networkOf(graph.build({ opset: 15 }));
	expect(balance.findings).toEqual([expect.objectContaining({ kind: 'varies', sentence: expect.stringContaining(words) })]);
});

test('the booking names an account for every state, decision, use of weights and layer', async () => {
	const [first] = idioms;
	if (!first) throw new Error('no idiom');
	const network = await idiomNetwork(first, 'step', timesteps);
	const book = bookings(network);
	expect(book.filter(({ account }) => account === null)).toEqual([]);
	for (const { name, calls } of network.synapticLayers)
		expect(book.filter(({ kind, subject }) => kind === 'weights' && subject === name)).toHaveLength(calls.length);
	expect(book.filter(({ kind }) => kind === 'state').map(({ item }) => item)).toEqual(network.states.map(({ input }) => input));
});
