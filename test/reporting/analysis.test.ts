import { activityOf, buildAnalysis } from '../../src/reporting/analysis.ts';
import { renderJson } from '../../src/reporting/json-text.ts';
import { parseAnalysis } from '../../src/reporting/parse-analysis.ts';
import { closeSentence } from '../../src/reporting/sentences.ts';
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

describe('close decisions', () => {
	const run = { ...example().run, samples: 100 };
	const may = ': another machine or runtime may decide them otherwise';

	test.each([
		[{ samples: 100, compared: 8_750_000, close: 12, unknown: 0 }, `12 of 8.75 million decisions lie within rounding${may}`],
		[
			{ samples: 64, compared: 8123, close: 1, unknown: 0 },
			'1 of 8,123 decisions of the first 64 samples lies within rounding: another machine or runtime may decide it otherwise',
		],
		[{ samples: 100, compared: 999_499_999, close: 0, unknown: 0 }, '0 of 999 million decisions lie within rounding'],
		[{ samples: 100, compared: 999_500_000, close: 0, unknown: 0 }, '0 of 1.00 billion decisions lie within rounding'],
		[{ samples: 100, compared: 999_999, close: 0, unknown: 0 }, '0 of 999,999 decisions lie within rounding'],
		[{ samples: 100, compared: 999_600_000_000, close: 0, unknown: 0 }, '0 of 1.00 trillion decisions lie within rounding'],
		[{ samples: 100, compared: 2e12, close: 0, unknown: 0 }, '0 of 2.00 trillion decisions lie within rounding'],
		[{ samples: 100, compared: 9e15, close: 0, unknown: 0 }, '0 of 9,000 trillion decisions lie within rounding'],
		[{ samples: 100, compared: 500, close: 0, unknown: 0 }, '0 of 500 decisions lie within rounding'],
		[
			{ samples: 100, compared: 500, close: 0, unknown: 20 },
			'0 of 500 decisions lie within rounding; not known of 20 more, whose threshold the graph does not tell',
		],
		[
			{ samples: 100, compared: 0, close: null, unknown: 20 },
			'not known how many decisions lie within rounding: the graph does not tell the threshold of 20',
		],
		[{ samples: 0, compared: 0, close: null, unknown: 0 }, null],
	])('%j is said', (decisions, sentence) => {
		expect(closeSentence({ decisions, run })).toBe(sentence);
	});

	test('they are written and read back, and have to add up', () => {
		const { timesteps } = snntorchActivity().run;
		let counted = 0;
		const layers = snntorchActivity().layers.map((layer) => {
			if (layer.kind !== 'neuron' || !layer.spiking) return layer;
			counted += 1;
			const closePerTimestep = Array.from({ length: timesteps }, (_, at) => at);
			const close = (timesteps * (timesteps - 1)) / 2;
			return { ...layer, decisions: { compared: 1000, close, unknown: 0, closePerTimestep } };
		});
		const close = (counted * timesteps * (timesteps - 1)) / 2;
		const decisions = { samples: 1, compared: counted * 1000, close, unknown: 0 };
		const text = (of: object): string =>
			renderJson(buildAnalysis({ ...snntorchActivity(), layers, decisions: { ...decisions, ...of } }, []));
		expect(parseAnalysis(text({}), 'run.json').decisions).toEqual(decisions);
		expect(counted).toBeGreaterThan(0);
		expect(() => parseAnalysis(text({ close: close + 1 }), 'run.json')).toThrow('/decisions/close');
		expect(() => parseAnalysis(text({ samples: 1_000_000 }), 'run.json')).toThrow('/decisions/samples');
	});
});
