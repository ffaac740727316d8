import type { Activity } from '../../src/simulation/activity.ts';
import { neuronLayers, synapticLayers } from '../support/fixture.ts';
import { countGraph } from '../support/graph-reference.ts';

/** Counts that were worked out in PyTorch or numpy, summed over the batch. */
const spiking = (activity: Activity) => neuronLayers(activity).filter((layer) => layer.spiking);
const spikes = (activity: Activity): number[] => spiking(activity).map(({ totals }) => totals.spikes);
const accumulates = (activity: Activity): number[] => synapticLayers(activity).map(({ totals }) => totals.acs);
const sources = (activity: Activity) => synapticLayers(activity).map(({ source }) => source);

describe('a neuron driven one-to-one by a neuron', () => {
	test('behind a weight a neuron, in a step model, is a layer of its own', async () => {
		const activity = await countGraph('neurons-in-a-row', {}, { model: 'two_direct.onnx', data: 'x.npy' });
		expect(spikes(activity)).toEqual([81, 56]);
		expect(spiking(activity).map(({ leak, reset, stateWords }) => ({ leak, reset, stateWords }))).toEqual([
			{ leak: Math.fround(0.8), reset: 'soft', stateWords: 1 },
			{ leak: Math.fround(0.9), reset: 'soft', stateWords: 1 },
		]);
	});

	test('in NIR, a LIF behind a LIF fires and is updated as the first does', async () => {
		const activity = await countGraph('nir-neuron-chains', {}, { model: 'direct.nir', data: 'x.npy' });
		expect(spikes(activity)).toEqual([70, 70, 0]);
		expect(accumulates(activity)).toEqual([1120, 210]);
		expect(activity.totals.neuronUpdates).toBe(1140);
	});
});

describe('spikes that come back beside a second state that spikes drive', () => {
	test('are the spikes of the neuron that fired them', async () => {
		const activity = await countGraph('neurons-in-a-row', {}, { model: 'recq_reset.onnx', data: 'x.npy' });
		expect(spikes(activity)).toEqual([31]);
		expect(sources(activity)).toEqual([null, '/Greater', '/Greater']);
		expect(activity.warnings).toEqual([]);
	});

	test('in a resonate-and-fire net with an adaptive threshold, with every word of state', async () => {
		const activity = await countGraph('recurrent-adaptive', {}, { data: 'x.npy' });
		expect(accumulates(activity)).toEqual([3200, 672, 225]);
		expect(spikes(activity)).toEqual([45]);
		expect(spiking(activity).map(({ stateWords, totals }) => [stateWords, totals.stateReads])).toEqual([[3, 2736]]);
		expect(sources(activity)).toEqual([null, 'n', 'n']);
		expect(activity.warnings).toEqual([]);
	});
});
