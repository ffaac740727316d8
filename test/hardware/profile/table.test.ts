import { lookUp, type Table } from '../../../src/hardware/profile/table.ts';

const sram: Table = { keys: [8, 32, 1024], values: [10, 20, 100], interpolation: 'log-log', below: 'clamp', above: 'clamp' };

test('a point of a table is met exactly, whatever the interpolation', () => {
	for (const interpolation of ['linear', 'log-log', 'step'] as const) {
		for (const [index, key] of sram.keys.entries()) {
			expect(lookUp({ ...sram, interpolation }, key)).toBeCloseTo(sram.values[index] ?? 0, 12);
		}
	}
});

test('between two points lies a straight line, of the values or of their logarithms', () => {
	expect(lookUp({ ...sram, interpolation: 'linear' }, 20)).toBeCloseTo(15, 12);
	expect(lookUp(sram, 16)).toBeCloseTo(10 * Math.SQRT2, 12);
	expect(lookUp({ ...sram, interpolation: 'step' }, 1000)).toBe(20);
});

test('below the first point a table stays, continues its line, or goes through zero, as it says', () => {
	const linear: Table = { ...sram, interpolation: 'linear' };
	expect(lookUp(sram, 1)).toBe(10);
	expect(lookUp({ ...linear, below: 'proportional' }, 1)).toBeCloseTo(1.25, 12);
	expect(lookUp({ ...linear, below: 'extrapolate' }, 2)).toBeCloseTo(7.5, 12);
});

test('above the last point a table stays or continues its line, as it says', () => {
	expect(lookUp(sram, 4096)).toBe(100);
	const exponent = Math.log(5) / Math.log(32);
	expect(lookUp({ ...sram, above: 'extrapolate' }, 4096)).toBeCloseTo(100 * 4 ** exponent, 10);
	expect(lookUp({ ...sram, interpolation: 'step' }, 4096)).toBe(100);
});

test('a table of one point is a constant', () => {
	const one: Table = { keys: [8], values: [10], interpolation: 'linear', below: 'clamp', above: 'extrapolate' };
	for (const key of [0, 8, 1e9]) expect(lookUp(one, key)).toBe(10);
});
