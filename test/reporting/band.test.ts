import { readdirSync, readFileSync } from 'node:fs';
import { priceActivity } from '../../src/pipeline.ts';
import { signSentence } from '../../src/reporting/band.ts';
import { describeAnalysis } from '../../src/reporting/describe.ts';
import { renderHtmlReport } from '../../src/reporting/html/report.ts';
import { activityOf, parseAnalysis, renderJson } from '../../src/reporting/index.ts';
import { measuredRuns, paperTables, withTables } from '../../src/reporting/tables/index.ts';
import { renderTerminal } from '../../src/reporting/terminal.ts';

const shipped = (model: string) => {
	const file = `models/${model}.analysis.json`;
	return parseAnalysis(readFileSync(file, 'utf8'), file);
};
const priced = (model: string, ...profiles: readonly string[]) => priceActivity(activityOf(shipped(model)), { profiles });
const words = (model: string, ...profiles: readonly string[]) =>
	renderTerminal(describeAnalysis(priced(model, ...profiles))).replaceAll(/\s+/g, ' ');

test("the papers' figure comes first, with the band over dataflows beside it", () => {
	const text = words('cifar10-vgg/model', '45nm');
	expect(text).toMatch(
		/Energy on 45nm 28\.9 µJ per inference, arithmetic alone DNN baseline .* Accuracy .* 95 % interval over 10,000 samples: 28\.\d to 29\.\d µJ/,
	);
	expect(text).toContain('With memory 67 to 970 µJ per inference, by dataflow (45nm-memory)');
	expect(text).toContain('needs 13.7× less energy by arithmetic; DNN ÷ spiking network 0.46× to 6.8× with memory, by dataflow');
	expect(text).toContain(
		'needs less if it is output-stationary, weight-stationary or temporal-parallel, and more if it is event-driven',
	);
	expect(text).toMatch(/Latency 119 µs .* evidence: assumed/);
	expect(text).toContain('energy published; latency assumed');
});

test('the page says beside its figures what the terminal says: arithmetic, the interval of the samples, latency’s evidence', async () => {
	const page = await renderHtmlReport([priced('cifar10-vgg/model', '45nm')]);
	expect(page).toMatch(/costs 28\.9 µJ by arithmetic, 67 to 970 µJ with memory, by dataflow/);
	expect(page).toMatch(/arithmetic alone; no interval of the constants is known; 95 % interval over 10,000 samples: 28\.\d/);
	expect(page).toMatch(/59\.\d to \d+ µs; evidence: assumed/);
});

test('a profile with memory says which order its figure is for, and several profiles each have their band', () => {
	expect(words('cifar10-vgg/model', '45nm-memory')).toContain('By dataflow 67 to 970 µJ per inference');
	const several = words('cifar10-vgg/model', '45nm', '7nm', 'loihi');
	expect(several).toContain('45nm by dataflow 67 to 970 µJ per inference (45nm-memory); DNN ÷ spiking network 0.46× to 6.8×');
	expect(several).toContain('7nm by dataflow');
	expect(several).not.toContain('loihi by dataflow');
});

test('a DNN has no band, and the record of one with bands reads back', () => {
	expect(words('cifar10-vgg/relu', '45nm')).not.toContain('by dataflow');
	const analysis = priced('fashion-cnn/model', '45nm');
	expect(parseAnalysis(renderJson(analysis), 'a.json')).toEqual(analysis);
});

test('a sign that memory turns in every dataflow is called out', () => {
	const [study] = priced('cifar10-vgg/model', '45nm').dataflows ?? [];
	if (!study) throw new Error('no study');
	const losing = study.rows.map((row) => ({ ...row, ratioToBest: { low: 0.5, nominal: 0.5, high: 0.5 } }));
	expect(signSentence({ ...study, rows: losing }, 13)).toContain('more in every dataflow: memory turns the sign');
	expect(signSentence({ ...study, rows: losing }, 0.7)).toBeNull();
});

test('the table of dataflows in the documentation is what the shipped networks give', () => {
	const families = readdirSync('models', { withFileTypes: true })
		.filter((entry) => entry.isDirectory())
		.sort((a, b) => (a.name < b.name ? -1 : 1));
	const runs = families.map(({ name: family }) => ({ family, analysis: shipped(`${family}/model`) }));
	const page = readFileSync('docs/pricing.md', 'utf8');
	expect(page).toContain('<!-- tables: dataflows -->');
	expect(withTables(page, paperTables(measuredRuns(runs)))).toBe(page);
	const table = page.indexOf('<!-- tables: dataflows -->');
	const spoilt = page.slice(0, table) + page.slice(table).replace(/\d+\.\d+×/, '99.9×');
	expect(spoilt).not.toBe(page);
	expect(withTables(spoilt, paperTables(measuredRuns(runs)))).toBe(page);
});
