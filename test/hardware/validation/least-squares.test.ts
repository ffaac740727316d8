import fc from 'fast-check';
import { fitNonNegative } from '../../../src/hardware/validation/least-squares.ts';

test('exact data give their coefficients back, whatever the sizes of the columns', () => {
	const coefficient = fc.double({ min: 0.1, max: 10, noNaN: true });
	fc.assert(
		fc.property(coefficient, coefficient, fc.constantFrom(1e-9, 1, 1e9), (a, b, scale) => {
			const rows = [1, 2, 5, 9].map((x) => [1, x * scale]);
			const targets = [1, 2, 5, 9].map((x) => 3 + a + b * x);
			const found = fitNonNegative(rows, [3, 3, 3, 3], targets);
			expect(found?.[0]).toBeCloseTo(a, 6);
			expect((found?.[1] ?? 0) * scale).toBeCloseTo(b, 6);
		}),
		{ seed: 7 },
	);
});

test('a coefficient that would be negative is 0, and the other is fitted without it', () => {
	const found = fitNonNegative(
		[
			[1, 1],
			[1, 2],
			[1, 4],
		],
		[0, 0, 0],
		[3, 2, 1],
	);
	expect(found?.[1]).toBe(0);
	expect(found?.[0]).toBeCloseTo(1.347, 3);
});

test('relative errors count: a run ten times as long does not outweigh ten others', () => {
	const [found] = fitNonNegative([[1], [10]], [0, 0], [1, 20]) ?? [];
	expect(found).toBeCloseTo((1 + 0.5) / (1 + 0.25), 9);
});

test('columns that go together cannot be told apart', () => {
	const rows = [
		[1, 8],
		[2, 16],
		[3, 24],
	];
	expect(fitNonNegative(rows, [0, 0, 0], [1, 2, 3])).toBeNull();
	expect(fitNonNegative([[0], [0]], [0, 0], [1, 2])).toBeNull();
});
