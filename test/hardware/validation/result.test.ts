import fc from 'fast-check';
import { judge } from '../../../src/hardware/validation/result.ts';

const comparison = { subject: '', quantity: 'energy', unit: 'J', note: null };

test('an error on the tolerance passes, one beyond it does not', () => {
	expect(judge({ ...comparison, ours: 1.1, theirs: 1, tolerance: 0.1 }).within).toBe(true);
	expect(judge({ ...comparison, ours: 1.11, theirs: 1, tolerance: 0.1 }).within).toBe(false);
	expect(judge({ ...comparison, ours: 0.89, theirs: 1, tolerance: 0.1 }).within).toBe(false);
	expect(judge({ ...comparison, ours: 5, theirs: 0, tolerance: 0.1 }).within).toBe(false);
});

test.each([
	[0, 'exact'],
	[0.01, 'A'],
	[0.02, 'B'],
	[-0.1, 'C'],
	[-0.2, 'D'],
	[3, 'E'],
])('an error of %p is graded %s', (error, grade) => {
	expect(judge({ ...comparison, ours: 1 + error, theirs: 1, tolerance: 1 }).grade).toBe(grade);
});

test('without a published value there is no error, no grade and no failure', () => {
	expect(judge({ ...comparison, ours: 3, theirs: null, tolerance: 0.1 })).toMatchObject({
		error: null,
		grade: null,
		within: true,
	});
});

test('the grade does not depend on the unit', () => {
	fc.assert(
		fc.property(
			fc.double({ min: 0.1, max: 10, noNaN: true }),
			fc.double({ min: 0.1, max: 10, noNaN: true }),
			fc.constantFrom(1e-12, 1e-3, 1e6),
			(ours, theirs, scale) => {
				fc.pre(Math.abs(Math.abs(ours / theirs - 1) - 1e-9) > 1e-12);
				const plain = judge({ ...comparison, ours, theirs, tolerance: 0.1 });
				const scaled = judge({ ...comparison, ours: ours * scale, theirs: theirs * scale, tolerance: 0.1 });
				expect(scaled.error).toBeCloseTo(plain.error ?? Number.NaN, 9);
			},
		),
		{ seed: 4 },
	);
});
