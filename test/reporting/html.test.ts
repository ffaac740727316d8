import type { Sensitivity } from '../../src/hardware/sensitivity.ts';
import { buildAnalysis } from '../../src/reporting/analysis.ts';
import { renderFragment } from '../../src/reporting/html/fragment.ts';
import { renderHtmlReport } from '../../src/reporting/html/report.ts';
import { arithmeticEstimate, denseComparison, reluActivity, snntorchActivity } from '../support/activity-fixtures.ts';

function analysisOf(activity = snntorchActivity()) {
	const estimate = arithmeticEstimate(activity, { spread: 0.2, latency: 1.2e-3 });
	return buildAnalysis(activity, [estimate], [denseComparison(activity, estimate)]);
}

const sensitivity: Sensitivity = {
	profile: '45nm',
	quantity: 'energy',
	nominal: 2.8e-6,
	bars: [
		{
			constant: 'E_ac',
			unit: 'pJ',
			range: { low: 0.4, nominal: 0.9, high: 1.4 },
			rangeFrom: 'interval',
			evidence: 'published',
			atLow: 1.9e-6,
			atHigh: 3.7e-6,
			swing: 0.64,
		},
		{
			constant: 'E_mac',
			unit: 'pJ',
			range: { low: 2.3, nominal: 4.6, high: 6.9 },
			rangeFrom: 'default',
			evidence: 'published',
			atLow: null,
			atHigh: 3.4e-6,
			swing: 0.2,
		},
	],
};

test('the page opens with the answer, before any table or chart', async () => {
	const page = await renderHtmlReport([analysisOf()]);
	const answer = page.indexOf('On 45nm, one inference of this spiking network costs 2.80 µJ (2.24 to 3.36 µJ); the DNN baseline');
	expect(answer).toBeGreaterThan(0);
	expect(answer).toBeLessThan(page.indexOf('<table'));
	expect(answer).toBeLessThan(page.indexOf('<svg'));
	expect(page.slice(answer)).toContain('<span class="value">2.80 µJ</span>');
});

test('the page needs no script and nothing from outside, and says so in its policy', async () => {
	const page = await renderHtmlReport([analysisOf()], { sensitivities: [sensitivity] });
	expect(page).not.toMatch(/<script|javascript:|<link[^>]+stylesheet|@import|\bon\w+=/i);
	expect(page.match(/(?:src|href)="([^"#][^"]*)"/g)).toEqual(['href="data:,"']);
	expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toContain('http://');
	expect(page).toContain("default-src 'none'");
});

test('every chart has a text alternative, a caption and its numbers as a table', async () => {
	const page = await renderHtmlReport([analysisOf()], { sensitivities: [sensitivity] });
	const figures = page.split('<figure>').slice(1);
	expect(figures.length).toBeGreaterThanOrEqual(4);
	for (const figure of figures) {
		expect(figure).toMatch(/<svg role="img" aria-label="[^"]{30,}"/);
		expect(figure).toMatch(/<figcaption>[^<]{30,}<\/figcaption>/);
		expect(figure).toMatch(/<details><summary>Numbers of this chart<\/summary>\n<div class="scroll" tabindex="0" role="region"/);
	}
	expect(page).toContain('E_ac matters most: over 0.4 to 1.4 pJ the energy runs from 1.90 µJ to 3.70 µJ.');
});

test('charts take their colours from the page, so light and dark both work', async () => {
	const page = await renderHtmlReport([analysisOf()]);
	const charts = page.slice(page.indexOf('<figure>'));
	const colours = new Set([...charts.matchAll(/(?:fill|stroke)="([^"]+)"/g)].map((match) => match[1]));
	for (const colour of colours) expect(colour).toMatch(/^(?:none|transparent|var\(--[a-z0-9-]+\))$/);
	expect(page).toContain('@media (prefers-color-scheme: dark)');
	expect(page).toContain('@media print');
});

test('a hostile model name is text everywhere in the page', async () => {
	const name = '"><script>alert(1)</script><img src=x onerror=alert(2)>\u202e&';
	const page = await renderHtmlReport([analysisOf(snntorchActivity({ file: name, layerPrefix: name, warnings: [name] }))]);
	expect(page).not.toMatch(/<script|<img|\u202e/);
	expect(page).toContain('&quot;&gt;&lt;script&gt;alert(1)');
});

test('a network whose accuracy was not measured is not called the cheapest beside one that was', async () => {
	const measured = analysisOf(snntorchActivity({ file: 'measured.onnx', accuracy: { correct: 13, total: 16 } }));
	const unmeasured = analysisOf(snntorchActivity({ timesteps: 1, file: 'unmeasured.onnx', accuracy: null }));
	const page = await renderHtmlReport([measured, unmeasured]);
	expect(page).toMatch(/measured T=\d+ is the cheapest whose accuracy was measured/);
	expect(page).toMatch(/unmeasured T=1 would need [^;]+; how often it is right was not measured\./);
});

test('a report of several runs compares them and draws the Pareto front', async () => {
	const dnn = analysisOf(reluActivity());
	const fast = analysisOf(snntorchActivity({ timesteps: 1, file: 'snn-t1.onnx', accuracy: { correct: 13, total: 16 } }));
	const page = await renderHtmlReport([dnn, fast, analysisOf()]);
	expect(page).toContain('snn T=1 is the cheapest');
	expect(page).toContain('relu-twin (as counted)');
	// One method for all, and every chart in view: only numbers and tables are folded.
	expect(page.match(/Energy was estimated with/g)).toHaveLength(1);
	expect(page.match(/<figure>/g)?.length).toBeGreaterThan(5);
	expect(page.replaceAll(/<details>.*?<\/details>/gs, '').match(/<figure>/g)).toEqual(page.match(/<figure>/g));
	expect(page).toContain('No other model is both cheaper and at least as accurate as');
	expect(new Set([...page.matchAll(/ id="([^"]+)"/g)].map((match) => match[1])).size).toBe([...page.matchAll(/ id="/g)].length);
	expect(page.length).toBeLessThan(1_000_000);
});

test('every link of the contents leads somewhere', async () => {
	const page = await renderHtmlReport([analysisOf()]);
	const targets = [...page.matchAll(/href="#([^"]+)"/g)].map((match) => match[1]);
	expect(targets.length).toBeGreaterThan(5);
	for (const target of targets) expect(page).toContain(`id="${target}"`);
});

test('a net of 200 layers over 300 timesteps stays under one megabyte', async () => {
	const small = snntorchActivity({ layerPrefix: 'block.' });
	const repeat = (index: number) => small.layers.map((layer) => ({ ...layer, name: `${layer.name}.${index}` }));
	const stretched = Array.from({ length: 33 }, (_, index) => repeat(index))
		.flat()
		.map((layer) =>
			layer.kind === 'neuron'
				? { ...layer, perTimestep: Array.from({ length: 300 }, (_, step) => layer.perTimestep[step % 6] ?? layer.totals) }
				: layer,
		);
	const big = { ...small, layers: stretched, run: { ...small.run, timesteps: 300 } };
	const page = await renderHtmlReport([buildAnalysis(big, [arithmeticEstimate(big)])]);
	expect(page.length).toBeLessThan(1_000_000);
	expect(page).not.toMatch(/NaN|undefined|Infinity/);
});

test('a run that was not priced still reports what it counted', async () => {
	const page = await renderHtmlReport([buildAnalysis(snntorchActivity({ accuracy: null }), [])]);
	expect(page).toContain('counted but not priced');
	expect(page).not.toMatch(/NaN|undefined/);
});

test('a fragment holds answer, picture and layers, and touches nothing of the page around it', async () => {
	const fragment = await renderFragment([analysisOf()]);
	expect(fragment).toMatch(/^<div class="snn-energy">/);
	expect(fragment).toContain('<ul class="cards">');
	expect(fragment).toContain('<svg');
	expect(fragment).toContain('Events and energy of each layer per inference');
	expect(fragment).not.toMatch(/<script|<html|<body|https?:\/\/(?!www\.w3\.org)/);
	const [, rules = ''] = /<style>([\s\S]*?)<\/style>/.exec(fragment) ?? [];
	const selectors = [...rules.matchAll(/([^{}]+)\{/g)].flatMap(([, selector = '']) => selector.split(','));
	expect(selectors.filter((selector) => !selector.trim().startsWith('.snn-energy'))).toEqual([]);
});

test('a fragment of several runs sets them side by side', async () => {
	const fragment = await renderFragment([analysisOf(), analysisOf(reluActivity())]);
	expect(fragment.match(/<div class="snn-energy">/g)).toHaveLength(1);
	expect(fragment).toContain('<table>');
	expect(fragment).not.toContain('<ul class="cards">');
	await expect(renderFragment([])).rejects.toThrow('at least one analysis');
});
