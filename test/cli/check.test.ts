import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ClaimCheck } from '../../src/claims/index.ts';
import { claimFormulas, operationPrices } from '../../src/claims/index.ts';
import { publishedClaims } from '../claims/published.ts';
import { commandLine } from '../support/command-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-energy-check-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, text: string): string => {
	writeFileSync(join(folder, name), text);
	return join(folder, name);
};
const fromRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const page = readFileSync(fromRoot('docs/check.md'), 'utf8');
const words = (line: string): string[] =>
	[...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

const json = async (...line: readonly string[]): Promise<ClaimCheck> => {
	const { out, error } = await commandLine('check', ...line, '--format', 'json');
	expect(error).toBeNull();
	return JSON.parse(out) as ClaimCheck;
};

describe('docs/check.md', () => {
	const blocks = [...page.matchAll(/```text\n\$ snn-energy (.*)\n([\s\S]*?)\n```/g)].map(([, line = '', output = '']) => ({
		line,
		output,
	}));

	test.each(blocks)('$line prints what the page shows', async ({ line, output }) => {
		const { out, error } = await commandLine(...words(line));
		expect(error).toBeNull();
		expect(out.trimEnd()).toBe(output);
	});

	test('has more than two such commands, every formula, every price and every published claim', () => {
		expect(blocks.length).toBeGreaterThan(2);
		const rows = page.split('\n').filter((line) => line.startsWith('|'));
		for (const { id, formula, source } of claimFormulas)
			expect(rows.some((row) => [`\`${id}\``, formula, source].every((part) => row.includes(part)))).toBe(true);
		for (const { name, source } of operationPrices)
			expect(rows.some((row) => row.includes(name) && row.includes(source))).toBe(true);
		for (const { claim, gives, source } of publishedClaims)
			expect(rows.some((row) => [claim, gives ?? 'none', source].every((part) => row.includes(part)))).toBe(true);
	});
});

test('a list of layers with rates is checked as a named network is', async () => {
	const list = file('net.csv', 'name,macs,rate\nconv1,10 M,\nconv2,100 M,0.1\nfc,1 M,20 %\n');
	const { sopsOfRates, formulas } = await json('T=4', '--layers', list);
	expect(sopsOfRates?.weights).toBeCloseTo(4 * (10e6 + 0.2e6), 3);
	const energy = formulas.find(({ id, price }) => id === 'first-once' && price === '45 nm FP32')?.energyJoules.nominal;
	expect(energy).toBeCloseTo(10e6 * 4.6e-12 + 4 * 10.2e6 * 0.9e-12, 12);
});

test('rates from a file, one for each layer, or summed over timesteps, give the same', async () => {
	const list = file('plain.csv', 'name,macs\nconv1,10 M\nconv2,100 M\nfc,1 M\n');
	const named = file('rates.csv', 'layer,rate\nfc,0.2\nconv2,0.1\n');
	const sops = async (...line: readonly string[]) => (await json('T=4', '--layers', list, ...line)).sopsOfRates?.weights;
	expect(await sops('--rates', named)).toBeCloseTo(40.8e6, 3);
	expect(await sops('--rates', '10%,0.2')).toBeCloseTo(40.8e6, 3);
	expect(await sops('--rates', '0.4,0.8', '--summed')).toBeCloseTo(40.8e6, 3);
});

test('a model file, trained or not, gives the layers its structure has', async () => {
	const { architecture } = await json('T=1', '--model', fromRoot('models/fashion-cnn/model.onnx'), '--rates', '0.2');
	const saved = JSON.parse(readFileSync(fromRoot('models/fashion-cnn/model.analysis.json'), 'utf8')) as {
		readonly activity?: { readonly totals: { readonly denseMacs: number }; readonly run: { readonly samples: number } };
		readonly totals?: { readonly denseMacs: number };
		readonly run?: { readonly samples: number };
	};
	const { totals, run } = saved.activity ?? saved;
	expect(architecture?.denseMacs).toBe((totals?.denseMacs ?? 0) / (run?.samples ?? 1));
	expect(architecture?.layers.map(({ input }) => input)[0]).toBe('analog');
	expect(architecture?.layers.slice(1).every(({ input }) => input === 'spikes')).toBe(true);
	const dnn = await json('T=1', '--model', fromRoot('models/fashion-cnn/relu.onnx'));
	expect(dnn.architecture?.denseMacs).toBe(architecture?.denseMacs);
	expect(dnn.architecture?.neurons).toBeNull();
});

test('prices of a paper’s own come first', async () => {
	const { giving } = await json('2 G SOP, 0.154 mJ', '--price', '12.5pJ,77fJ');
	expect(giving[0]).toMatchObject({ id: 'sop-only', price: '12.5pJ,77fJ' });
});

test.each([
	[[], /check needs a claim/],
	[['11 apples'], /"11 apples" is not understood/],
	[['1 mJ', '--arch', 'alexnet'], /no such architecture/],
	[['1 mJ', '--arch', 'sew-resnet-18', '--layers', 'x.csv'], /give one of them/],
	[['1 mJ', '--rates', '0.2'], /--rates need a network/],
	[['1 mJ', '--arch', 'vgg16', '--rates', '0.2,0.3'], /2 rates for 15 layers/],
	[['1 mJ', '--arch', 'vgg16', '--rates', '0.2', '--summed'], /give --timesteps/],
	[['1 mJ, T=4', '-T', '5'], /the claim says T = 4/],
	[['1 mJ', '-T', '0'], /expected a whole number/],
	[['1 mJ', '--layers', join(folder, 'missing.csv')], /missing\.csv/],
	[['1 mJ', '--price', '3pJ'], /--price 3pJ: expected/],
	[['1 mJ', '--arch', 'spikformer-8-512', '--rates', '-1'], /-1/],
] as const)('%j is refused with one sentence', async (line, message) => {
	const { out, error } = await commandLine('check', ...line);
	expect(out).toBe('');
	expect(error?.message).toMatch(message);
	expect(error?.message).not.toMatch(/NaN|undefined/);
});

test('every format prints', async () => {
	for (const format of ['csv', 'markdown', 'latex', 'table']) {
		const { out, error } = await commandLine(
			'check',
			'11.09 G OPs, 11.58 mJ, T=4',
			'--arch',
			'spikformer-8-512',
			'--format',
			format,
		);
		expect(error).toBeNull();
		expect(out).toMatch(/11\.58|0\.011576/);
		expect(out).not.toMatch(/NaN|undefined|Infinity/);
	}
});
