import { estimate, loadProfile } from '../../src/hardware/index.ts';
import { activity } from './support/activities.ts';

const network = (inputs: number, neurons: number) =>
	activity([
		{ name: 'fc', inputElements: inputs, outputElements: neurons, active: [1] },
		{ name: 'lif', neurons, spikes: [1] },
	]);

test('a network that fits ODIN keeps the measured grade, one of more neurons is an assumption', () => {
	const fits = estimate(network(256, 256), loadProfile('odin'));
	expect(fits.evidence).toBe('measured');
	expect(fits.assumptions.some(({ sentence }) => sentence.includes('one chip'))).toBe(false);
	const larger = estimate(network(256, 512), loadProfile('odin'));
	expect(larger.evidence).toBe('assumed');
	expect(larger.assumptions[0]?.sentence).toContain('512 neurons, 2 times those of one chip (256)');
});

test('more inputs than a core of TrueNorth has axons is said', () => {
	const fits = estimate(network(256, 256), loadProfile('truenorth'));
	expect(fits.assumptions.some(({ sentence }) => sentence.includes('inputs on average'))).toBe(false);
	const { evidence, assumptions } = estimate(network(1728, 256), loadProfile('truenorth'));
	expect(evidence).toBe('assumed');
	expect(assumptions[0]?.sentence).toContain('1,728 inputs');
});
