import type { Activity, ReuseCounts, SynapticLayerActivity } from '../../../src/activity/activity.ts';
import { breakEven, checkProfile, compareWithDense, estimate } from '../../../src/hardware/index.ts';
import { countEvents, loadNetwork, priceActivity } from '../../../src/pipeline.ts';
import { activityOf, parseAnalysis, renderAnalysis, renderJson } from '../../../src/reporting/index.ts';
import { minimal, profileFile, profileFrom } from '../../hardware/support/profiles.ts';
import { commandLine } from '../../support/command-line.ts';

const model = 'models/fashion-cnn/model.onnx';
const profileOf = (formula: string) =>
	profileFrom(
		minimal({
			energy: `
  acs: ${formula}`,
		}),
	);

const run = (options: object): Promise<Activity> =>
	loadNetwork(model).then((network) => countEvents(network, { samples: 3, ...options }));
const synaptic = (activity: Activity): SynapticLayerActivity[] => activity.layers.filter((layer) => layer.kind === 'synaptic');

test('a run with densities counts all else as it was, and is read back from its JSON', async () => {
	const [plain, counted] = [await run({}), await run({ densities: true })];
	expect(synaptic(counted).every(({ reuse }) => reuse !== undefined)).toBe(true);
	const without = {
		...counted,
		layers: counted.layers.map((layer) => (layer.kind === 'synaptic' ? { ...layer, reuse: undefined } : layer)),
	};
	expect(JSON.parse(JSON.stringify(without))).toEqual(JSON.parse(JSON.stringify(plain)));
	const analysis = priceActivity(counted, { profiles: ['45nm'] });
	expect(activityOf(parseAnalysis(renderJson(analysis), 'run.json'))).toEqual(JSON.parse(JSON.stringify(counted)));
	expect(await renderAnalysis(analysis, 'markdown')).toMatch(/products/);
	for (const { reuse, inputKind } of synaptic(counted)) expect(reuse?.repeatable).toBe(inputKind === 'spikes');
});

test('a formula may price repetition; without the counts it is refused, and not taken for nothing', async () => {
	const sum = (activity: Activity, name: keyof ReuseCounts): number =>
		synaptic(activity).reduce((total, { reuse }) => total + (reuse?.totals[name] ?? 0), 0) / activity.run.samples;
	const counted = await run({ densities: true });
	for (const name of ['productEvents', 'partialSums', 'uniqueWeights'] as const) {
		const profile = profileOf(`${name} * E_ac`);
		expect(checkProfile(profileFile(minimal({ energy: `\n  acs: ${name} * E_ac` })))).toEqual([]);
		expect(estimate(counted, profile).energyPerInferenceJoules.nominal).toBeCloseTo(sum(counted, name) * 1e-12, 18);
		const plain = await run({});
		expect(() => estimate(plain, profile)).toThrow(/prices .*--densities/);
		// The DNN baseline repeats no row and touches everything; the equal DNN of one timestep is this network.
		expect(compareWithDense(counted, profile)?.dnnEnergyJoules.nominal).toBeGreaterThanOrEqual(
			estimate(counted, profile).energyPerInferenceJoules.nominal,
		);
		expect(breakEven(counted, profile).rivals.find((rival) => rival.name === 'matched')?.ratio).toBe(1);
	}
});

test('analyze --densities shows them, and refuses runs in parts', async () => {
	const { out, error } = await commandLine('analyze', model, '--samples', '2', '--densities', '--format', 'markdown', '--quiet');
	expect(error).toBeNull();
	expect(out).toMatch(/bits on.*products.*sums touched.*weights used/);
	const refused = await commandLine('analyze', model, '--samples', '2', '--densities', '--shard', '1/2', '--quiet');
	expect(refused.error?.message).toMatch(/leave out --shard/);
});
