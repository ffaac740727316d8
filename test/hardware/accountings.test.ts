import {
	accountingMethod,
	accountingNames,
	compareAccountings,
	compareWithDense,
	estimate,
	loadProfile,
} from '../../src/hardware/index.ts';
import { priceActivity } from '../../src/pricing.ts';
import { activity, type NeuronSpec, type SynapticSpec, smallNetwork } from './support/activities.ts';

const profile = loadProfile('45nm');
const joules = (run: ReturnType<typeof activity>, accounting: (typeof accountingNames)[number]): number =>
	estimate(run, profile, { accounting }).energyPerInferenceJoules.nominal;

test('every accounting names its source and prices the small network', () => {
	for (const name of accountingNames) {
		expect(accountingMethod(name).citation.length).toBeGreaterThan(0);
		expect(joules(smallNetwork(), name)).toBeGreaterThan(0);
	}
});

test('an accounting other than the exact one says so among the assumptions', () => {
	expect(
		estimate(smallNetwork(), profile, { accounting: 'syops' }).assumptions.some(({ sentence }) => sentence.includes('"syops"')),
	).toBe(true);
	expect(estimate(smallNetwork(), profile).assumptions.some(({ sentence }) => sentence.includes('counted by'))).toBe(false);
});

test('on dense layers at one timestep the layer rate gives the exact events', () => {
	expect(joules(smallNetwork(1), 'layer-rate')).toBeCloseTo(joules(smallNetwork(1), 'exact'), 25);
});

test('the layer rate is the rate of the neurons that feed a layer, not its own', () => {
	const run = activity([
		{ name: 'fc1', analog: true, inputElements: 10, outputElements: 100, active: [10] },
		{ name: 'lif1', neurons: 100, spikes: [20] },
		{ name: 'fc2', source: 'lif1', inputElements: 100, outputElements: 50, active: [20] },
		{ name: 'lif2', neurons: 50, spikes: [50] },
	]);
	expect(joules(run, 'layer-rate')).toBeCloseTo(1000 * 4.6e-12 + 0.2 * 5000 * 0.9e-12, 22);
});

test('the network rate is all spikes over all neurons, and the first layer is counted once', () => {
	const run = activity([
		{ name: 'fc1', analog: true, inputElements: 10, outputElements: 100, active: [10, 10] },
		{ name: 'lif1', neurons: 100, spikes: [20, 10] },
		{ name: 'fc2', source: 'lif1', inputElements: 100, outputElements: 50, active: [20, 10] },
		{ name: 'lif2', neurons: 50, spikes: [15, 15] },
	]);
	expect(joules(run, 'network-rate')).toBeCloseTo(1000 * 4.6e-12 + (60 / 150) * 5000 * 0.9e-12, 22);
});

/** VGG16 on CIFAR-10 with the per-layer rates of a published result sheet (20 timesteps). */
function vgg16(rates: readonly number[]) {
	const maps = [
		[3, 64, 32],
		[64, 64, 32],
		[64, 128, 16],
		[128, 128, 16],
		[128, 256, 8],
		[256, 256, 8],
		[256, 256, 8],
		[256, 512, 4],
		[512, 512, 4],
		[512, 512, 4],
		[512, 512, 2],
		[512, 512, 2],
		[512, 512, 2],
	] as const;
	const flat = [
		[2048, 4096],
		[4096, 4096],
		[4096, 10],
	] as const;
	const convolutions = maps.map(([inputs, outputs, size]) => ({
		inputs: inputs * size ** 2,
		outputs: outputs * size ** 2,
		macs: 9 * inputs * outputs * size ** 2,
	}));
	const sizes = [...convolutions, ...flat.map(([inputs, outputs]) => ({ inputs, outputs, macs: inputs * outputs }))];
	const samples = 100_000;
	const layers = sizes.flatMap(({ inputs, outputs, macs }, index): (SynapticSpec | NeuronSpec)[] => {
		const name = `layer${index + 1}`;
		const synapse = {
			name,
			analog: index === 0,
			source: index === 0 ? null : `lif${index}`,
			inputElements: inputs,
			outputElements: outputs,
			fanOut: macs / inputs,
			denseMacs: macs,
			active: [0],
		};
		const rate = rates[index];
		return rate === undefined
			? [synapse]
			: [synapse, { name: `lif${index + 1}`, neurons: outputs, spikes: [Math.round(rate * outputs * samples)] }];
	});
	return activity(layers, samples);
}

test.each([
	['VGG16, CIFAR-10', [3.35, 1.3, 1.85, 0.53, 0.93, 0.47, 0.23, 1.27, 2.14, 1.55, 2.31, 1.81, 1.44, 1.01, 1.15], 3.07, 3.4],
	[
		'VGG16, CIFAR-100 rates',
		[3.47, 1.37, 1.97, 0.73, 1.03, 0.59, 0.2, 0.42, 0.66, 0.88, 1.64, 1.23, 0.73, 0.34, 0.17],
		3.12,
		null,
	],
])('the network rate gives the published ratio of %s', (_, rates, published, layerwise) => {
	const run = vgg16(rates);
	const dnn = compareWithDense(run, profile)?.dnnEnergyJoules.nominal ?? 0;
	expect(dnn).toBeCloseTo(1556.66e-6, 8);
	expect(Math.abs(dnn / joules(run, 'network-rate') - published)).toBeLessThan(0.01);
	if (layerwise !== null) expect(Math.abs(dnn / joules(run, 'layer-rate') - layerwise)).toBeLessThan(0.01);
});

test('NeuroBench turns a tensor into MACs as soon as its spikes are not 1', () => {
	const run = smallNetwork();
	const scaled = {
		...run,
		layers: run.layers.map((layer) =>
			layer.kind === 'synaptic' && !layer.inputKind.startsWith('analog') ? { ...layer, spikeMagnitude: 0.25 } : layer,
		),
	};
	const { terms } = estimate(scaled, profile, { accounting: 'neurobench' });
	expect(terms.acs?.nominal).toBe(0);
	expect(estimate(run, profile, { accounting: 'neurobench' }).terms.acs?.nominal).toBeGreaterThan(0);
});

test('without sparsity every connection is charged at every timestep', () => {
	const { terms } = estimate(smallNetwork(3), profile, { accounting: 'no-sparsity' });
	expect(terms.acs?.nominal).toBeCloseTo(3 * 12 * 0.9e-12, 22);
});

test('the comparison states each energy relative to the exact events and the spread of all', () => {
	const { rows, spread } = compareAccountings(smallNetwork(), profile);
	expect(rows.map(({ accounting }) => accounting)).toEqual(accountingNames);
	expect(rows[0]?.relativeToExact).toBe(1);
	const relative = rows.map((row) => row.relativeToExact);
	expect(spread).toBeCloseTo(Math.max(...relative) / Math.min(...relative), 12);
});

test('with analog input only, the Lemaire accounting is dense and grows with T', () => {
	const run = (timesteps: number) =>
		activity([{ name: 'fc', analog: true, inputElements: 10, outputElements: 10, active: Array<number>(timesteps).fill(2) }]);
	expect(joules(run(4), 'lemaire2022')).toBeCloseTo(4 * joules(run(1), 'lemaire2022'), 25);
});

test.each(accountingNames)('the ratio beside the energy under %s is formed from it', (accounting) => {
	const run = smallNetwork();
	const { comparison, estimates } = priceActivity(run, { profiles: ['45nm'], accountings: [accounting] });
	const energy = estimates[0]?.energyPerInferenceJoules.nominal ?? 0;
	const [against] = comparison?.profiles ?? [];
	expect(against?.snnEnergyJoules.nominal).toBe(energy);
	expect(against?.ratio.nominal).toBeCloseTo((against?.dnnEnergyJoules.nominal ?? 0) / energy, 9);
});
