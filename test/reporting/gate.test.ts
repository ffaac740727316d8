import { buildAnalysis } from '../../src/reporting/analysis.ts';
import { brokenLimits, parseAccuracyLimit, parseEnergyLimit, parseLatencyLimit } from '../../src/reporting/gate.ts';
import { arithmeticEstimate, snntorchActivity } from '../support/activity-fixtures.ts';

test.each([
	['50uJ', 50e-6],
	['50 µJ', 50e-6],
	['1.2mJ', 1.2e-3],
	['800nJ', 800e-9],
	['3e-6J', 3e-6],
	['.5J', 0.5],
])('an energy limit of %s is %d joules', (text, joules) => {
	expect(parseEnergyLimit(text)).toBeCloseTo(joules, 15);
});

test.each(['50', 'uJ', '-1uJ', '0J', '5us', '5UJ', '1e400J', '1 000uJ', ''])(
	'"%s" is no energy and is refused by name',
	(text) => {
		expect(() => parseEnergyLimit(text)).toThrow(/^--max-energy .*such as 50uJ/);
	},
);

test('a latency limit is a time and not an energy', () => {
	expect(parseLatencyLimit('250us')).toBeCloseTo(250e-6, 15);
	expect(() => parseLatencyLimit('1mJ')).toThrow('--max-latency 1mJ');
});

test('an accuracy limit is a fraction or a percentage', () => {
	expect(parseAccuracyLimit('0.9')).toBe(0.9);
	expect(parseAccuracyLimit('90%')).toBe(0.9);
	expect(parseAccuracyLimit('100 %')).toBe(1);
	for (const text of ['90', '-0.1', 'high', '101%']) expect(() => parseAccuracyLimit(text)).toThrow('--min-accuracy');
});

const activity = snntorchActivity();
const analysis = buildAnalysis(activity, [arithmeticEstimate(activity, { latency: 2e-3 })]);

test('limits that hold break nothing, and a limit met exactly holds', () => {
	const exactly = analysis.estimates[0]?.energyPerInferenceJoules.nominal ?? 0;
	expect(brokenLimits(analysis, { maxEnergyJoules: exactly, maxLatencySeconds: 2e-3, minAccuracy: 0.9375 })).toEqual([]);
});

test('every broken limit is one sentence with both numbers', () => {
	expect(brokenLimits(analysis, { maxEnergyJoules: 1e-6, maxLatencySeconds: 1e-3, minAccuracy: 0.95 })).toEqual([
		'energy on 45nm is 2.80 µJ, above the 1.00 µJ of --max-energy',
		'latency on 45nm is 2.00 ms, above the 1.00 ms of --max-latency',
		'accuracy is 93.75 %, below the 95.00 % of --min-accuracy',
	]);
});

test('a limit on what the run does not know is an error, not a pass', () => {
	const blind = buildAnalysis(snntorchActivity({ accuracy: null }), [arithmeticEstimate(activity)]);
	expect(() => brokenLimits(blind, { minAccuracy: 0.5 })).toThrow('no labels');
	expect(() => brokenLimits(blind, { maxLatencySeconds: 1 })).toThrow('prices latency');
	expect(() => brokenLimits(buildAnalysis(activity, []), { maxEnergyJoules: 1 })).toThrow('no profile');
});
