import fc from 'fast-check';
import { batchesAhead, type Feeder } from '../../src/simulation/feed.ts';

const nothing: Feeder = async () => () => ({ values: new Float32Array(0), dims: [] });

test('every sample comes once, in order, and the next batch is asked for before one is handed out', async () => {
	await fc.assert(
		fc.asyncProperty(fc.nat(40), fc.integer({ min: 1, max: 17 }), async (count, batch) => {
			const asked: number[] = [];
			const feed: Feeder = (start, end, size) => {
				asked.push(end);
				expect(size).toBe(batch);
				return nothing(start, end, size);
			};
			let done = 0;
			for await (const { start, end, rows, size } of batchesAhead(feed, count, batch)) {
				expect([start, rows, size]).toEqual([done, Math.min(batch, count - done), batch]);
				expect(asked.at(-1)).toBe(Math.min(count, end + batch));
				done = end;
			}
			expect(done).toBe(count);
			expect(asked).toHaveLength(Math.ceil(count / batch));
		}),
	);
});

test('a batch that cannot be read is told in its turn, and a run that stops before is not disturbed by it', async () => {
	const feed: Feeder = (start, end, size) =>
		start >= 4 ? Promise.reject(new Error('sample 4 is broken')) : nothing(start, end, size);
	const reached: number[] = [];
	const run = async (until: number): Promise<void> => {
		for await (const { end } of batchesAhead(feed, 9, 2)) {
			reached.push(end);
			// Long enough for a failure that nobody waits for to be noticed.
			await new Promise((resolve) => setTimeout(resolve, 5));
			if (end === until) return;
		}
	};
	await expect(run(9)).rejects.toThrow('sample 4 is broken');
	expect(reached).toEqual([2, 4]);
	await run(4);
});
