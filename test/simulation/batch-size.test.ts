import { batchThatFits, defaultBatch, memoryIsPlanned } from '../../src/simulation/batch-size.ts';

const convolution = (width: number, side: number) => ({
	inputShapes: [[width, side, side]],
	outputShapes: [[width, side, side]],
	neuronShapes: [[width, side, side]],
});

test('a network runs sixteen samples at once, a small one as many as stay in cache, a large one as many as fit', () => {
	// A batch may take an eighth of a runtime's memory.
	const gigabyte = 2 ** 30;
	expect(batchThatFits(convolution(64, 32), 5, 8 * gigabyte)).toBe(defaultBatch);
	// 8 · 4² values of 4 bytes: 3 for the neurons, 2 · 2 for each of 5 timesteps.
	expect(batchThatFits(convolution(8, 4), 5, 8 * gigabyte)).toBe(Math.floor(2 ** 20 / (8 * 4 * 4 * 4 * (3 + 2 * 5 * 2))));
	expect(batchThatFits(convolution(1, 2), 5, 8 * gigabyte)).toBe(256);
	// 64 · 224² values of 4 bytes: 3 for the neurons, 2 · 2 for each of 5 timesteps.
	const bytes = 64 * 224 * 224 * 4 * (3 + 2 * 5 * 2);
	expect(batchThatFits(convolution(64, 224), 5, 8 * gigabyte)).toBe(Math.floor(gigabyte / bytes));
	expect(batchThatFits(convolution(64, 224), 5, 8 * (bytes / 2))).toBe(1);
	expect(batchThatFits(convolution(64, 224), 5, 1000 * gigabyte)).toBe(Math.floor((2 * gigabyte) / bytes));
});

test('memory is planned as one block for many batches up to a gigabyte', () => {
	const bytes = 64 * 224 * 224 * 4 * (3 + 2 * 5 * 2);
	const most = Math.floor(2 ** 30 / bytes);
	expect(most).toBeGreaterThan(0);
	expect(memoryIsPlanned(convolution(64, 224), 5, most, 32 * most)).toBe(true);
	expect(memoryIsPlanned(convolution(64, 224), 5, most, 32 * most - 1)).toBe(false);
	expect(memoryIsPlanned(convolution(64, 224), 5, most + 1, 32 * (most + 1))).toBe(false);
});
