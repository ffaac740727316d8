import { writeFileSync } from 'node:fs';
import { buildAnalysis } from '../../src/reporting/analysis.ts';
import { renderHtmlReport } from '../../src/reporting/html/report.ts';
import { arithmeticEstimate, denseComparison, reluActivity, snntorchActivity } from '../support/activity-fixtures.ts';

function analysisOf(options: Parameters<typeof snntorchActivity>[0] = {}, spread = 0.2) {
	const activity = options.timesteps === 0 ? reluActivity() : snntorchActivity(options);
	const estimate = arithmeticEstimate(activity, { spread, latency: 1.2e-3 });
	const total = estimate.energyPerInferenceJoules;
	const split = { ...estimate, terms: { synapses: total, neurons: { low: total.low / 5, nominal: total.nominal / 5, high: total.high / 5 } } };
	return buildAnalysis(activity, [split], [denseComparison(activity, estimate)]);
}

test('look', async () => {
	const sensitivity = { profile: '45nm', nominalJoules: 2.8e-6, bars: [
		{ constant: 'E_ac', range: '0.4 to 1.4 pJ', energyAtLowJoules: 1.9e-6, energyAtHighJoules: 3.7e-6 },
		{ constant: 'E_mac', range: '±50 %', energyAtLowJoules: 2.2e-6, energyAtHighJoules: 3.4e-6 } ] };
	writeFileSync('/tmp/one.html', await renderHtmlReport([analysisOf({ warnings: ['Layer "fc" holds weights that are all zero.'] })], { sensitivities: [sensitivity] }));
	writeFileSync('/tmp/three.html', await renderHtmlReport([analysisOf({ timesteps: 0 }), analysisOf({ timesteps: 1, file: 'snn-t1.onnx', accuracy: { correct: 13, total: 16 } }), analysisOf()]));
});
