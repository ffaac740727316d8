import type { Activity } from '../../src/activity/activity.ts';
import { estimate, loadProfile } from '../../src/hardware/index.ts';
import { activity } from './support/activities.ts';

/** Published operating points, out of the profiles' own formulas. */

const energyOf = (run: Activity, profile: string, set: readonly string[] = []): number =>
	estimate(run, loadProfile(profile, { set })).energyPerInferenceJoules.nominal;

test.each([
	['75 MHz', 37.5e6, 477e-6],
	['1.3 MHz', 0.65e6, 35e-6],
])('ODIN at %s draws its measured power at full rate', (clock, operationsPerSecond, watts) => {
	const events = 1_000_000;
	const run = activity([{ name: 'fc', inputElements: events, outputElements: 1, active: [events] }]);
	const result = estimate(run, loadProfile('odin', { set: [`f_clk=${clock}`] }));
	const seconds = result.latencyPerInferenceSeconds?.nominal ?? 0;
	expect(events / seconds).toBeCloseTo(operationsPerSecond, 3);
	expect(Math.abs(result.energyPerInferenceJoules.nominal / seconds / watts - 1)).toBeLessThan(0.005);
});

test('a Loihi k-NN query lands within 25 % of the measured 1.33 mJ', () => {
	const timesteps = 60;
	for (const events of [5.12e7, 5.76e7]) {
		const run = activity([
			{
				name: 'match',
				inputElements: events / timesteps,
				outputElements: 1,
				active: Array<number>(timesteps).fill(events / timesteps),
			},
			{ name: 'neurons', neurons: 76_800, spikes: Array<number>(timesteps).fill(0), driven: Array<number>(timesteps).fill(0) },
		]);
		const { terms } = estimate(run, loadProfile('loihi'));
		const dynamic = (terms.synapses?.nominal ?? 0) + (terms.neurons?.nominal ?? 0);
		expect(dynamic).toBeGreaterThan(1.44e-3);
		expect(dynamic).toBeLessThan(1.25 * 1.33e-3);
	}
});

test.each([
	['cpu', 8.6e-9],
	['gpu', 0.3e-9],
	['arm', 0.9e-9],
])('KerasSpiking charges a %s one energy for each synapse and each neuron', (device, joules) => {
	const run = activity([
		{ name: 'fc', inputElements: 20, outputElements: 10, active: [3] },
		{ name: 'relu', neurons: 10, spiking: false, stateWords: 0, spikes: [5] },
	]);
	expect(energyOf(run, `keras-spiking-${device}`)).toBeCloseTo((200 + 10) * joules, 15);
});

test('one LIF on Loihi by SANA-FE costs 51.2 pJ idle, 72.8 pJ updated and 142.1 pJ firing', () => {
	const lif = (driven: number, spikes: number) => activity([{ name: 'lif', neurons: 1, spikes: [spikes], driven: [driven] }]);
	const picojoules = (run: Activity): number => energyOf(run, 'loihi-sanafe') * 1e12;
	expect(picojoules(lif(0, 0))).toBeCloseTo(51.2, 9);
	expect(picojoules(lif(1, 0))).toBeCloseTo(72.8, 9);
	expect(picojoules(lif(1, 1))).toBeCloseTo(142.1, 9);
});

test('at 7 nm the interval reaches from the scaled 45 nm figures to the published table', () => {
	const { E_mac, E_ac } = Object.fromEntries(loadProfile('7nm').constants);
	expect(E_mac?.value.low).toBeCloseTo(0.306e-12, 15);
	expect(E_mac?.value.high).toBeCloseTo(1.69e-12, 20);
	// A table of products stands before an extrapolation.
	expect(E_mac?.value.nominal).toBeCloseTo(1.69e-12, 20);
	expect(E_ac?.value.low).toBeCloseTo(0.06e-12, 15);
	expect(E_ac?.value.high).toBeCloseTo(0.38e-12, 20);
});

test('a barrier-synchronous chip takes T + L - 1 steps for T timesteps and L layers', () => {
	const run = (timesteps: number, depth: number) =>
		activity(
			Array.from({ length: depth }, (_, index) => [
				{
					name: `fc${index}`,
					source: index === 0 ? null : `lif${index - 1}`,
					inputElements: 2,
					outputElements: 2,
					active: Array<number>(timesteps).fill(1),
				},
				{ name: `lif${index}`, neurons: 2, spikes: Array<number>(timesteps).fill(1) },
			]).flat(),
		);
	for (const [timesteps, depth] of [
		[1, 1],
		[1, 4],
		[6, 3],
	] as const) {
		expect(estimate(run(timesteps, depth), loadProfile('truenorth')).latencyPerInferenceSeconds?.nominal).toBeCloseTo(
			(timesteps + depth - 1) * 1e-3,
			12,
		);
	}
});

test('8-bit MACs and ACs cost 0.30 and 0.10 pJ with a 32-bit accumulator, 0.23 and 0.03 without', () => {
	const { E_mac, E_ac } = Object.fromEntries(loadProfile('45nm-int8').constants);
	expect(E_mac?.value.low).toBeCloseTo(0.23e-12, 20);
	expect(E_mac?.value.nominal).toBeCloseTo(0.3e-12, 20);
	expect(E_ac?.value.low).toBeCloseTo(0.03e-12, 20);
	expect(E_ac?.value.nominal).toBeCloseTo(0.1e-12, 20);
});

test('pricing a run under all profiles takes well under a second', () => {
	const each = (value: number): number[] => Array<number>(5).fill(value);
	const layers = Array.from({ length: 16 }, (_, index) => [
		{
			name: `conv${index}`,
			analog: index === 0,
			source: index === 0 ? null : `lif${index - 1}`,
			inputElements: 65536,
			outputElements: 65536,
			fanOut: 576,
			weightElements: 36864,
			kernel: [3, 3],
			stride: [1, 1],
			active: each(9000),
		},
		{ name: `lif${index}`, neurons: 65536, spikes: each(9000) },
	]).flat();
	const run = activity(layers);
	const profiles = [
		'45nm',
		'45nm-int8',
		'45nm-memory',
		'7nm',
		'7nm-memory',
		'lemaire2022',
		'loihi',
		'loihi-sanafe',
		'loihi2',
		'truenorth',
		'odin',
		'spinnaker',
		'spinnaker2',
	].map((name) => loadProfile(name));
	// Processor time, the least of three: what else the machine does must not decide.
	const seconds = [1, 2, 3].map(() => {
		const before = process.cpuUsage();
		for (const profile of profiles) estimate(run, profile);
		return process.cpuUsage(before).user / 1e6;
	});
	expect(Math.min(...seconds)).toBeLessThan(1);
});
