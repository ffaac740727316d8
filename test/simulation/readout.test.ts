import { float32Tensor, int64Tensor } from '../../src/model/tensors.ts';
import { simulate } from '../../src/simulation/simulate.ts';
import { arraySource } from '../support/array-source.ts';
import { type ModelBuilder, modelBuilder, networkOf } from '../support/model-builder.ts';

/**
 * A step model whose score for class c at timestep t is weights[t % 2] of the sample: the sum over timesteps and the
 * last timestep choose different classes.
 */
function swinging(last: boolean): ModelBuilder {
	const graph = modelBuilder();
	graph.input('x', ['batch', 2]);
	graph.input('mem', ['batch', 2]);
	graph.constant('fc.weight', float32Tensor([1, 0, 0, 1], [2, 2]));
	// x = [3, 1]: scores are x, then −x, then x, …: the sum of two timesteps is 0, of three x.
	const current = graph.add('MatMul', ['x', 'fc.weight']);
	const score = graph.add('Sub', [current, graph.add('Mul', ['mem', graph.scalar(2)])]);
	graph.output(graph.add('Identity', [score], {}, { output: 'logits' }), ['batch', 2]);
	graph.output(
		last
			? graph.add('Identity', [score], {}, { output: 'mem_next' })
			: graph.add('Sub', [current, 'mem'], {}, { output: 'mem_next' }),
		['batch', 2],
	);
	return graph;
}

const correct = async (
	graph: ModelBuilder,
	timesteps: number,
	readout: 'sum' | 'last',
	label: number,
): Promise<number | undefined> => {
	const network = await networkOf(graph.build(), { timesteps, readout, output: 'logits' });
	const source = arraySource(Float32Array.of(3, 1), [2], { labels: [label] });
	return (await simulate(network, source)).accuracy?.correct;
};

test('class scores are summed over timesteps, or the last ones are taken, as --readout says', async () => {
	// At t = 0 the scores are [3, 1]; at t = 1 mem is [3, 1] and they are [−3, −1].
	expect(await correct(swinging(false), 2, 'last', 1)).toBe(1);
	expect(await correct(swinging(false), 2, 'sum', 0)).toBe(1); // [0, 0]: the first of equals
	expect(await correct(swinging(false), 3, 'sum', 0)).toBe(1);
	expect(await correct(swinging(false), 3, 'last', 0)).toBe(1);
});

test.each([0, 1])('an answer with a time axis of its own, at place %i, is summed along it', async (axis) => {
	const graph = modelBuilder();
	graph.input('x', ['batch', 2]);
	graph.constant('fc.weight', float32Tensor([1, 0, 0, 1], [2, 2]));
	const steps = [1, -4, 2].map((factor) => {
		const fired = graph.add('Cast', [graph.add('Greater', [graph.add('MatMul', ['x', 'fc.weight']), graph.scalar(2)])], {
			to: 1,
		});
		return graph.add('Unsqueeze', [graph.add('Mul', [fired, graph.scalar(factor)]), graph.constant('axis', int64Tensor([axis]))]);
	});
	graph.output(graph.add('Concat', steps, { axis }));
	const network = await networkOf(graph.build());
	const run = async (readout: 'sum' | 'last') =>
		(
			await simulate(
				{ ...network, readout: { ...network.readout, rule: readout } },
				arraySource(Float32Array.of(3, 1, 1, 3), [2], { labels: [0, 1] }),
			)
		).accuracy;
	// Class 0 of sample 0 fires: 1, −4, 2, which is −1 in sum and 2 at last.
	expect(await run('sum')).toEqual({ correct: 0, total: 2 });
	expect(await run('last')).toEqual({ correct: 2, total: 2 });
});

test('a result that is not finite ends the run in a sentence', async () => {
	const graph = modelBuilder();
	graph.input('x', ['batch', 2]);
	graph.constant('fc.weight', float32Tensor([1e38, 0, 0, 1e38], [2, 2]));
	graph.output(graph.add('Mul', [graph.add('MatMul', ['x', 'fc.weight']), graph.scalar(1e30)], {}, { output: 'logits' }));
	await expect(
		simulate(await networkOf(graph.build()), arraySource(Float32Array.of(3, 1), [2], { labels: [0] })),
	).rejects.toThrow('net.onnx: output "logits" became NaN or infinite while running; the counts would mean nothing.');
});

test('an answer that is no class scores ends the run too where a later sample makes NaN of it', async () => {
	const graph = modelBuilder();
	graph.input('x', ['batch', 2]);
	graph.constant('fc.weight', float32Tensor([1, 0, 0, 1], [2, 2]));
	const current = graph.add('MatMul', [graph.add('Sqrt', ['x']), 'fc.weight']);
	const map = graph.constant('map', int64Tensor([-1, 1, 1, 2]));
	graph.output(graph.add('Reshape', [current, map], {}, { output: 'map of numbers' }));
	const network = await networkOf(graph.build());
	const run = (values: readonly number[]) => simulate(network, arraySource(Float32Array.from(values), [2]));
	expect((await run([4, 1, 9, 1])).run.samples).toBe(2);
	await expect(run([4, 1, -9, 1])).rejects.toThrow('net.onnx: output "map of numbers" became NaN');
});

test('an interrupted run says how far it came, and its counts are those of the samples done', async () => {
	const graph = modelBuilder();
	graph.input('x', ['batch', 2]);
	graph.constant('fc.weight', float32Tensor([1, 0, 0, 1], [2, 2]));
	graph.output(graph.add('MatMul', ['x', 'fc.weight']));
	const network = await networkOf(graph.build());
	const controller = new AbortController();
	const source = arraySource(new Float32Array(20).fill(1), [2], { labels: new Array<number>(10).fill(0) });
	const activity = await simulate(network, source, {
		batch: 3,
		signal: controller.signal,
		onProgress: (done) => {
			if (done >= 6) controller.abort();
		},
	});
	expect([activity.run.samples, activity.run.partial, activity.totals.synapticEvents, activity.accuracy?.total]).toEqual([
		6,
		true,
		24,
		6,
	]);
	expect(activity.warnings).toContain('Interrupted: the counts are of the first 6 of 10 samples.');
});
