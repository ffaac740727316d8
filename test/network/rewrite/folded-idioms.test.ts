import type { Activity } from '../../../src/activity/activity.ts';
import { int64Tensor } from '../../../src/model/tensors.ts';
import { simulate } from '../../../src/simulation/simulate.ts';
import { arraySource } from '../../support/array-source.ts';
import { type ModelBuilder, modelBuilder, networkOf, weights } from '../../support/model-builder.ts';
import { randomNumbers } from '../../support/random-numbers.ts';

const timesteps = 3;
const [inputs, hidden, classes] = [6, 5, 4];

const ints = (graph: ModelBuilder, values: readonly number[], scalar = false): string =>
	graph.constant(`ints_${values.join('_')}${scalar ? 's' : ''}`, int64Tensor(values, scalar ? [] : [values.length]));

/** Takes timestep t of a folded tensor [T·B, N] or [B·T, N] (or of [T, B, N]) as [B, N]. */
type Take = (graph: ModelBuilder, tensor: string, t: number) => string;
/** Joins spikes [B, N] of all timesteps again. */
type Join = (graph: ModelBuilder, parts: readonly string[]) => string;

/** Batch of the data as a one-element tensor. */
const batchOf = (graph: ModelBuilder): string => graph.add('Gather', [graph.add('Shape', ['x']), ints(graph, [0])], { axis: 0 });

const catRows: Join = (graph, parts) => graph.add('Concat', parts, { axis: 0 });
const interleave: Join = (graph, parts) =>
	graph.add('Reshape', [
		graph.add(
			'Concat',
			parts.map((part) => graph.add('Unsqueeze', [part, ints(graph, [1])])),
			{ axis: 1 },
		),
		ints(graph, [-1, hidden]),
	]);

const idioms: Readonly<
	Record<string, { readonly order: 'time-major' | 'sample-major'; readonly take: Take; readonly join: Join }>
> = {
	'a slice whose bounds are multiples of the batch': {
		order: 'time-major',
		take: (graph, tensor, t) => {
			const at = (k: number) => graph.add('Mul', [batchOf(graph), ints(graph, [k])]);
			return graph.add('Slice', [tensor, at(t), at(t + 1), ints(graph, [0])]);
		},
		join: catRows,
	},
	'every T-th row': {
		order: 'sample-major',
		take: (graph, tensor, t) =>
			graph.add('Slice', [tensor, ints(graph, [t]), ints(graph, [2 ** 40]), ints(graph, [0]), ints(graph, [timesteps])]),
		join: interleave,
	},
	'a Split into T pieces of a reshaped tensor': {
		order: 'time-major',
		take: (graph, tensor, t) => {
			const name = `${tensor}.pieces`;
			const outputs = Array.from({ length: timesteps }, (_, at) => `${name}.${at}`);
			if (t === 0)
				graph.addMany('Split', [graph.add('Reshape', [tensor, ints(graph, [timesteps, -1, hidden])])], outputs, { axis: 0 });
			return graph.add('Squeeze', [outputs[t] as string, ints(graph, [0])]);
		},
		join: catRows,
	},
	'slices of one of a transposed time axis': {
		order: 'sample-major',
		take: (graph, tensor, t) => {
			const turned = graph.add('Transpose', [graph.add('Reshape', [tensor, ints(graph, [-1, timesteps, hidden])])], {
				perm: [1, 0, 2],
			});
			return graph.add('Squeeze', [
				graph.add('Slice', [turned, ints(graph, [t]), ints(graph, [t + 1]), ints(graph, [0])]),
				ints(graph, [0]),
			]);
		},
		join: interleave,
	},
	'a list made by SplitToSequence': {
		order: 'time-major',
		take: (graph, tensor, t) => {
			const list = graph.add('SplitToSequence', [graph.add('Reshape', [tensor, ints(graph, [timesteps, -1, hidden])])], {
				axis: 0,
				keepdims: 0,
			});
			return graph.add('SequenceAt', [list, ints(graph, [t], true)]);
		},
		join: catRows,
	},
	'negative positions': {
		order: 'time-major',
		take: (graph, tensor, t) =>
			graph.add(
				'Gather',
				[graph.add('Reshape', [tensor, ints(graph, [timesteps, -1, hidden])]), ints(graph, [t - timesteps], true)],
				{ axis: 0 },
			),
		join: catRows,
	},
};

/** Dense → neuron → dense on folded rows; a static input repeated T times. */
function foldedModel(name: string): ReturnType<ModelBuilder['build']> {
	const { order, take, join } = idioms[name] as (typeof idioms)[string];
	const graph = modelBuilder();
	graph.input('x', ['batch', inputs]);
	graph.constant('first.weight', weights([inputs, hidden], 3));
	graph.constant('second.weight', weights([hidden, classes], 5));
	const repeated =
		order === 'time-major'
			? graph.add('Tile', ['x', ints(graph, [timesteps, 1])])
			: graph.add('Reshape', [
					graph.add('Expand', [graph.add('Unsqueeze', ['x', ints(graph, [1])]), ints(graph, [1, timesteps, 1])]),
					ints(graph, [-1, inputs]),
				]);
	const currents = graph.add('MatMul', [repeated, 'first.weight']);
	let state = '';
	const spikes: string[] = [];
	for (let t = 0; t < timesteps; t += 1) {
		const current = take(graph, currents, t);
		const v = state === '' ? current : graph.add('Add', [graph.add('Mul', [state, graph.scalar(0.5)]), current]);
		const fired = graph.add('Cast', [graph.add('Greater', [v, graph.scalar(0.25)])], { to: 1 });
		state = graph.add('Sub', [v, graph.add('Mul', [fired, graph.scalar(0.25)])]);
		spikes.push(fired);
	}
	const scores = graph.add('MatMul', [join(graph, spikes), 'second.weight']);
	const shape = order === 'time-major' ? [timesteps, -1, classes] : [-1, timesteps, classes];
	graph.output(
		graph.add('ReduceMean', [graph.add('Reshape', [scores, ints(graph, shape)])], {
			axes: [order === 'time-major' ? 0 : 1],
			keepdims: 0,
		}),
	);
	return graph.build();
}

/** The same, a timestep at a time. */
function stepModel(): ReturnType<ModelBuilder['build']> {
	const graph = modelBuilder();
	graph.input('x', ['batch', inputs]);
	graph.input('v', ['batch', hidden]);
	graph.constant('first.weight', weights([inputs, hidden], 3));
	graph.constant('second.weight', weights([hidden, classes], 5));
	const v = graph.add('Add', [graph.add('Mul', ['v', graph.scalar(0.5)]), graph.add('MatMul', ['x', 'first.weight'])]);
	const fired = graph.add('Cast', [graph.add('Greater', [v, graph.scalar(0.25)])], { to: 1 });
	graph.output(graph.add('MatMul', [fired, 'second.weight'], {}, { output: 'scores' }), ['batch', classes]);
	graph.output(graph.add('Sub', [v, graph.add('Mul', [fired, graph.scalar(0.25)])], {}, { output: 'v_next' }), ['batch', hidden]);
	return graph.build();
}

const samples = 7;
const data = (() => {
	const next = randomNumbers(11);
	return Float32Array.from({ length: samples * inputs }, () => Math.round(next() * 8) / 8);
})();

const counts = ({ layers }: Activity): unknown =>
	layers.map((layer) => (layer.kind === 'synaptic' ? [layer.name, layer.perTimestep] : layer.perTimestep));

test.each(Object.keys(idioms))('timesteps taken apart by %s are counted one by one', async (name) => {
	const reference = await simulate(await networkOf(stepModel(), { timesteps }), arraySource(data, [inputs]));
	const network = await networkOf(foldedModel(name));
	expect(network.timesteps).toBe(timesteps);
	// Batch 3 equals T here, where a batch and a timestep could be mistaken for one another.
	for (const batch of [3, 4])
		expect(counts(await simulate(network, arraySource(data, [inputs]), { batch }))).toEqual(counts(reference));
	expect(reference.totals.spikes).toBeGreaterThan(10);
});

test('a plain network that takes a tensor apart (queries, keys, values) is left as it is', async () => {
	const graph = modelBuilder();
	graph.input('x', ['batch', 4, 6]);
	graph.constant('qkv.weight', weights([6, 18], 3));
	graph.constant('out.weight', weights([6, 6], 5));
	const parts = graph.add(
		'Transpose',
		[graph.add('Reshape', [graph.add('MatMul', ['x', 'qkv.weight']), ints(graph, [-1, 4, 3, 6])])],
		{ perm: [2, 0, 1, 3] },
	);
	const [q, k, v] = [0, 1, 2].map((at) => graph.add('Gather', [parts, ints(graph, [at], true)], { axis: 0 })) as [
		string,
		string,
		string,
	];
	const weightsOf = graph.add('Softmax', [graph.add('MatMul', [q, graph.add('Transpose', [k], { perm: [0, 2, 1] })])], {
		axis: -1,
	});
	graph.output(graph.add('MatMul', [graph.add('MatMul', [weightsOf, v]), 'out.weight']));
	const network = await networkOf(graph.build());
	expect(network.mode).toBe('plain');
	expect(network.synapticLayers.map(({ name, calls }) => [name, calls.length])).toEqual([
		['qkv', 1],
		['out', 1],
	]);
	expect(network.products).toHaveLength(2);
});
