import type { Activity } from '../../src/activity/activity.ts';
import type { ConstantTensor, Dimension } from '../../src/model/graph.ts';
import { float32Tensor, int64Tensor, tensorValues } from '../../src/model/tensors.ts';
import { simulate } from '../../src/simulation/simulate.ts';
import { arraySource } from '../support/array-source.ts';
import { neuronLayers, synapticLayers } from '../support/fixture.ts';
import { type ModelBuilder, modelBuilder, networkOf, weights } from '../support/model-builder.ts';

const timesteps = 3;
const data = (samples: number, size: number): Float32Array =>
	Float32Array.from({ length: samples * size }, (_, at) => [2, 0, -1.25, 3.5, 0.75, 0, 1.5, -2][(at * 5) % 8] as number);

/** A leaky neuron with soft reset. */
function lif(graph: ModelBuilder, current: string, state: string): { spikes: string; next: string } {
	const membrane = graph.add('Add', [graph.add('Mul', [state, graph.scalar(0.5)]), current]);
	const spikes = graph.add('Cast', [graph.add('Greater', [membrane, graph.scalar(1)])], { to: 1 });
	return { spikes, next: graph.add('Sub', [membrane, spikes]) };
}

interface Unrolled {
	/** The layer's input at a timestep. */
	readonly input: (graph: ModelBuilder, step: number) => string;
	/** Name of the first layer's weight at a timestep. */
	readonly weight?: (graph: ModelBuilder, step: number) => string;
	readonly inputDims?: readonly Dimension[];
}

const [first, second] = [weights([6, 8], 3), weights([8, 4], 7)];

/** fc1 → LIF → fc2 → LIF, unrolled over three timesteps. */
async function unrolled({ input, weight, inputDims = ['batch', 6] }: Unrolled) {
	const graph = modelBuilder();
	graph.input('x', inputDims);
	if (!weight) graph.constant('fc1.weight', first);
	graph.constant('fc2.weight', second);
	let [u1, u2] = [graph.scalar(0), graph.scalar(0)];
	const answers: string[] = [];
	for (let step = 0; step < timesteps; step += 1) {
		const x = input(graph, step);
		graph.scope('fc1');
		const current = graph.add('MatMul', [x, weight ? weight(graph, step) : 'fc1.weight']);
		graph.scope('lif1');
		const one = lif(graph, current, u1);
		graph.scope('fc2');
		const onward = graph.add('MatMul', [one.spikes, 'fc2.weight']);
		graph.scope('lif2');
		const two = lif(graph, onward, u2);
		graph.scope('');
		[u1, u2] = [one.next, two.next];
		answers.push(two.spikes);
	}
	graph.output(graph.add('Sum', answers));
	return networkOf(graph.build());
}

const counts = (activity: Activity) => activity.layers.map(({ name, perTimestep }) => [name, perTimestep]);
const plainCounts = async () =>
	counts(await simulate(await unrolled({ input: () => 'x' }), arraySource(data(3, 6), [6]), { encoder: 'every-step' }));

const float16 = (tensor: ConstantTensor): ConstantTensor => ({
	type: 'float16',
	dims: tensor.dims,
	bytes: new Uint8Array(Uint16Array.from(tensorValues(tensor), halfBits).buffer),
});
/** Bits of a half for the few dyadic weights of these nets. */
function halfBits(value: number): number {
	if (value === 0) return 0;
	const exponent = Math.floor(Math.log2(Math.abs(value)));
	return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | ((Math.abs(value) / 2 ** exponent - 1) * 1024);
}
const int8 = (tensor: ConstantTensor, scale: number): ConstantTensor => ({
	type: 'int8',
	dims: tensor.dims,
	bytes: new Uint8Array(Int8Array.from(tensorValues(tensor), (value) => value / scale).buffer),
});
function transposed(tensor: ConstantTensor): ConstantTensor {
	const [rows = 1, columns = 1] = tensor.dims;
	const values = tensorValues(tensor);
	const turned = Float32Array.from(
		{ length: rows * columns },
		(_, at) => values[(at % rows) * columns + Math.floor(at / rows)] as number,
	);
	return { type: 'float32', dims: [columns, rows], bytes: new Uint8Array(turned.buffer) };
}

test.each<[string, NonNullable<Unrolled['weight']>]>([
	['copied for every timestep', (graph, step) => graph.constant(`fc1.weight_${step}`, { ...first, bytes: first.bytes.slice() })],
	['behind a Transpose', (graph) => graph.add('Transpose', [graph.constant('fc1.weight', transposed(first))], { perm: [1, 0] })],
	[
		'stored flat behind a Reshape',
		(graph) =>
			graph.add('Reshape', [
				graph.constant('fc1.weight', { ...first, dims: [48] }),
				graph.constant('shape', int64Tensor([6, 8])),
			]),
	],
	['in float16 behind a Cast', (graph) => graph.add('Cast', [graph.constant('fc1.weight', float16(first))], { to: 1 })],
	[
		'as int8 behind DequantizeLinear',
		(graph) => graph.add('DequantizeLinear', [graph.constant('fc1.weight_quantized', int8(first, 0.0625)), graph.scalar(0.0625)]),
	],
	[
		'in a Constant node',
		(graph) => graph.add('Constant', [], { value: { kind: 'tensor', value: first } }, { output: `fc1.weight_${Math.random()}` }),
	],
	['behind Identity', (graph) => graph.add('Identity', [graph.constant('fc1.weight', first)])],
])('a weight %s is the same layer with the same counts', async (_, weight) => {
	const network = await unrolled({ input: () => 'x', weight });
	expect(network.timesteps).toBe(timesteps);
	expect(network.synapticLayers.map(({ name, calls }) => [name, calls.length])).toEqual([
		['fc1', timesteps],
		['fc2', timesteps],
	]);
	const activity = await simulate(network, arraySource(data(3, 6), [6]), { encoder: 'every-step' });
	expect(counts(activity)).toEqual(await plainCounts());
});

test.each<[string, Unrolled, boolean]>([
	[
		'Gather on the leading time axis',
		{
			inputDims: [timesteps, 'batch', 6],
			input: (graph, step) => graph.add('Gather', ['x', graph.constant(`at${step}`, int64Tensor([step], []))], { axis: 0 }),
		},
		true,
	],
	[
		'Slice and Squeeze on the leading time axis',
		{
			inputDims: [timesteps, 'batch', 6],
			input: (graph, step) => {
				const one = (value: number): string => graph.constant(`i${value}`, int64Tensor([value]));
				return graph.add('Squeeze', [graph.add('Slice', ['x', one(step), one(step + 1), one(0)]), one(0)]);
			},
		},
		true,
	],
	[
		'Gather on a time axis behind the batch',
		{
			inputDims: ['batch', timesteps, 6],
			input: (graph, step) => graph.add('Gather', ['x', graph.constant(`at${step}`, int64Tensor([step], []))], { axis: 1 }),
		},
		false,
	],
])('data with a time axis of their own, read by %s, are counted timestep by timestep', async (_, parts, timeFirst) => {
	const network = await unrolled(parts);
	expect(network.timesteps).toBe(timesteps);
	expect(network.synapticLayers[0]?.timeInvariant).toBe(false);
	const samples = 3;
	// Spike trains: every timestep differs, and the counts must say so.
	const at = (step: number, sample: number, element: number): number =>
		((step + 2) * 7 + sample * 5 + element * 3) % 4 === 0 ? 1 : 0;
	const values: number[] = [];
	for (let outer = 0; outer < (timeFirst ? timesteps : samples); outer += 1)
		for (let inner = 0; inner < (timeFirst ? samples : timesteps); inner += 1)
			for (let element = 0; element < 6; element += 1)
				values.push(timeFirst ? at(outer, inner, element) : at(inner, outer, element));
	const source = timeFirst
		? arraySource(Float32Array.from(values), [6], { timesteps })
		: arraySource(Float32Array.from(values), [timesteps, 6]);
	const [fc1] = synapticLayers(await simulate(network, source));
	const expected = Array.from({ length: timesteps }, (_, step) => {
		let active = 0;
		for (let sample = 0; sample < samples; sample += 1)
			for (let element = 0; element < 6; element += 1) active += at(step, sample, element);
		return active;
	});
	expect(fc1?.perTimestep.map(({ activeInputs }) => activeInputs)).toEqual(expected);
	expect(fc1?.perTimestep.map(({ acs }) => acs)).toEqual(expected.map((active) => active * 8));
	expect(fc1?.inputKind).toBe('spikes');
});

test('a plain network that uses one weight twice runs once and counts both uses', async () => {
	const graph = modelBuilder();
	graph.input('x', ['batch', 5]);
	graph.constant('shared.weight', weights([5, 5]));
	const once = graph.add('Relu', [graph.add('MatMul', ['x', 'shared.weight'])]);
	graph.output(graph.add('MatMul', [once, 'shared.weight']));
	const network = await networkOf(graph.build());
	expect([network.mode, network.timesteps]).toEqual(['plain', 1]);
	const activity = await simulate(network, arraySource(Float32Array.of(1, 2, 0, 3, 4), [5]));
	const [layer, ...others] = synapticLayers(activity);
	expect(others).toEqual([]);
	expect(layer?.totals.denseMacs).toBe(50);
	expect(layer?.totals.inputElements).toBe(10);
	expect(layer?.totals.synapticEvents).toBe((layer?.totals.activeInputs ?? 0) * 5);
	expect(layer?.totals.activeInputs).toBeGreaterThan(4);
});

test('a file with a fixed batch is fed whole batches; the padding of the last one is not counted', async () => {
	const build = async (batch: Dimension) => {
		const graph = modelBuilder();
		graph.input('x', [batch, 6]);
		graph.constant('fc.weight', weights([6, 4]));
		graph.constant('fc.bias', weights([4], 9));
		const current = graph.add('Gemm', ['x', 'fc.weight', 'fc.bias']);
		graph.output(graph.add('Cast', [graph.add('Greater', [current, graph.scalar(-1)])], { to: 1 }));
		return networkOf(graph.build());
	};
	const free = await simulate(await build('batch'), arraySource(data(6, 6), [6]));
	const fixed = await simulate(await build(4), arraySource(data(6, 6), [6]));
	expect(fixed.layers).toEqual(free.layers);
	expect(fixed.totals).toEqual(free.totals);
	await expect(simulate(await build(4), arraySource(data(6, 6), [6]), { batch: 3 })).rejects.toThrow(
		'--batch 3: net.onnx is exported with a fixed batch of 4. Leave --batch out, or export it with a dynamic batch axis.',
	);
});

test.each<[string, readonly Dimension[] | null]>([
	['no shape at all', null],
	['unnamed axes', [null, null]],
	['a batch axis called N', ['N', 6]],
])('an input with %s takes its size from the data', async (_, dims) => {
	const graph = modelBuilder();
	graph.input('x', dims);
	graph.constant('fc.weight', weights([6, 4]));
	graph.output(graph.add('MatMul', ['x', 'fc.weight']));
	const activity = await simulate(await networkOf(graph.build()), arraySource(data(5, 6), [6]), { batch: 2 });
	expect(activity.totals.inputElements).toBe(30);
	expect(activity.totals.denseMacs).toBe(5 * 24);
});

/** spikes → something → fc, to see what the something makes of them. */
async function between(
	shape: readonly number[],
	make: (graph: ModelBuilder, spikes: string) => string,
	rows: number,
	values: readonly number[],
) {
	const graph = modelBuilder();
	graph.input('x', ['batch', ...shape]);
	const spikes = graph.add('Cast', [graph.add('Greater', ['x', graph.scalar(0.5)])], { to: 1 });
	graph.constant('fc.weight', weights([rows, 3]));
	graph.output(graph.add('MatMul', [graph.add('Flatten', [make(graph, spikes)]), 'fc.weight']));
	const network = await networkOf(graph.build());
	return synapticLayers(await simulate(network, arraySource(Float32Array.from(values), shape)))[0];
}

const image = [1, 0, 1, 1, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 1, 0];

test('average pooling makes quarters of spikes, which are graded', async () => {
	const layer = await between(
		[1, 4, 4],
		(graph, spikes) => graph.add('AveragePool', [spikes], { kernel_shape: [2, 2], strides: [2, 2] }),
		4,
		image,
	);
	// Windows hold 1, 3, 2 and 3 spikes.
	expect(layer?.inputKind).toBe('graded');
	expect(layer?.spikeMagnitude).toBe(0.25);
	expect([layer?.totals.acs, layer?.totals.macs]).toEqual([3, 9]);
});

test('max pooling leaves spikes spikes', async () => {
	const layer = await between(
		[1, 4, 4],
		(graph, spikes) => graph.add('MaxPool', [spikes], { kernel_shape: [2, 2], strides: [2, 2] }),
		4,
		image,
	);
	expect([layer?.inputKind, layer?.totals.acs, layer?.totals.macs]).toEqual(['spikes', 12, 0]);
});

test('the sum of two spike trains holds 0, 1 and 2; the twos are graded', async () => {
	const layer = await between(
		[4],
		(graph, spikes) => graph.add('Add', [spikes, graph.add('Cast', [graph.add('Greater', ['x', graph.scalar(1.5)])], { to: 1 })]),
		4,
		[2, 1, 0, 2],
	);
	expect([layer?.inputKind, layer?.spikeMagnitude]).toEqual(['graded', 1]);
	expect([layer?.totals.acs, layer?.totals.macs]).toEqual([3, 6]);
});

test('concatenation, padding and transposition leave spikes spikes', async () => {
	const layer = await between(
		[1, 2, 2],
		(graph, spikes) => {
			const padded = graph.add('Pad', [spikes, graph.constant('pads', int64Tensor([0, 0, 1, 0, 0, 0, 0, 0]))]);
			return graph.add('Concat', [padded, graph.add('Transpose', [padded], { perm: [0, 1, 2, 3] })], { axis: 1 });
		},
		12,
		[1, 0, 1, 1],
	);
	expect([layer?.inputKind, layer?.totals.activeInputs, layer?.totals.macs]).toEqual(['spikes', 6, 0]);
});

test('a quantised activation, floor(x·L/λ + 0.5)/L·λ, gives multiples of λ/L', async () => {
	const graph = modelBuilder();
	graph.input('x', ['batch', 5]);
	const scaled = graph.add('Mul', [graph.add('Div', ['x', graph.scalar(1.5)]), graph.scalar(4)]);
	const floored = graph.add('Floor', [graph.add('Add', [scaled, graph.scalar(0.5)])]);
	const kept = graph.add('Clip', [graph.add('Div', [floored, graph.scalar(4)]), graph.scalar(0), graph.scalar(1)]);
	graph.constant('fc.weight', weights([5, 3]));
	graph.output(graph.add('MatMul', [graph.add('Mul', [kept, graph.scalar(1.5)]), 'fc.weight']));
	// Levels 0, 1, 2, 4 and 4 of four.
	const data = Float32Array.of(0.1, 0.4, 0.8, 1.4, 9);
	const [layer] = synapticLayers(await simulate(await networkOf(graph.build()), arraySource(data, [5])));
	expect([layer?.inputKind, layer?.spikeMagnitude]).toEqual(['graded', 0.375]);
	expect([layer?.totals.acs, layer?.totals.macs]).toEqual([3, 9]);
	const [charged] = synapticLayers(await simulate(await networkOf(graph.build()), arraySource(data, [5]), { graded: 'ac' }));
	expect([charged?.totals.acs, charged?.totals.macs]).toEqual([3 * (1 + 2 + 4 + 4), 0]);
});

test('an all-zero input counts as spikes, not as numbers', async () => {
	const layer = await between([4], (_, spikes) => spikes, 4, [0, 0, 0, 0]);
	expect([layer?.inputKind, layer?.totals.acs, layer?.totals.macs, layer?.totals.macsDense]).toEqual(['spikes', 0, 0, 0]);
	expect(layer?.inputReason).toContain('none fired');
});

const ofHeights = async (
	heights: (graph: ModelBuilder, spikes: string, others: string) => string,
	channels = 4,
): Promise<Activity> => {
	const graph = modelBuilder();
	graph.input('x', ['batch', channels]);
	const above = (level: number): string => graph.add('Cast', [graph.add('Greater', ['x', graph.scalar(level)])], { to: 1 });
	graph.constant('fc.weight', weights([channels, 3]));
	graph.output(graph.add('MatMul', [heights(graph, above(0.5), above(1.5)), 'fc.weight']));
	const one = Float32Array.from({ length: channels }, (_, at) => [1, 2, 0, 1][at % 4] as number);
	return simulate(await networkOf(graph.build()), arraySource(one, [channels]));
};

test('spikes of heights that are no multiples of one another are MACs, without zeros, and the report says so', async () => {
	const activity = await ofHeights((graph, spikes, others) =>
		graph.add('Add', [graph.add('Mul', [spikes, graph.scalar(0.3)]), graph.add('Mul', [others, graph.scalar(0.41)])]),
	);
	const [layer] = synapticLayers(activity);
	expect(layer).toMatchObject({ inputKind: 'graded', spikeMagnitude: null, totals: { acs: 0, macs: 9, macsDense: 9 } });
	expect(activity.warnings).toContainEqual(
		expect.stringMatching(/^The input of "fc" comes out of thresholds, but its values are not whole multiples/),
	);
});

test.each([4, 5000])(
	'spikes with a height for each of %i channels are spikes: the weights behind could hold the heights',
	async (channels) => {
		const heights = Array.from({ length: channels }, (_, at) => [0.3, 0.41, 0.73, 1.1][at % 4] as number);
		const activity = await ofHeights((graph, spikes) => {
			graph.constant('heights', float32Tensor(heights.map((height, at) => height + at / 8192)));
			return graph.add('Mul', [spikes, 'heights']);
		}, channels);
		const [layer] = synapticLayers(activity);
		expect(layer).toMatchObject({ inputKind: 'spikes', spikeMagnitude: 1, totals: { acs: (9 * channels) / 4, macs: 0 } });
		expect(activity.warnings).toEqual([]);
	},
);

test('a skip connection that carries spikes past a layer is no reset', async () => {
	const graph = modelBuilder();
	graph.input('x', ['batch', 6]);
	graph.input('u1', ['batch', 6]);
	graph.input('u2', ['batch', 6]);
	graph.constant('a.weight', weights([6, 6], 3));
	graph.constant('b.weight', weights([6, 6], 5));
	// Neither neuron resets; the first one's spikes are added to the second one's current.
	const m1 = graph.add('Add', [graph.add('Mul', ['u1', graph.scalar(0.5)]), graph.add('MatMul', ['x', 'a.weight'])]);
	const s1 = graph.add('Cast', [graph.add('Greater', [m1, graph.scalar(1)], {}, { name: '/lif1/Greater' })], { to: 1 });
	const current = graph.add('Add', [graph.add('MatMul', [s1, 'b.weight']), s1]);
	const m2 = graph.add('Add', [graph.add('Mul', ['u2', graph.scalar(0.5)]), current]);
	const s2 = graph.add('Cast', [graph.add('Greater', [m2, graph.scalar(1)], {}, { name: '/lif2/Greater' })], { to: 1 });
	graph.output(s2, ['batch', 6]);
	graph.output(graph.add('Identity', [m1], {}, { output: 'u1_next' }), ['batch', 6]);
	graph.output(graph.add('Identity', [m2], {}, { output: 'u2_next' }), ['batch', 6]);
	const network = await networkOf(graph.build(), { timesteps: 2 });
	expect(network.neuronLayers.map(({ name, reset, leak }) => [name, reset, leak])).toEqual([
		['lif1', 'none', 0.5],
		['lif2', 'none', 0.5],
	]);
});

/** x → fc → LIF whose spikes come back through weights one timestep later. */
function recurrent(): ModelBuilder {
	const graph = modelBuilder();
	graph.input('x', ['batch', 6]);
	graph.input('mem', ['batch', 6]);
	graph.input('spk', ['batch', 6]);
	graph.constant('fc.weight', weights([6, 6], 3));
	graph.constant('recurrent.weight', weights([6, 6], 5));
	const current = graph.add('Add', [graph.add('MatMul', ['x', 'fc.weight']), graph.add('MatMul', ['spk', 'recurrent.weight'])]);
	graph.scope('lif');
	const { spikes, next } = lif(graph, current, 'mem');
	graph.output(graph.add('Identity', [spikes], {}, { output: 'spk_next' }), ['batch', 6]);
	graph.output(graph.add('Identity', [next], {}, { output: 'mem_next' }), ['batch', 6]);
	return graph;
}

test('spikes that come back as a state are spikes to the recurrent weights', async () => {
	const network = await networkOf(recurrent().build(), { timesteps: 3, output: 'spk_next' });
	expect(network.states.map(({ input, output }) => `${input}=${output}`).sort()).toEqual(['mem=mem_next', 'spk=spk_next']);
	const activity = await simulate(network, arraySource(data(3, 6), [6]), { encoder: 'every-step' });
	const layer = synapticLayers(activity).find(({ name }) => name === 'recurrent');
	const [neurons] = neuronLayers(activity);
	expect(layer?.inputKind).toBe('spikes');
	expect(layer?.perTimestep.map(({ activeInputs }) => activeInputs)).toEqual([
		0,
		...(neurons?.perTimestep ?? []).slice(0, 2).map(({ spikes }) => spikes),
	]);
	expect(neurons?.stateWords).toBe(1);
	expect(neurons?.totals.spikes).toBeGreaterThan(0);
});

/** Two states of one shape whose names say nothing. */
function ambiguous(): ModelBuilder {
	const graph = modelBuilder();
	graph.input('x', ['batch', 4]);
	graph.input('p', ['batch', 4]);
	graph.input('q', ['batch', 4]);
	graph.constant('fc.weight', weights([4, 4]));
	const current = graph.add('MatMul', ['x', 'fc.weight']);
	const sum = graph.add('Add', [graph.add('Add', ['p', 'q']), current]);
	const spikes = graph.add('Cast', [graph.add('Greater', [sum, graph.scalar(1)])], { to: 1 });
	graph.output(spikes, ['batch', 4]);
	graph.output(graph.add('Mul', [sum, graph.scalar(0.5)], {}, { output: 'one' }), ['batch', 4]);
	graph.output(graph.add('Mul', [sum, graph.scalar(0.25)], {}, { output: 'two' }), ['batch', 4]);
	return graph;
}

test('states that could continue as several outputs are asked for, and --state answers', async () => {
	await expect(networkOf(ambiguous().build(), { timesteps: 2 })).rejects.toThrow(/--state p=/);
	const network = await networkOf(ambiguous().build(), { timesteps: 2, states: ['p=two', 'q=one'] });
	expect(network.states.map(({ input, output }) => [input, output])).toEqual([
		['p', 'two'],
		['q', 'one'],
	]);
	await expect(networkOf(ambiguous().build(), { states: ['p=three'] })).rejects.toThrow(
		'--state p=three: net.onnx has inputs "x", "p", "q" and outputs',
	);
});

test('the metadata of a file name its states, timesteps and readout', async () => {
	const model = ambiguous().build({ metadata: { 'snn.states': 'p=two, q=one', 'snn.timesteps': '5', 'snn.readout': 'sum' } });
	const network = await networkOf(model);
	expect(network.timesteps).toBe(5);
	expect(network.states).toHaveLength(2);
	expect((await networkOf(model, { timesteps: 2 })).timesteps).toBe(2);
});

test('a step model without a number of timesteps is refused unless the data bring them', async () => {
	const network = await networkOf(recurrent().build());
	expect(network.timesteps).toBeNull();
	await expect(simulate(network, arraySource(data(2, 6), [6]))).rejects.toThrow(/Pass --timesteps T\.$/);
	const activity = await simulate(network, arraySource(data(4, 6), [6], { timesteps: 2 }));
	expect([activity.run.timesteps, activity.run.samples]).toEqual([2, 2]);
});

test('--timesteps that contradict the graph are refused', async () => {
	const graph = modelBuilder();
	graph.input('x', ['batch', 6]);
	graph.constant('fc.weight', weights([6, 4]));
	graph.output(graph.add('MatMul', ['x', 'fc.weight']));
	await expect(networkOf(graph.build(), { timesteps: 4 })).rejects.toThrow(
		'--timesteps 4: net.onnx has no state and no spikes, so it runs once.',
	);
	await expect(
		(async () => {
			const network = await networkOf(recurrent().build(), { timesteps: 3 });
			return simulate(network, arraySource(data(4, 6), [6], { timesteps: 2 }));
		})(),
	).rejects.toThrow('--data memory holds 2 timesteps, but 3 were asked for.');
});

test('a product of two activations is a layer of its own, without weights', async () => {
	const graph = modelBuilder();
	graph.input('x', ['batch', 3, 4]);
	graph.constant('q.weight', weights([4, 4], 3));
	const query = graph.add('MatMul', ['x', 'q.weight']);
	graph.output(
		graph.add('MatMul', [query, graph.add('Transpose', [query], { perm: [0, 2, 1] })], {}, { name: '/attention/MatMul' }),
	);
	const network = await networkOf(graph.build());
	expect(network.synapticLayers.map(({ name }) => name)).toEqual(['q']);
	expect(network.products.map(({ name, calls }) => [name, calls.length])).toEqual([['attention', 1]]);
});

test('a neuron driven by two layers of weights is driven where either sends an event', async () => {
	const graph = modelBuilder();
	graph.input('x', ['batch', 1, 4, 4]);
	graph.constant('a.weight', weights([2, 1, 1, 1], 3));
	graph.constant('b.weight', weights([2, 1, 3, 3], 5));
	const current = graph.add('Add', [
		graph.add('Conv', ['x', 'a.weight']),
		graph.add('Conv', ['x', 'b.weight'], { pads: [1, 1, 1, 1] }),
	]);
	graph.output(graph.add('Cast', [graph.add('Greater', [current, graph.scalar(1)], {}, { name: '/if/Greater' })], { to: 1 }));
	const corner = new Float32Array(16);
	corner[0] = 1;
	const [neurons] = neuronLayers(await simulate(await networkOf(graph.build()), arraySource(corner, [1, 4, 4])));
	expect(neurons?.neurons).toBe(32);
	expect(neurons?.totals.drivenUpdates).toBe(8);
});

test('a chain of operators too long to be followed is refused in a sentence', async () => {
	const graph = modelBuilder();
	graph.input('x', ['batch', 6]);
	graph.constant('fc1.weight', first);
	graph.constant('fc2.weight', second);
	let numbers = lif(graph, graph.add('MatMul', ['x', 'fc1.weight']), graph.scalar(0)).next;
	const factor = graph.scalar(1);
	for (let at = 0; at < 20_000; at += 1) numbers = graph.add('Mul', [numbers, factor]);
	graph.output(graph.add('MatMul', [numbers, 'fc2.weight']));
	await expect(networkOf(graph.build())).rejects.toThrow(
		/chain too long to be followed from end to end\. Export the model as one timestep/,
	);
});
