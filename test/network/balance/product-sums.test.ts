import { float32Tensor, int64Tensor } from '../../../src/model/tensors.ts';
import { type ModelBuilder, modelBuilder, networkOf, weights } from '../../support/model-builder.ts';

type Form = (graph: ModelBuilder, spikes: string, timestep: number) => string;
const timesteps = 3;

const fires = (graph: ModelBuilder, membrane: string): string =>
	graph.add('Cast', [graph.add('Greater', [membrane, graph.scalar(0.25)])], { to: 1 });

/** What is said of six neurons over time, what is made of their spikes, and neurons behind that where `driven`. */
async function said(form: Form, driven: boolean): Promise<string[]> {
	const graph = modelBuilder();
	graph.input('x', [timesteps, 'batch', 4]);
	graph.constant('w1', weights([4, 6]));
	const membranes = ['', ''];
	const spikesOf = (which: 0 | 1, current: string): string => {
		const before = membranes[which] ? graph.add('Add', [membranes[which], current]) : current;
		const spikes = fires(graph, before);
		membranes[which] = graph.add('Sub', [before, spikes]);
		return spikes;
	};
	const answers = Array.from({ length: timesteps }, (_, t) => {
		const frame = graph.add('Gather', ['x', graph.constant(`t${t}`, int64Tensor([t], []))], { axis: 0 });
		const made = form(graph, spikesOf(0, graph.add('MatMul', [frame, 'w1'])), t);
		return driven ? spikesOf(1, made) : made;
	});
	graph.output(graph.add('Sum', answers));
	const { balance } = await networkOf(graph.build({ opset: 12 }));
	return balance.findings.flatMap(({ sentence }) => (sentence.includes('such weights are not counted') ? [sentence] : []));
}

const sum = (graph: ModelBuilder, tensor: string, axis: number): string =>
	graph.add('ReduceSum', [tensor], { axes: [axis], keepdims: 0 });
const reshaped = (graph: ModelBuilder, tensor: string, dims: readonly number[]): string =>
	graph.add('Reshape', [tensor, graph.constant(`to${dims.join()}`, int64Tensor([...dims]))]);
const times = (graph: ModelBuilder, tensor: string, dims: readonly number[]): string =>
	graph.add('Mul', [tensor, graph.constant(`factors_${dims.join()}`, weights(dims, 3))]);

const dense: Form = (graph, spikes) => sum(graph, times(graph, graph.add('Unsqueeze', [spikes], { axes: [1] }), [5, 6]), -1);

describe('weights that are applied element by element are named', () => {
	test.each<[string, Form]>([
		['a dense layer', dense],
		[
			'one sum of all neurons',
			(graph, spikes) => graph.add('Unsqueeze', [sum(graph, times(graph, spikes, [6]), 1)], { axes: [1] }),
		],
		['branches of a dendrite', (graph, spikes) => sum(graph, times(graph, reshaped(graph, spikes, [-1, 2, 3]), [2, 3]), 2)],
		[
			'with a bias, added up over two axes after a reshape',
			(graph, spikes) => {
				const product = times(graph, graph.add('Unsqueeze', [spikes], { axes: [1] }), [5, 6]);
				const biased = graph.add('Neg', [graph.add('Add', [product, graph.constant('b', weights([5, 6], 4))])]);
				return graph.add('ReduceMean', [reshaped(graph, biased, [-1, 5, 2, 3])], { axes: [2, 3], keepdims: 0 });
			},
		],
	])('%s', async (_, form) => {
		for (const driven of [true, false]) {
			const [sentence, ...others] = await said(form, driven);
			expect(sentence).toMatch(/^Layer ".+" \(node ".+" and 2 more\) is not understood: it adds up spikes of ".+" that are each/);
			expect(others).toEqual([]);
		}
	});
});

describe('what only looks like weights is not', () => {
	const halves = (graph: ModelBuilder, spikes: string): string => reshaped(graph, spikes, [-1, 2, 3]);
	const kept = new WeakMap<ModelBuilder, string>();
	test.each<[string, Form]>([
		['pooling', (graph, spikes) => sum(graph, graph.add('Mul', [halves(graph, spikes), graph.scalar(0.5)]), 2)],
		[
			'a mask in front of a sum',
			(graph, spikes) =>
				sum(graph, graph.add('Mul', [halves(graph, spikes), graph.constant('mask', float32Tensor([0, 1, 1]))]), 2),
		],
		[
			'a scale of every channel in front of pooling',
			(graph, spikes) => sum(graph, times(graph, halves(graph, spikes), [2, 1]), 2),
		],
		[
			'one spike spread to traces, which are added up again',
			(graph, spikes) => {
				const traces = graph.add('Unsqueeze', [spikes], { axes: [2] });
				const scaled = times(graph, traces, [2]);
				return sum(graph, times(graph, scaled, [6, 2]), 2);
			},
		],
		[
			'several timesteps, each with a weight of its own',
			(graph, spikes, t) => {
				const now = graph.add('Unsqueeze', [spikes], { axes: [2] });
				const past = t === 0 ? now : graph.add('Concat', [kept.get(graph) as string, now], { axis: 2 });
				kept.set(graph, past);
				return sum(graph, times(graph, past, [t + 1]), 2);
			},
		],
	])('%s', async (_, form) => {
		for (const driven of [true, false]) expect(await said(form, driven)).toEqual([]);
	});
});
