import fc from 'fast-check';
import {
	formatAccuracy,
	formatCompactCount,
	formatCount,
	formatInterval,
	formatPercent,
	formatQuantity,
	formatRatio,
	formatRatioInterval,
	formatSignificant,
	plainNumber,
	wilsonInterval,
} from '../../src/reporting/numbers.ts';

test('an energy reads with three significant digits under the prefix that fits', () => {
	expect(formatQuantity(9.9688e-6, 'J')).toBe('9.97 µJ');
	expect(formatQuantity(8.81e-8, 'J')).toBe('88.1 nJ');
	expect(formatQuantity(4.6e-12, 'J')).toBe('4.60 pJ');
	expect(formatQuantity(0.071163, 'J')).toBe('71.2 mJ');
	expect(formatQuantity(1556.66e-6, 'J')).toBe('1.56 mJ');
	expect(formatQuantity(12, 's')).toBe('12.0 s');
	expect(formatQuantity(0, 'J')).toBe('0 J');
});

test('a value that rounds up to the next prefix is written under it', () => {
	expect(formatQuantity(999.6e-9, 'J')).toBe('1.00 µJ');
	expect(formatQuantity(999.4e-9, 'J')).toBe('999 nJ');
	expect(formatSignificant(99.96)).toBe('100');
	expect(formatSignificant(0.09996)).toBe('0.100');
});

test('the three numbers of an interval share the prefix of the nominal value', () => {
	expect(formatInterval({ low: 800e-9, nominal: 1.2e-6, high: 1.5e-6 }, 'J')).toBe('1.20 µJ (0.800 to 1.50 µJ)');
	expect(formatInterval({ low: 0, nominal: 0, high: 3e-9 }, 'J')).toBe('0 nJ (0 to 3.00 nJ)');
});

test('an interval without spread is not dressed up as one', () => {
	expect(formatInterval({ low: 2e-6, nominal: 2e-6, high: 2e-6 }, 'J')).toBe('2.00 µJ');
	expect(formatRatioInterval({ low: 28.1, nominal: 28.1, high: 28.1 })).toBe('28.1×');
});

test('counts keep every digit and means are whole from 100 up', () => {
	expect(formatCount(338_403_328)).toBe('338,403,328');
	expect(formatCount(2 ** 53 - 1)).toBe('9,007,199,254,740,991');
	expect(formatCount(1843.2)).toBe('1,843');
	expect(formatCount(99.96)).toBe('100');
	expect(formatCount(12.34)).toBe('12.3');
	expect(formatCompactCount(338_403_328)).toBe('338 M');
	expect(formatCompactCount(99_999)).toBe('99,999');
});

test('a share that is not zero never reads as zero', () => {
	expect(formatPercent(0)).toBe('0 %');
	expect(formatPercent(0.00001)).toBe('<0.1 %');
	expect(formatPercent(0.1234)).toBe('12.3 %');
	expect(formatPercent(1)).toBe('100.0 %');
});

test('a number that is none, or is minus zero, is never printed', () => {
	for (const value of [Number.NaN, Infinity, -Infinity]) {
		for (const format of [formatSignificant, formatCount, formatCompactCount, formatPercent, formatRatio])
			expect(format(value)).toBe('–');
		expect(formatQuantity(value, 'J')).toBe('–');
		expect(plainNumber(value)).toBe('');
	}
	for (const format of [formatSignificant, formatCount, formatPercent, plainNumber]) expect(format(-0)).not.toContain('-');
});

test('rounding to three digits errs by at most half a unit of the third digit', () => {
	fc.assert(
		fc.property(fc.double({ min: 1e-14, max: 1e14, noNaN: true }), (value) => {
			const printed = formatQuantity(value, 'J');
			const [digits = '', unit = ''] = printed.split(' ');
			const scale = { f: 1e-15, p: 1e-12, n: 1e-9, µ: 1e-6, m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12 }[unit[0] ?? ''] ?? 1;
			const read = Number(digits.replaceAll(',', '')) * scale;
			expect(Math.abs(read - value) / value).toBeLessThan(0.00501);
		}),
		{ seed: 1 },
	);
});

test('accuracy carries its 95 % Wilson interval', () => {
	// 15 of 16 by Wilson's formula with z = 1.96, worked by hand: centre 0.8528, half width 0.1361.
	const { low, high } = wilsonInterval(15, 16);
	expect(low).toBeCloseTo(0.7167, 3);
	expect(high).toBeCloseTo(0.9889, 3);
	expect(formatAccuracy({ correct: 15, total: 16 })).toBe('93.75 % (15 of 16; 95 % interval 71.67 to 98.89 %)');
});

test('accuracy of nothing or of everything stays between 0 and 100 %', () => {
	expect(wilsonInterval(0, 10).low).toBe(0);
	expect(wilsonInterval(10, 10).high).toBe(1);
	expect(formatAccuracy({ correct: 0, total: 0 })).toBe('–');
});
