import type { Analysis } from '../../src/reporting/analysis.ts';
import { buildAnalysis } from '../../src/reporting/analysis.ts';
import { compareAnalyses, paretoFront, rowName, shortModelName } from '../../src/reporting/compare.ts';
import { comparisonTable, describeComparison } from '../../src/reporting/comparison-document.ts';
import { differenceInterval } from '../../src/reporting/numbers.ts';
import { renderTerminal } from '../../src/reporting/terminal.ts';
import { arithmeticEstimate, denseComparison, reluActivity, snntorchActivity } from '../support/activity-fixtures.ts';

function analysisOf(activity = snntorchActivity(), profile = '45nm') {
	const estimate = arithmeticEstimate(activity, { profile });
	return buildAnalysis(activity, [estimate], [denseComparison(activity, estimate)]);
}

const zeroSkipping = () => [
	{ name: 'dense', energyJoules: exactly(9.8e-6), formula: 'Every connection once.', macs: 2_132_480, exact: true },
	{ name: '3-bit', energyJoules: exactly(1e-7), formula: 'MACs × E_mac of 3 bits.', macs: 2_132_480, exact: false },
];
const exactly = (nominal: number) => ({ low: nominal, nominal, high: nominal });

test('a DNN stands dense and as it was counted, a spiking net as it is', () => {
	const comparison = compareAnalyses([analysisOf(reluActivity()), analysisOf()]);
	expect(comparison.rows.map(rowName)).toEqual(['relu-twin (dense)', 'relu-twin (as counted)', 'a-snntorch-conv-step T=6']);
	expect(comparison.baseline).toBe('relu-twin (dense)');
	// Dense: 2,132,480 MACs × 4.6 pJ; as counted: the MACs of nonzero activations × 4.6 pJ.
	expect(comparison.rows[0]?.energyJoules.nominal).toBeCloseTo(9.809408e-6, 12);
	expect(comparison.rows[1]?.energyJoules.nominal).toBeCloseTo(((662_520 + 1_753_440 + 17_950) / 16) * 4.6e-12, 18);
	// Only what was run has a latency.
	expect(comparison.rows[0]?.latencySeconds).toBeNull();
});

test('a variant that costs what the run cost is the run, and does not stand twice', () => {
	const analysis = analysisOf(reluActivity());
	const own = analysis.estimates[0]?.energyPerInferenceJoules ?? exactly(0);
	const comparison = compareAnalyses([analysis], {
		variantsOf: () => [
			{ name: 'zero-skipping', energyJoules: own, formula: 'Only nonzero activations.', macs: 152_119, exact: true },
		],
	});
	expect(comparison.rows.map(rowName)).toEqual(['relu-twin (zero-skipping)']);
});

test('ratios refer to the baseline under the same profile', () => {
	const comparison = compareAnalyses([analysisOf(reluActivity()), analysisOf(), analysisOf(snntorchActivity(), 'loihi')]);
	const [dense, , snn, elsewhere] = comparison.rows;
	expect(dense?.ratioToBaseline).toBe(1);
	expect(snn?.ratioToBaseline).toBeCloseTo(3.5011, 4);
	expect(elsewhere?.profile).toBe('loihi');
	expect(elsewhere?.ratioToBaseline).toBeNull();
});

test('the baseline is the plain network wherever it stands, unless another is named', () => {
	const analyses = [analysisOf(), analysisOf(reluActivity())];
	expect(compareAnalyses(analyses).baseline).toBe('relu-twin (dense)');
	expect(compareAnalyses(analyses, { baseline: 0 }).baseline).toBe('a-snntorch-conv-step T=6');
	expect(compareAnalyses(analyses.slice(0, 1)).baseline).toBe('a-snntorch-conv-step T=6');
});

test('another baseline changes the ratios and nothing else', () => {
	const analyses = [analysisOf(reluActivity()), analysisOf()];
	const rows = compareAnalyses(analyses, { baseline: 1 }).rows;
	expect(rows.at(-1)?.ratioToBaseline).toBe(1);
	expect(rows.map((row) => row.energyJoules)).toEqual(compareAnalyses(analyses).rows.map((row) => row.energyJoules));
});

test('every fair variant stands beside the others with its formula', () => {
	const comparison = compareAnalyses([analysisOf(reluActivity())], { variantsOf: zeroSkipping });
	expect(comparison.rows.map(rowName)).toEqual(['relu-twin (dense)', 'relu-twin (3-bit)', 'relu-twin (as counted)']);
	expect(comparison.formulas).toContain('3-bit: MACs × E_mac of 3 bits.');
});

test('a quantised net that was not run has no accuracy and is on no front', () => {
	const { rows } = compareAnalyses([analysisOf(reluActivity())], { variantsOf: zeroSkipping });
	expect(rows.map(({ accuracy }) => accuracy)).toEqual([15 / 16, null, 15 / 16]);
	expect(paretoFront(rows).map(rowName)).not.toContain('relu-twin (3-bit)');
});

test('runs on other data, of another architecture or by other rules are warned about, by name', () => {
	const base = snntorchActivity();
	const otherData = { ...analysisOf(snntorchActivity({ file: 'data.onnx', dataSha256: '2'.repeat(64) })) };
	const cut = { ...base, model: { ...base.model, file: 'cut.onnx' }, layers: base.layers.slice(2) };
	const rules = { ...base, model: { ...base.model, file: 'rules.onnx' }, run: { ...base.run, encoder: 'once' as const } };
	const { warnings } = compareAnalyses([analysisOf(base), otherData, analysisOf(cut), analysisOf(rules)]);
	expect(warnings.join('\n')).toMatch(/"data T=6" was not run on the data of "a-snntorch-conv-step T=6"/);
	expect(warnings.join('\n')).toMatch(/weight layers of "cut T=6" differ/);
	expect(warnings.join('\n')).toMatch(/"rules T=6" was counted by other rules/);
	expect(warnings).toHaveLength(3);
});

test('the same net at another number of timesteps is the same architecture', () => {
	expect(compareAnalyses([analysisOf(), analysisOf(snntorchActivity({ timesteps: 1 }))]).warnings).toEqual([]);
});

test('the Pareto front holds exactly the models nothing else beats', () => {
	const runs = [
		snntorchActivity({ file: 'best.onnx', accuracy: { correct: 16, total: 16 } }),
		snntorchActivity({ file: 'cheap.onnx', timesteps: 1, accuracy: { correct: 10, total: 16 } }),
		snntorchActivity({ file: 'beaten.onnx', accuracy: { correct: 9, total: 16 } }),
		snntorchActivity({ file: 'unlabelled.onnx', accuracy: null }),
	];
	const front = paretoFront(compareAnalyses(runs.map((run) => analysisOf(run))).rows);
	expect(front.map(rowName)).toEqual(['best T=6', 'cheap T=1']);
});

test('a spiking model has its timesteps in its name, once; DNNs come first, then names and timesteps in order', () => {
	const names = (...runs: readonly ReturnType<typeof snntorchActivity>[]) =>
		compareAnalyses(runs.map((run) => analysisOf(run))).models.map(({ name }) => name);
	expect(names(snntorchActivity(), snntorchActivity({ timesteps: 2 }))).toEqual([
		'a-snntorch-conv-step T=2',
		'a-snntorch-conv-step T=6',
	]);
	const file = (name: string, timesteps: number) => snntorchActivity({ file: `models/net/${name}.onnx`, timesteps });
	expect(names(file('model-T4', 4), file('model-T2', 2), file('model', 1), reluActivity())).toEqual([
		'relu-twin',
		'net T=1',
		'net T=2',
		'net T=4',
	]);

	const { models } = compareAnalyses([analysisOf(), analysisOf()]);
	expect(models.map(({ name }) => name)).toEqual(['a-snntorch-conv-step T=6', 'a-snntorch-conv-step T=6 (2)']);
	expect(shortModelName('models/mnist/model.onnx')).toBe('mnist');
	expect(shortModelName('models/mnist/model-T5.onnx')).toBe('mnist T5');
	expect(shortModelName('models/mnist/relu.onnx')).toBe('mnist relu');
	expect(shortModelName('model.onnx')).toBe('model');
	expect(shortModelName('models/mnist/vgg.onnx')).toBe('vgg');
});

test('the table groups rows by profile when there are several', () => {
	const activity = snntorchActivity();
	const both = buildAnalysis(activity, [arithmeticEstimate(activity), arithmeticEstimate(activity, { profile: 'loihi' })]);
	const table = comparisonTable(compareAnalyses([both]));
	expect(table.rows.map((row) => row.group)).toEqual(['45nm', 'loihi']);
	expect(comparisonTable(compareAnalyses([analysisOf()])).rows[0]?.group).toBeUndefined();
});

test('baselines stand apart from spiking networks, and every accuracy has its interval or is said to be unknown', () => {
	const comparison = compareAnalyses([analysisOf(), analysisOf(reluActivity())], { variantsOf: zeroSkipping });
	const { rows } = comparisonTable(comparison);
	expect(rows.map(({ group, cells }) => [group, cells[0]])).toEqual([
		['DNN baselines: relu-twin', 'dense'],
		['DNN baselines: relu-twin', '3-bit'],
		['DNN baselines: relu-twin', 'as counted'],
		['Spiking networks', 'a-snntorch-conv-step T=6'],
	]);
	const text = renderTerminal(describeComparison(comparison));
	expect(text).toMatch(/^1 spiking network beside 1 DNN on 45nm\n/);
	expect(text).toMatch(/\n3-bit +not measured /);
	expect(text).toMatch(/T=6 +93\.75 % \(71\.67 to 98\.89 %\)/);
	// A spreadsheet gets whole names.
	expect(comparisonTable(comparison, true).rows.map(({ group, cells }) => [group, cells[0]])[1]).toEqual([
		undefined,
		'relu-twin (3-bit)',
	]);
});

test('a plain network is not priced on hardware that cannot run one, and says why', () => {
	const chip = (analysis: Analysis): Analysis => ({
		...analysis,
		estimates: analysis.estimates.map((estimate) => ({ ...estimate, denseUnsupported: 'The chip exchanges spikes.' })),
	});
	const comparison = compareAnalyses([chip(analysisOf(reluActivity())), chip(analysisOf())]);
	expect(comparison.rows).toHaveLength(1);
	expect(comparison.rows[0]?.ratioToBaseline).toBeNull();
	expect(comparison.cautions[0]).toContain('cannot run on 45nm: The chip exchanges spikes.');
	expect(comparison.warnings.join()).not.toContain('The chip exchanges spikes.');
	const elsewhere = compareAnalyses([analysisOf(reluActivity()), analysisOf()]);
	expect(elsewhere.rows.some(({ model }) => !model.activity.spiking)).toBe(true);
	expect(elsewhere.cautions.join()).not.toContain('cannot run');
});

test("whether accuracies are equal is said with the interval of the difference, by Newcombe's method 10", () => {
	// R. G. Newcombe 1998, Table II, (a): 56/70 against 48/80 gives 0.0524 to 0.3339.
	const { gap, low, high } = differenceInterval({ correct: 56, total: 70 }, { correct: 48, total: 80 });
	expect(gap).toBeCloseTo(0.2, 12);
	expect(low).toBeCloseTo(0.0524, 4);
	expect(high).toBeCloseTo(0.3339, 4);
	const rated = (analysis: Analysis, correct: number): Analysis => ({ ...analysis, accuracy: { correct, total: 10_000 } });
	const gaps = (plain: number, spiking: number) =>
		compareAnalyses([rated(analysisOf(reluActivity()), plain), rated(analysisOf(), spiking)]).accuracyGaps.join();
	expect(gaps(8963, 8820)).toContain('1.43 points more accurate');
	expect(gaps(8963, 8820)).toContain('the accuracies are not equal');
	expect(gaps(9947, 9950)).toContain('a difference is not shown');
	expect(gaps(9950, 9950)).toMatch(/^The baseline \S+ is as accurate as \S+ T=\d+ \(95 % interval/);
});
