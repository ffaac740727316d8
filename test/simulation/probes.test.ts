import { elementCount, float32Tensor } from '../../src/model/tensors.ts';
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
