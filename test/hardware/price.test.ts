import { compareWithDense, estimate, listProfiles, loadProfile } from '../../src/hardware/index.ts';
import { smallNetwork } from './support/activities.ts';
import { minimal, profileFrom } from './support/profiles.ts';

test('45nm charges 4.6 pJ for dense analog MACs and 0.9 pJ for accumulates, per inference', () => {
	const network = smallNetwork(3);
	const { energyPerInferenceJoules, terms } = estimate(network, loadProfile('45nm'));
	// 24 dense MACs at each of 3 timesteps; 4 spikes in 2 samples reach 3 outputs each at each timestep.
	expect(terms.macs?.nominal).toBeCloseTo(3 * 24 * 4.6e-12, 20);
	expect(terms.acs?.nominal).toBeCloseTo(((3 * 4 * 3) / 2) * 0.9e-12, 20);
	expect(energyPerInferenceJoules.nominal).toBeCloseTo((terms.macs?.nominal ?? 0) + (terms.acs?.nominal ?? 0), 20);
});

test('the DNN baseline is charged every dense MAC once', () => {
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

test('an estimate is as good as the weakest evidence among the constants that were charged, for energy and time apart', () => {
	const grades = (mac: string, ac: string, time: string) => {
		const constants = [
			['E_mac', '4 pJ', mac],
			['E_ac', '1 pJ', ac],
			['E_bias', '1 pJ', 'assumed'],
			['t', '1 ns', time],
		].map(([name, value, evidence]) => `\n  ${name}: { value: ${value}, evidence: ${evidence}, source: us }`);
		const energy = '\n  macs: macs * E_mac\n  acs: acs * E_ac\n  nothing: 0 * acs * E_bias';
		const profile = profileFrom(minimal({ constants: constants.join(''), energy, latency: '\n  time: acs * t' }));
		const { evidence, latencyEvidence } = estimate(smallNetwork(3), profile);
		return [evidence, latencyEvidence];
	};
	expect(grades('measured', 'derived', 'fitted')).toEqual(['derived', 'fitted']);
	expect(grades('vendor', 'simulated', 'assumed')).toEqual(['vendor', 'assumed']);
	expect(grades('measured', 'measured', 'published')).toEqual(['measured', 'published']);
});
