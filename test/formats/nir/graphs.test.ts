import { type NirFile, type NirNode, nirToModel } from '../../../src/formats/nir/index.ts';
import { array, input, nirFile, output } from '../../support/nir-graph.ts';
import { runStepModel } from '../../support/run-step-model.ts';

const neuron: NirNode = { type: 'IF', r: array([1]), vThreshold: array([0.5]) };
const times = (factor: number): NirNode => ({ type: 'Scale', scale: array([factor]) });
const integrator: NirNode = { type: 'I', r: array([1]) };

async function run(file: NirFile, inputs: readonly number[]): Promise<number[]> {
	const results = await runStepModel(
		nirToModel(file, 'a.nir'),
		inputs.map((value) => ({ in: [value] })),
	);
	return results.map((outputs) => outputs.get('out')?.data[0] ?? Number.NaN);
}

test('edges may stand in any order, and several edges into a node add', async () => {
	const nodes = { out: output(1), sum: times(1), a: times(2), in: input(1), b: times(10) };
	const edges = [
		['sum', 'out'],
		['b', 'sum'],
		['in', 'b'],
		['a', 'sum'],
		['in', 'sum'],
		['in', 'a'],
	] as const;
	expect(await run(nirFile(nodes, edges), [1, 3])).toEqual([13, 39]);
});

test('a recurrent weight sees the spikes of the timestep before, its bias already at the first', async () => {
	const back: NirNode = { type: 'Affine', weight: array([2], [1, 1]), bias: array([0.25]) };
	const edges = [
		['in', 'n'],
		['n', 'back'],
		['back', 'n'],
		['n', 'out'],
	] as const;
	const inputs = [0.125, 0.125, 0.125, 0, 0, 0];
	let v = 0;
	let before = 0;
	const expected = inputs.map((x) => {
		v += x + 2 * before + 0.25;
		before = v > 0.5 ? 1 : 0;
		v = before === 1 ? 0 : v;
		return before;
	});
	expect(await run(nirFile({ in: input(1), n: neuron, back, out: output(1) }, edges), inputs)).toEqual(expected);
	expect(expected).toContain(1);
});

test('a neuron that feeds itself does so one timestep later', async () => {
	const edges = [
		['in', 'n'],
		['n', 'n'],
		['n', 'out'],
	] as const;
	expect(await run(nirFile({ in: input(1), n: neuron, out: output(1) }, edges), [1, 0, 0])).toEqual([1, 1, 1]);
});

test('feedback over two layers delays only the edge that closes the circle', async () => {
	const nodes = { in: input(1), a: neuron, up: times(1), b: neuron, down: times(1), out: output(1) };
	const edges = [
		['in', 'a'],
		['a', 'up'],
		['up', 'b'],
		['b', 'down'],
		['down', 'a'],
		['b', 'out'],
	] as const;
	const source = nirToModel(nirFile(nodes, edges), 'a.nir');
	expect(source.assumptions.filter((sentence) => sentence.includes('recurrent'))).toEqual([
		'The recurrent connection from "b" to "down" takes one timestep.',
	]);
	expect(await run(nirFile(nodes, edges), [1, 0, 0])).toEqual([1, 1, 1]);
});

test('a loop without neurons keeps the value of the timestep before', async () => {
	const edges = [
		['in', 'a'],
		['a', 'b'],
		['b', 'a'],
		['a', 'out'],
	] as const;
	expect(await run(nirFile({ in: input(1), a: times(1), b: times(0.5), out: output(1) }, edges), [8, 0, 0])).toEqual([8, 4, 2]);
});

test('a delay in a loop needs no further timestep', async () => {
	const delay: NirNode = { type: 'Delay', delay: array([2e-4]) };
	const edges = [
		['in', 'a'],
		['a', 'wait'],
		['wait', 'a'],
		['a', 'out'],
	] as const;
	const file = nirFile({ in: input(1), a: times(1), wait: delay, out: output(1) }, edges);
	expect(nirToModel(file, 'a.nir').assumptions.join()).not.toContain('recurrent');
	expect(await run(file, [1, 10, 0, 0, 0])).toEqual([1, 10, 1, 10, 1]);
});

test('subgraphs inside subgraphs are flattened, their nodes named by the path', async () => {
	const graph = (nodes: Record<string, NirNode>) => nirFile(nodes).graph;
	const inner = graph({ input: input(1), twice: times(2), output: output(1) });
	const middle = graph({ input: input(1), deep: inner, more: times(3), output: output(1) });
	const file = nirFile({ in: input(1), part: middle, out: output(1) });
	expect(await run(file, [1, 2])).toEqual([6, 12]);
	const names = nirToModel(file, 'a.nir').model.graph.nodes.map(({ name }) => name);
	expect(names).toContain('part.deep.twice/Mul');
});

test('layers come in the order of the data, weights inside a loop included', () => {
	const weight = array([1], [1, 1]);
	const nodes = {
		lif: neuron,
		back: { type: 'Linear', weight },
		fc: { type: 'Linear', weight },
		in: input(1),
		out: output(1),
	} as const;
	const edges = [
		['back', 'lif'],
		['lif', 'out'],
		['lif', 'back'],
		['fc', 'lif'],
		['in', 'fc'],
	] as const;
	const source = nirToModel(nirFile(nodes, edges), 'a.nir');
	expect(source.model.graph.nodes.filter(({ op }) => op === 'Gemm').map(({ name }) => name)).toEqual(['fc/Gemm', 'back/Gemm']);
});

test('several inputs and outputs become several inputs and outputs', () => {
	const nodes = { left: input(2), right: input(2), sum: times(1), one: output(2), two: output(2) };
	const source = nirToModel(
		nirFile(nodes, [
			['left', 'sum'],
			['right', 'sum'],
			['sum', 'one'],
			['left', 'two'],
		]),
		'a.nir',
	);
	expect(source.model.graph.inputs.map(({ name }) => name)).toEqual(['left', 'right']);
	expect(source.model.graph.outputs.map(({ name }) => name)).toEqual(['one', 'two']);
});

test('what leads to no output is left out and named', () => {
	const nodes = { in: input(1), a: times(1), lost: integrator, out: output(1) };
	const source = nirToModel(
		nirFile(nodes, [
			['in', 'a'],
			['a', 'out'],
			['a', 'lost'],
		]),
		'a.nir',
	);
	expect(source.assumptions).toContain('Nodes "lost" lead to no output and are left out.');
	expect(source.states).toEqual([]);
});

test('an edge that stands twice in the file counts once and is reported', async () => {
	const edges = [
		['in', 'a'],
		['in', 'a'],
		['a', 'out'],
	] as const;
	const file = nirFile({ in: input(1), a: times(2), out: output(1) }, edges);
	expect(await run(file, [1])).toEqual([2]);
	expect(nirToModel(file, 'a.nir').assumptions).toContain(
		'The edge from "in" to "a" stands in the file more than once and counts once.',
	);
});

test('a timestep that r seems to hold is pointed out, but not taken', () => {
	const node: NirNode = { type: 'LIF', tau: array([0.01]), r: array([10]), vLeak: array([0]), vThreshold: array([1]) };
	const file = nirFile({ in: input(1), node, out: output(1) });
	const suggestion = expect.stringContaining('tau/r is 0.001 s for all neurons');
	expect(nirToModel(file, 'a.nir').assumptions).toContainEqual(suggestion);
	expect(nirToModel(file, 'a.nir', { dt: 0.001 }).assumptions).not.toContainEqual(suggestion);
	expect(nirToModel(file, 'a.nir').assumptions[0]).toContain('0.0001 s is taken');
});

const lif = (change: object): NirFile =>
	nirFile({
		in: input(2),
		n: { type: 'LIF', tau: array([0.01]), r: array([1]), vLeak: array([0]), vThreshold: array([1]), ...change } as NirNode,
		out: output(2),
	});

test.each<[string, () => unknown, string]>([
	[
		'an edge to a node that is not there',
		() =>
			nirToModel(
				nirFile({ in: input(1), out: output(1) }, [
					['in', 'gone'],
					['gone', 'out'],
				]),
				'a.nir',
			),
		'a.nir: an edge names the node "gone", which does not exist; there are in, out.',
	],
	['no output', () => nirToModel(nirFile({ in: input(1), a: times(1) }), 'a.nir'), 'a.nir: the graph has no Output node.'],
	['no input', () => nirToModel(nirFile({ a: times(1), out: output(1) }), 'a.nir'), 'a.nir: the graph has no Input node.'],
	[
		'a node that receives nothing',
		() =>
			nirToModel(
				nirFile({ in: input(1), a: times(1), b: times(1), out: output(1) }, [
					['in', 'a'],
					['a', 'out'],
					['b', 'out'],
				]),
				'a.nir',
			),
		'a.nir: nothing leads into node "b".',
	],
	[
		'weights that do not fit',
		() => nirToModel(nirFile({ in: input(3), fc: { type: 'Linear', weight: array([1, 2], [1, 2]) }, out: output(1) }), 'a.nir'),
		'a.nir: node "fc" (Linear) takes 2 inputs but receives [3].',
	],
	[
		'inputs that cannot be added',
		() =>
			nirToModel(
				nirFile({ a: input(2), b: input(3), sum: times(1), out: output(2) }, [
					['a', 'sum'],
					['b', 'sum'],
					['sum', 'out'],
				]),
				'a.nir',
			),
		'a.nir: node "sum" receives [2] and [3], which cannot be added.',
	],
	[
		'parameters of another shape',
		() => nirToModel(lif({ r: array([1, 2, 3]) }), 'a.nir'),
		'a.nir: "r" of node "n" has shape [3], but the neurons have [2].',
	],
	[
		'a time constant of zero',
		() => nirToModel(lif({ tau: array([0]) }), 'a.nir'),
		'a.nir: "tau" of node "n" is 0; it must be positive.',
	],
	[
		'a timestep beyond stability',
		() => nirToModel(lif({}), 'a.nir', { dt: 0.1 }),
		'the timestep of 0.1 s is more than twice "tau" = 0.01 s of node "n", so forward Euler diverges.',
	],
	[
		'a timestep that is no number',
		() => nirToModel(lif({}), 'a.nir', { dt: Number.NaN }),
		'The timestep --dt is NaN; a positive number of seconds is expected.',
	],
	[
		'a delay of years',
		() => nirToModel(nirFile({ in: input(1), d: { type: 'Delay', delay: array([1e6]) }, out: output(1) }), 'a.nir'),
		'a.nir: node "d" delays by 10000000000 timesteps, more than the 1024 that are simulated.',
	],
	[
		'a delay into the future',
		() => nirToModel(nirFile({ in: input(1), d: { type: 'Delay', delay: array([-1]) }, out: output(1) }), 'a.nir'),
		'a.nir: "delay" of node "d" is -1; it must be positive.',
	],
	[
		'a convolution of another size',
		() =>
			nirToModel(
				nirFile({
					in: input(1, 4, 4),
					c: {
						type: 'Conv2d',
						inputShape: [5, 5],
						weight: array([1], [1, 1, 1, 1]),
						stride: [1],
						padding: [0],
						dilation: [1],
						groups: 1,
						bias: array([0]),
					},
					out: output(1, 5, 5),
				}),
				'a.nir',
			),
		'a.nir: node "c" (Conv2d) takes [1, 5, 5] but receives [1, 4, 4].',
	],
	[
		'a window larger than its input',
		() =>
			nirToModel(
				nirFile({
					in: input(1, 2, 2),
					p: { type: 'SumPool2d', kernelSize: [3], stride: [1], padding: [0] },
					out: output(1, 1, 1),
				}),
				'a.nir',
			),
		'a.nir: node "p" has the impossible shape [1, 0, 0].',
	],
	[
		'an input of two billion elements',
		() => nirToModel(nirFile({ in: input(2 ** 31), out: output(1) }), 'a.nir'),
		'a.nir: node "in" would have 2147483648 elements, which no model has.',
	],
	[
		'a subgraph with two inputs',
		() =>
			nirToModel(
				nirFile({
					in: input(1),
					part: nirFile({ a: input(1), b: input(1), c: output(1) }, [
						['a', 'c'],
						['b', 'c'],
					]).graph,
					out: output(1),
				}),
				'a.nir',
			),
		'the subgraph "part" has 2 inputs and 1 outputs',
	],
])('%s is refused', (_what, act, message) => {
	expect(act).toThrow(message);
});
