import { compareWithDense, estimate, listProfiles, loadProfile } from '../../src/hardware/index.ts';
import { smallNetwork } from './support/activities.ts';

test('45nm charges 4.6 pJ for dense analog MACs and 0.9 pJ for accumulates, per inference', () => {
	const network = smallNetwork(3);
	const { energyPerInferenceJoules, terms } = estimate(network, loadProfile('45nm'));
	// 24 dense MACs at each of 3 timesteps; 4 spikes in 2 samples reach 3 outputs each at each timestep.
	expect(terms.macs?.nominal).toBeCloseTo(3 * 24 * 4.6e-12, 20);
	expect(terms.acs?.nominal).toBeCloseTo(((3 * 4 * 3) / 2) * 0.9e-12, 20);
	expect(energyPerInferenceJoules.nominal).toBeCloseTo((terms.macs?.nominal ?? 0) + (terms.acs?.nominal ?? 0), 20);
});

test('a plain DNN is charged every dense MAC once', () => {
	const comparison = compareWithDense(smallNetwork(3), loadProfile('45nm'));
	expect(comparison?.denseMacs).toBe(36);
	expect(comparison?.dnnEnergyJoules.nominal).toBeCloseTo(36 * 4.6e-12, 20);
	expect(comparison?.ratio.nominal).toBeCloseTo((36 * 4.6) / (72 * 4.6 + 18 * 0.9), 10);
});

test('every shipped profile prices the small network', () => {
	for (const { name } of listProfiles()) {
		const { energyPerInferenceJoules: energy } = estimate(smallNetwork(3), loadProfile(name));
		expect(energy.nominal).toBeGreaterThan(0);
		expect(energy.low).toBeLessThanOrEqual(energy.nominal);
		expect(energy.high).toBeGreaterThanOrEqual(energy.nominal);
	}
});
