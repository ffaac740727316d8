import { differentSetting, type RunSettings } from '../../src/scale/identity.ts';
import { cutRanges, missingRanges, overlapOf, sampleCount, shardRange, tidyRanges } from '../../src/scale/shard.ts';

test('shares of a run: the first sample each has, and where it ends', () => {
	const ranges = [1, 2, 3].map((index) => shardRange({ index, of: 3 }, 16));
	expect(ranges).toEqual([
		[0, 5],
		[5, 10],
		[10, 16],
	]);
	// A product of two such numbers is not exact as a float64.
	expect(shardRange({ index: 11, of: 11 }, 2 ** 52 - 1)).toEqual([4094181479427722, 2 ** 52 - 1]);
});

test('ranges are joined where they touch, whatever their order, and empty ones go', () => {
	expect(
		tidyRanges([
			[8, 9],
			[2, 5],
			[5, 5],
			[5, 8],
			[12, 13],
		]),
	).toEqual([
		[2, 9],
		[12, 13],
	]);
	expect(
		sampleCount([
			[2, 9],
			[12, 13],
		]),
	).toBe(8);
});

test('samples in two ranges are named; ranges that only touch have none', () => {
	expect(
		overlapOf([
			[4, 9],
			[0, 4],
			[9, 9],
		]),
	).toBeNull();
	expect(
		overlapOf([
			[4, 9],
			[0, 6],
		]),
	).toEqual([4, 6]);
	expect(
		overlapOf([
			[0, 9],
			[3, 5],
		]),
	).toEqual([3, 5]);
});

test('what is missing lies before, between and behind what is there, and never outside the run', () => {
	const covered = [
		[2, 4],
		[6, 8],
	] as const;
	expect(missingRanges([0, 10], covered)).toEqual([
		[0, 2],
		[4, 6],
		[8, 10],
	]);
	expect(missingRanges([3, 7], covered)).toEqual([[4, 6]]);
	expect(missingRanges([2, 4], covered)).toEqual([]);
});

test('work is cut across the gaps, one share more at most for each worker', () => {
	const todo = [
		[0, 3],
		[10, 14],
	] as const;
	expect(cutRanges(todo, 2)).toEqual([[[0, 3]], [[10, 14]]]);
	expect(cutRanges(todo, 3)).toEqual([
		[[0, 2]],
		[
			[2, 3],
			[10, 11],
		],
		[[11, 14]],
	]);
	expect(cutRanges([[0, 2]], 5)).toEqual([[[0, 1]], [[1, 2]]]);
	expect(cutRanges([], 5)).toEqual([]);
});

test('the first setting in which two runs differ is named with both values', () => {
	const run: RunSettings = {
		program: 'snn-energy 1',
		model: 'a',
		weights: 'b',
		data: 'c',
		samples: 16,
		labels: 'none',
		sampleShape: '[1, 4, 4]',
		dataTimesteps: 'none',
		timesteps: 6,
		encoder: 'once',
		spikeTest: 'element',
		graded: 'mac',
		output: 'out',
		readout: 'sum',
		states: 'd',
	};
	expect(differentSetting(run, { ...run })).toBeNull();
	expect(differentSetting(run, { ...run, timesteps: 5, graded: 'ac' })).toEqual(['timesteps', '6', '5']);
	for (const key of Object.keys(run) as (keyof RunSettings)[])
		expect(differentSetting(run, { ...run, [key]: 'other' })).toEqual([key, String(run[key]), 'other']);
});
