import { activityOf, buildAnalysis } from '../../src/reporting/analysis.ts';
import { parseAnalysis } from '../../src/reporting/parse-analysis.ts';
import { renderJson } from '../../src/reporting/render.ts';
import { arithmeticEstimate, denseComparison, reluActivity, snntorchActivity } from '../support/activity-fixtures.ts';

function example() {
	const activity = snntorchActivity();
	const estimate = arithmeticEstimate(activity, { spread: 0.2, latency: 1e-3 });
	return buildAnalysis(activity, [estimate], [denseComparison(activity, estimate)]);
}

test('a record that was built, written and read back is the same', () => {
	const analysis = example();
	expect(parseAnalysis(renderJson(analysis), 'run.json')).toEqual(analysis);
});

test('a record without estimates, accuracy or comparison is valid too', () => {
	const analysis = buildAnalysis(reluActivity({ accuracy: null }), []);
	expect(analysis.comparison).toBeNull();
	expect(parseAnalysis(renderJson(analysis), 'run.json')).toEqual(analysis);
});

test('the counts of a record are those of the run, untouched', () => {
	const activity = snntorchActivity();
	const analysis = buildAnalysis(activity, [arithmeticEstimate(activity)]);
	expect(analysis.totals).toMatchObject({ acs: 29_491_950, macs: 3_975_120, macsDense: 22_579_200, denseMacs: 204_718_080 });
	expect(analysis.totals.spikes).toBe(136_049);
	expect(activityOf(analysis)).toEqual(activity);
});

test('the accountings behind the estimates are named in the run', () => {
	const activity = snntorchActivity();
	const exact = arithmeticEstimate(activity);
	expect(buildAnalysis(activity, [exact, exact]).run.accounting).toBe('exact');
	expect(buildAnalysis(activity, [exact, { ...exact, accounting: 'lemaire2022' }]).run.accounting).toBe('exact, lemaire2022');
});

test.each([
	['not json', 'run.json: is not JSON'],
	['[1]', 'run.json: holds JSON without a known schema'],
	['{"schema":"snn-energy/activity@1"}', 'run.json: holds schema "snn-energy/activity@1"'],
])('a file holding %s is refused in a sentence', (text, start) => {
	expect(() => parseAnalysis(text, 'run.json')).toThrow(start);
});

test('every top-level field and every count is required, and none is unknown', () => {
	const analysis = JSON.parse(renderJson(example())) as Record<string, unknown>;
	for (const key of Object.keys(analysis)) {
		const { [key]: _, ...rest } = analysis;
		expect(() => parseAnalysis(JSON.stringify(rest), 'run.json')).toThrow('run.json');
	}
	expect(() => parseAnalysis(JSON.stringify({ ...analysis, joules: 1 }), 'run.json')).toThrow('"joules" is not a known field');
	const { acs: _, ...totals } = example().totals;
	expect(() => parseAnalysis(JSON.stringify({ ...analysis, totals }), 'run.json')).toThrow('at /totals: "acs" is missing');
});

test('a fractional count is refused', () => {
	const analysis = example();
	const text = JSON.stringify({ ...analysis, totals: { ...analysis.totals, spikes: 1.5 } });
	expect(() => parseAnalysis(text, 'run.json')).toThrow('at /totals/spikes: it must be integer');
});

test('a count too large for an exact number is refused, not carried on to infinity', () => {
	const analysis = example();
	const text = JSON.stringify(analysis).replace(/"biasElements":\d+/, '"biasElements":1e308');
	expect(() => parseAnalysis(text, 'run.json')).toThrow(
		'run.json: at /layers/0/geometry/biasElements: it must be <= 9007199254740991',
	);
});

test('what cannot be negative is refused when it is', () => {
	const text = JSON.stringify(example());
	const negative = (name: string): string => text.replace(new RegExp(`"${name}":[\\d.e+-]+`), `"${name}":-1.5`);
	for (const name of ['standardDeviation', 'mean', 'nominal', 'low'])
		expect(() => parseAnalysis(negative(name), 'run.json')).toThrow(new RegExp(`/${name}: it must be >= 0; the file is damaged`));
});

test('JSON holds no character that a terminal obeys or that hides, and says the same', () => {
	const record = { name: 'a\u009b31m\u202e\u007f\ufeff\u2028é' };
	expect(renderJson(record)).not.toMatch(/[\u007f-\u009f\u202e\ufeff\u2028]/);
	expect(JSON.parse(renderJson(record))).toEqual(record);
});

test('a result that is not a number is never written', () => {
	expect(() => renderJson({ energy: Number.NaN })).toThrow(RangeError);
	expect(renderJson({ energy: -0 })).not.toContain('-0');
});
