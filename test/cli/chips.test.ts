import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { renderJson } from '../../src/reporting/index.ts';
import { snntorchActivity } from '../support/activity-fixtures.ts';
import { commandLine } from '../support/command-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-energy-chips-'));
const saved = join(folder, 'run.json');
writeFileSync(saved, renderJson(snntorchActivity()));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const network = 'test/fixtures/sana-fe/fc_64_32_10.json';

describe('chip on an explicit network', () => {
	test('prints totals and every timestep as JSON', async () => {
		const { out, error } = await commandLine(
			'chip',
			network,
			'--mapping',
			'4core_4tile',
			'--profile',
			'loihi-sanafe',
			'--format',
			'json',
		);
		expect(error).toBeNull();
		const result = JSON.parse(out) as { totals: Record<string, number>; perTimestep: Record<string, number>[] };
		expect(result.perTimestep).toHaveLength(100);
		expect(result.totals).toMatchObject({ fired: 2181, updated: 4871, packets: 2421, hops: 4371, synapticEvents: 32886 });
		for (const record of [result.totals, ...result.perTimestep]) {
			for (const name of ['fired', 'updated', 'packets', 'hops', 'synapticEvents', 'energyJoules', 'latencySeconds']) {
				expect(typeof record[name]).toBe('number');
			}
			expect(Object.keys(record.energyGroupsJoules as unknown as object)).toEqual(['synapse', 'soma', 'network', 'static']);
		}
	});

	test('takes longer under detailed timing', async () => {
		const seconds = async (timing: string) => {
			const { out } = await commandLine('chip', network, '--mapping', '4core_1tile', '--timing', timing, '--format', 'json');
			return (JSON.parse(out) as { totals: { latencySeconds: number } }).totals.latencySeconds;
		};
		expect(await seconds('detailed')).toBeGreaterThan(await seconds('simple'));
	});

	test('writes a line per timestep as CSV', async () => {
		const { out } = await commandLine('chip', network, '--mapping', '1core', '--format', 'csv');
		expect(out.trimEnd().split('\n')).toHaveLength(101);
		expect(out.split('\n')[0]).toBe('timestep,fired,updated,packets,hops,synaptic_events,energy_J,latency_s,bottleneck');
	});

	test('asks for a mapping when there are several', async () => {
		expect((await commandLine('chip', network)).error?.message).toContain(
			'the file has several mappings ("1core", "2core_1tile"',
		);
	});

	test('says on stderr what does not fit, and refuses it when strict', async () => {
		const crowded = join(folder, 'crowded.json');
		const mapping = [['a', 0, 1024, '0.0']];
		writeFileSync(
			crowded,
			JSON.stringify({
				timesteps: 1,
				groups: [{ name: 'a', size: 1025, kind: 'lif', threshold: 1 }],
				edges: [],
				mappings: { m: mapping },
			}),
		);
		const loose = await commandLine('chip', crowded, '--format', 'json');
		expect(loose.error).toBeNull();
		expect(loose.errors).toContain('does not fit: core 0.0 needs 1025 neurons, a core of loihi-sanafe has room for 1024');
		expect((await commandLine('chip', crowded, '--strict')).error?.message).toContain(
			'does not fit: core 0.0 needs 1025 neurons',
		);
	});
});

describe('chip on a model or a saved run', () => {
	test('places a saved run and says what it took for granted', async () => {
		const { out, error } = await commandLine('chip', saved);
		expect(error).toBeNull();
		expect(out).toContain('on loihi-sanafe: fits');
		expect(out).toContain('spikes spread evenly');
		expect(out).toContain('8 barrier steps');
	});

	test('shows the placement but refuses the estimate at a wall, unless forced', async () => {
		const refused = await commandLine('chip', saved, '--profile', 'truenorth');
		expect(refused.out).toContain('does not fit: a neuron of "lif2" needs 300 (fan-in), truenorth allows 256');
		expect(refused.out).not.toContain('Energy per inference');
		expect(refused.error?.message).toContain('--force prices the network as if the limit were lifted');
		const forced = await commandLine('chip', saved, '--profile', 'truenorth', '--force');
		expect(forced.error).toBeNull();
		expect(forced.out).toContain('does not fit (priced all the same)');
		expect(forced.out).toContain('Energy per inference');
	});

	test('follows the spikes of a model', async () => {
		const fixture = 'test/fixtures/c-snntorch-fc-bernoulli';
		const { out, error } = await commandLine(
			'chip',
			`${fixture}/model.onnx`,
			'--data',
			`${fixture}/inputs.npy`,
			'--quiet',
			'--format',
			'json',
		);
		expect(error).toBeNull();
		expect(JSON.parse(out)).toMatchObject({
			schema: 'snn-energy/fit@1',
			fits: true,
			cost: { positions: 'exact', barrierSteps: 9 },
		});
	});

	test('names a profile without a chip', async () => {
		expect((await commandLine('chip', saved, '--profile', '45nm')).error?.message).toContain('describes no many-core chip');
	});
});

describe('validate', () => {
	test('also runs the cases of a folder and exits with 3 when one leaves its tolerance', async () => {
		const cases = join(folder, 'cases');
		mkdirSync(cases);
		const odin = readFileSync('hardware-profiles/validation/odin-power.yaml', 'utf8').replace('name: odin-power', 'name: mine');
		writeFileSync(join(cases, 'mine.yaml'), odin.replace('477 uW', '600 uW'));
		const { out, error } = await commandLine('validate', '--cases', cases, '--format', 'csv');
		expect(error?.exitCode).toBe(3);
		const mine = out.split('\n').filter((line) => line.startsWith('mine,'));
		expect(mine.map((line) => line.split(',').at(-1))).toEqual(['out', 'in']);
	});

	test('refuses a folder that is not there', async () => {
		expect((await commandLine('validate', '--cases', join(folder, 'nowhere'))).error?.message).toContain('cannot be read');
	});
});
