import { simulate } from '../../src/simulation/simulate.ts';
import { arraySource } from '../support/array-source.ts';
import { neuronLayers, synapticLayers } from '../support/fixture.ts';
import { modelBuilder, networkOf, weights } from '../support/model-builder.ts';

test('neurons behind data that a product transposes itself are counted, also beside a product that does not', async () => {
	const graph = modelBuilder();
	graph.input('x', ['batch', 3, 3]);
	graph.constant('w', weights([3, 4]));
	graph.constant('v', weights([3, 4], 2));
	const fires = (tensor: string) => graph.add('Cast', [graph.add('Greater', [tensor, graph.scalar(0.25)])], { to: 1 });
	const spikes = fires('x');
	const turned = graph.add('FusedMatMul', [spikes, 'w'], { transA: 1 }, { domain: 'com.microsoft' });
	const current = graph.add('Add', [turned, graph.add('MatMul', [spikes, 'v'])]);
	graph.output(graph.add('ReduceSum', [fires(current)], { axes: [1], keepdims: 0 }));
	const activity = await simulate(
		await networkOf(graph.build({ opset: 12 })),
		arraySource(Float32Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0), [3, 3]),
	);
	expect(synapticLayers(activity).map(({ totals }) => totals.synapticEvents)).toEqual([8, 8]);
	expect(neuronLayers(activity).map(({ neurons }) => neurons)).toEqual([9, 12]);
});
