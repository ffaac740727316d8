import { tensorValues } from '../../src/model/tensors.ts';
import type { Network } from '../../src/network/network.ts';
import { modelBuilder, networkOf, weights } from './model-builder.ts';
import type { NeuronIdiom } from './neuron-idioms.ts';

/** Data → fc1 → neurons → fc2 → neurons: two layers of one kind of neuron. */
export const sizes = { input: 6, hidden: 9, output: 5 } as const;
const [first, second] = [weights([sizes.input, sizes.hidden], 3), weights([sizes.hidden, sizes.output], 7)];

/** Data in quarters that keep the neurons firing, some of it zero. */
export const idiomData = (samples: number): Float32Array =>
	Float32Array.from({ length: samples * sizes.input }, (_, at) => [2, 0, -1.25, 3.5, 0.75, 0, 1.5, -2][(at * 5) % 8] as number);

export type Form = 'step' | 'unrolled' | 'unrolled with merged first layer';

export function idiomNetwork(idiom: NeuronIdiom, form: Form, timesteps: number): Promise<Network> {
	const graph = modelBuilder();
	graph.input('x', ['batch', sizes.input]);
	graph.constant('fc1.weight', first);
	graph.constant('fc2.weight', second);
	const names = (layer: number): string[] => Array.from({ length: idiom.words }, (_, word) => `state${layer}_${'ab'[word]}`);
	let states = [1, 2].map((layer) => names(layer).map((name) => (form === 'step' ? name : graph.scalar(0))));
	if (form === 'step') {
		for (const name of names(1)) graph.input(name, ['batch', sizes.hidden]);
		for (const name of names(2)) graph.input(name, ['batch', sizes.output]);
	}
	let merged: string | null = null;
	const answers: string[] = [];
	for (let step = 0; step < (form === 'step' ? 1 : timesteps); step += 1) {
		graph.scope('fc1');
		const current1: string = form === 'unrolled' || merged === null ? graph.add('MatMul', ['x', 'fc1.weight']) : merged;
		merged = current1;
		graph.scope('lif1');
		const one = idiom.build(graph, current1, states[0] as string[]);
		graph.scope('fc2');
		const current2 = graph.add('MatMul', [one.spikes, 'fc2.weight']);
		graph.scope('lif2');
		const two = idiom.build(graph, current2, states[1] as string[]);
		graph.scope('');
		states = [[...one.states], [...two.states]];
		answers.push(two.spikes);
	}
	if (form === 'step') {
		graph.output(graph.add('Identity', answers, {}, { output: 'spk' }), ['batch', sizes.output]);
		for (const layer of [1, 2])
			for (const [word, name] of names(layer).entries()) {
				const next = graph.add('Identity', [states[layer - 1]?.[word] as string], {}, { output: `${name}_next` });
				graph.output(next, ['batch', layer === 1 ? sizes.hidden : sizes.output]);
			}
	} else graph.output(graph.add('Sum', answers, {}, { output: 'logits' }), ['batch', sizes.output]);
	return networkOf(graph.build(), form === 'step' ? { timesteps } : {});
}

/** Spikes of both layers by plain arithmetic: nonzero elements and sums of heights, per timestep, over all samples. */
export function plainIdiom(idiom: NeuronIdiom, data: Float32Array, timesteps: number) {
	const [w1, w2] = [tensorValues(first), tensorValues(second)];
	const samples = data.length / sizes.input;
	const count = () => Array.from({ length: timesteps }, () => 0);
	const result = { first: count(), second: count(), heights: new Set<number>() };
	const layer = (input: ArrayLike<number>, w: ArrayLike<number>, width: number): number[] =>
		Array.from({ length: width }, (_, column) => {
			let sum = 0;
			for (let row = 0; row < input.length; row += 1) sum += (input[row] as number) * (w[row * width + column] as number);
			return sum;
		});
	for (let sample = 0; sample < samples; sample += 1) {
		const x = data.subarray(sample * sizes.input, (sample + 1) * sizes.input);
		const zero = (width: number): number[][] => Array.from({ length: width }, () => new Array<number>(idiom.words).fill(0));
		const states = [zero(sizes.hidden), zero(sizes.output)] as [number[][], number[][]];
		const advance = (currents: readonly number[], held: number[][]): number[] =>
			currents.map((current, at) => {
				const { spike, states: next } = idiom.step(current, held[at] as number[]);
				held[at] = [...next];
				return spike;
			});
		for (let step = 0; step < timesteps; step += 1) {
			const one = advance(layer(x, w1, sizes.hidden), states[0]);
			const two = advance(layer(one, w2, sizes.output), states[1]);
			for (const spike of one) if (spike !== 0) result.heights.add(Math.abs(spike));
			result.first[step] = (result.first[step] as number) + one.filter((spike) => spike !== 0).length;
			result.second[step] = (result.second[step] as number) + two.filter((spike) => spike !== 0).length;
		}
	}
	return result;
}
