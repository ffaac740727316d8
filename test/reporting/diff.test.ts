import { buildAnalysis } from '../../src/reporting/analysis.ts';
import { diffAnalyses } from '../../src/reporting/diff.ts';
import { renderTerminal } from '../../src/reporting/terminal.ts';
import { arithmeticEstimate, snntorchActivity } from '../support/activity-fixtures.ts';

const analysisOf = (activity = snntorchActivity()) => buildAnalysis(activity, [arithmeticEstimate(activity)]);

test('two equal results do not differ', () => {
	const { changed, document } = diffAnalyses(analysisOf(), analysisOf());
	expect(changed).toBe(false);
	expect(renderTerminal(document)).toContain('No count, accuracy, energy or latency differs.');
});

test('one more spike in one layer shows in that layer alone', () => {
	const before = analysisOf();
	const layers = before.layers.map((layer) =>
		layer.name === 'lif2' && layer.kind === 'neuron'
			? { ...layer, totals: { ...layer.totals, spikes: layer.totals.spikes + 16 } }
			: layer,
	);
	const { changed, document } = diffAnalyses(before, { ...before, layers });
	expect(changed).toBe(true);
	const text = renderTerminal(document);
	expect(text).toMatch(/lif2 +spikes +2,872 +2,873 +\+<0\.1 %/);
	expect(text).not.toMatch(/lif1|conv2/);
});

test('energy, accuracy and circumstances are set side by side', () => {
	const after = analysisOf(snntorchActivity({ timesteps: 3, accuracy: { correct: 12, total: 16 }, dataSha256: '3'.repeat(64) }));
	const text = renderTerminal(diffAnalyses(analysisOf(), after).document);
	expect(text).toMatch(/accuracy +93\.75 % +75\.00 % +−20\.0 %/);
	expect(text).toMatch(/energy on 45nm +2\.80 µJ +1\.21 µJ +−57\.\d %/);
	expect(text).toMatch(/timesteps +6 +3 +−50\.0 %/);
	expect(text).toContain('data: inputs.npy (sha256 111111111111) → inputs.npy (sha256 333333333333)');
});

test('a layer that came or went is named', () => {
	const before = analysisOf();
	const text = renderTerminal(diffAnalyses(before, { ...before, layers: before.layers.slice(0, -1) }).document);
	expect(text).toMatch(/lif3 +layer +present +absent/);
});
