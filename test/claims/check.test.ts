import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
	type ClaimCheckOptions,
	checkClaim,
	claimArchitecture,
	claimFormulas,
	operationPrices,
	readClaim,
} from '../../src/claims/index.ts';
import { denseMacs } from '../../src/claims/layers.ts';
import { estimate, loadProfile } from '../../src/hardware/index.ts';
import { layerSizes } from '../../src/hardware/validation/architecture-sizes.ts';
import { activityOfRates } from '../../src/hardware/validation/synthetic-activity.ts';
import { parseArchitecture } from '../../src/network/architectures.ts';
import { publishedClaims } from './published.ts';

const check = (claim: string, arch?: string, rates?: ClaimCheckOptions) =>
	checkClaim(readClaim(claim), { architecture: arch === undefined ? null : claimArchitecture(arch), ...rates });

const broken = (result: ReturnType<typeof check>): string[] =>
	result.findings.filter(({ severity }) => severity === 'contradiction').map(({ kind }) => kind);

describe.each(publishedClaims)('$claim ($arch)', ({ claim, arch, gives, contradictions }) => {
	const result = check(claim, arch);

	test('is given to its last digit by the formula that made it, or by none', () => {
		expect(result.giving[0]?.id ?? null).toBe(gives);
	});

	test('contradicts itself only where it does', () => {
		expect(broken(result)).toEqual(contradictions);
	});
});

interface Log {
	readonly operations: readonly (readonly [name: string, operations: number, acs: number])[];
	readonly qkvRates: readonly (readonly [number, number, number])[];
	readonly macs: number;
	readonly acs: number;
	readonly energyMillijoules: number;
	readonly allMacs: number;
	readonly parameters: number;
}
const logs = JSON.parse(readFileSync(new URL('spikingformer-logs.json', import.meta.url), 'utf8')) as Record<string, Log>;

describe.each([
	['spikingformer-8-512', '7.46 mJ'],
	['spikingformer-8-768', '13.66 mJ'],
])("the authors' log of %s", (name, printed) => {
	const log = logs[name] as Log;
	const architecture = claimArchitecture(name);
	const weights = architecture.layers.filter(({ kind }) => kind === 'weights');

	/** Rates by layer; attention by the smaller of two rates and the queries', as the authors' code has it. */
	const rates = Object.fromEntries([
		...weights
			.map((layer, at): [string, number, string] => {
				const [, operations, acs] = log.operations[at] as Log['operations'][number];
				return [layer.name, acs / operations, layer.input];
			})
			.filter(([, , input]) => input === 'spikes')
			.map(([layer, rate]): [string, number] => [layer, rate]),
		...log.qkvRates.flatMap(([q, k, v], block): [string, number][] => [
			[`block.${block}.attn.kv`, Math.min(k, v)],
			[`block.${block}.attn.qkv`, q],
		]),
	]);

	test('has the connections of the builder, layer by layer, bias and timesteps included', () => {
		expect(log.operations.map(([, operations]) => operations)).toEqual(
			weights.map(({ macs, biasAdds, input }) => (macs + biasAdds) * (input === 'mean' ? 1 : 4)),
		);
		expect(architecture.parameters).toBe(log.parameters);
	});

	test('is met by rates and builder: operations to the last digit once biases are added, the energy to the last printed one', () => {
		const result = checkClaim(readClaim(`${printed}, T=4`), { architecture, rates });
		const { weights: sops = 0, products = 0 } = result.sopsOfRates ?? {};
		const biases = architecture.layers.reduce((sum, layer) => sum + 4 * layer.biasAdds * (rates[layer.name] ?? 0), 0);
		expect((sops + products + biases) / log.acs).toBeCloseTo(1, 11);
		const classified = result.formulas.find(({ id, sops: from }) => id === 'with-classifier' && from === 'rates');
		expect(classified?.givesClaim).toBe(true);
		expect(result.giving.map(({ id }) => id)).toContain('with-classifier');
		expect(broken(result)).toEqual([]);
	});

	test('counts normalisations as syops-counter does, two operations an element', () => {
		const normalised = architecture.layers.reduce((sum, layer) => sum + layer.normalised, 0);
		expect(log.macs + 4 * 2 * normalised).toBe(log.allMacs);
	});
});

test('a log that prints 13.66 mJ and a table that prints 13.68 mJ are two claims, and both are told', () => {
	expect(check('12.513659576717108 G ACs, 13.66 mJ, T=4', 'spikingformer-8-768').giving[0]?.id).toBe('first-every-step');
	expect(check('12.513659576717108 G ACs, 13.68 mJ, T=4', 'spikingformer-8-768').giving).toEqual([]);
});

test('the prices of published formulas are those of the shipped profiles', () => {
	const picojoules = (profile: string, names: readonly string[]): number =>
		names.reduce((sum, name) => sum + 1e12 * (loadProfile(profile).constants.get(name)?.value.low ?? Number.NaN), 0);
	for (const { profile, macJoules, acJoules } of operationPrices) {
		if (profile === null || profile === 'loihi') continue;
		expect(1e12 * acJoules).toBeCloseTo(picojoules(profile, ['E_add']), 12);
		expect(1e12 * (macJoules ?? 0)).toBeCloseTo(picojoules(profile, ['E_add', 'E_mul']), 12);
	}
	const loihi = operationPrices.find(({ profile }) => profile === 'loihi');
	const synapse = [...loadProfile('loihi').constants.values()].some(
		({ value }) => Math.abs(value.nominal / (loihi?.acJoules ?? 1) - 1) < 1e-9,
	);
	expect(synapse).toBe(true);
});

describe('formulas against the counting conventions that price measured runs', () => {
	const rates = [3.35, 1.3, 1.85, 0.53, 0.93, 0.47, 0.23, 1.27, 2.14, 1.55, 2.31, 1.81, 1.44, 1.01, 1.15];
	const timesteps = 20;
	const sizes = layerSizes(parseArchitecture('vgg16'), { input: [3, 32, 32], classes: 10 });
	const activity = activityOfRates('vgg16', sizes, rates, timesteps);
	const priced = (accounting: 'layer-rate' | 'network-rate'): number =>
		estimate(activity, loadProfile('45nm'), { accounting }).energyPerInferenceJoules.nominal;
	const result = (id: string, claim = 'T=20') =>
		check(claim, 'vgg16', { rates: rates.map((rate) => rate / timesteps) }).formulas.find(
			(one) => one.id === id && one.price === '45 nm FP32',
		);

	test('first layer once and layer rates is the accounting "layer-rate"', () => {
		expect((result('first-once')?.energyJoules.nominal ?? 0) / priced('layer-rate')).toBeCloseTo(1, 4);
	});

	test('one rate for the network is the accounting "network-rate"', () => {
		const neurons = activity.layers.filter((layer) => layer.kind === 'neuron');
		const spikes = neurons.reduce((sum, { totals }) => sum + totals.spikes, 0) / activity.run.samples;
		const rate = spikes / neurons.reduce((sum, layer) => sum + (layer.kind === 'neuron' ? layer.neurons : 0), 0) / timesteps;
		expect((result('network-rate', `T=20, rate ${rate}`)?.energyJoules.nominal ?? 0) / priced('network-rate')).toBeCloseTo(1, 6);
	});

	test('every formula that names an accounting is one of them', () => {
		for (const { id, source } of claimFormulas) expect([id, source.length > 10]).toEqual([id, true]);
	});
});

describe('contradictions', () => {
	const kinds = (claim: string, arch?: string, options?: object): string[] => broken(check(claim, arch, options));

	test.each([
		[
			'more operations than connections times timesteps',
			'40 G SOP, 40 mJ, T=4',
			'spikformer-8-512',
			'operations-above-connections',
		],
		['a rate above 1', 'rate 1.2, T=4', 'sew-resnet-18', 'rate-above-1'],
		['parameters of another network', '29.7 M params', 'spikformer-8-768', 'parameters-against-architecture'],
		['operations of another network', '4.1 G FLOPs, 1 G SOP', 'sew-resnet-18', 'flops-against-architecture'],
		['fewer operations than weights', '66.3 M params, 10 M FLOPs', undefined, 'fewer-operations-than-parameters'],
		['a ratio that its energies do not have', '10 mJ, ANN 50 mJ, 8x', undefined, 'ratio-against-energies'],
		['a DNN that costs something else', 'ANN 100 mJ', 'sew-resnet-34', 'dnn-energy-against-operations'],
		['operations without the timesteps', '0.35 G SOP, rate 0.2, T=4', 'sew-resnet-18', 'operations-of-one-timestep'],
		['an energy below that of the first layer', '0.1 mJ, T=4', 'sew-resnet-34', 'energy-below-first-layer'],
		['an energy no rate reaches', '50 mJ, T=4', 'sew-resnet-34', 'implied-rate-above-1'],
		['an energy above every multiply-accumulate there is', '1 G SOP, 300 mJ, T=4', 'sew-resnet-34', 'energy-above-network'],
		['more than a multiply-accumulate an operation', '1 G SOP, 30 mJ', undefined, 'energy-above-operations'],
		['one timestep priced for four', 'rate 0.2, 0.8476 mJ, T=4', 'sew-resnet-18', 'no-timesteps'],
	])('%s', (_, claim, arch, kind) => {
		expect(kinds(claim, arch)).toContain(kind);
	});

	test('two FLOPs a multiply-accumulate are no contradiction, and said', () => {
		const result = check('7.33 GFLOPs, ANN 16.85 mJ', 'sew-resnet-34');
		expect(broken(result)).toEqual([]);
		expect(result.findings.map(({ kind }) => kind)).toContain('flops-are-two-a-mac');
	});

	test('a claim made by a formula from sound numbers contradicts nothing, whatever its rate, timesteps and rounding', () => {
		const names = ['sew-resnet-34', 'spikformer-8-512', 'sdt-8-384', 'qkformer-10-384', 'vgg16@32', 'resnet19'];
		fc.assert(
			fc.property(
				fc.constantFrom(...names),
				fc.double({ min: 0.01, max: 0.95, noNaN: true }),
				fc.integer({ min: 1, max: 64 }),
				fc.constantFrom('first-once', 'first-every-step', 'sop-only'),
				fc.integer({ min: 2, max: 5 }),
				(name, rate, timesteps, id, decimals) => {
					const architecture = claimArchitecture(name);
					const made = checkClaim({ timesteps }, { architecture, rates: rate });
					const energy = made.formulas.find((one) => one.id === id && one.sops === 'rates')?.energyJoules.nominal ?? 0;
					const { weights = 0, products = 0 } = made.sopsOfRates ?? {};
					const text = `${((weights + products) / 1e9).toFixed(decimals)} G SOPs, ${(1e3 * energy).toFixed(decimals)} mJ, T=${timesteps}`;
					// Too few digits leave nothing to check.
					fc.pre(!/(^|, )0\.0* [GM]?/.test(text) && energy > 1e-5 && weights > 1e8);
					const result = checkClaim(readClaim(text), { architecture });
					expect(broken(result)).toEqual([]);
					expect(result.giving.map((one) => one.id)).toContain(id);
				},
			),
			{ numRuns: 150 },
		);
	});
});

describe('what is left out', () => {
	test('is what the formula does not charge, with its size', () => {
		const architecture = claimArchitecture('sew-resnet-34');
		const { leftOut } = check('3.88 G OPs, 4.04 mJ, T=4', 'sew-resnet-34');
		const repeats = leftOut.find(({ key }) => key === 'first-layer-repeats');
		expect(repeats?.count).toBe(3 * 118_013_952);
		expect(repeats?.energyJoules).toBeCloseTo(3 * 118_013_952 * 4.6e-12, 15);
		expect(leftOut.find(({ key }) => key === 'neurons')?.count).toBe(4 * (architecture.neurons ?? 0));
		expect(leftOut.filter(({ key }) => key === 'memory').map(({ count }) => count)).toEqual([
			2 * 3 * (architecture.neurons ?? 0),
			architecture.parameters,
			3.88e9,
		]);
	});

	test('products of activations without a rate are named, not taken for silent', () => {
		const architecture = claimArchitecture('spikformer-8-512');
		const rates = architecture.layers.filter(({ kind, input }) => kind === 'weights' && input === 'spikes').map(() => 0.1);
		const { leftOut, sopsOfRates } = checkClaim({ timesteps: 4 }, { architecture, rates });
		expect(sopsOfRates?.products).toBe(0);
		expect(leftOut.find(({ key }) => key === 'attention')?.count).toBe(
			4 * (denseMacs(architecture.layers) - denseMacs(architecture.layers, false)),
		);
	});
});
