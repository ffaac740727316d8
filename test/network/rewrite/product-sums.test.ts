import fc from 'fast-check';
import { Tensor } from 'onnxruntime-common';
import type { Model } from '../../../src/model/graph.ts';
import { elementCount, float32Tensor, int64Tensor } from '../../../src/model/tensors.ts';
import { measure } from '../../../src/network/rewrite/measure.ts';
import { hasProductSums, withoutProductSums } from '../../../src/network/rewrite/product-sums.ts';
import { createSession, runSession } from '../../../src/runtime/session.ts';
import { type ModelBuilder, modelBuilder, weights } from '../../support/model-builder.ts';

async function rewritten(model: Model): Promise<Model> {
	if (!hasProductSums(model.graph)) return model;
	const measured = await measure(model);
	return measured ? { ...model, graph: withoutProductSums(model.graph, measured) } : model;
}

const operators = ({ graph }: Model): string[] => graph.nodes.map(({ op }) => op);

async function run(model: Model, dims: readonly number[]): Promise<readonly number[]> {
	const session = await createSession(model, '');
	const values = Float32Array.from({ length: elementCount(dims) }, (_, at) => ((at * 7) % 5) - 2);
	const [output = ''] = model.graph.outputs.map(({ name }) => name);
	const results = await runSession(session, { x: new Tensor('float32', values, [...dims]) }, [output], '');
	await session.release();
	const tensor = results[output] as Tensor;
	return [...tensor.dims, ...(tensor.data as Float32Array)].map((value) => value + 0);
}

type Role = 'row' | 'stack' | 'inner' | 'column';
const has = (role: Role, side: 'data' | 'weights'): boolean => (side === 'data' ? role !== 'column' : role !== 'row');

describe('a product that is summed over becomes the matrix product it is', () => {
	test('whatever each axis is, wherever it stands', async () => {
		const role = fc.constantFrom<Role>('row', 'stack', 'inner', 'column');
		const roles = fc
			.array(role, { minLength: 1, maxLength: 4 })
			.filter((found) => found.includes('inner') && found.includes('column'));
		const spec = fc.record({
			roles,
			reduction: fc.constantFrom('ReduceSum', 'ReduceMean'),
			keepdims: fc.constantFrom(0, 1),
			weightsFirst: fc.boolean(),
			masked: fc.boolean(),
			expanded: fc.boolean(),
		});
		await fc.assert(
			fc.asyncProperty(spec, async ({ roles: given, reduction, keepdims, weightsFirst, masked, expanded }) => {
				const all: Role[] = ['row', ...given];
				const sizes = all.map((_, at) => at + 2);
				const side = (of: 'data' | 'weights') => sizes.map((size, at) => (has(all[at] as Role, of) ? size : 1));
				const [, ...data] = side('data');
				const dims = ['batch', ...data];
				const graph = modelBuilder();
				graph.input('x', dims);
				// Axes of size 1 in front may be left out of the weights.
				const own = side('weights').slice(1);
				graph.constant('w', weights(own.slice(own.findIndex((size) => size > 1))));
				graph.constant('m', weights(own, 3));
				const [, ...full] = sizes;
				const x = expanded ? graph.add('Expand', ['x', graph.constant('full', int64Tensor([1, ...full]))]) : 'x';
				const product = graph.add('Mul', weightsFirst ? ['w', x] : [x, 'w']);
				const inner = all.flatMap((found, at) => (found === 'inner' ? [at] : []));
				graph.output(graph.add(reduction, [masked ? graph.add('Mul', [product, 'm']) : product], { axes: inner, keepdims }));
				const model = graph.build({ opset: 12 });
				const plain = await rewritten(model);
				expect(operators(plain)).toContain('MatMul');
				const [before, after] = await Promise.all([run(model, [3, ...data]), run(plain, [3, ...data])]);
				expect(after.length).toBe(before.length);
				for (const [at, value] of before.entries()) expect(Math.abs((after[at] as number) - value)).toBeLessThan(1e-3);
			}),
			{ numRuns: 25, seed: 1 },
		);
	});

	test('also where spikes choose the weights, meet several in a branch each, or a cut-out one spreads over all neurons', async () => {
		const forms: Record<string, (graph: ModelBuilder, spikes: string) => string> = {
			chosen: (graph, spikes) => {
				const fires = graph.add('Greater', [graph.add('Unsqueeze', [spikes], { axes: [2] }), graph.scalar(0.5)]);
				const zero = graph.scalar(0);
				return graph.add('ReduceSum', [graph.add('Where', [fires, graph.constant('w', weights([6, 3])), zero])], {
					axes: [1],
					keepdims: 0,
				});
			},
			branches: (graph, spikes) => {
				const branches = graph.add('Reshape', [spikes, graph.constant('to', int64Tensor([-1, 2, 3]))]);
				return graph.add('ReduceSum', [graph.add('Mul', [branches, graph.constant('w', weights([2, 3]))])], {
					axes: [2],
					keepdims: 0,
				});
			},
			one: (graph, spikes) => {
				const [starts, ends, axes] = [0, 1, 1].map((value, at) => graph.constant(`s${at}`, int64Tensor([value])));
				const cut = graph.add('Slice', [spikes, starts as string, ends as string, axes as string]);
				return graph.add('Mul', [cut, graph.constant('w', weights([4]))]);
			},
		};
		for (const [name, form] of Object.entries(forms)) {
			const model = behindSpikes(form);
			const plain = await rewritten(model);
			expect([name, operators(plain).includes('MatMul')]).toEqual([name, true]);
			expect(await run(plain, [3, 6])).toEqual(await run(model, [3, 6]));
		}
	});
});

/** Spikes of six neurons, and what is made of them. */
function behindSpikes(form: (graph: ModelBuilder, spikes: string) => string): Model {
	const graph = modelBuilder();
	graph.input('x', ['batch', 6]);
	graph.output(form(graph, graph.add('Cast', [graph.add('Greater', ['x', graph.scalar(0.25)])], { to: 1 })));
	return graph.build({ opset: 12 });
}

describe('what only looks like weights stays as it is', () => {
	const heights = float32Tensor([1, 2, 4]);
	const sum = (graph: ModelBuilder, tensor: string, axis = -1): string =>
		graph.add('ReduceSum', [tensor], { axes: [axis], keepdims: 0 });
	const threes = (graph: ModelBuilder, spikes: string): string =>
		graph.add('Reshape', [spikes, graph.constant('to', int64Tensor([-1, 2, 3]))]);
	test.each<[string, (graph: ModelBuilder, spikes: string) => string]>([
		['a scale of one number', (graph, spikes) => sum(graph, graph.add('Mul', [threes(graph, spikes), graph.scalar(0.5)]))],
		[
			'a mask',
			(graph, spikes) => sum(graph, graph.add('Mul', [threes(graph, spikes), graph.constant('mask', float32Tensor([0, 1, 1]))])),
		],
		[
			'one entry of a delay line',
			(graph, spikes) =>
				sum(graph, graph.add('Mul', [threes(graph, spikes), graph.constant('d', float32Tensor([0, 1, 0, 0, 0, 1], [2, 3]))])),
		],
		[
			'a scale of every channel in front of pooling',
			(graph, spikes) =>
				sum(graph, graph.add('Mul', [threes(graph, spikes), graph.constant('s', float32Tensor([0.5, 2], [2, 1]))])),
		],
		['the square of numbers', (graph) => sum(graph, graph.add('Mul', ['x', 'x']), 1)],
		['a gate', (graph, spikes) => sum(graph, graph.add('Mul', [spikes, graph.add('Sigmoid', ['x'])]), 1)],
		['numbers weighed and averaged', (graph) => sum(graph, graph.add('Mul', [threes(graph, 'x'), graph.constant('h', heights)]))],
		[
			'timesteps that are joined and decoded',
			(graph, spikes) => {
				const frames = [spikes, graph.add('Neg', [spikes])].map((frame) => graph.add('Unsqueeze', [frame], { axes: [1] }));
				const joined = graph.add('Concat', frames, { axis: 1 });
				return sum(graph, graph.add('Mul', [joined, graph.constant('decay', float32Tensor([1, 0.5], [2, 1]))]), 1);
			},
		],
		[
			'levels with a height each',
			(graph) => {
				const levels = graph.add('Greater', [graph.add('Unsqueeze', ['x'], { axes: [2] }), graph.constant('levels', heights)]);
				return sum(graph, graph.add('Mul', [graph.add('Cast', [levels], { to: 1 }), graph.constant('h', heights)]));
			},
		],
		['a factor of each neuron', (graph, spikes) => graph.add('Mul', [spikes, graph.constant('f', weights([6]))])],
		[
			'numbers spread over several neurons',
			(graph) => graph.add('Mul', [graph.add('Unsqueeze', ['x'], { axes: [2] }), graph.constant('h', heights)]),
		],
	])('%s', async (_, form) => {
		const model = behindSpikes(form);
		expect(operators(await rewritten(model))).toEqual(operators(model));
	});
});
