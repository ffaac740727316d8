import { estimate, loadProfile, memoryStudy } from '../../src/hardware/index.ts';
import { wordsFor } from '../../src/hardware/memory.ts';
import { activity } from './support/activities.ts';
import { profileFrom } from './support/profiles.ts';

test.each([
	[8, 64, 'full', 1 / 8],
	[32, 64, 'full', 1 / 2],
	[24, 64, 'full', 1 / 2],
	[48, 64, 'full', 1],
	[1, 64, 'full', 1 / 64],
	[64, 64, 'full', 1],
	[65, 64, 'full', 2],
	[8, 64, 'none', 1],
	[128, 64, 'none', 2],
] as const)('an element of %d bits in words of %d bits, packing %s, costs %d word accesses', (width, word, packing, words) => {
	expect(wordsFor(width, word, packing)).toBeCloseTo(words, 12);
});

interface Choices {
	readonly packing?: string;
	readonly buffers?: string;
	readonly capacity?: string;
	readonly transfer?: string;
	readonly bits?: string;
}

/** One store of weights, read once per synaptic event; SRAM 10 pJ at 8 KiB to 100 pJ at 1 MiB, DRAM 1000 pJ. */
const profile = ({
	packing = 'full',
	buffers = 'per-layer',
	capacity = '1 MiB',
	transfer = 'per-access',
	bits = '32 bit',
}: Choices = {}) =>
	profileFrom(`
name: test
title: Test
summary: For tests.
scope: per-term
sources: { us: { citation: ourselves } }
constants:
  E_sram: { table: { 8 KiB: 10 pJ, 32 KiB: 20 pJ, 1 MiB: 100 pJ }, interpolation: log-log, evidence: assumed, source: us }
  E_dram: { value: 1000 pJ, evidence: assumed, source: us }
  word: { value: 64 bit, evidence: assumed, source: us }
  width: { value: ${bits}, evidence: assumed, source: us }
  capacity: { value: ${capacity}, evidence: assumed, source: us }
memory:
  packing: ${packing}
  buffers: ${buffers}
  levels:
    sram: { access: E_sram, word: word, capacity: capacity }
    dram: { access: E_dram, word: word }
  stores:
    weights: { elements: weightElements, width: width, reads: weightReads, transfer: ${transfer} }
energy:
  weights: memoryEnergy(weights)
unpriced: [acs, macs, neuronUpdates, spikes]
`);

/** A layer of so many weights, with so many synaptic events at each of two timesteps. */
const layer = (weightElements: number, events: number) =>
	activity([
		{
			name: 'fc',
			inputElements: 1000,
			outputElements: 1000,
			fanOut: 1,
			denseMacs: 1000,
			weightElements,
			active: [events, events],
		},
	]);

const energy = (run: ReturnType<typeof layer>, choices?: Choices): number =>
	estimate(run, profile(choices)).energyPerInferenceJoules.nominal;

test('a price per 64-bit word is charged once for two 32-bit elements, not for each', () => {
	// 2048 weights of 4 bytes are 8 KiB: 10 pJ a word. 600 reads are 300 words.
	expect(energy(layer(2048, 300))).toBeCloseTo(300 * 10e-12, 20);
	expect(energy(layer(2048, 300), { packing: 'none', bits: '64 bit' })).toBeGreaterThan(1.9 * 300 * 10e-12);
});

test('unpacked elements waste the word they lie in: more room and an access each', () => {
	// 1024 elements in 64-bit words of their own fill 8 KiB.
	expect(energy(layer(1024, 300), { packing: 'none' })).toBeCloseTo(600 * 10e-12, 20);
});

test('the price of an access follows the size of the buffer', () => {
	expect(energy(layer(8192, 300))).toBeCloseTo(300 * 20e-12, 20);
	expect(energy(layer(4096, 300))).toBeCloseTo(300 * 10e-12 * Math.SQRT2, 20);
	expect(energy(layer(100, 300))).toBeCloseTo(300 * 10e-12, 20);
});

test('a shared buffer makes every access as dear as the whole', () => {
	const two = activity([
		{ name: 'a', inputElements: 1000, outputElements: 1000, fanOut: 1, weightElements: 4096, active: [300] },
		{ name: 'b', inputElements: 1000, outputElements: 1000, fanOut: 1, weightElements: 4096, active: [300] },
	]);
	expect(energy(two, { buffers: 'shared' })).toBeCloseTo(300 * 20e-12, 20);
	expect(energy(two, { buffers: 'per-layer' })).toBeCloseTo(300 * 10e-12 * Math.SQRT2, 20);
});

test('weights that exceed the on-chip memory are read from DRAM', () => {
	const report = estimate(layer(4096, 300), profile({ capacity: '8 KiB' })).memory;
	expect(report?.stores[0]).toMatchObject({ level: 'dram', footprintBytes: 16384 });
	expect(energy(layer(4096, 300), { capacity: '8 KiB' })).toBeCloseTo(300 * 1000e-12, 20);
});

test('stores claim the chip in their order, each layer as a whole', () => {
	const two = activity([
		{ name: 'large', inputElements: 1, outputElements: 1, weightElements: 4096, active: [0] },
		{ name: 'small', inputElements: 1, outputElements: 1, weightElements: 1024, active: [0] },
	]);
	const report = estimate(two, profile({ capacity: '8 KiB' })).memory;
	expect(report?.stores.map(({ layer, level }) => [layer, level])).toEqual([
		['large', 'dram'],
		['small', 'sram'],
	]);
});

test('fetched once per timestep, no more elements leave DRAM than there are', () => {
	// 100 weights, 1000 reads at each timestep: 100 fetched, filled into the buffer and read 1000 times.
	const run = layer(100, 1000);
	const choices = { capacity: '1 B', transfer: 'once-per-timestep' };
	const levels = estimate(run, profile(choices)).memory?.stores[0]?.levels;
	expect(levels?.dram).toMatchObject({ readBytes: 800, writtenBytes: 0 });
	expect(levels?.sram).toMatchObject({ readBytes: 8000, writtenBytes: 800 });
	expect(energy(run, choices)).toBeCloseTo(100 * 1000e-12 + 1100 * 10e-12, 20);
});

test('a layer that reads less than it holds fetches only what it reads', () => {
	const levels = estimate(layer(100, 30), profile({ capacity: '1 B', transfer: 'once-per-timestep' })).memory?.stores[0]?.levels;
	expect(levels?.dram?.readBytes).toBe(240);
});

test('membrane traffic is nothing at one timestep and grows with T - 1', () => {
	const run = (timesteps: number) =>
		activity([
			{ name: 'fc', analog: true, inputElements: 8, outputElements: 100, active: Array<number>(timesteps).fill(8) },
			{ name: 'lif', neurons: 100, spikes: Array<number>(timesteps).fill(10) },
		]);
	const moved = [1, 2, 5].map((timesteps) => estimate(run(timesteps), loadProfile('45nm-memory')).memory?.totals.membrane);
	expect(moved[0]).toEqual({ readBytes: 0, writtenBytes: 0, energyJoules: 0, energyShare: 0 });
	expect(moved[1]).toMatchObject({ readBytes: 400, writtenBytes: 400 });
	expect(moved[2]).toMatchObject({ readBytes: 1600, writtenBytes: 1600 });
	const study = memoryStudy(run(5), loadProfile('45nm-memory'));
	expect(study?.membraneByTimesteps.map(({ timesteps, bytes }) => [timesteps, bytes])).toEqual([
		[1, 0],
		[2, 800],
		[4, 2400],
		[5, 3200],
		[8, 5600],
		[16, 12000],
	]);
});

test('traffic by timestep and by level adds up to the totals', () => {
	const run = activity([
		{ name: 'fc', analog: true, inputElements: 50, outputElements: 2000, biasElements: 2000, active: [20, 30, 40] },
		{ name: 'lif', neurons: 2000, stateWords: 2, spikes: [10, 20, 30] },
		{ name: 'out', source: 'lif', inputElements: 2000, outputElements: 10, active: [10, 20, 30] },
	]);
	const report = estimate(run, loadProfile('45nm-memory', { set: ['onChipCapacity=20KiB'] })).memory;
	const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
	expect(report?.stores.some(({ level }) => level === 'dram')).toBe(true);
	for (const { levels, perTimestep } of report?.stores ?? []) {
		for (const key of ['readBytes', 'writtenBytes', 'energyJoules'] as const) {
			expect(sum(perTimestep.map((step) => step[key]))).toBeCloseTo(sum(Object.values(levels).map((level) => level[key])), 12);
		}
	}
	const shares = sum(Object.values(report?.totals ?? {}).map(({ energyShare }) => energyShare));
	expect(shares).toBeGreaterThan(0);
	expect(shares).toBeLessThanOrEqual(1);
});

test('the roofline names what limits each layer, and a faster memory moves the limit', () => {
	const run = activity([
		{ name: 'fc', inputElements: 1000, outputElements: 1000, active: [500, 500] },
		{ name: 'lif', neurons: 1000, spikes: [10, 10] },
	]);
	const bound = (set: readonly string[]) => estimate(run, loadProfile('45nm-memory', { set })).bounds?.[0]?.bound;
	expect(bound([])).toBe('sram');
	expect(bound(['sramBandwidth=100000 GB/s'])).toBe('arithmetic');
	expect(bound(['onChipCapacity=1 KiB'])).toBe('dram');
	const result = estimate(run, loadProfile('45nm-memory'));
	const seconds = Object.values(result.latencyTerms).reduce((total, { nominal }) => total + nominal, 0);
	expect(result.latencyPerInferenceSeconds?.nominal).toBeCloseTo(seconds, 15);
});
