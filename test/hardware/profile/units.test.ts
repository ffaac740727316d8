import { dimensionName, parseQuantity } from '../../../src/hardware/profile/units.ts';

test.each([
	['4.6 pJ', 4.6e-12, 'unit J'],
	['4.6pJ', 4.6e-12, 'unit J'],
	['10 µs', 1e-5, 'unit s'],
	['1.78 uW/MHz', 1.78e-12, 'unit J'],
	['8 KiB', 65536, 'unit bit'],
	['512 GB/s', 512e9 * 8, 'unit bit/s'],
	['24.96 pJ/B', 3.12e-12, 'unit J/bit'],
	['1.103 V^-2', 1.103, 'unit 1/V^2'],
	['0.5', 0.5, 'no unit (a plain number)'],
	['64.43 mW', 0.06443, 'unit J/s'],
])('%s is read in SI units', (text, si, name) => {
	const quantity = parseQuantity(text);
	expect(quantity?.si).toBeCloseTo(si, 12 - Math.floor(Math.log10(si)));
	expect(dimensionName(quantity?.dimension ?? [])).toBe(name);
});

test.each([
	'',
	'pJ',
	'4.6 pJX',
	'4.6 KB',
	'1e400 pJ',
	'NaN',
	'Infinity J',
	'4.6 pJ; 3',
	'4,6 pJ',
	'1 '.repeat(100),
	'4.6 constructor',
	'3 __proto__',
	'20 degC',
	'0x1f J',
])('%s is no quantity', (text) => {
	expect(parseQuantity(text)).toBeNull();
});
