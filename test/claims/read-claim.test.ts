import fc from 'fast-check';
import { isRateText, readClaim, readLayerList, readRates } from '../../src/claims/index.ts';
import { UserError } from '../../src/errors.ts';

const nominal = (text: string): Record<string, number> =>
	Object.fromEntries(
		Object.entries(readClaim(text)).map(([key, value]: [string, unknown]) => [
			key,
			typeof value === 'number' ? value : (value as { readonly nominal: number }).nominal,
		]),
	);

test.each([
	['5.5 G SOP, 11.58 mJ, T=4', { sops: 5.5e9, energyJoules: 0.01158, timesteps: 4 }],
	['5.5GSOPs; energy: 11.58mJ; 4 timesteps', { sops: 5.5e9, energyJoules: 0.01158, timesteps: 4 }],
	['SOPs = 3.88G, power 4.04 mJ, 4 time steps', { sops: 3.88e9, energyJoules: 0.00404, timesteps: 4 }],
	['0.50 G ACs, 2.75 G MACs, 13.10 mJ', { sops: 0.5e9, macs: 2.75e9, energyJoules: 0.0131 }],
	['16,610 k ACs, 4,470 k MACs', { sops: 16.61e6, macs: 4.47e6 }],
	['22.09 GFLOPs, 66.34 M params, params 66.34M', null],
	['22.09 GFLOPs, params: 66.34M', { flops: 22.09e9, parameters: 66.34e6 }],
	['rate 0.1366, ANN 41.77 mJ, 12.2x less', { rate: 0.1366, dnnEnergyJoules: 0.04177, ratio: 12.2 }],
	['20 % firing rate, 41.77 mJ (ANN), 3.09e-7 J', { rate: 0.2, dnnEnergyJoules: 0.04177, energyJoules: 3.09e-7 }],
	['3.09×10^-7 J, 846 nJ ANN', { energyJoules: 3.09e-7, dnnEnergyJoules: 8.46e-7 }],
	['12 µJ', { energyJoules: 12e-6 }],
])('%s', (text, expected) => {
	if (expected === null) {
		expect(() => nominal(text)).toThrow(/second figure of its kind/);
		return;
	}
	const read = nominal(text);
	expect(Object.keys(read).sort()).toEqual(Object.keys(expected).sort());
	for (const [key, value] of Object.entries(expected))
		expect(read[key]).toBeCloseTo(value as number, 12 - Math.ceil(Math.log10(value as number)));
});

test('a printed digit says how exact a figure is', () => {
	const { energyJoules, sops, parameters } = readClaim('11.58 mJ, 350 k SOP, 61 params');
	expect(energyJoules).toMatchObject({ low: expect.closeTo(0.011575, 12), high: expect.closeTo(0.011585, 12) });
	expect(sops).toMatchObject({ low: 345e3, high: 355e3 });
	expect(parameters).toMatchObject({ low: 60.5, high: 61.5 });
});

test.each(['', 'hello', '5.5 G', 'T=0', 'T=4.5', '-3 mJ', '0 mJ', '1e400 J', '11.58 mJ, 12 mJ', 'NaN mJ', '5 % 3 mJ'])(
	'%j is no claim, and one sentence says so',
	(text) => {
		expect(() => readClaim(text)).toThrow(UserError);
	},
);

test('no text whatever gives anything but figures or a sentence', () => {
	fc.assert(
		fc.property(
			fc.oneof(fc.string(), fc.stringMatching(/^[\d.,eE ]{0,9}[pnumkMG]? ?(J|SOP|MACs|FLOPs|params|x|%)?$/)),
			(text) => {
				try {
					for (const figure of Object.values(readClaim(text)))
						if (typeof figure !== 'number')
							expect([figure.low <= figure.nominal, figure.nominal <= figure.high]).toEqual([true, true]);
				} catch (error) {
					expect(error).toBeInstanceOf(UserError);
				}
			},
		),
	);
});

describe('rates', () => {
	test.each([
		['0.1\n0.2\n', [0.1, 0.2]],
		['rate\n10 %\n20%\n', [0.1, 0.2]],
		['layer,rate\nconv2,0.5\n"fc, last",25 %\n', { conv2: 0.5, 'fc, last': 0.25 }],
	])('%j', (text, expected) => {
		expect(readRates(text, 'rates.csv')).toEqual(expected);
	});

	test.each([
		['', /holds no rates/],
		['0.1\nx\n', /line 2: "x" is not a rate/],
		['0.2 0.3', /line 1: "0.2 0.3" is not a rate/],
		['0.2 0.3\n0.4\n', /line 1: "0.2 0.3" is not a rate/],
		['a,\nb,0.2\n', /line 1: "" is not a rate/],
		['a,0.1\na,0.2\n', /line 2: layer "a" has a rate already/],
		['a,b,0.1\n', /one rate, or a layer's name/],
		['0.1\na,0.2\n', /every line/],
	])('%j is refused', (text, words) => {
		expect(() => readRates(text, 'rates.csv')).toThrow(words);
	});
});

test('a rate, and rates separated by commas, are told from the text or the path of a file', () => {
	for (const text of ['0.2', ' 20 % ', '.5', '1e-3', '0.1, 20 %,1E-2']) expect([text, isRateText(text)]).toEqual([text, true]);
	for (const text of ['0.2 0.3', '1.2.3', '0.1\n0.2', 'a,0.2', 'rates.csv', '0.2;0.3', '', ','])
		expect([text, isRateText(text)]).toEqual([text, false]);
});

describe('lists of layers', () => {
	const csv = '# two layers\nname,macs,parameters,rate\nconv1,118 M,9408,\nfc,512000,513000,12 %\n';

	test('a CSV and a YAML of the same layers are the same network', () => {
		const yaml =
			'layers:\n  - { name: conv1, macs: 118e6, parameters: 9408 }\n  - { name: fc, macs: 512000, parameters: 513000, rate: 0.12 }\n';
		const [table, document] = [readLayerList(csv, 'x'), readLayerList(yaml, 'x')];
		expect(table).toEqual(document);
		expect(table.rates).toEqual({ fc: 0.12 });
		expect(table.architecture.parameters).toBe(522_408);
		expect(table.architecture.neurons).toBeNull();
		expect(table.architecture.layers.map(({ input }) => input)).toEqual(['analog', 'spikes']);
	});

	test.each([
		['name,macs\n', /holds no layers/],
		['name,ops\nconv1,3\n', /no column "ops"/],
		['name,input\nconv1,spikes\n', /column "macs" is missing/],
		['name,macs\nconv1,many\n', /line 2: macs is "many"/],
		['name,macs\nconv1,-3\n', /line 2: macs is "-3"/],
		['name,macs\na,1\na,2\n', /line 3: a layer "a" stands/],
		['name,macs\na,1,2\n', /line 2: 3 cells under 2 columns/],
		['name,macs,input\na,1,pictures\n', /expected analog, spikes, mean/],
		['- 3\n', /layer 1 must be a record/],
		['- { name: a, mac: 3 }\n', /unknown entry "mac"/],
		['- { name: a }\n', /"macs" is missing/],
		['{', /neither a CSV/],
		['hello', /must be a list of layers/],
	])('%j is refused', (text, words) => {
		expect(() => readLayerList(text, 'list.csv')).toThrow(words);
		expect(() => readLayerList(text, 'list.csv')).toThrow(/^list\.csv: /);
	});
});
