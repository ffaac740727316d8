import { readFileSync } from 'node:fs';
import type { ValidationCase } from '../../src/hardware/validation/case.ts';
import { parseCase, readCases, selectCases, shippedCases } from '../../src/hardware/validation/case-file.ts';
import type { CountModel } from '../../src/hardware/validation/kinds/tool-counts.ts';
import { scorecard } from '../../src/hardware/validation/scorecard.ts';
import { countEvents, loadNetwork } from '../../src/pipeline.ts';
import { renderDocument } from '../../src/reporting/formats.ts';
import { describeScorecard } from '../../src/reporting/scorecard-document.ts';

const countModel: CountModel = async (model, { data, timesteps, encoder }) =>
	countEvents(await loadNetwork(model, { timesteps }), { data, encoder });

const shipped = readCases(shippedCases);
const whole = scorecard(shipped, countModel);

async function comparisonsOf(name: string) {
	const found = (await whole).cases.find((result) => result.case === name);
	if (found === undefined) throw new Error(`no case ${name}`);
	return found.comparisons;
}

test('every shipped reference value is inside its stated tolerance', async () => {
	const { cases, judged, outside } = await whole;
	const out = cases.flatMap(({ case: name, comparisons }) =>
		comparisons.filter(({ verdict }) => verdict === 'out').map(({ subject, quantity }) => `${name} ${subject} ${quantity}`),
	);
	expect(out).toEqual([]);
	expect(outside).toBe(0);
	expect(judged).toBeGreaterThanOrEqual(500);
});

test('a value that is said to miss does miss, and says why', async () => {
	const { cases } = await whole;
	const stale = cases.flatMap(({ case: name, comparisons }) =>
		comparisons.filter(({ miss, verdict }) => miss && verdict !== 'miss').map(({ quantity }) => `${name} ${quantity}`),
	);
	expect(stale).toEqual([]);
});

test('independent predictions of silicon are counted apart from values constants were fitted on, and from arithmetic', async () => {
	const { cases, judged, worth } = await whole;
	expect(worth.silicon.judged).toBeGreaterThanOrEqual(100);
	const silicon = cases.filter(({ authority }) => authority === 'silicon').flatMap(({ comparisons }) => comparisons);
	expect(worth.fitted.judged).toBe(silicon.filter(({ fittedOn }) => fittedOn).length);
	expect(worth.silicon.judged + worth.fitted.judged).toBe(silicon.length);
	expect(Object.values(worth).reduce((sum, tally) => sum + tally.judged, 0)).toBe(judged);
});

test("Loihi's keyword spotter: energy and rate of every network of the logs within 15 %, its host fitted on the others", async () => {
	const logs = await comparisonsOf('loihi-kws-logs');
	const networks = (await comparisonsOf('loihi-kws-networks')).filter(({ quantity }) => /I08O08/.test(quantity));
	expect([logs.length, networks.length]).toEqual([10, 42]);
	for (const { error } of [...logs, ...networks]) expect(Math.abs(error ?? 1)).toBeLessThan(0.15);
});

test('every shipped case that a profile is fitted to names another authority than its arithmetic', () => {
	for (const { content } of shipped) if (content.kind === 'leave-one-out') expect(content.authority).toMatch(/silicon|simulator/);
});

test('there is a case of every kind', () => {
	const kinds = new Set(shipped.map(({ content }) => content.kind));
	expect(kinds).toEqual(
		new Set<ValidationCase['kind']>([
			'operating-points',
			'counts',
			'leave-one-out',
			'chip-run',
			'architecture',
			'spike-rates',
			'equation-grid',
			'tool-counts',
		]),
	);
});

test('the silicon points miss by what was found before: TrueNorth −0.54 %, ODIN −0.02 and +0.27 %, Loihi +8.9 and +20.2 %', async () => {
	const percent = async (name: string) =>
		(await comparisonsOf(name)).map(({ error }) => Number(((error ?? Number.NaN) * 100).toFixed(2)));
	expect((await percent('truenorth-power'))[1]).toBe(-0.54);
	expect(await percent('odin-power')).toEqual([-0.02, 0.27]);
	expect((await percent('loihi-knn')).map((value) => Number(value.toFixed(1)))).toEqual([8.9, 20.2]);
});

test('the six spike rates of the DIET-SNN table come out of its per-layer rates', async () => {
	const rates = (await comparisonsOf('diet-snn-ratios')).filter(({ quantity }) => quantity === 'spikes per neuron R');
	expect(rates.map(({ ours }) => ours.toFixed(3))).toEqual(['0.493', '1.652', '1.619', '1.617', '2.545', '2.280']);
});

test('every ratio of the DIET-SNN table follows from its own inputs to the last printed digit', async () => {
	const printed = (await comparisonsOf('diet-snn-ratios')).filter(({ quantity }) =>
		/printed inputs|conversion only|weights only/.test(quantity),
	);
	expect(printed).toHaveLength(16);
	for (const { ours, theirs } of printed) expect(Math.abs(ours - (theirs ?? 0))).toBeLessThanOrEqual(0.005 + 1e-12);
});

test('where the table’s total of operations is wrong, both ratios stand beside it with the reason', async () => {
	const right = (await comparisonsOf('diet-snn-ratios')).filter(({ quantity }) => quantity === 'ratio, the right total');
	expect(right.map(({ subject }) => subject.split(',')[0])).toEqual(['VGG6', 'VGG16', 'ResNet20', 'ResNet20']);
	for (const { note, tolerance } of right) {
		expect(note).not.toBeNull();
		expect(tolerance).toBeNull();
	}
	const theirs = (await comparisonsOf('diet-snn-ratios')).filter(
		({ quantity }) => quantity === 'ratio, their total of operations',
	);
	expect(theirs.map(({ note }) => note?.match(/Their total is ([\d,]+) MACs/)?.[1])).toEqual([
		'2,911,608,832',
		'15,375,892,480',
		'138,182,656',
		'138,182,656',
	]);
});

test('a reference value that leaves its tolerance is counted as outside', async () => {
	const text = readFileSync(new URL('../../hardware-profiles/validation/odin-power.yaml', import.meta.url), 'utf8');
	const content = parseCase(text.replace('477 uW', '577 uW'), 'odin.yaml');
	const { judged, outside, cases } = await scorecard([{ path: 'odin.yaml', content }], countModel);
	expect([judged, outside]).toEqual([2, 1]);
	expect(cases[0]?.comparisons[0]).toMatchObject({ within: false, grade: 'D' });
});

test.each<[string, (text: string) => string, string]>([
	[
		'a value of the wrong unit',
		(text) => text.replace('477 uW', '477 mJ'),
		'point "75 MHz, 37.5 MSOP/s" is "477 mJ"; expected a power',
	],
	['a profile nobody has', (text) => text.replace('profile: odin', 'profile: oden'), 'There is no hardware profile "oden"'],
	['a constant nobody has', (text) => text.replace('f_clk=1.3 MHz', 'f_clock=1.3 MHz'), 'f_clock'],
	[
		'a term nobody prices',
		(text) =>
			text.replace(
				'    published: { quantity: averagePower, value: 477 uW }',
				'    terms: [wings]\n    published: { quantity: averagePower, value: 477 uW }',
			),
		'names the term "wings"',
	],
])('%s is refused in a sentence', async (_what, change, sentence) => {
	const text = readFileSync(new URL('../../hardware-profiles/validation/odin-power.yaml', import.meta.url), 'utf8');
	expect(change(text)).not.toBe(text);
	const content = parseCase(change(text), 'odin.yaml');
	await expect(scorecard([{ path: 'odin.yaml', content }], countModel)).rejects.toThrow(sentence);
});

test('docs/scorecard.md shows the table "snn-energy validate --format markdown" prints', async () => {
	const printed = await renderDocument(describeScorecard(await whole), 'markdown');
	const table = printed.split('\n').filter((line) => line.startsWith('|'));
	const docs = readFileSync(new URL('../../docs/scorecard.md', import.meta.url), 'utf8').split('\n');
	expect(docs.filter((line) => line.startsWith('|') && table.includes(line))).toEqual(table);
});

test('README.md counts the values as "snn-energy validate" does', async () => {
	const { worth } = await whole;
	const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
	const arithmetic = {
		judged: worth.publication.judged + worth.equations.judged,
		inside: worth.publication.inside + worth.equations.inside,
	};
	for (const { judged, inside } of [worth.silicon, worth.fitted, worth.simulator, worth.tool, arithmetic])
		expect(readme).toContain(`| ${judged} | ${inside} |`);
});

test('a page says what each case is worth; every value is printed on demand, or where there are few', async () => {
	const { silicon } = (await whole).worth;
	const page = (await renderDocument(describeScorecard(await whole), 'table')).split('\n');
	expect(page[0]).toBe(
		`Scorecard: ${silicon.inside} of ${silicon.judged} independent predictions of silicon inside their tolerance`,
	);
	expect(page.length).toBeLessThan(130);
	expect((await renderDocument(describeScorecard(await whole, { verbose: true }), 'table')).split('\n').length).toBeGreaterThan(
		500,
	);
	const few = await scorecard(selectCases(shipped, ['truenorth-power']), countModel);
	expect(await renderDocument(describeScorecard(few), 'table')).toContain('20.07 Hz');
});

test('cases are chosen by a word in their name, and an unknown word is refused', () => {
	const names = selectCases(shipped, ['truenorth', 'odin']).map(({ content }) => content.name);
	expect(names).toEqual(names.filter((name) => /truenorth|odin/.test(name)));
	expect(names.length).toBeGreaterThan(2);
	expect(selectCases(shipped, [])).toHaveLength(shipped.length);
	expect(() => selectCases(shipped, ['nowhere'])).toThrow('No case has a name with "nowhere" in it. The cases are ');
});
