import { readdirSync, readFileSync } from 'node:fs';
import { chipParameters } from '../../src/hardware/chip/chip-profile.ts';
import type { ExplicitNetwork, MappingEntry } from '../../src/hardware/chip/network.ts';
import { readNetworkFile } from '../../src/hardware/chip/network-file.ts';
import { placeNetwork } from '../../src/hardware/chip/placed-network.ts';
import { type ChipRun, runChip, type Timing } from '../../src/hardware/chip/run.ts';
import { loadProfile } from '../../src/hardware/profile/load.ts';
import { fixtureLoihi } from '../hardware/chip/loihi-parameters.ts';

const chip = chipParameters(loadProfile('loihi-sanafe'));
const folder = new URL('../fixtures/sana-fe/', import.meta.url);

interface Reference {
	readonly net: string;
	readonly mapping: string;
	readonly models: Record<string, { readonly latency_s: readonly number[] }>;
	readonly per_timestep: Record<string, readonly number[]>;
}

const cases: { readonly title: string; readonly network: string; readonly reference: Reference }[] = [];
for (const file of readdirSync(new URL('micro/', folder)).filter((name) => name.endsWith('.result.json'))) {
	const reference = JSON.parse(readFileSync(new URL(`micro/${file}`, folder), 'utf8')) as Reference;
	cases.push({ title: reference.net, network: `micro/${file.replace('.result.', '.net.')}`, reference });
}
for (const mapping of ['1core', '4core_4tile']) {
	const reference = JSON.parse(readFileSync(new URL(`fc_64_32_10__${mapping}.json`, folder), 'utf8')) as Reference;
	cases.push({ title: `fc_64_32_10 on ${mapping}`, network: 'fc_64_32_10.json', reference });
}

function run(network: string, mapping: string, timing: Timing): ChipRun {
	const file = new URL(network, folder).pathname;
	const loaded: ExplicitNetwork = readNetworkFile(file);
	const entries = loaded.mappings.get(mapping) as readonly MappingEntry[];
	return runChip(placeNetwork(loaded, mapping, entries, chip, file), chip, timing);
}

function largestRelativeError(ours: readonly number[], theirs: readonly number[]): number {
	return Math.max(...ours.map((value, i) => Math.abs(value - (theirs[i] ?? Number.NaN)) / Math.max(theirs[i] ?? 0, 1e-30)));
}

describe.each(cases)('SANA-FE $title', ({ network, reference }) => {
	const simple = run(network, reference.mapping, 'simple');
	const detailed = run(network, reference.mapping, 'detailed');
	const column = (pick: (step: ChipRun['perTimestep'][number]) => number): number[] => simple.perTimestep.map(pick);

	test('counts what SANA-FE counts at every timestep', () => {
		const { fired, updated, packets, hops, spikes } = reference.per_timestep;
		expect(column((step) => step.fired)).toEqual(fired);
		expect(column((step) => step.updated)).toEqual(updated);
		expect(column((step) => step.packets)).toEqual(packets);
		expect(column((step) => step.hops)).toEqual(hops);
		expect(column((step) => step.synapticEvents)).toEqual(spikes);
	});

	test('spends the energy SANA-FE spends, in every group, to one part in a million', () => {
		const { total_energy, synapse_energy, soma_energy, network_energy } = reference.per_timestep as Record<string, number[]>;
		expect(
			largestRelativeError(
				column((step) => step.energyJoules),
				total_energy as number[],
			),
		).toBeLessThan(1e-6);
		expect(
			largestRelativeError(
				column((step) => step.energyGroupsJoules.synapse),
				synapse_energy as number[],
			),
		).toBeLessThan(1e-6);
		expect(
			largestRelativeError(
				column((step) => step.energyGroupsJoules.soma),
				soma_energy as number[],
			),
		).toBeLessThan(1e-6);
		expect(
			largestRelativeError(
				column((step) => step.energyGroupsJoules.network),
				network_energy as number[],
			),
		).toBeLessThan(1e-6);
	});

	test('takes as long under simple timing, to one part in a million', () => {
		expect(
			largestRelativeError(
				column((step) => step.latencySeconds),
				reference.models.simple?.latency_s ?? [],
			),
		).toBeLessThan(1e-6);
	});

	test('takes as long under detailed timing, to one part in a million', () => {
		const ours = detailed.perTimestep.map((step) => step.latencySeconds);
		expect(largestRelativeError(ours, reference.models.detailed?.latency_s ?? [])).toBeLessThan(1e-6);
	});
});

test.each([
	['2core_1tile', 1698, 0, 1.761607, 163.085, 176.066],
	['4core_1tile', 2421, 0, 1.84186, 126.129, 130.353],
])(
	'SANA-FE fc_64_32_10 on %s: packets, hops, µJ and µs of the whole run as printed',
	(mapping, packets, hops, microjoules, simpleMicroseconds, detailedMicroseconds) => {
		const simple = run('fc_64_32_10.json', mapping, 'simple').totals;
		const detailed = run('fc_64_32_10.json', mapping, 'detailed').totals;
		expect([simple.fired, simple.updated, simple.synapticEvents]).toEqual([2181, 4871, 32886]);
		expect([simple.packets, simple.hops]).toEqual([packets, hops]);
		expect(simple.energyJoules * 1e6).toBeCloseTo(microjoules, 6);
		expect(simple.latencySeconds * 1e6).toBeCloseTo(simpleMicroseconds, 3);
		expect(detailed.latencySeconds * 1e6).toBeCloseTo(detailedMicroseconds, 3);
		expect(detailed.energyJoules).toBe(simple.energyJoules);
	},
);

test('the profile loihi-sanafe holds the constants of the fixture', () => {
	const rounded = (value: unknown): unknown =>
		JSON.parse(JSON.stringify(value, (_key, entry) => (typeof entry === 'number' ? Number(entry.toPrecision(12)) : entry)));
	const { name: _ours, limits: _limits, ...ours } = chip;
	const { name: _theirs, limits: _none, ...theirs } = fixtureLoihi();
	expect(rounded(ours)).toEqual(rounded(theirs));
	expect(chip.limits).toEqual({ neurons: 1024, synapticBytes: 131072, fanIn: null, axonsIn: 4096, axonsOut: 4096 });
});
