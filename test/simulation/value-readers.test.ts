import fc from 'fast-check';
import { tally } from '../../src/simulation/tally.ts';
import type { Layout } from '../../src/simulation/value-readers.ts';
import { levelReader } from '../../src/simulation/value-readers.ts';

/** Layouts of every kind: one weight or one a position, with and without weights of single elements. */
const layouts: fc.Arbitrary<Layout> = fc
	.record({ channels: fc.integer({ min: 1, max: 4 }), positions: fc.integer({ min: 1, max: 9 }) })
	.chain(({ channels, positions }) =>
		fc.record({
			channels: fc.constant(channels),
			positions: fc.constant(positions),
			byPosition: fc.oneof(
				fc.array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 1 }),
				fc.array(fc.integer({ min: 0, max: 4 }), { minLength: positions, maxLength: positions }),
			),
			effective: fc.option(
				fc.array(fc.integer({ min: 0, max: 40 }), { minLength: channels * positions, maxLength: channels * positions }),
			),
		}),
	)
	.map(({ byPosition, effective, ...sizes }) => ({
		...sizes,
		byPosition: Float64Array.from(byPosition),
		effective: effective && Float64Array.from(effective),
	}));

/** The definition, element by element. */
function counted(data: Uint8Array, layout: Layout, rows: number): { levels: Record<number, number[]>; perSample: number[] } {
	const { positions, byPosition, effective } = layout;
	const size = layout.channels * positions;
	const levels: Record<number, number[]> = {};
	const perSample = Array<number>(rows).fill(0);
	for (let at = 0; at < rows * size; at += 1) {
		const level = data[at] as number;
		if (level === 0) continue;
		const element = at % size;
		const events = byPosition[byPosition.length === 1 ? 0 : element % positions] as number;
		const sums = levels[level] ?? [0, 0, 0];
		levels[level] = [
			(sums[0] as number) + 1,
			(sums[1] as number) + events,
			(sums[2] as number) + (effective ? (effective[element] as number) : events),
		];
		const sample = Math.floor(at / size);
		perSample[sample] = (perSample[sample] as number) + events;
	}
	return { levels, perSample };
}

test('levels are counted as an element-by-element count has them, and padding rows are left out', () => {
	const cases = layouts.chain((layout) =>
		fc.record({
			layout: fc.constant(layout),
			rows: fc.integer({ min: 1, max: 3 }),
			data: fc.uint8Array({
				min: 0,
				max: 4,
				minLength: 4 * layout.channels * layout.positions,
				maxLength: 4 * layout.channels * layout.positions,
			}),
		}),
	);
	fc.assert(
		fc.property(cases, ({ layout, rows, data }) => {
			const into = tally(300, false);
			const perSample = new Float64Array(4);
			levelReader('bytes', layout, 0.25)({ bytes: { data } }, rows, into, perSample);
			const expected = counted(data, layout, rows);
			const found = Object.fromEntries(
				[...(into.magnitudes ?? [])].map(([magnitude, { elements, events, effectiveEvents }]) => [
					magnitude * 4,
					[elements, events, effectiveEvents],
				]),
			);
			expect(found).toEqual(expected.levels);
			expect([...perSample.subarray(0, rows)]).toEqual(expected.perSample);
		}),
	);
});
