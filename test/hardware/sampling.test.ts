import type { Activity } from '../../src/activity/activity.ts';
import { estimate, loadProfile } from '../../src/hardware/index.ts';
import { studentQuantile } from '../../src/hardware/sampling.ts';
import { activity } from './support/activities.ts';

test.each([
	[1, 12.7062],
	[2, 4.3027],
	[5, 2.5706],
	[10, 2.2281],
	[30, 2.0423],
	[299, 1.9679],
])("97.5 %% of Student's t with %d degrees of freedom", (freedom, value) => {
	expect(Math.abs(studentQuantile(freedom) - value)).toBeLessThan(0.002);
});

/** Spikes alone: all energy is accumulates, so its error is theirs. */
const run = (samples: number, deviation: number): Activity => {
	const plain = activity(
		[
			{ name: 'fc', inputElements: 100, outputElements: 10, active: [20 * samples] },
			{ name: 'lif', neurons: 10, spikes: [2 * samples] },
		],
		samples,
	);
	const around = (mean: number) => ({ mean, standardDeviation: deviation * mean, minimum: 0, maximum: 2 * mean });
	return { ...plain, spread: { acs: around(200), macs: around(0), synapticEvents: around(200), spikes: around(2) } };
};

test('the interval of the mean energy is that of the accumulates it consists of', () => {
	const { samplingJoules, energyPerInferenceJoules } = estimate(run(11, 0.1), loadProfile('45nm'));
	// Deviation of a sample 0.1 · √(11 / 10); of the mean of 11 samples 0.1 / √10; times t of 10 degrees of freedom.
	const half = (2.2281 * 0.1) / Math.sqrt(10);
	expect(energyPerInferenceJoules.nominal).toBeCloseTo(200 * 0.9e-12, 20);
	expect((samplingJoules?.low ?? 0) / energyPerInferenceJoules.nominal).toBeCloseTo(1 - half, 4);
	expect((samplingJoules?.high ?? 0) / energyPerInferenceJoules.nominal).toBeCloseTo(1 + half, 4);
});

test('four times the samples halve the interval, one sample gives none', () => {
	const width = (samples: number): number => {
		const { samplingJoules } = estimate(run(samples, 0.2), loadProfile('45nm'));
		return (samplingJoules?.high ?? 0) - (samplingJoules?.low ?? 0);
	};
	expect(width(1000) / width(4000)).toBeCloseTo(2, 2);
	expect(estimate(run(1, 0.2), loadProfile('45nm')).samplingJoules).toBeNull();
});
