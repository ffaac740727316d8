import { UserError } from '../../src/errors.ts';
import { encodeModel, parseOnnx } from '../../src/formats/onnx/index.ts';
import type { Network } from '../../src/network/network.ts';
import { simulate } from '../../src/simulation/simulate.ts';
import { arraySource } from '../support/array-source.ts';
import { neuronLayers } from '../support/fixture.ts';
import { type ModelBuilder, modelBuilder, networkOf, weights } from '../support/model-builder.ts';

/** x → fc1 → a neuron whose spikes come from `decide` → fc2; one timestep, the membrane a state. */
async function withNeuron(
	decide: (graph: ModelBuilder, membrane: string) => string,
	options: { opset?: number; weight?: ReturnType<typeof weights> } = {},
): Promise<Network> {
	const graph = modelBuilder();
	graph.input('x', ['batch', 6]);
	graph.input('v', ['batch', 8]);
	graph.constant('fc1.weight', options.weight ?? weights([6, 8], 3));
	graph.constant('fc2.weight', weights([8, 4], 5));
	graph.scope('fc1');
	const current = graph.add('MatMul', ['x', 'fc1.weight']);
	graph.scope('lif');
	const membrane = graph.add('Add', [graph.add('Mul', ['v', graph.scalar(0.5)]), current]);
	const spikes = decide(graph, membrane);
	graph.add('Sub', [membrane, spikes], {}, { output: 'v_next' });
	graph.scope('fc2');
	graph.add('MatMul', [spikes, 'fc2.weight'], {}, { output: 'scores' });
	graph.output('scores', ['batch', 4]);
	graph.output('v_next', ['batch', 8]);
	return networkOf(graph.build({ opset: options.opset ?? 13 }), { timesteps: 3 });
}

const cast = (graph: ModelBuilder, condition: string): string => graph.add('Cast', [condition], { to: 1 });
const data = () =>
	arraySource(
		Float32Array.from({ length: 12 }, (_, at) => [1, 0, 2, -1][at % 4] as number),
		[6],
	);

test('a neuron of a framework’s own operator is refused by its name and domain, with what to export instead', async () => {
	await expect(
		withNeuron((graph, membrane) => graph.add('LIF', [membrane], {}, { domain: 'my.framework', name: 'lif/LIF' })),
	).rejects.toThrow(
		/node "lif\/LIF" is the operator LIF of "my\.framework".*whether it spikes, cannot be known\. Export the network with the neuron written in standard operators/,
	);
});

test('a framework’s own operator in the update of the membrane is refused too, not only in place of the neuron', async () => {
	await expect(
		withNeuron((graph, membrane) =>
			cast(graph, graph.add('Greater', [graph.add('Leak', [membrane], {}, { domain: 'custom' }), graph.scalar(1)])),
		),
	).rejects.toThrow(/operator Leak of "custom"/);
});

test('an operator that standard ONNX does not have is refused by name', async () => {
	await expect(
		withNeuron((graph, membrane) => graph.add('SpikeFunction', [membrane])).then((network) => simulate(network, data())),
	).rejects.toThrow(
		/net\.onnx: the operator SpikeFunction is not part of standard ONNX: .* Export the network with the neuron written in standard operators/,
	);
});

test.each(['Erf', 'Sigmoid', 'Atan', 'Softsign'])(
	'a smooth threshold (%s) is named, and what it feeds is counted as numbers',
	async (op) => {
		const network = await withNeuron((graph, membrane) => graph.add(op, [membrane]));
		expect(network.neuronLayers).toEqual([]);
		expect(network.warnings).toEqual([
			expect.stringMatching(
				new RegExp(
					`^Layer "fc2" reads numbers made from the state "v" by ${op} \\(".*"\\): no decision between spike and no spike was found there, so its events are MACs\\.`,
				),
			),
		]);
	},
);

test('operators a membrane is not read through are named; spikes behind them are counted as they are fired', async () => {
	const network = await withNeuron((graph, membrane) =>
		cast(graph, graph.add('Greater', [graph.add('Exp', [membrane]), graph.scalar(2)])),
	);
	expect(network.warnings).toEqual([expect.stringContaining('The membrane of "lif" goes through Exp')]);
	expect(neuronLayers(await simulate(network, data()))[0]?.totals.spikes).toBeGreaterThan(0);
});

test('a threshold drawn at random is a neuron, and the report says its counts change from run to run', async () => {
	const network = await withNeuron((graph, membrane) =>
		cast(graph, graph.add('Greater', [membrane, graph.add('RandomUniformLike', [membrane])])),
	);
	expect(network.neuronLayers.map(({ name, stateWords }) => [name, stateWords])).toEqual([['lif', 1]]);
	expect(network.warnings[0]).toMatch(/RandomUniformLike ".*" draws random numbers/);
});

test.each<[string, (graph: ModelBuilder, membrane: string) => string]>([
	['the largest neuron alone (Hardmax)', (graph, membrane) => graph.add('Hardmax', [membrane], { axis: -1 })],
	[
		'a coin thrown for each neuron (Bernoulli)',
		(graph, membrane) => graph.add('Bernoulli', [graph.add('Clip', [membrane, graph.scalar(0), graph.scalar(1)])]),
	],
])('%s gives spikes', async (_, decide) => {
	const network = await withNeuron(decide, { opset: 15 });
	expect(network.neuronLayers).toHaveLength(1);
	const activity = await simulate(network, data());
	expect(activity.layers.find(({ name }) => name === 'fc2')).toMatchObject({ inputKind: 'spikes', totals: { macs: 0 } });
});

test('weights that hold NaN or infinity are named, for a membrane of NaN never fires', async () => {
	const weight = weights([6, 8], 3);
	new DataView(weight.bytes.buffer, weight.bytes.byteOffset).setFloat32(4, Number.NaN, true);
	new DataView(weight.bytes.buffer, weight.bytes.byteOffset).setFloat32(8, Number.POSITIVE_INFINITY, true);
	const network = await withNeuron((graph, membrane) => cast(graph, graph.add('Greater', [membrane, graph.scalar(1)])), {
		weight,
	});
	expect(network.warnings).toEqual([
		expect.stringMatching(
			/^"fc1\.weight" of layer "fc1" holds NaN or infinity at 2 places; what it reaches is not a number and never spikes/,
		),
	]);
});

test.each(['constructor', 'toString', 'hasOwnProperty', '__proto__'])(
	'an operator called %s, as every object has a member, is an unknown operator',
	async (op) => {
		const network = withNeuron((graph, membrane) => graph.add(op, [membrane], {}, { name: 'lif/odd' }));
		const refused = network.then((found) => simulate(found, data()));
		await expect(refused).rejects.toThrow(UserError);
		await expect(refused).rejects.toThrow(op);
		const graph = modelBuilder();
		graph.input('x', ['batch', 6]);
		graph.output(graph.add(op, ['x'], {}, { name: 'odd' }));
		expect(parseOnnx(encodeModel(graph.build({ opset: 13 })), 'odd.onnx').graph.nodes[0]?.op).toBe(op);
	},
);
