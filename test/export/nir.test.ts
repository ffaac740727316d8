import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { nirOfNetwork } from '../../src/export/index.ts';
import { decodeNir, encodeNir, type NirFile, type NirNode, nirToModel } from '../../src/formats/nir/index.ts';
import type { ModelSource } from '../../src/formats/source.ts';
import type { Model } from '../../src/model/graph.ts';
import { float32Tensor, int64Tensor } from '../../src/model/tensors.ts';
import { findStructure } from '../../src/network/structure.ts';
import { type ModelBuilder, modelBuilder, weights } from '../support/model-builder.ts';
import { array, input, nirFile, output } from '../support/nir-graph.ts';
import { randomNumbers } from '../support/random-numbers.ts';
import { runStepModel } from '../support/run-step-model.ts';

const network = (source: Pick<ModelSource, 'model'> & Partial<ModelSource>) =>
	findStructure({ ...source, file: 'a.onnx', format: 'onnx', sha256: '' });

const states = (model: Model): ModelSource['states'] =>
	(model.metadata.get('snn.states') ?? '').split(';').map((pair) => {
		const [from = '', to = ''] = pair.split('=');
		return { input: from, output: to, initial: 0 };
	});

/** The answers of both, timestep by timestep, on the same random input. */
async function sameAnswers(
	source: ModelSource,
	inputName: string,
	answer: string,
	size: number,
	nirInput = inputName,
): Promise<number[]> {
	const found = await network(source);
	const written = nirOfNetwork(found);
	const file = decodeNir(encodeNir(written.nir), 'b.nir');
	const next = randomNumbers(3);
	const steps = Array.from({ length: 12 }, () => Array.from({ length: size }, () => (next() < 0.4 ? 1 : next() - 0.3)));
	const theirs = await runStepModel(
		source,
		steps.map((values) => ({ [inputName]: values })),
	);
	const ours = await runStepModel(
		nirToModel(file, 'b.nir', { reset: written.reset }),
		steps.map((values) => ({ [nirInput]: values })),
	);
	const answers = theirs.map((outputs) => [...(outputs.get(answer)?.data ?? [])]);
	const again = ours.map((outputs) => [...(outputs.get('output')?.data ?? [])]);
	for (const [step, values] of answers.entries())
		for (const [at, value] of values.entries()) expect(again[step]?.[at]).toBeCloseTo(value, 4);
	return answers.flat();
}

/** A network around one NIR neuron that sees spikes, as the reader makes it. */
const around = (neuron: NirNode, size: number, reset: 'zero' | 'subtract'): ModelSource => {
	const weight = array(
		Array.from({ length: size * size }, (_, at) => ((at * 7) % 5) / 4 - 0.25),
		[size, size],
	);
	const cut: NirNode = { type: 'Threshold', threshold: array([0.25]) };
	const nodes = { in: input(size), cut, fc: { type: 'Linear', weight }, neuron, out: output(size) } as const;
	return nirToModel(nirFile(nodes), 'a.nir', { reset });
};

const parameters = fc.record({
	kind: fc.constantFrom('I', 'IF', 'LI', 'LIF', 'CubaLI', 'CubaLIF', 'Threshold'),
	reset: fc.constantFrom('zero' as const, 'subtract' as const),
	tau: fc.array(fc.double({ min: 1.1e-4, max: 1e-3, noNaN: true }), { minLength: 3, maxLength: 3 }),
	tauSyn: fc.double({ min: 1.1e-4, max: 1e-3, noNaN: true }),
	r: fc.double({ min: 0.5, max: 3, noNaN: true }),
	vLeak: fc.double({ min: -0.2, max: 0.2, noNaN: true }),
	vReset: fc.double({ min: -0.1, max: 0.1, noNaN: true }),
});

function neuronOf({ kind, tau, tauSyn, r, vLeak, vReset }: Parameters<Parameters<typeof parameters.map>[0]>[0]): NirNode {
	const firing = { vThreshold: array([0.75]), vReset: array([vReset]) };
	// A layer that never fires is found as one only where its neurons share their leak.
	const times = array(kind.endsWith('LI') ? tau.slice(0, 1) : tau);
	const leaky = { tau: times, r: array([r]), vLeak: array([vLeak]) };
	const current = { tauSyn: array([tauSyn]), tauMem: times, r: array([r]), vLeak: array([vLeak]), wIn: array([1.5]) };
	switch (kind) {
		case 'I':
			return { type: 'I', r: array([r]) };
		case 'IF':
			return { type: 'IF', r: array([r]), ...firing };
		case 'LI':
			return { type: 'LI', ...leaky };
		case 'LIF':
			return { type: 'LIF', ...leaky, ...firing };
		case 'CubaLI':
			return { type: 'CubaLI', ...current };
		case 'CubaLIF':
			return { type: 'CubaLIF', ...current, ...firing };
		default:
			return { type: 'Threshold', threshold: array([r / 2]) };
	}
}

test('neurons of every kind and any parameters are written as the kind they are, and behave alike', async () => {
	await fc.assert(
		fc.asyncProperty(parameters, async (chosen) => {
			const source = around(neuronOf(chosen), 3, chosen.reset);
			await sameAnswers(source, 'in', 'out', 3);
			const { nir } = nirOfNetwork(await network(source));
			expect([...nir.graph.nodes.values()].map(({ type }) => type)).toEqual([
				'Input',
				'Threshold',
				'Linear',
				chosen.kind,
				'Output',
			]);
		}),
		{ seed: 8, numRuns: 25 },
	);
});

const fixture = (name: string): NirFile => {
	const path = fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
	return decodeNir(readFileSync(path), name);
};

test.each(['nir/cnn_sinabs.nir', 'nir/two_lif_neurons.nir', 'nir/lif_norse.nir', 'g-nir-fc-snntorch/model.nir'])(
	'%s is written with the nodes, numbers and edges it was read with',
	async (name) => {
		const file = fixture(name);
		const { nir } = nirOfNetwork(await network(nirToModel(file, name)));
		const outputName = [...file.graph.nodes].find(([, node]) => node.type === 'Output')?.[0] ?? '';
		const renamed = (end: string): string => (end === outputName ? 'output' : end);
		expect(nir.graph.edges.map((edge) => edge.join()).sort()).toEqual(
			file.graph.edges.map(([from, to]) => [renamed(from), renamed(to)].join()).sort(),
		);
		for (const [node, record] of file.graph.nodes) {
			const written = nir.graph.nodes.get(renamed(node));
			expect([node, written?.type]).toEqual([node, record.type]);
			for (const [field, value] of Object.entries(record)) {
				if (field === 'inputShape' || field === 'inputType' || typeof value !== 'object' || !('values' in value)) continue;
				const found = (written as unknown as Record<string, { values: ArrayLike<number> }>)[field];
				const worst = Math.max(
					...Array.from(value.values as Float64Array, (number, at) =>
						Math.abs((found?.values[at] ?? Number.NaN) / (number || 1) - (number === 0 ? 0 : 1)),
					),
				);
				expect([node, field, worst < 1e-6]).toEqual([node, field, true]);
			}
		}
	},
);

test('a recurrent network is written with its cycle', async () => {
	const file = fixture('nir/braille_noDelay_bias_zero_subgraph.nir');
	const { nir } = nirOfNetwork(await network(nirToModel(file, 'a.nir')));
	const edges = nir.graph.edges.map((edge) => edge.join(' '));
	expect(edges).toContain('lif1.lif1 lif1.lin');
	expect(edges).toContain('lif1.lin lif1.lif1');
	expect([...nir.graph.nodes.values()].some(({ type }) => type === 'Delay')).toBe(false);
});

/** x → weights → a neuron whose arithmetic `build` writes; its potential is the state u. */
function stepModel(
	build: (graph: ModelBuilder, current: string, before: string) => { spikes: string; next: string },
): ModelSource {
	const graph = modelBuilder();
	graph.input('x', ['batch', 3]);
	graph.input('u', ['batch', 4]);
	graph.constant('fc.weight', weights([3, 4], 3));
	const { spikes, next } = build(graph, graph.add('MatMul', ['x', 'fc.weight'], {}, { name: 'fc' }), 'u');
	const answer = graph.add('Identity', [spikes], {}, { output: 'answer' });
	const after = graph.add('Identity', [next], {}, { output: 'u.next' });
	graph.output(answer, ['batch', 4]);
	graph.output(after, ['batch', 4]);
	const model = graph.build({ metadata: { 'snn.states': 'u=u.next' } });
	return { model, timing: 'step', states: states(model), assumptions: [] };
}

const charged = (graph: ModelBuilder, current: string, before: string, leak = 0.75): string =>
	graph.add('Add', [graph.add('Mul', [before, graph.scalar(leak)]), current]);
const fires = (graph: ModelBuilder, membrane: string, op = 'Greater'): string =>
	graph.add('Cast', [graph.add(op, [membrane, graph.scalar(0.5)])], { to: 1 });

const forms: Record<string, Parameters<typeof stepModel>[0]> = {
	'reset by subtraction': (graph, current, before) => {
		const u = charged(graph, current, before);
		const spikes = fires(graph, u);
		return { spikes, next: graph.add('Sub', [u, graph.add('Mul', [spikes, graph.scalar(0.5)])]) };
	},
	'reset through a gate 1 − s': (graph, current, before) => {
		const u = charged(graph, current, before);
		const spikes = fires(graph, u);
		return { spikes, next: graph.add('Mul', [u, graph.add('Sub', [graph.scalar(1), spikes])]) };
	},
	'reset by choice, to a value': (graph, current, before) => {
		const u = charged(graph, current, before);
		const decision = graph.add('Greater', [u, graph.scalar(0.5)]);
		return { spikes: graph.add('Cast', [decision], { to: 1 }), next: graph.add('Where', [decision, graph.scalar(0.125), u]) };
	},
	'no leak': (graph, current, before) => {
		const u = graph.add('Add', [before, current]);
		const spikes = fires(graph, u);
		return { spikes, next: graph.add('Sub', [u, graph.add('Mul', [spikes, graph.scalar(0.5)])]) };
	},
	'no reset at all': (graph, current, before) => {
		const u = charged(graph, current, before);
		return { spikes: fires(graph, u), next: u };
	},
	'a comparison of the difference with 0': (graph, current, before) => {
		const u = charged(graph, current, before);
		const above = graph.add('Greater', [graph.add('Sub', [u, graph.scalar(0.5)]), graph.scalar(0)]);
		const spikes = graph.add('Cast', [above], { to: 1 });
		return { spikes, next: graph.add('Sub', [u, graph.add('Mul', [spikes, graph.scalar(0.5)])]) };
	},
	'a comparison the other way round': (graph, current, before) => {
		const u = charged(graph, current, before);
		const spikes = graph.add('Cast', [graph.add('Less', [graph.scalar(0.5), u])], { to: 1 });
		return { spikes, next: graph.add('Sub', [u, graph.add('Mul', [spikes, graph.scalar(0.5)])]) };
	},
	'a bias and a gain in front of the neuron': (graph, current, before) => {
		const biased = graph.add('Add', [current, graph.constant('bias', float32Tensor([0.1, -0.1, 0.2, 0]))]);
		const u = charged(graph, graph.add('Mul', [biased, graph.scalar(1.5)]), before);
		const spikes = fires(graph, u);
		return { spikes, next: graph.add('Sub', [u, graph.add('Mul', [spikes, graph.scalar(0.5)])]) };
	},
};

test.each(Object.entries(forms))('an ONNX neuron with %s spikes alike as NIR', async (_form, build) => {
	const answers = await sameAnswers(stepModel(build), 'x', 'answer', 3);
	expect(new Set(answers)).toEqual(new Set([0, 1]));
});

test('a neuron that spikes at its threshold too does so as NIR, where only more than the threshold counts', async () => {
	const source = stepModel((graph, current, before) => {
		const u = graph.add('Add', [before, current]);
		const spikes = fires(graph, u, 'GreaterOrEqual');
		return { spikes, next: graph.add('Sub', [u, graph.add('Mul', [spikes, graph.scalar(0.5)])]) };
	});
	const { nir, notes } = nirOfNetwork(await network(source));
	const neuron = [...nir.graph.nodes.values()].find(({ type }) => type === 'IF') as Extract<NirNode, { type: 'IF' }>;
	expect(neuron.vThreshold.values[0]).toBe(0.5 - 2 ** -25);
	expect(notes.join(' ')).toContain('spikes at its threshold too');
});

test('spikes of another height carry it in a Scale', async () => {
	const source = stepModel((graph, current, before) => {
		const u = charged(graph, current, before);
		const spikes = fires(graph, u);
		const high = graph.add('Mul', [spikes, graph.scalar(0.5)]);
		return { spikes: high, next: graph.add('Sub', [u, high]) };
	});
	const answers = await sameAnswers(source, 'x', 'answer', 3);
	expect(new Set(answers)).toEqual(new Set([0, 0.5]));
});

const refusals: Record<string, [Parameters<typeof stepModel>[0], string]> = {
	'a reset that comes a timestep later': [
		(graph, current, before) => {
			const late = graph.add('Mul', [fires(graph, before), graph.scalar(0.5)]);
			const u = graph.add('Sub', [charged(graph, current, before), late]);
			return { spikes: fires(graph, u), next: u };
		},
		'a spike resets them one timestep later',
	],
	'a reset by half of the threshold': [
		(graph, current, before) => {
			const u = charged(graph, current, before);
			const spikes = fires(graph, u);
			return { spikes, next: graph.add('Sub', [u, graph.add('Mul', [spikes, graph.scalar(0.25)])]) };
		},
		'a spike subtracts another number than the threshold',
	],
	'a state that grows': [
		(graph, current, before) => {
			const u = charged(graph, current, before, 1.25);
			const spikes = fires(graph, u);
			return { spikes, next: graph.add('Sub', [u, graph.add('Mul', [spikes, graph.scalar(0.5)])]) };
		},
		"their state keeps 1.25 of itself per timestep, and NIR's keeps from 0 to 1",
	],
	'arithmetic that is not linear': [
		(graph, current, before) => {
			const u = graph.add('Tanh', [charged(graph, current, before)]);
			const spikes = fires(graph, u);
			return { spikes, next: graph.add('Sub', [u, graph.add('Mul', [spikes, graph.scalar(0.5)])]) };
		},
		'their arithmetic has a Tanh',
	],
	'an activation in front of the neuron': [
		(graph, current, before) => {
			const u = charged(graph, graph.add('Relu', [current], {}, { name: 'act' }), before);
			const spikes = fires(graph, u);
			return { spikes, next: graph.add('Sub', [u, graph.add('Mul', [spikes, graph.scalar(0.5)])]) };
		},
		'a.onnx: node "act" is a Relu, which no primitive of NIR expresses.',
	],
};

test.each(Object.entries(refusals))('%s is refused by name', async (_what, [build, message]) => {
	const found = await network(stepModel(build));
	expect(() => nirOfNetwork(found)).toThrow(message);
});

test('convolutions, a folded normalisation, pooling and a global mean are written', async () => {
	const graph = modelBuilder();
	graph.input('image', ['batch', 2, 6, 6]);
	graph.input('u', ['batch', 4, 6, 6]);
	graph.constant('conv.weight', weights([4, 2, 3, 3], 3));
	for (const [at, name] of ['scale', 'shift', 'mean', 'variance'].entries())
		graph.constant(name, float32Tensor(Array.from({ length: 4 }, (_, channel) => 0.5 + ((channel + at) % 3) / 4)));
	graph.constant('fc.weight', weights([3, 4], 7));
	const current = graph.add('Conv', ['image', 'conv.weight'], { pads: [1, 1, 1, 1] }, { name: 'conv' });
	const normal = graph.add('BatchNormalization', [current, 'scale', 'shift', 'mean', 'variance'], {}, { name: 'norm' });
	const u = charged(graph, normal, 'u');
	const spikes = fires(graph, u);
	const next = graph.add('Sub', [u, graph.add('Mul', [spikes, graph.scalar(0.5)])], {}, { output: 'u.next' });
	const pooled = graph.add('AveragePool', [spikes], { kernel_shape: [2, 2], strides: [2, 2] }, { name: 'pool' });
	const mean = graph.add('GlobalAveragePool', [pooled], {}, { name: 'mean' });
	graph.constant('flat', int64Tensor([-1, 4]));
	const scores = graph.add('Gemm', [graph.add('Reshape', [mean, 'flat']), 'fc.weight'], { transB: 1 }, { output: 'scores' });
	graph.output(scores, ['batch', 3]);
	graph.output(next, ['batch', 4, 6, 6]);
	const model = graph.build({ metadata: { 'snn.states': 'u=u.next' } });
	const source: ModelSource = { model, timing: 'step', states: states(model), assumptions: [] };
	await sameAnswers(source, 'image', 'scores', 72);
	const { nir, notes } = nirOfNetwork(await network(source));
	expect([...nir.graph.nodes.values()].map(({ type }) => type)).toEqual([
		'Input',
		'Conv2d',
		'LIF',
		'AvgPool2d',
		'AvgPool2d',
		'Flatten',
		'Linear',
		'Output',
	]);
	expect(notes.join(' ')).toContain('The normalisation "norm" is folded into the weights of "conv".');
});

test('two layers that drive each other keep the timestep between them in a Delay', async () => {
	const graph = modelBuilder();
	graph.input('x', ['batch', 3]);
	for (const state of ['a.u', 'b.u', 'b.before']) graph.input(state, ['batch', 3]);
	for (const [at, name] of ['in', 'ab', 'ba'].entries()) graph.constant(`${name}.weight`, weights([3, 3], 3 + at));
	const lif = (name: string, current: string) => {
		const u = charged(graph, current, `${name}.u`);
		const spikes = fires(graph, u);
		graph.add('Sub', [u, graph.add('Mul', [spikes, graph.scalar(0.5)])], {}, { output: `${name}.next` });
		return spikes;
	};
	const back = graph.add('MatMul', ['b.before', 'ba.weight'], {}, { name: 'ba' });
	const a = lif('a', graph.add('Add', [graph.add('MatMul', ['x', 'in.weight'], {}, { name: 'in' }), back]));
	const b = lif('b', graph.add('MatMul', [a, 'ab.weight'], {}, { name: 'ab' }));
	graph.add('Identity', [b], {}, { output: 'answer' });
	graph.add('Identity', [b], {}, { output: 'b.after' });
	for (const name of ['answer', 'a.next', 'b.next', 'b.after']) graph.output(name, ['batch', 3]);
	const model = graph.build({ metadata: { 'snn.states': 'a.u=a.next;b.u=b.next;b.before=b.after' } });
	const source: ModelSource = { model, timing: 'step', states: states(model), assumptions: [] };
	const answers = await sameAnswers(source, 'x', 'answer', 3);
	expect(answers).toContain(1);
	const { nir } = nirOfNetwork(await network(source));
	expect([...nir.graph.nodes.values()].filter(({ type }) => type === 'Delay')).toHaveLength(1);
});

test('a graph over several timesteps, and an input of unknown size, are refused', async () => {
	const source = stepModel(forms['no leak'] as Parameters<typeof stepModel>[0]);
	const found = await network(source);
	expect(() => nirOfNetwork({ ...found, mode: 'unrolled', timesteps: 4 })).toThrow(
		'the model is a graph over 4 timesteps, and NIR describes one',
	);
	expect(() => nirOfNetwork({ ...found, input: { ...found.input, dims: ['batch', null] } })).toThrow(
		'the sizes of input "x" are not in the file',
	);
	const [state] = found.states;
	expect(() => nirOfNetwork({ ...found, states: [{ input: 'u', output: state?.output ?? '', initial: 0.5 }] })).toThrow(
		'the state "u" does not start at 0',
	);
});
