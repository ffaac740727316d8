import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resultText } from '../../src/cli/render-results.ts';
import { fairVariants, savedResult, savedResults } from '../../src/cli/results.ts';
import { modelFileOf } from '../../src/formats/model-folder.ts';
import { priceActivity } from '../../src/pipeline.ts';
import { renderJson, sealed } from '../../src/reporting/index.ts';
import { reluActivity, snntorchActivity } from '../support/activity-fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-energy-results-'));
afterAll(() => rmSync(folder, { recursive: true }));

const asSaved = { profiles: undefined, set: [], accountings: undefined } as const;
const price = (activity = snntorchActivity(), profiles = ['45nm']) => priceActivity(activity, { profiles });

function saved(name: string, value: unknown): string {
	const path = join(folder, name);
	writeFileSync(path, renderJson(value));
	return path;
}

test('a saved analysis keeps its prices, and is priced again where a profile is named', () => {
	const file = saved('run.json', price());
	expect(savedResult(file, asSaved)).toEqual(price());
	expect(savedResult(file, { ...asSaved, profiles: ['loihi'] })?.estimates.map(({ profile }) => profile)).toEqual(['loihi']);
	const cheaper = savedResult(file, { ...asSaved, set: ['E_add=0.1pJ'] });
	expect(cheaper?.estimates[0]?.energyPerInferenceJoules.nominal).toBeLessThan(
		price().estimates[0]?.energyPerInferenceJoules.nominal ?? 0,
	);
});

test('bare counts are priced at 45 nm unless told otherwise', () => {
	expect(savedResult(saved('counts.json', snntorchActivity()), asSaved)).toEqual(price());
});

test('a file that is no saved run is refused by name where only those will do', () => {
	const model = join(folder, 'model.onnx');
	writeFileSync(model, Uint8Array.of(8, 7, 18, 0));
	expect(savedResult(model, asSaved)).toBeNull();
	expect(() => savedResults([model], asSaved)).toThrow(`${model}: is not a saved result.`);
});

test('a folder stands for the model in it, and an ambiguous or empty one is refused', () => {
	const of = (name: string, ...files: readonly string[]) => {
		const path = join(folder, name);
		mkdirSync(path);
		for (const file of files) writeFileSync(join(path, file), '');
		return path;
	};
	const [named, single, several, none, tfjs] = [
		of('a', 'model.onnx', 'relu.onnx'),
		of('b', 'net.nir'),
		of('c', 'x.onnx', 'y.onnx'),
		of('d'),
		of('e', 'model.json'),
	];
	expect([named, single, tfjs, 'net.onnx'].map(modelFileOf)).toEqual([
		join(named, 'model.onnx'),
		join(single, 'net.nir'),
		join(tfjs, 'model.json'),
		'net.onnx',
	]);
	expect(() => modelFileOf(several)).toThrow('holds 2 models (x.onnx, y.onnx)');
	expect(() => modelFileOf(none)).toThrow('holds no .onnx or .nir file');
});

test('a plain network is priced dense, zero-skipping and with the bits of the spiking network beside it', () => {
	const [dnn, snn] = [price(reluActivity()), price()];
	const [estimate] = dnn.estimates;
	if (estimate === undefined) throw new Error('45nm prices the run');
	const variants = fairVariants([dnn, snn], [])(dnn, estimate);
	expect(variants.map(({ name }) => name)).toEqual([
		'dense',
		'zero-skipping',
		'int8',
		'3-bit',
		'3-bit, zeros of a-snntorch-conv-step T=6',
	]);
	const [dense, skipping, int8, bits, matched] = variants.map(({ energyJoules }) => energyJoules.nominal);
	expect(dense).toBeCloseTo(2_132_480 * 4.6e-12, 15);
	expect(skipping).toBeLessThan(dense ?? 0);
	expect(int8).toBeCloseTo(2_132_480 * 0.3e-12, 15);
	expect(matched).toBeLessThan(bits ?? 0);
	expect(bits).toBeLessThan(dense ?? 0);
	expect(variants.map(({ exact }) => exact)).toEqual([true, true, false, false, false]);
});

test('one result is printed as itself, several as a comparison, and both as a page', async () => {
	const [dnn, snn] = [price(reluActivity()), price()];
	expect(await resultText([snn], { format: 'json' }, {})).toBe(renderJson(sealed(snn)));
	expect(JSON.parse(await resultText([dnn, snn], { format: 'json' }, {}))).toMatchObject({
		schema: 'snn-energy/comparison@1',
		baseline: 'relu-twin (dense)',
	});
	const page = await resultText([snn], { format: 'html' }, {});
	for (const heading of ['What the estimate depends on', 'Break-even on 45nm', 'Scorecard', 'Method', 'How to get this again'])
		expect(page).toContain(`${heading}</h2>`);
	expect(page).not.toMatch(/NaN|undefined|\[object/);
	expect(await resultText([dnn, snn], { format: 'html' }, {})).toContain('2 networks compared');
});

test('the method goes to the BibTeX file that was named', async () => {
	const bib = join(folder, 'energy.bib');
	const text = await resultText([price()], { method: true, bib }, {});
	expect(text).not.toContain('@misc');
	expect(text).toContain('[snnenergy]');
});
