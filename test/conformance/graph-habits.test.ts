import { readFileSync } from 'node:fs';
import type { Activity } from '../../src/activity/activity.ts';
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
	['scatter-kwta', {}, []],
	['list-outputs', {}, []],
	['sumpool-lppool', {}, []],
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

const stored8 = expected('batch-first-data');

test.each([
	['labels', 'x_bt.npy', { labels: 'y.npy' }, {}, 'ntc'],
	['labels', 'x_tb.npy', { labels: 'y.npy' }, {}, 'tnc'],
	['--timesteps', 'x_bt.npy', {}, { timesteps: 50 }, 'ntc'],
	['--timesteps', 'x_tb.npy', {}, { timesteps: 50 }, 'tnc'],
	['--layout', 'x_bt.npy', { layout: 'ntc' }, {}, 'ntc'],
	['--layout', 'x_tb.npy', { layout: 'tnc' }, {}, 'tnc'],
] as const)('data with time and samples in either order are read right by %s: %s', async (_, data, count, load, layout) => {
	const activity = await countGraph('batch-first-data', load, { model: 'model.nir', data, ...count });
	expect([activity.run.samples, activity.run.timesteps]).toEqual([stored8.samples, stored8.T]);
	expect(activity.totals.acs / activity.run.samples).toBe(stored8.acs_per_inference);
	expect(spikes(activity)[0]).toBe(stored8.spikes_lif);
	expect(activity.data.layout).toBe(layout);
	expect(activity.run.assumptions.join('\n')).toContain(`${data} has shape`);
});

test('where nothing decides, both readings are named and one is asked for', async () => {
	await expect(countGraph('batch-first-data', {}, { model: 'model.nir', data: 'x_bt.npy' })).rejects.toThrow(
		/shape \[8, 50, 6\]: it could be 8 samples of 50 timesteps \(--layout ntc\) or 8 timesteps of 50 samples \(--layout tnc\)/,
	);
});

test('a step model with an exporter’s default names is paired by its arithmetic; its data are read by the number of timesteps', async () => {
	const name = 'step-unnamed-snntorch';
	const activity = await countGraph(name, { timesteps: 6 }, { labels: 'labels.npy' });
	expect(countedLayers(activity)).toEqual(storedCounts(name));
	expect(activity.run.assumptions.join('\n')).toContain('mem.1 → onnx::Sub_29, mem → onnx::Sub_47');
});

test('one output a timestep is one answer, summed over the timesteps', async () => {
	const activity = await countGraph('list-outputs', {}, { labels: 'labels.npy' });
	expect(activity.accuracy).toEqual({ correct: 2, total: 2 });
	expect(activity.run.assumptions.join('\n')).toContain('"onnx::Mul_22 … 96", summed over timesteps');
});

test.each([
	['model.onnx', 'x_tb.npy'],
	['model_bt.onnx', 'x.npy'],
])('parallel spiking neurons (%s): the matrix over time is a layer, its operations counted', async (model, data) => {
	const stored = expected('psn-time-matrix');
	const activity = await countGraph('psn-time-matrix', {}, { model, data });
	expect(activity.run.timesteps).toBe(stored.T);
	const [c1, psn1, c2, psn2, fc] = synapticLayers(activity);
	expect([c1, c2, fc].map((layer) => layer?.totals.acs)).toEqual([stored.c1, stored.c2, stored.fc]);
	expect([psn1, psn2].map((layer) => layer?.totals.macs)).toEqual([stored.psn1_macs, stored.psn2_macs]);
	expect(spikes(activity)).toEqual([stored.n1, stored.n2]);
	expect(neuronLayers(activity).map(({ neurons }) => neurons * activity.run.samples)).toEqual(stored.neurons);
});
