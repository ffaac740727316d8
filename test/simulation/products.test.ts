import { simulate } from '../../src/simulation/simulate.ts';
import { arraySource } from '../support/array-source.ts';
import { synapticLayers } from '../support/fixture.ts';
import { modelBuilder, networkOf, weights } from '../support/model-builder.ts';

/** Two samples of [tokens 4, channels 3] and what fires above a threshold. */
const data = Float32Array.from({ length: 24 }, (_, at) => ((at * 7) % 11) / 10);
const fired = (sample: number, token: number, channel: number, above: number): number =>
	(data[sample * 12 + token * 3 + channel] as number) > above ? 1 : 0;

test('a product that transposes an operand itself counts the pairs that meet', async () => {
	const graph = modelBuilder();
	graph.input('x', ['batch', 4, 3]);
	const fires = (above: number) => graph.add('Cast', [graph.add('Greater', ['x', graph.scalar(above)])], { to: 1 });
	const [query, key] = [fires(0.25), fires(0.55)];
	const fused = (attributes: Record<string, number>) =>
		graph.add('FusedMatMul', [query, key], attributes, { domain: 'com.microsoft' });
	graph.output(fused({ transB: 1, alpha: 0.5 }));
	graph.output(fused({ transA: 1 }));
	graph.constant('w', weights([3, 2]));
	graph.output(graph.add('MatMul', [query, 'w']));
	const activity = await simulate(await networkOf(graph.build({ opset: 13 })), arraySource(data, [4, 3]));
	const expected = [0, 0];
	for (const sample of [0, 1])
		for (let token = 0; token < 4; token += 1)
			for (let channel = 0; channel < 3; channel += 1) {
				for (let other = 0; other < 4; other += 1)
					expected[0] = (expected[0] as number) + fired(sample, token, channel, 0.25) * fired(sample, other, channel, 0.55);
				for (let other = 0; other < 3; other += 1)
					expected[1] = (expected[1] as number) + fired(sample, token, channel, 0.25) * fired(sample, token, other, 0.55);
			}
	const products = synapticLayers(activity).filter(({ geometry }) => geometry.weightElements === 0);
	expect(products.map(({ totals }) => totals.acs)).toEqual(expected);
	expect(products.map(({ geometry }) => geometry.denseMacs)).toEqual([4 * 4 * 3, 3 * 3 * 4]);
});
