import { int64Tensor } from '../../src/model/tensors.ts';
import { simulate } from '../../src/simulation/simulate.ts';
import { arraySource } from '../support/array-source.ts';
import { neuronLayers } from '../support/fixture.ts';
import { type ModelBuilder, modelBuilder, networkOf, weights } from '../support/model-builder.ts';

const timesteps = 3;
const [inputs, hidden, outputs] = [3, 6, 4];
const data = Float32Array.from({ length: timesteps * 2 * inputs }, (_, at) => ((at * 5) % 7) / 3);
const first = weights([inputs, hidden]);
const second = weights([hidden, outputs]);

type Decide = (graph: ModelBuilder, membrane: string) => string;
const fires: Decide = (graph, membrane) => graph.add('Greater', [membrane, graph.scalar(0.25)]);
const stays: Decide = (graph, membrane) => graph.add('LessOrEqual', [membrane, graph.scalar(0.25)]);

/** Two layers of neurons that forget; `answer` says which timesteps' spikes stand in the output. */
function network(answer: readonly number[], decide: Decide = fires) {
	const graph = modelBuilder();
	graph.input('input', [timesteps, 'batch', inputs]);
	graph.constant('w1', first);
	graph.constant('w2', second);
	const axis = graph.constant('axis', int64Tensor([0]));
	const ending = Array.from({ length: timesteps }, (_, t) => {
		const frame = graph.add('Gather', ['input', graph.constant(`t${t}`, int64Tensor([t], []))], { axis: 0 });
		const spikes = graph.add('Cast', [decide(graph, graph.add('MatMul', [frame, 'w1']))], { to: 1 });
		return graph.add('Cast', [fires(graph, graph.add('MatMul', [spikes, 'w2']))], { to: 1 });
	});
	const shown = answer.map((t) => graph.add('Unsqueeze', [ending[t] ?? '', axis]));
	graph.output(graph.add('Concat', shown, { axis: 0 }));
	return networkOf(graph.build());
}

/** Spikes of each layer by plain loops, at the timesteps on which an answer rests. */
function spikes(answer: readonly number[], silent = false): number[] {
	const sums = [0, 0];
	for (const t of new Set(answer))
		for (let sample = 0; sample < 2; sample += 1) {
			const row = Array.from(data.subarray((t * 2 + sample) * inputs, (t * 2 + sample + 1) * inputs));
			const fired = times(row, first, hidden).map((u) => (u > 0.25 ? 1 : 0));
			const read = silent ? fired.map((spike) => 1 - spike) : fired;
			sums[0] = (sums[0] ?? 0) + sum(fired);
			sums[1] = (sums[1] ?? 0) + sum(times(read, second, outputs).map((u) => (u > 0.25 ? 1 : 0)));
		}
	return sums;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
function times(row: readonly number[], matrix: ReturnType<typeof weights>, columns: number): number[] {
	const values = new Float32Array(matrix.bytes.buffer, matrix.bytes.byteOffset, row.length * columns);
	return Array.from({ length: columns }, (_, column) =>
		row.reduce((total, value, at) => Math.fround(total + value * (values[at * columns + column] ?? NaN)), 0),
	);
}

const count = async (found: Awaited<ReturnType<typeof network>>) =>
	neuronLayers(await simulate(found, arraySource(data, [inputs], { timesteps }))).map(({ totals }) => totals.spikes);

test.each([
	[[0, 1, 2]],
	// The answer holds the first timestep's spikes in the last one's place: nothing reads the last ones.
	[[0, 1, 0]],
	[[1, 2, 0]],
	[[2, 2, 1]],
])('places are counted at one timestep each, whichever the answer shows (%j)', async (answer) => {
	const found = await network(answer);
	for (const { calls } of found.neuronLayers) for (const { timestep } of calls) expect(timestep).toBeLessThan(timesteps);
	expect(await count(found)).toEqual(spikes(answer));
});

test('spikes that are counted where a decision is false are said to be', async () => {
	const found = await network([0, 1, 2], stays);
	expect(await count(found)).toEqual(spikes([0, 1, 2], true));
	expect(found.assumptions.join()).toMatch(/Decision "LessOrEqual_\d+" and 2 more are true of a neuron at rest/);
	expect((await network([0, 1, 2])).assumptions.join()).not.toContain('at rest');
});

test.each([
	['rand < x', (graph: ModelBuilder, drawn: string, x: string) => graph.add('Less', [drawn, x]), true],
	['x ≥ rand', (graph: ModelBuilder, drawn: string, x: string) => graph.add('GreaterOrEqual', [x, drawn]), true],
	[
		'rand < x / 2',
		(graph: ModelBuilder, drawn: string, x: string) => graph.add('Less', [drawn, graph.add('Mul', [x, graph.scalar(0.5)])]),
		true,
	],
	['rand > x', (graph: ModelBuilder, drawn: string, x: string) => graph.add('Greater', [drawn, x]), false],
] as const)('an encoder that compares with numbers drawn anew fires where the data are larger: %s', async (_, decide, fires) => {
	const graph = modelBuilder();
	graph.input('input', ['batch', inputs]);
	graph.constant('w1', first);
	const sums = [0, 1].map(() => {
		const drawn = graph.add('RandomUniformLike', ['input'], { high: 0.5 });
		return graph.add('MatMul', [graph.add('Cast', [decide(graph, drawn, 'input')], { to: 1 }), 'w1']);
	});
	graph.output(graph.add('Sum', sums));
	const found = await networkOf(graph.build());
	// Data above every number that is drawn: all of them fire.
	const [encoder] = neuronLayers(await simulate(found, arraySource(new Float32Array(2 * inputs).fill(1), [inputs])));
	expect(encoder?.totals.spikes).toBe(2 * 2 * inputs);
	expect(found.assumptions.join().includes('at rest')).toBe(!fires);
});

test('spikes drawn by chance fire with the chance they are given, in the type that is asked for', async () => {
	const graph = modelBuilder();
	graph.input('input', ['batch', 400]);
	graph.constant('w1', weights([400, hidden]));
	const drawn = graph.add('Bernoulli', ['input']);
	const typed = graph.add('Cast', [graph.add('Bernoulli', ['input'], { dtype: 9 })], { to: 1 });
	graph.output(graph.add('Sum', [graph.add('MatMul', [drawn, 'w1']), graph.add('MatMul', [typed, 'w1'])]));
	const found = await networkOf(graph.build({ opset: 15 }));
	const eventsAt = async (chance: number) => {
		const activity = await simulate(found, arraySource(new Float32Array(400).fill(chance), [400]));
		return activity.layers.flatMap((layer) => (layer.kind === 'synaptic' ? [layer.totals.synapticEvents / hidden] : []));
	};
	const all = (await eventsAt(1)).reduce((total, events) => total + events, 0);
	expect(all).toBe(800);
	expect((await eventsAt(0)).every((events) => events === 0)).toBe(true);
	const few = (await eventsAt(0.2)).reduce((total, events) => total + events, 0);
	// 800 draws of 0.2: 160 ± 11, and never on the other side of a half.
	expect(few).toBeGreaterThan(80);
	expect(few).toBeLessThan(240);
});

/** What is done with numbers where a comparison is true, beside neurons of the same comparison. */
const passedOn: readonly (readonly [string, (graph: ModelBuilder, u: string, k: string) => string])[] = [
	['a rectifier written as a mask', (graph, u, k) => graph.add('Mul', [u, k])],
	['a choice', (graph, u, k) => graph.add('Where', [graph.add('Cast', [k], { to: 9 }), u, graph.scalar(0)])],
	['a floor', (graph, u, k) => graph.add('Sub', [graph.add('Mul', [u, k]), graph.scalar(0.3)])],
];

test.each(passedOn)('%s, an output beside the spikes, is no reset that turns them round', async (_, passed) => {
	const graph = modelBuilder();
	graph.input('input', [timesteps, 'batch', inputs]);
	graph.constant('w1', first);
	const answers: string[] = [];
	const kept: string[] = [];
	for (let t = 0; t < timesteps; t += 1) {
		const frame = graph.add('Gather', ['input', graph.constant(`t${t}`, int64Tensor([t], []))], { axis: 0 });
		const current = graph.add('MatMul', [frame, 'w1']);
		const spikes = graph.add('Cast', [fires(graph, current)], { to: 1 });
		answers.push(spikes);
		kept.push(passed(graph, current, spikes));
	}
	graph.output(graph.add('Sum', answers));
	graph.output(graph.add('Sum', kept));
	const found = await networkOf(graph.build());
	expect(await count(found)).toEqual(spikes([0, 1, 2]).slice(0, 1));
	expect(found.assumptions.join()).not.toContain('at rest');
});
