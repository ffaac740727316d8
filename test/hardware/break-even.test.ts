import { eventsOf } from '../../src/hardware/events.ts';
import { bitsFor, breakEven, estimate, loadProfile } from '../../src/hardware/index.ts';
import { estimateEvents } from '../../src/hardware/price.ts';
import { firingRate, scaleSpikes, spikesPerSynapse, withTimesteps } from '../../src/hardware/what-if.ts';
import { activity, smallNetwork } from './support/activities.ts';

const profile = loadProfile('45nm');

/** Hidden layer of 100, every neuron fires with the given number of spikes at each timestep; one sample. */
const network = (spikes: number, timesteps: number) => {
	const each = (value: number): number[] => Array<number>(timesteps).fill(value);
	return activity([
		{ name: 'fc1', analog: true, inputElements: 10, outputElements: 100, active: [10, ...Array<null>(timesteps - 1).fill(null)] },
		{ name: 'lif1', neurons: 100, spikes: each(spikes) },
		{ name: 'fc2', source: 'lif1', inputElements: 100, outputElements: 100, active: each(spikes) },
		{ name: 'lif2', neurons: 100, spikes: each(spikes) },
	]);
};

test('at the break-even firing rate the spiking network costs what the DNN costs', () => {
	const run = network(30, 10);
	const { rivals, firingRate: measured } = breakEven(run, profile);
	expect(measured).toBeCloseTo(0.3, 12);
	// 10^4 MACs of the second layer against T r 10^4 ACs: r = 4.6 / (0.9 T).
	expect(rivals[0]?.firingRate).toEqual({ kind: 'at', value: expect.closeTo(4.6 / 9, 6) });
	const scaled = scaleSpikes(eventsOf(run), 4.6 / 9 / measured);
	expect(estimateEvents(scaled, profile, 'exact').energyPerInferenceJoules.nominal).toBeCloseTo(rivals[0]?.energyJoules ?? 0, 18);
});

test('the break-even number of timesteps is the last one that wins', () => {
	// T · 0.3 · 0.9 ≤ 4.6 up to T = 17.
	const { rivals } = breakEven(network(30, 10), profile);
	expect(rivals[0]?.timesteps).toEqual({ kind: 'at', value: 17 });
});

test('a network that wins with every neuron firing always wins, one that loses silent never does', () => {
	expect(breakEven(network(30, 2), profile).rivals[0]?.firingRate).toEqual({ kind: 'always' });
	const wasteful = activity([
		{ name: 'fc1', analog: true, inputElements: 100, outputElements: 100, active: [100, 100, 100] },
		{ name: 'lif1', neurons: 100, spikes: [1, 1, 1] },
		{ name: 'fc2', source: 'lif1', inputElements: 100, outputElements: 1, active: [1, 1, 1] },
	]);
	expect(breakEven(wasteful, profile).rivals[0]?.firingRate).toEqual({ kind: 'never' });
});

test('a DNN that skips zeros is cheaper than a dense one, and a measured one replaces the assumed density', () => {
	const run = network(30, 4);
	const [dense, skipping] = breakEven(run, profile, { density: 0.25 }).rivals;
	expect(skipping?.energyJoules).toBeCloseTo(1000 * 4.6e-12 + 0.25 * 10_000 * 4.6e-12, 18);
	expect(dense?.energyJoules).toBeCloseTo(11_000 * 4.6e-12, 18);
	const twin = activity([
		{ name: 'fc1', analog: true, inputElements: 10, outputElements: 100, active: [5] },
		{ name: 'relu', neurons: 100, spiking: false, stateWords: 0, spikes: [40] },
		{ name: 'fc2', analog: true, source: 'relu', inputElements: 100, outputElements: 100, active: [40] },
	]);
	const measured = breakEven(run, profile, { twin }).rivals[1];
	expect(measured?.energyJoules).toBeCloseTo(4500 * 4.6e-12, 18);
	expect(measured?.assumption).toContain('measured');
});

test('T timesteps are told apart by the logarithm of T + 1 bits', () => {
	expect([1, 2, 3, 4, 7, 8, 15, 16].map(bitsFor)).toEqual([1, 2, 2, 3, 3, 4, 4, 5]);
});

test('a quantised DNN pays by the bit, and never more than the dense one', () => {
	const quantized = (timesteps: number) => breakEven(network(30, timesteps), profile).rivals[2];
	expect(quantized(1)?.energyJoules).toBeCloseTo(1000 * 4.6e-12 + 10_000 * 0.9e-12, 18);
	expect(quantized(7)?.energyJoules).toBeCloseTo(1000 * 4.6e-12 + 10_000 * 2.7e-12, 18);
	expect(quantized(200)?.energyJoules).toBeCloseTo(11_000 * 4.6e-12, 18);
});

test('with memory priced, narrower activations make the quantised DNN cheaper still', () => {
	const memory = loadProfile('45nm-memory');
	const [dense, , quantized] = breakEven(network(30, 3), memory).rivals;
	expect(quantized?.energyJoules).toBeLessThan(dense?.energyJoules ?? 0);
});

test('hardware that runs no DNN has no rivals, and the published thresholds still speak', () => {
	const { rivals, verdicts } = breakEven(network(30, 4), loadProfile('loihi'));
	for (const rival of rivals) {
		expect(rival.energyJoules).toBeNull();
		expect(rival.reason).toContain('Loihi');
	}
	expect(verdicts).toHaveLength(3);
});

test.each([
	[1, 1, ['below', 'below', 'below']],
	[6, 10, ['below', 'between', 'between']],
	[30, 10, ['above', 'above', 'above']],
])('%d spikes in 100 neurons over %d timesteps against all three thresholds', (spikes, timesteps, outcomes) => {
	const result = breakEven(network(spikes, timesteps), profile);
	expect(result.verdicts.map(({ outcome }) => outcome)).toEqual(outcomes);
	for (const { sentence, citation } of result.verdicts) {
		expect(sentence.length).toBeGreaterThan(40);
		expect(citation).toMatch(/\d{4}/);
	}
});

test('spikes per synapse counts events per connection and inference', () => {
	expect(spikesPerSynapse(eventsOf(network(30, 10)))).toBeCloseTo(3, 12);
	expect(firingRate(eventsOf(network(30, 10)))).toBeCloseTo(0.3, 12);
});

test('scaling spikes by one changes nothing, and no neuron fires more than once a timestep', () => {
	const events = eventsOf(network(30, 3));
	expect(scaleSpikes(events, 1)).toEqual(events);
	expect(firingRate(scaleSpikes(events, 1000))).toBe(1);
	const most = estimateEvents(scaleSpikes(events, 1000), profile, 'exact').terms.acs?.nominal;
	expect(most).toBeCloseTo(3 * 10_000 * 0.9e-12, 18);
});

test('the same number of timesteps costs the same, more continue with the mean', () => {
	const events = eventsOf(smallNetwork(3));
	const price = (timesteps: number, name: string): number =>
		estimateEvents(withTimesteps(events, timesteps), loadProfile(name), 'exact').energyPerInferenceJoules.nominal;
	for (const name of ['45nm', '45nm-memory', 'loihi']) {
		expect(price(3, name)).toBeCloseTo(estimate(smallNetwork(3), loadProfile(name)).energyPerInferenceJoules.nominal, 22);
		expect(price(7, name)).toBeCloseTo(estimate(smallNetwork(7), loadProfile(name)).energyPerInferenceJoules.nominal, 22);
	}
});

test('a first layer charged once stays charged once, however long the run', () => {
	const events = eventsOf(network(30, 4));
	const macs = (timesteps: number): number =>
		estimateEvents(withTimesteps(events, timesteps), profile, 'exact').terms.macs?.nominal ?? 0;
	expect(macs(50)).toBe(macs(1));
});
