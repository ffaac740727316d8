import { createHash } from 'node:crypto';
import { buildAnalysis } from '../../src/reporting/analysis.ts';
import { renderAnalysis, reportFormats } from '../../src/reporting/formats.ts';
import { terminalOptions, textWidth } from '../../src/reporting/terminal.ts';
import { arithmeticEstimate, denseComparison, reluActivity, snntorchActivity } from '../support/activity-fixtures.ts';

const hostile = "=cmd|'/c calc'!A1 <script>alert(1)</script> | \\input{x} \u001b[31m\u202e `$(id)` [a](javascript:1) %&_#{}";

function analysisOf(options: Parameters<typeof snntorchActivity>[0] = {}) {
	const activity = snntorchActivity(options);
	const estimate = arithmeticEstimate(activity, { spread: 0.2, latency: 1.2e-3 });
	return buildAnalysis(activity, [estimate], [denseComparison(activity, estimate)]);
}

test('the terminal table tells cost, cause and certainty', async () => {
	const text = await renderAnalysis(analysisOf(), 'table');
	expect(text).toMatch(/Energy on 45nm +2\.80 µJ \(2\.24 to 3\.36 µJ\) per inference\nDNN baseline .*\nAccuracy /);
	expect(text).toContain('the spiking network needs 3.50× less energy');
	expect(text).toContain('Dense MACs of one pass × E_mac');
	expect(text).toContain('93.75 % (15 of 16; 95 % interval 71.67 to 98.89 %)');
	// Neurons cost nothing here: they stand in the row of their weights.
	expect(text).toMatch(/conv2 +7\.6 % +0\.458 +1,827,740 +0 +62,720 +1\.64 µJ +58\.7 %/);
	expect(text).toMatch(/total +9\.0 % +0\.542 +1,843,247 +248,445 +156,900 +2\.80 µJ +100\.0 %/);
	expect(text).toContain('2,091,692 synaptic operations (SOPs) per inference');
	expect(text).not.toMatch(/lif1|with zeros|input on/);
	expect(text.indexOf('Ratio formed as')).toBeGreaterThan(text.indexOf('What it rests on'));
	const verbose = await renderAnalysis(analysisOf(), 'table', { width: 140, verbose: true });
	expect(verbose).toMatch(/lif1 +LIF +– +10\.0 % +0\.598 +– +– +– +94,080 +0 J +0 %/);
	expect(verbose).toMatch(/conv2 +Conv of spikes +[\d.]+ % +– +– +1,827,740 +0 +0 +– +1\.64 µJ +58\.7 %/);
	expect(text).toContain('weight reads, membrane reads, membrane writes, control and leakage');
});

test('no line of the terminal report is longer than the terminal', async () => {
	const analysis = analysisOf({ layerPrefix: 'features.module.very_long_block_name.', file: `${'deep/'.repeat(40)}net.onnx` });
	for (const width of [30, 31, 37, 44, 52, 59, 60, 61, 72, 79, 80, 88, 95, 99, 100, 120, 140])
		for (const line of (await renderAnalysis(analysis, 'table', { width })).split('\n'))
			expect(textWidth(line)).toBeLessThanOrEqual(width);
});

test('without a terminal there is no colour, and NO_COLOR switches it off in one', async () => {
	expect(await renderAnalysis(analysisOf(), 'table', terminalOptions({}, {}))).not.toContain('\u001b');
	expect(terminalOptions({ isTTY: true, columns: 80 }, { NO_COLOR: '1' })).toEqual({ width: 80, colour: false });
	expect(terminalOptions({}, { COLUMNS: '72' })).toEqual({ width: 72, colour: false });
	expect(terminalOptions({ isTTY: true, columns: 80 }, { COLUMNS: '72' })).toEqual({ width: 80, colour: true });
	const coloured = terminalOptions({ isTTY: true, columns: 80 }, {});
	expect(await renderAnalysis(analysisOf(), 'table', coloured)).toContain('\u001b[1m');
});

test.each(reportFormats)('%s holds no NaN, undefined, null word or minus zero, whatever the run', async (format) => {
	const empty = buildAnalysis(reluActivity({ accuracy: null }), []);
	const silent = snntorchActivity({ random: true });
	const free = arithmeticEstimate({ ...silent, totals: { ...silent.totals, acs: 0, macs: 0 } });
	for (const analysis of [analysisOf(), empty, buildAnalysis(silent, [free, free], [])]) {
		const text = await renderAnalysis(analysis, format);
		expect(text).not.toMatch(/NaN|undefined|Infinity|\[object|(?<![\d.])-0(?![\d.])/);
		if (format !== 'json') expect(text).not.toMatch(/\bnull\b/);
		expect(text.endsWith('\n')).toBe(true);
	}
});

test('a hostile name does nothing in any format', async () => {
	const analysis = analysisOf({ file: hostile, layerPrefix: hostile });
	const table = await renderAnalysis(analysis, 'table');
	expect(table).not.toContain('\u001b');
	expect(table).not.toContain('\u202e');
	for (const line of (await renderAnalysis(analysis, 'csv')).split('\n').slice(1, -1)) expect(line).toMatch(/^"?'=cmd/);
	const markdown = await renderAnalysis(analysis, 'markdown');
	expect(markdown).not.toContain('<script>');
	const cells = markdown.split('\n').filter((line) => line.startsWith('| '));
	const pipes = new Set(cells.slice(0, 6).map((line) => line.replaceAll('\\|', '').split('|').length));
	expect(pipes.size).toBe(1);
	expect(await renderAnalysis(analysis, 'latex')).not.toMatch(/(?<!\\textbackslash\{\})\\input/);
});

test('CSV has means per inference at full precision, and says so in its head', async () => {
	const [header = '', ...rows] = (await renderAnalysis(analysisOf(), 'csv')).trim().split('\n');
	const columns = header.split(',');
	const total = rows.at(-1)?.split(',') ?? [];
	const cell = (name: string) => total[columns.indexOf(name)];
	expect(cell('scope')).toBe('total');
	expect(Number(cell('acs_per_inference'))).toBe(29_491_950 / 16);
	expect(Number(cell('energy_J'))).toBe((3_975_120 * 4.6e-12 + 29_491_950 * 0.9e-12) / 16);
	expect(rows).toHaveLength(7);
});

test('LaTeX columns share a prefix and align at the decimal point', async () => {
	const text = await renderAnalysis(analysisOf(), 'latex');
	expect(text).toContain('layer & {(\\%)} & {ACs} & {MACs} & {words} & {(\\unit{\\micro\\joule})}');
	expect(text).toContain('S[table-format=1.3]');
	expect(text).toMatch(/fc & .*& 0\.014 & 0\.5/);
});

test('the same run gives the same bytes', async () => {
	const digest = async (format: (typeof reportFormats)[number]) =>
		createHash('sha256')
			.update(await renderAnalysis(analysisOf(), format))
			.digest('hex');
	for (const format of reportFormats) expect(await digest(format)).toBe(await digest(format));
});
