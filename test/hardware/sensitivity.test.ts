import {
	compareWithDense,
	estimate,
	loadProfile,
	logicEnergy,
	scaleToNode,
	sensitivity,
	sweep,
	technologyNodes,
} from '../../src/hardware/index.ts';
import { smallNetwork } from './support/activities.ts';

const run = smallNetwork(3);

test('a constant without interval is moved by 50 % to each side', () => {
	const { bars, nominal } = sensitivity(run, loadProfile('45nm'));
	const multiply = bars.find(({ constant }) => constant === 'E_mul');
	expect(multiply).toMatchObject({ range: { low: 1.85, nominal: 3.7, high: 5.55 }, unit: 'pJ', rangeFrom: 'default' });
	// 72 dense MACs; the additions in them belong to another constant.
	expect(multiply?.atHigh).toBeCloseTo(nominal + 72 * 1.85e-12, 20);
	expect(multiply?.swing).toBeCloseTo((72 * 3.7e-12) / nominal, 9);
});

test('a constant with an interval is moved over it', () => {
	const { bars } = sensitivity(run, loadProfile('45nm-memory'));
	expect(bars.find(({ constant }) => constant === 'E_sram')).toMatchObject({
		range: { low: 0.5, nominal: 1, high: 2 },
		rangeFrom: 'interval',
	});
});

test('the largest effect comes first and what has none is left out', () => {
	for (const name of ['45nm', '45nm-memory', 'loihi', 'spinnaker', '7nm']) {
		const { bars } = sensitivity(run, loadProfile(name));
		const swings = bars.map(({ swing }) => swing);
		expect(swings).toEqual([...swings].sort((left, right) => right - left));
		expect(Math.min(...swings)).toBeGreaterThan(0);
	}
	expect(sensitivity(run, loadProfile('45nm')).bars.map(({ constant }) => constant)).not.toContain('f_clk');
});

test('the clock moves the latency and not the energy; the ratio depends on prices both share', () => {
	const latency = sensitivity(run, loadProfile('45nm'), 'latency');
	expect(latency.bars[0]?.constant).toBe('f_clk');
	expect(latency.bars[0]?.atHigh).toBeLessThan(latency.bars[0]?.atLow ?? 0);
	const ratio = sensitivity(run, loadProfile('45nm'), 'ratio');
	expect(ratio.nominal).toBeCloseTo(compareWithDense(run, loadProfile('45nm'))?.ratio.nominal ?? 0, 12);
});

test('a constant that cannot take one end of its range leaves that end empty', () => {
	const bars = sensitivity(run, loadProfile('7nm')).bars;
	expect(bars.length).toBeGreaterThan(3);
	for (const { atLow, atHigh } of bars) expect([atLow, atHigh].every((value) => value === null || value >= 0)).toBe(true);
});

test('a sweep over a constant gives what --set gives', () => {
	const points = sweep(run, loadProfile('45nm-memory'), 'onChipCapacity', ['16 B', '1 MiB']).points;
	for (const { value, energyJoules } of points) {
		expect(energyJoules).toBeCloseTo(
			estimate(run, loadProfile('45nm-memory', { set: [`onChipCapacity=${value}`] })).energyPerInferenceJoules.nominal,
			20,
		);
	}
	expect(points[0]?.energyJoules).toBeGreaterThan(points[1]?.energyJoules ?? 0);
});

test('a computed constant can be swept like a given one', () => {
	const at = (value: string) => sweep(run, loadProfile('45nm'), 'E_ac', [value]).points[0]?.energyJoules ?? 0;
	expect(at('1.9 pJ') - at('0.9 pJ')).toBeCloseTo(18 * 1e-12, 20);
});

test('a bare number in a sweep is taken in the unit of the constant', () => {
	const at = (value: string) => sweep(run, loadProfile('45nm-memory'), 'weightWidth', [value]).points[0]?.energyJoules;
	expect(at('8')).toBe(at('8 bit'));
	expect(at('8')).toBeLessThan(at('32') ?? 0);
});

test('a sweep over timesteps grows, over the node shrinks', () => {
	const energies = (variable: string, values: readonly string[]) =>
		sweep(run, loadProfile('45nm'), variable, values).points.map(({ energyJoules }) => energyJoules);
	const [one = 0, two = 0, four = 0] = energies('timesteps', ['1', '2', '4']);
	expect(one).toBeLessThan(two);
	expect(two).toBeLessThan(four);
	const [large = 0, middle = 0, small = 0] = energies('node', ['45', '28 nm', '7']);
	expect(large).toBe(estimate(run, loadProfile('45nm')).energyPerInferenceJoules.nominal);
	expect(middle / large).toBeCloseTo(0.464, 1);
	expect(small / large).toBeCloseTo(0.0665, 3);
});

test.each([
	['E_av', ['1 pJ'], 'Did you mean E_ac'],
	['E_mul', ['1 ns'], 'does not suit E_mul; expected a value of unit J'],
	['timesteps', ['0'], 'expected a whole number from 1'],
	['timesteps', ['1e9'], 'expected a whole number from 1'],
	['node', ['3'], 'There is no published scaling to 3 nm'],
	['E_ac', ['-1 pJ'], 'expected a value of unit J, at least 0'],
])('a sweep over %s with %p is refused in one sentence', (variable, values, problem) => {
	expect(() => sweep(run, loadProfile('45nm'), variable, values)).toThrow(problem);
});

test.each([
	[45, 0.8, 0.821],
	[32, 0.9, 0.641],
	[16, 0.8, 0.142],
	[14, 0.75, 0.098],
	[10, 0.75, 0.083],
	[7, 0.75, 0.066],
	[7, 0.7, 0.057],
])('logic at %d nm and %d V takes the published share of its energy at 45 nm and 0.9 V', (node, volts, share) => {
	expect(logicEnergy(node, volts) / logicEnergy(45, 0.9)).toBeCloseTo(share, 2);
});

test('a profile without node, or without logic constants, cannot be scaled', () => {
	expect(() => scaleToNode(loadProfile('loihi'), 7)).toThrow('cannot be moved to another technology node');
	expect(technologyNodes()).toContain(45);
});

test('scaling to a node says so and leaves memory prices alone', () => {
	const scaled = scaleToNode(loadProfile('45nm-memory'), 16);
	expect(scaled.constants.get('E_dram')?.value).toEqual(loadProfile('45nm-memory').constants.get('E_dram')?.value);
	expect(scaled.constants.get('E_mac')?.value.nominal).toBeCloseTo(4.6e-12 * (logicEnergy(16, 0.8) / logicEnergy(45, 0.9)), 18);
	expect(scaled.assumptions.at(-1)?.sentence).toContain('16 nm');
});
