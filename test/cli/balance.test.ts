import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeNir, type NirNode } from '../../src/formats/nir/index.ts';
import { encodeModel } from '../../src/formats/onnx/index.ts';
import { float32Tensor } from '../../src/model/tensors.ts';
import { commandLine } from '../support/command-line.ts';
import { fixturePath } from '../support/fixture.ts';
import { modelBuilder, weights } from '../support/model-builder.ts';
import { array, input, nirFile, output } from '../support/nir-graph.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-energy-balance-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A step model whose neurons have the threshold; above 100 they never fire. */
function stepModel(name: string, threshold: number): string {
	const graph = modelBuilder();
	graph.input('x', ['batch', 4]);
	graph.input('v', ['batch', 6]);
	graph.constant('fc1.weight', weights([4, 6], 3));
	graph.constant('fc2.weight', weights([6, 3], 5));
	graph.scope('lif');
	const membrane = graph.add('Add', [graph.add('Mul', ['v', graph.scalar(0.5)]), graph.add('MatMul', ['x', 'fc1.weight'])]);
	const spikes = graph.add('Cast', [graph.add('Greater', [membrane, graph.scalar(threshold)])], { to: 1 });
	graph.add('Sub', [membrane, spikes], {}, { output: 'v_next' });
	graph.add('MatMul', [spikes, 'fc2.weight'], {}, { output: 'scores' });
	graph.output('scores', ['batch', 3]);
	graph.output('v_next', ['batch', 6]);
	const path = join(folder, name);
	writeFileSync(path, encodeModel(graph.build()));
	return path;
}

/** A multiplication of numbers that no row of the operator table takes apart stands between the layers. */
function obscureModel(): string {
	const graph = modelBuilder();
	graph.input('x', ['batch', 4]);
	graph.constant('fc1.weight', weights([4, 4], 3));
	graph.constant('fc2.weight', weights([4, 3], 5));
	const z = graph.add('MatMul', ['x', 'fc1.weight']);
	const odd = graph.add('Einsum', [z, 'x'], { equation: 'bi,bi->bi' }, { name: '/odd/Einsum' });
	graph.output(graph.add('MatMul', [odd, 'fc2.weight']), ['batch', 3]);
	graph.constant('unused', float32Tensor([1]));
	const path = join(folder, 'obscure.onnx');
	writeFileSync(path, encodeModel(graph.build()));
	return path;
}

const dead = stepModel('dead.onnx', 1e9);
const alive = stepModel('alive.onnx', 0.2);
const run = (model: string, ...more: readonly string[]) =>
	commandLine('analyze', model, '--data', 'random:3', '--samples', '6', '--timesteps', '3', '--quiet', ...more);

test('the table of a dead network says so, and that data are random, before any number, and gives no ratio', async () => {
	const { out } = await run(dead);
	const lines = out.split('\n');
	expect(lines[2]).toMatch(/^! The network is dead: "lif" never fires/);
	expect(lines.findIndex((line) => /^! The input is random/.test(line))).toBeLessThan(
		lines.findIndex((line) => line.startsWith('Energy')),
	);
	expect(out).not.toMatch(/less energy|more energy|Ratio formed/);
});

test('the same network with a threshold its neurons reach is compared as usual', async () => {
	const { out } = await run(alive, '--assume-rate');
	expect(out).not.toMatch(/dead|not understood/);
	expect(out).toMatch(/the spiking network needs/);
	expect(out.replace(/\s+/g, ' ')).toMatch(
		/6 samples of random input with seed 3 \(its firing rates taken for those of real data\)/,
	);
});

test('random input is named in the first line, and gives no ratio to a DNN unless its rates are taken for real ones', async () => {
	const { out } = await run(alive);
	expect(out.split('\n')[0]).toMatch(/alive\.onnx on random input, no real data$/);
	expect(out).not.toMatch(/less energy|more energy|Ratio formed|DNN baseline/);
	expect(out.replace(/\s+/g, ' ')).toMatch(/! The input is random .* No ratio to a DNN is given; --assume-rate takes/);
	for (const format of ['csv', 'html']) {
		const page = (await run(alive, '--format', format)).out;
		expect(page).toMatch(/The input is random/);
		expect(page).not.toMatch(/less energy|more energy/);
	}
	expect(JSON.parse((await run(alive, '--format', 'json')).out).comparison).toBeNull();
	// Without a seed it is 0, and the result says so.
	const resultOf = async (data: string): Promise<unknown> =>
		JSON.parse((await commandLine('analyze', alive, '--data', data, '--timesteps', '3', '--quiet', '--format', 'json')).out);
	expect(await resultOf('random')).toEqual(await resultOf('random:0'));
});

test('every other format says it as well, and none gives a ratio', async () => {
	const says = /The network is dead: ("|&quot;|\\?“|``|\W)+lif/;
	const json = JSON.parse((await run(dead, '--format', 'json')).out);
	expect(json.balance.headlines[0]).toMatch(says);
	expect(json.comparison).toBeNull();
	const [header = '', ...rows] = (await run(dead, '--format', 'csv')).out.trim().split('\n');
	expect(header.split(',').at(-1)).toBe('caution');
	for (const row of rows) expect(row).toMatch(/The network is dead/);
	for (const format of ['markdown', 'latex', 'html']) {
		const { out } = await run(dead, '--format', format);
		expect(out).toMatch(/The network is dead/);
		expect(out).not.toMatch(/less energy|more energy/);
	}
});

test('what is not understood is counted in the headline and listed among the warnings', async () => {
	const { out } = await commandLine('analyze', obscureModel(), '--data', 'random:3', '--samples', '4', '--quiet');
	expect(out).toMatch(/^! 1 of 3 layers is not understood: "\/odd\/Einsum"\./m);
	expect(out.replace(/\s+/g, ' ')).toMatch(/Einsum "\/odd\/Einsum" has weights or products inside/);
});

test('break-even refuses a run that cannot be compared, and says why', async () => {
	const saved = join(folder, 'dead.json');
	await run(dead, '--save-activity', saved);
	const { error } = await commandLine('explain', saved, '--by', 'break-even', '--profile', '45nm');
	expect(String(error)).toMatch(/this run cannot be compared with a DNN\. The network is dead/);
});

test('a comparison gives a dead network no ratio and does not call it the cheapest', async () => {
	const files = [dead, alive].map((model) => `${model}.json`);
	await run(dead, '--format', 'json', '--out', files[0] as string);
	await run(alive, '--assume-rate', '--format', 'json', '--out', files[1] as string);
	const { rows, cautions } = JSON.parse((await commandLine('compare', ...files, '--format', 'json')).out);
	expect(rows.map(({ ratioToBaseline }: { ratioToBaseline: number | null }) => ratioToBaseline)).toContain(null);
	expect(cautions.join('\n')).toMatch(/^dead T=3: The network is dead/m);
	const page = (await commandLine('compare', ...files, '--format', 'html')).out;
	expect(page).not.toMatch(/dead is the cheapest/);
});

test('a NIR file that --dt kills is called dead, and the timestep that revives it is named and varied by --ambiguity', async () => {
	const path = join(folder, 'timesteps.nir');
	const neurons = (count: number): NirNode => ({
		type: 'LIF',
		tau: array(Array.from({ length: count }, () => 1.5)),
		r: array(Array.from({ length: count }, () => 1)),
		vLeak: array(Array.from({ length: count }, () => 0)),
		vThreshold: array(Array.from({ length: count }, () => 0.2)),
		vReset: array(Array.from({ length: count }, () => 0)),
	});
	const matrix = (outputs: number, inputs: number): NirNode => ({
		type: 'Linear',
		weight: array(
			Array.from({ length: outputs * inputs }, (_, at) => (at % 3) + 0.5),
			[outputs, inputs],
		),
	});
	const nodes = { input: input(4), fc1: matrix(5, 4), lif1: neurons(5), fc2: matrix(3, 5), lif2: neurons(3), output: output(3) };
	writeFileSync(path, encodeNir(nirFile(nodes)));
	const line = ['analyze', path, '--data', 'random:3', '--samples', '4', '--timesteps', '5', '--quiet'];
	const killed = JSON.parse((await commandLine(...line, '--dt', '1e-4', '--format', 'json')).out);
	expect(killed.comparison).toBeNull();
	expect(killed.balance.headlines[0]).toMatch(/^The network is dead/);
	expect(killed.balance.headlines).toContainEqual(expect.stringMatching(/^With --dt 1 every layer fires/));
	const revived = JSON.parse((await commandLine(...line, '--dt', '1', '--format', 'json')).out);
	expect(revived.balance.headlines.filter((headline: string) => /dead|--dt/.test(headline))).toEqual([]);
	expect(revived.totals.spikes).toBeGreaterThan(0);
	const { readings } = JSON.parse((await commandLine(...line, '--dt', '1e-4', '--ambiguity', '--format', 'json')).out);
	const other = readings.find(({ reading }: { reading: string }) => reading === '--dt 1');
	expect(other.totals.spikes).toBe(revived.totals.spikes);
});

test('inspect --balance prints what every part of the graph was booked as', async () => {
	const { out } = await commandLine(
		'inspect',
		fixturePath('a-snntorch-conv-step', 'model.onnx'),
		'--balance',
		'--format',
		'json',
	);
	const { bookings, balance, states } = JSON.parse(out);
	expect(balance.findings).toEqual([]);
	expect(bookings.filter(({ kind }: { kind: string }) => kind === 'state')).toHaveLength(states.length);
	expect(bookings.every(({ account }: { account: string | null }) => account !== null)).toBe(true);
	const table = (await commandLine('inspect', dead, '--balance')).out;
	expect(table).toMatch(/^Balance$/m);
	expect(table).toMatch(/decision +lif +1 +neuron layer "lif"/);
});
