import type { ConstantTensor } from '../../src/model/graph.ts';
import { elementCount, float32Tensor } from '../../src/model/tensors.ts';
import { findStructure } from '../../src/network/structure.ts';
import { simulate } from '../../src/simulation/simulate.ts';
import { arraySource } from '../support/array-source.ts';
import { synapticLayers } from '../support/fixture.ts';
import { modelBuilder, networkOf, weights } from '../support/model-builder.ts';
import { plainEvents, plainLayer } from '../support/plain-counter.ts';

/** Weights of which every n-th is exactly zero. */
function pruned(dims: readonly number[], every: number) {
	return float32Tensor(
		Float32Array.from({ length: elementCount(dims) }, (_, at) => (at % every === 0 ? 0 : 0.25)),
		dims,
	);
}

const spikes = (count: number): Float32Array => Float32Array.from({ length: count }, (_, at) => ((at * 7) % 3 === 0 ? 1 : 0));

test('two pruned layers that read the same spikes each keep their own pruning', async () => {
	const graph = modelBuilder();
	graph.input('x', ['batch', 12]);
	const threshold = graph.add('Cast', [graph.add('Greater', ['x', graph.scalar(0.5)])], { to: 1 });
	const [first, second] = [pruned([12, 5], 2), pruned([12, 5], 3)];
	graph.constant('a.weight', first);
	graph.constant('b.weight', second);
	graph.output(graph.add('Add', [graph.add('MatMul', [threshold, 'a.weight']), graph.add('MatMul', [threshold, 'b.weight'])]));
	const network = await networkOf(graph.build());
	const data = spikes(24);
	const [a, b] = synapticLayers(await simulate(network, arraySource(data, [12])));
	for (const [layer, weight] of [
		[a, first],
		[b, second],
	] as const) {
		const node = network.model.graph.nodes.find(({ op }) => op === 'MatMul');
		const plain = plainLayer(node as NonNullable<typeof node>, weight, 1, [12]);
		const expected = [0, 1].map((at) => plainEvents(plain, data.subarray(at * 12, at * 12 + 12)).effective);
		expect(layer?.totals.effectiveEvents).toBe((expected[0] as number) + (expected[1] as number));
	}
	expect(a?.totals.effectiveEvents).not.toBe(b?.totals.effectiveEvents);
});

test.each([9, 10, 11, 13, 17, 21])('the same net written in opset %i gives the same counts', async (opset) => {
	const graph = modelBuilder();
	graph.input('x', ['batch', 2, 6, 6]);
	const levels = graph.add('Cast', [graph.add('Cast', ['x'], { to: 6 })], { to: 1 });
	const gate = graph.add('Cast', [graph.add('Greater', ['x', graph.scalar(0.5)])], { to: 1 });
	graph.constant('conv.weight', pruned([3, 2, 3, 3], 4));
	const current = graph.add('Conv', [graph.add('Mul', [levels, gate]), 'conv.weight'], { pads: [1, 1, 1, 1] });
	const fired = graph.add('Cast', [graph.add('Greater', [current, graph.scalar(0.4)], {}, { name: '/if/Greater' })], { to: 1 });
	const pooled = graph.add('AveragePool', [fired], { kernel_shape: [3, 3], strides: [3, 3] });
	graph.constant('fc.weight', weights([12, 4]));
	graph.constant('fc.bias', weights([4]));
	graph.constant('skip.weight', pruned([108, 4], 3));
	const skipped = graph.add('MatMul', [graph.add('Flatten', [fired]), 'skip.weight']);
	graph.output(graph.add('Add', [graph.add('Gemm', [graph.add('Flatten', [pooled]), 'fc.weight', 'fc.bias']), skipped]));
	const data = Float32Array.from({ length: 3 * 72 }, (_, at) => [0, 0, 1, 0.25, 2.5, 0][(at * 5) % 6] as number);
	const { layers, totals } = await simulate(await networkOf(graph.build({ opset })), arraySource(data, [2, 6, 6]));
	const reference = await simulate(await networkOf(graph.build({ opset: 13 })), arraySource(data, [2, 6, 6]));
	expect(totals).toEqual(reference.totals);
	expect(layers).toEqual(reference.layers);
	const pruning = layers.flatMap(({ name, totals: of }) =>
		'effectiveEvents' in of ? [[name, of.effectiveEvents < of.synapticEvents]] : [],
	);
	expect(pruning).toEqual([
		['conv', true],
		['skip', true],
		['fc', false],
	]);
	expect(totals.spikes).toBeGreaterThan(0);
});

/** Two leaky layers of pointwise convolutions: where the image is zero, no event arrives and only what is held counts. */
async function leakyNetwork(opset: number, initial: number | ConstantTensor) {
	const graph = modelBuilder();
	graph.input('x', ['batch', 1, 2, 3]);
	const states = ['u', 'v'].map((name) => graph.input(name, ['batch', 4, 2, 3]));
	const layer = (name: string, input: string, channels: number, state: string) => {
		graph.constant(`${name}.weight`, float32Tensor(new Float32Array(4 * channels).fill(0.75), [4, channels, 1, 1]));
		const current = graph.add('Conv', [input, `${name}.weight`], {}, { name: `/${name}/Conv` });
		const membrane = graph.add('Add', [graph.add('Mul', [state, graph.scalar(0.5)]), current]);
		const fired = graph.add('Greater', [membrane, graph.scalar(1)], {}, { name: `/${name}/Greater` });
		const spikes = graph.add('Cast', [fired], { to: 1 });
		graph.output(graph.add('Sub', [membrane, spikes], {}, { output: `${state}_next` }));
		return spikes;
	};
	graph.output(layer('second', layer('first', 'x', 1, 'u'), 4, 'v'));
	const pairs = states.map((input) => ({ input, output: `${input}_next`, initial }));
	return findStructure(
		{ model: graph.build({ opset }), file: 'net.onnx', format: 'onnx', sha256: '0'.repeat(64), states: pairs },
		{ timesteps: 3 },
	);
}

describe.each([9, 10, 11, 13, 17, 18, 21])('neurons driven, opset %i', (opset) => {
	// Two samples: of six positions 2 and 6 are not zero. 0.75 a timestep: a spike at the second and the third.
	const image = Float32Array.of(1, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1);
	const driven = async (initial: number | ConstantTensor) => {
		const { layers } = await simulate(await leakyNetwork(opset, initial), arraySource(image, [1, 2, 3]));
		return layers.flatMap((layer) =>
			layer.kind === 'neuron' ? [layer.perTimestep.map(({ drivenUpdates }) => drivenUpdates)] : [],
		);
	};
	const zeros = float32Tensor(new Float32Array(24), [4, 2, 3]);

	test.each([
		['0', 0],
		['a tensor of zeros', zeros],
	])('membranes that start at %s hold nothing at the first timestep', async (_, initial) => {
		expect(await driven(initial)).toEqual([
			[32, 32, 32],
			[0, 32, 32],
		]);
	});

	test('membranes that start elsewhere are held from the first timestep on', async () => {
		expect(await driven(0.25)).toEqual([
			[48, 48, 48],
			[48, 48, 48],
		]);
		const onlyThird = float32Tensor(
			Float32Array.from({ length: 24 }, (_, at) => (at % 6 === 3 ? 0.25 : 0)),
			[4, 2, 3],
		);
		expect(await driven(onlyThird)).toEqual([
			[36, 36, 36],
			[8, 36, 36],
		]);
	});
});
