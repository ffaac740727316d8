import { readFileSync } from 'node:fs';
import type { Activity } from '../../src/simulation/activity.ts';
import { fixturePath, neuronLayers, synapticLayers } from '../support/fixture.ts';
import { countedLayers, countGraph, storedCounts } from '../support/graph-reference.ts';

/**
 * Networks with the habits of real frameworks, whose every count equals PyTorch's, per layer and timestep. The last entry
 * names uses the exporter left out, since nothing reads what they give.
 */
const exact = [
	['inplace-folded', {}, []],
	['inplace-avgpool', {}, []],
	['inplace-spk_rec', {}, []],
	['shared-weights-in-depth', {}, []],
	['equal-fixed-weights-direct', {}, []],
	['bn-per-timestep-snntorch', {}, []],
	['norse-lsnn-recurrent', {}, ['m.0.input_weights@7', 'm.0.recurrent_weights@7']],
] as const;

test.each(exact)('%s %j: spikes, ACs, MACs and neurons are those of PyTorch’s hooks', async (name, load, left) => {
	const activity = await countGraph(name, load);
	expect(countedLayers(activity)).toEqual(storedCounts(name, left));
	expect(activity.warnings).toEqual([]);
});

const expected = (name: string, file = 'expected.json') => JSON.parse(readFileSync(fixturePath(`graphs/${name}`, file), 'utf8'));

const acs = (activity: Activity): number[] => synapticLayers(activity).map(({ totals }) => totals.acs);
const spikes = (activity: Activity): number[] =>
	neuronLayers(activity)
		.filter(({ spiking }) => spiking)
		.map(({ totals }) => totals.spikes);

test('weights of their own at every timestep are one layer, used once a timestep', async () => {
	const stored = expected('bntt-ternary');
	const activity = await countGraph('bntt-ternary', {}, { data: 'x.npy', encoder: 'every-step' });
	expect(activity.run.timesteps).toBe(stored.T);
	const [conv1, conv2, fc] = synapticLayers(activity);
	expect([conv1?.totals.synapticEvents, conv2?.totals.acs, fc?.totals.acs, fc?.totals.macs]).toEqual([
		stored.conv1_acs,
		stored.conv2_acs,
		stored.fc_acs,
		stored.fc_macs,
	]);
	expect(spikes(activity)).toEqual([stored.spikes1, stored.spikes2]);
	expect(neuronLayers(activity).flatMap(({ spiking, neurons }) => (spiking ? [neurons] : []))).toEqual(stored.neurons_per_sample);
	expect(synapticLayers(activity).reduce((sum, { geometry }) => sum + geometry.denseMacs, 0)).toBe(stored.dense_one_pass);
});

test('so they are where no layer shares its weights over time', async () => {
	const stored = expected('bntt-ternary', 'expected_min.json');
	const activity = await countGraph('bntt-ternary', {}, { model: 'min.onnx', data: 'xmin.npy' });
	expect(acs(activity)).toEqual([stored.f, stored.g]);
	expect(activity.totals.spikes).toBe(stored.spikes);
	expect(activity.totals.neuronUpdates).toBe(stored.neuronUpdates);
});
