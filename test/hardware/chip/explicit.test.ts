import fc from 'fast-check';
import { UserError } from '../../../src/errors.ts';
import { simulateChip } from '../../../src/hardware/chip/explicit.ts';
import type { ExplicitNetwork, LifGroup } from '../../../src/hardware/chip/network.ts';
import type { ChipParameters } from '../../../src/hardware/chip/parameters.ts';
import type { ChipRun, Timing } from '../../../src/hardware/chip/run.ts';
import { fixtureLoihi } from './loihi-parameters.ts';

const loihi = fixtureLoihi();

function lif(size: number, change: Partial<LifGroup> = {}): LifGroup {
	return {
		kind: 'lif',
		name: 'a',
		size,
		threshold: 1,
		reverseThreshold: 0,
		leakDecay: 1,
		inputDecay: 0,
		resetMode: 'hard',
		reset: 0,
		reverseResetMode: 'none',
		reverseReset: 0,
		refractoryDelay: 0,
		forceUpdate: false,
		synapseUnit: null,
		bias: new Float64Array(size),
		...change,
	};
}

/** An input neuron firing at the given timesteps, joined to one LIF neuron on the same core. */
function oneSynapse(spikeTimes: number[], weight: number, timesteps: number, change: Partial<LifGroup> = {}): ExplicitNetwork {
	return {
		name: 'one synapse',
		timesteps,
		groups: [{ kind: 'input', name: 'i', size: 1, spikeTimes: [spikeTimes] }, lif(1, change)],
		projections: [
			{ pre: 'i', post: 'a', preIndex: Uint32Array.of(0), postIndex: Uint32Array.of(0), weight: Float64Array.of(weight) },
		],
		mappings: new Map([['m', [entry('i', 0, 0, 0, 0), entry('a', 0, 0, 0, 0)]]]),
	};
}

function entry(group: string, first: number, last: number, tile: number, core: number) {
	return { group, first, last, tile, core };
}

function simulate(network: ExplicitNetwork, timing: Timing = 'simple', chip: ChipParameters = loihi, strict = false) {
	return simulateChip(network, null, chip, { timing, strict, file: 'net.json' });
}

const fired = (run: ChipRun): number[] => run.perTimestep.map((step) => step.fired);
const updated = (run: ChipRun): number[] => run.perTimestep.map((step) => step.updated);

describe('the neuron', () => {
	test('acts on a spike one timestep later, and not at the threshold but above it', () => {
		expect(fired(simulate(oneSynapse([1], 1.5, 3)))).toEqual([1, 1, 0]);
		expect(fired(simulate(oneSynapse([1], 1, 3)))).toEqual([1, 0, 0]);
	});

	test('keeps the rest of its potential under a soft reset', () => {
		// 2.5: fires and keeps 1.5, fires and keeps 0.5.
		expect(fired(simulate(oneSynapse([1], 2.5, 5, { resetMode: 'soft' })))).toEqual([1, 1, 1, 0, 0]);
	});

	test('ignores input while refractory, counting from the spike', () => {
		const spikes = [1, 2, 3, 4, 5];
		const lifSpikes = (refractoryDelay: number) =>
			fired(simulate(oneSynapse(spikes, 2, 6, { refractoryDelay }))).map((count, i) => count - (i < 5 ? 1 : 0));
		expect(lifSpikes(0)).toEqual([0, 1, 1, 1, 1, 1]);
		expect(lifSpikes(1)).toEqual([0, 1, 1, 1, 1, 1]);
		expect(lifSpikes(2)).toEqual([0, 1, 0, 1, 0, 1]);
		expect(lifSpikes(3)).toEqual([0, 1, 0, 0, 1, 0]);
	});

	test('is updated by input that sums to zero, and idle when nothing reaches it', () => {
		expect(updated(simulate(oneSynapse([1], 0, 3)))).toEqual([1, 1, 0]);
		expect(updated(simulate(oneSynapse([1], -0, 3)))).toEqual([1, 1, 0]);
	});

	test('is updated at every timestep with a bias or when forced', () => {
		expect(updated(simulate(oneSynapse([], 1, 3, { bias: Float64Array.of(0.25) })))).toEqual([1, 1, 1]);
		expect(updated(simulate(oneSynapse([], 1, 3, { forceUpdate: true })))).toEqual([1, 1, 1]);
	});

	test('leaks towards zero in steps of 1/64', () => {
		// 0.9 → 0.45 → trunc(28.8)/64 … → 0 after the potential is below 1/64: then it is idle again.
		const run = simulate(oneSynapse([1], 0.9, 10, { leakDecay: 0.5 }));
		expect(updated(run)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 0, 0]);
	});

	test('sums a decaying current', () => {
		// u: 1, 0.5, 0.25 …; v: 1, 1.5 > 1.2 → fires at timestep 3.
		expect(fired(simulate(oneSynapse([1], 1, 4, { inputDecay: 0.5, threshold: 1.2 })))).toEqual([1, 0, 1, 0]);
	});

	test('below the reverse threshold is lifted back when it saturates', () => {
		const change = { reverseResetMode: 'saturate' as const };
		// −5 is lifted to 0, so the next spike of +2 fires; without it, it does not.
		const network = (extra: Partial<LifGroup>): ExplicitNetwork => ({
			...oneSynapse([1], -5, 4, extra),
			groups: [{ kind: 'input', name: 'i', size: 2, spikeTimes: [[1], [2]] }, lif(1, extra)],
			projections: [
				{ pre: 'i', post: 'a', preIndex: Uint32Array.of(0, 1), postIndex: Uint32Array.of(0, 0), weight: Float64Array.of(-5, 2) },
			],
			mappings: new Map([['m', [entry('i', 0, 1, 0, 0), entry('a', 0, 0, 0, 0)]]]),
		});
		expect(fired(simulate(network(change)))).toEqual([1, 1, 1, 0]);
		expect(fired(simulate(network({})))).toEqual([1, 1, 0, 0]);
	});

	test('with a negative threshold fires at rest', () => {
		expect(fired(simulate(oneSynapse([], 1, 2, { threshold: -1 })))).toEqual([1, 1]);
	});
});

describe('the chip', () => {
	test('charges static power for the time the run takes', () => {
		const chip = { ...loihi, staticWatts: 0.5, staticWattsPerCore: 0.25 };
		const run = simulate(oneSynapse([1], 1, 2), 'simple', chip);
		expect(run.totals.energyGroupsJoules.static).toBeCloseTo(0.75 * run.totals.latencySeconds, 18);
	});

	test('never steps faster than its tick', () => {
		const run = simulate(oneSynapse([1], 1, 2), 'simple', { ...loihi, tickSeconds: 1e-3 });
		expect(run.totals.latencySeconds).toBe(2e-3);
		expect(run.perTimestep[0]?.bottleneck.resource).toBe('barrier');
	});

	test('says what does not fit, and refuses it when strict', () => {
		const chip = { ...loihi, limits: { ...loihi.limits, neurons: 1, fanIn: 0 } };
		expect(simulate(oneSynapse([1], 1, 1), 'simple', chip).doesNotFit).toEqual([
			'does not fit: core 0.0 needs 2 neurons, a core of loihi (fixture) has room for 1',
			'does not fit: a neuron has 1 synapses, loihi (fixture) allows 0 and no number of cores lifts that',
		]);
		expect(() => simulate(oneSynapse([1], 1, 1), 'simple', chip, true)).toThrow(UserError);
		expect(simulate(oneSynapse([1], 1, 1)).doesNotFit).toEqual([]);
	});

	test('names a tile outside its mesh', () => {
		const network = { ...oneSynapse([1], 1, 1), mappings: new Map([['m', [entry('i', 0, 0, 0, 0), entry('a', 0, 0, 40, 0)]]]) };
		expect(simulate(network).doesNotFit[0]).toContain('uses tile 40');
		expect(simulate(network).totals.hops).toBe(10);
	});

	test.each([
		['a neuron on no core', [entry('i', 0, 0, 0, 0)], 'puts neuron 0 of group "a" on no core'],
		['a neuron on two cores', [entry('i', 0, 0, 0, 0), entry('i', 0, 0, 0, 1), entry('a', 0, 0, 0, 0)], 'on two cores'],
		['a core the tile does not have', [entry('i', 0, 0, 0, 4), entry('a', 0, 0, 0, 0)], 'names core 0.4'],
	])('refuses %s', (_what, entries, sentence) => {
		expect(() => simulate({ ...oneSynapse([1], 1, 1), mappings: new Map([['m', entries]]) })).toThrow(sentence);
	});

	test('refuses a synapse unit the profile does not price', () => {
		expect(() => simulate(oneSynapse([1], 1, 1, { synapseUnit: 'magic' }))).toThrow(
			'the synapse unit "magic", which loihi (fixture) does not price',
		);
	});
});

/** Random recurrent networks on up to six cores of four tiles. */
const networks = fc
	.record({
		inputs: fc.integer({ min: 1, max: 6 }),
		size: fc.integer({ min: 1, max: 12 }),
		timesteps: fc.integer({ min: 1, max: 12 }),
		spikes: fc.array(fc.tuple(fc.nat(5), fc.integer({ min: 1, max: 12 })), { maxLength: 40 }),
		edges: fc.array(fc.tuple(fc.boolean(), fc.nat(11), fc.nat(11), fc.integer({ min: -3, max: 5 })), { maxLength: 60 }),
		cores: fc.array(fc.nat(5), { minLength: 18, maxLength: 18 }),
		leakDecay: fc.constantFrom(1, 0.875, 0.5),
		threshold: fc.integer({ min: 1, max: 6 }),
		resetMode: fc.constantFrom('hard' as const, 'soft' as const),
	})
	.map(({ inputs, size, timesteps, spikes, edges, cores, leakDecay, threshold, resetMode }): ExplicitNetwork => {
		const spikeTimes = Array.from({ length: inputs }, (_, i) => spikes.filter(([n]) => n % inputs === i).map(([, t]) => t));
		const projection = (fromInput: boolean) => {
			const chosen = edges.filter(([kind]) => kind === fromInput);
			return {
				pre: fromInput ? 'i' : 'a',
				post: 'a',
				preIndex: Uint32Array.from(chosen.map(([, pre]) => pre % (fromInput ? inputs : size))),
				postIndex: Uint32Array.from(chosen.map(([, , post]) => post % size)),
				weight: Float64Array.from(chosen.map(([, , , weight]) => weight)),
			};
		};
		const place = (group: string, n: number, core: number) => entry(group, n, n, [0, 1, 4, 13][core % 4] ?? 0, core % 2);
		return {
			name: 'random',
			timesteps,
			groups: [{ kind: 'input', name: 'i', size: inputs, spikeTimes }, lif(size, { leakDecay, threshold, resetMode })],
			projections: [projection(true), projection(false)],
			mappings: new Map([
				[
					'm',
					[
						...Array.from({ length: inputs }, (_, n) => place('i', n, cores[n] ?? 0)),
						...Array.from({ length: size }, (_, n) => place('a', n, cores[n + 6] ?? 0)),
					],
				],
			]),
		};
	});

const property = (check: (network: ExplicitNetwork) => void) =>
	fc.assert(fc.property(networks, check), { seed: 4, numRuns: 200 });

test('packets, hops and synaptic events are what a plain count over the edges gives', () => {
	property((network) => {
		const run = simulate(network);
		const reference = plainRun(network);
		expect(
			run.perTimestep.map(({ fired, updated, packets, hops, synapticEvents }) => [fired, updated, packets, hops, synapticEvents]),
		).toEqual(reference);
	});
});

test('where neurons lie changes packets, hops and time, never spikes, updates or synaptic events', () => {
	property((network) => {
		const together: ExplicitNetwork = {
			...network,
			mappings: new Map([['m', network.groups.map((group) => entry(group.name, 0, group.size - 1, 0, 0))]]),
		};
		const spread = simulate(network);
		const packed = simulate(together);
		const functional = (run: ChipRun) => run.perTimestep.map((step) => [step.fired, step.updated, step.synapticEvents]);
		expect(functional(packed)).toEqual(functional(spread));
		expect(packed.totals.packets).toBeLessThanOrEqual(spread.totals.packets);
		expect(packed.totals.hops).toBe(0);
	});
});

test('detailed timing never lets a timestep end before its busiest core is done', () => {
	property((network) => {
		const simple = simulate(network, 'simple');
		const detailed = simulate(network, 'detailed');
		expect(detailed.totals.energyJoules).toBe(simple.totals.energyJoules);
		detailed.perTimestep.forEach((step, i) => {
			expect(step.latencySeconds).toBeGreaterThanOrEqual((simple.perTimestep[i]?.latencySeconds ?? 0) * (1 - 1e-12));
		});
	});
});

test('energy is the sum of its terms, additive over timesteps, and scales with the constants', () => {
	const twice = ({ energyJoules, latencySeconds }: { energyJoules: number; latencySeconds: number }) => ({
		energyJoules: 2 * energyJoules,
		latencySeconds,
	});
	const dearer: ChipParameters = {
		...loihi,
		neuronAccess: twice(loihi.neuronAccess),
		neuronUpdate: twice(loihi.neuronUpdate),
		neuronSpike: twice(loihi.neuronSpike),
		axonOut: twice(loihi.axonOut),
		axonIn: twice(loihi.axonIn),
		synapses: loihi.synapses.map((unit) => ({ ...unit, ...twice(unit) })),
		hop: {
			east: twice(loihi.hop.east),
			west: twice(loihi.hop.west),
			north: twice(loihi.hop.north),
			south: twice(loihi.hop.south),
		},
	};
	property((network) => {
		const run = simulate(network);
		const total = Object.values(run.totals.energyTermsJoules).reduce((sum, term) => sum + term, 0);
		const steps = run.perTimestep.reduce((sum, step) => sum + step.energyJoules, 0);
		expect(Math.abs(total - run.totals.energyJoules)).toBeLessThan(1e-12 * total);
		expect(Math.abs(steps - run.totals.energyJoules)).toBeLessThan(1e-12 * total);
		expect(simulate(network, 'simple', dearer).totals.energyJoules / total).toBeCloseTo(2, 10);
	});
});

/** The counts of every timestep, from the definitions, without a line of the code under test. */
function plainRun(network: ExplicitNetwork): number[][] {
	const [input, neurons] = network.groups as [{ spikeTimes: number[][] }, LifGroup];
	const entries = network.mappings.get('m') ?? [];
	const home = new Map(entries.map(({ group, first, tile, core }) => [`${group}${first}`, { tile, core }]));
	const edges = network.projections.flatMap(({ pre, preIndex, postIndex, weight }) =>
		[...preIndex].map((from, k) => ({ from: `${pre}${from}`, to: postIndex[k] ?? 0, weight: weight[k] ?? 0 })),
	);
	const potential = new Array<number>(neurons.size).fill(0);
	let arriving = new Map<number, number>();
	const rows: number[][] = [];
	for (let t = 1; t <= network.timesteps; t++) {
		const spikes = input.spikeTimes.flatMap((times, n) => (times.includes(t) ? [`i${n}`] : []));
		let updatedCount = spikes.length;
		for (let n = 0; n < neurons.size; n++) {
			const before = potential[n] ?? 0;
			const sum = arriving.get(n);
			let v = Math.trunc(before * (t > 1 ? neurons.leakDecay : 1) * 64) / 64 + (sum ?? 0);
			const fires = v > neurons.threshold;
			if (fires) {
				spikes.push(`a${n}`);
				v = neurons.resetMode === 'hard' ? 0 : v - neurons.threshold;
			}
			if (before !== 0 || sum !== undefined || fires) updatedCount++;
			potential[n] = v;
		}
		arriving = new Map();
		let packets = 0;
		let hops = 0;
		let events = 0;
		for (const spike of spikes) {
			const targets = edges.filter(({ from }) => from === spike);
			events += targets.length;
			for (const { to, weight } of targets) arriving.set(to, (arriving.get(to) ?? 0) + weight);
			const destinations = new Map(targets.map(({ to }) => [JSON.stringify(home.get(`a${to}`)), home.get(`a${to}`)?.tile ?? 0]));
			const source = home.get(spike)?.tile ?? 0;
			packets += destinations.size;
			for (const tile of destinations.values()) {
				hops += Math.abs((tile >> 2) - (source >> 2)) + Math.abs((tile % 4) - (source % 4));
			}
		}
		rows.push([spikes.length, updatedCount, packets, hops, events]);
	}
	return rows;
}
