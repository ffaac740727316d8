import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { savedRuns, staleFiles } from '../../src/cli/tables.ts';
import { loadProfile } from '../../src/hardware/index.ts';
import { buildAnalysis } from '../../src/reporting/analysis.ts';
import { renderJson } from '../../src/reporting/json-text.ts';
import { computedNetworks, rateForRatio } from '../../src/reporting/tables/computed.ts';
import { groups } from '../../src/reporting/tables/groups.ts';
import { measuredRuns, paperTables, reportFiles } from '../../src/reporting/tables/index.ts';
import { publishedAccuracies, publishedSources } from '../../src/reporting/tables/published.ts';
import { arithmeticEstimate, reluActivity, snntorchActivity } from '../support/activity-fixtures.ts';

const analysisOf = (activity = snntorchActivity()) => buildAnalysis(activity, [arithmeticEstimate(activity)]);

/** A family as training leaves it: the plain net, T = 5 and 1, and the control trained at T = 1 directly. */
function family(name = 'digits') {
	const run = (file: string, timesteps: number, correct: number) =>
		analysisOf(snntorchActivity({ file: `models/${name}/${file}`, timesteps, accuracy: { correct, total: 16 } }));
	return [
		run('model.onnx', 1, 12),
		run('control-T1.onnx', 1, 9),
		run('model-T5.onnx', 5, 14),
		analysisOf(reluActivity({ file: `models/${name}/relu.onnx`, accuracy: { correct: 15, total: 16 } })),
	].map((analysis) => ({ family: name, analysis }));
}

test('the same runs in any order give the same bytes', async () => {
	const runs = [...family('digits'), ...family('clothes')];
	expect(await reportFiles([...runs].reverse())).toEqual(await reportFiles(runs));
});

test('published, computed and measured rows are never mixed', () => {
	for (const table of paperTables(measuredRuns(family()))) {
		const order = table.rows.map(({ group }) => group);
		for (const group of order) expect(Object.values(groups)).toContain(group);
		const changes = order.filter((group, index) => group !== order[index - 1]);
		expect(new Set(changes).size).toBe(changes.length);
		// Dataflows are this tool's own question; nobody has published an answer for these networks.
		if (table.id !== 'dataflows') expect(order).toContain(groups.published);
		expect(order).toContain(groups.measured);
	}
});

test('every published figure names a source that is listed', () => {
	for (const { source, accuracyPercent } of publishedAccuracies) {
		expect(publishedSources[source].length).toBeGreaterThan(10);
		expect(accuracyPercent).toBeGreaterThan(10);
		expect(accuracyPercent).toBeLessThan(100);
	}
});

test('accuracies of a family stand in the column of their timesteps, the control in a row of its own', () => {
	const [table] = paperTables(measuredRuns(family()));
	const keys = table?.columns.map(({ key }) => key) ?? [];
	const rows = table?.rows.filter(({ group }) => group === groups.measured) ?? [];
	const cell = (row: number, key: string) => rows[row]?.cells[keys.indexOf(key)];
	expect(rows).toHaveLength(2);
	expect([cell(0, 'plain'), cell(0, 't5'), cell(0, 't4'), cell(0, 't1')]).toEqual([15 / 16, 14 / 16, null, 12 / 16]);
	expect(cell(1, 'network')).toBe('digits, trained at T=1 directly');
	expect(cell(1, 't1')).toBe(9 / 16);
});

test('operations and energy of the published networks come out of layer lists and rates', () => {
	const networks = computedNetworks();
	const vgg = networks.find(({ name, rates }) => name === 'VGG16, CIFAR-10' && rates === null);
	expect(vgg?.denseMacs).toBe(338_403_328);
	expect(vgg?.neurons).toBe(284_672);
	expect((vgg?.dnnEnergyJoules ?? 0) * 1e6).toBeCloseTo(1556.66, 2);
	const diet = networks.find(({ name }) => name === 'VGG16, CIFAR-10, T=20');
	expect(diet?.networkRate).toBeCloseTo(1.652, 3);
	const ratio = (accounting: string) =>
		(diet?.dnnEnergyJoules ?? 0) / (diet?.energies.find((energy) => energy.accounting === accounting)?.joules ?? 1);
	expect(ratio('network-rate')).toBeCloseTo(3.06, 2);
	expect(ratio('layer-rate')).toBeCloseTo(3.402, 3);
});

test('the rate solved from a ratio gives that ratio back', () => {
	const profile = loadProfile('45nm');
	for (const ratio of [12, 25, 33]) {
		const share = 1_769_472 / 338_403_328;
		const rate = rateForRatio(ratio, share, profile);
		expect(4.6 / (4.6 * share + 0.9 * (1 - share) * rate)).toBeCloseTo(ratio, 9);
	}
	// Worked by hand for 33×: (4.6/33 − 4.6·0.005229) / (0.9·0.994771) = 0.1288.
	expect(rateForRatio(33, 0.005229, profile)).toBeCloseTo(0.1288, 4);
});

describe('in a folder', () => {
	const folder = mkdtempSync(join(tmpdir(), 'snn-energy-tables-'));
	afterAll(() => rmSync(folder, { recursive: true }));

	test('a changed, a missing and a superfluous file are each named', () => {
		const out = join(folder, 'reports');
		mkdirSync(out);
		writeFileSync(join(out, 'same.md'), 'same');
		writeFileSync(join(out, 'changed.md'), 'old');
		writeFileSync(join(out, 'old.md'), '');
		const files = [
			{ file: 'same.md', text: 'same' },
			{ file: 'changed.md', text: 'new' },
			{ file: 'missing.md', text: '' },
		];
		expect(staleFiles(out, files).map((sentence) => sentence.slice(out.length + 1))).toEqual([
			'changed.md: differs from what the models and published figures give now.',
			'missing.md: is missing.',
			'old.md: is not written by "npm run tables" any more.',
		]);
	});

	test('runs saved beside the models are found by family', () => {
		const models = join(folder, 'models');
		mkdirSync(join(models, 'digits'), { recursive: true });
		writeFileSync(join(models, 'README.md'), '');
		writeFileSync(join(models, 'digits', 'model.analysis.json'), renderJson(analysisOf()));
		writeFileSync(join(models, 'digits', 'training.json'), '{}');
		expect(savedRuns(models)).toEqual([{ family: 'digits', analysis: analysisOf() }]);
		expect(savedRuns(join(folder, 'none'))).toEqual([]);
	});
});
