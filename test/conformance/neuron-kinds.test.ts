import type { Activity } from '../../src/activity/activity.ts';
import { countCorpus } from '../support/corpus.ts';
import { neuronLayers, synapticLayers } from '../support/fixture.ts';
import { countedLayers, countGraph, storedCounts } from '../support/graph-reference.ts';

/** Counts that were worked out in PyTorch or numpy, summed over the batch. */
const spiking = (activity: Activity) => neuronLayers(activity).filter((layer) => layer.spiking);
const spikes = (activity: Activity): number[] => spiking(activity).map(({ totals }) => totals.spikes);
const accumulates = (activity: Activity): number[] => synapticLayers(activity).map(({ totals }) => totals.acs);
const sources = (activity: Activity) => synapticLayers(activity).map(({ source }) => source);

describe('a neuron driven one-to-one by a neuron', () => {
	test('behind a weight a neuron, in a step model, is a layer of its own', async () => {
		const activity = await countGraph('neurons-in-a-row', {}, { model: 'two_direct.onnx', data: 'x.npy', layout: 'tnc' });
		expect(spikes(activity)).toEqual([81, 56]);
		expect(spiking(activity).map(({ leak, reset, stateWords }) => ({ leak, reset, stateWords }))).toEqual([
			{ leak: Math.fround(0.8), reset: 'soft', stateWords: 1 },
			{ leak: Math.fround(0.9), reset: 'soft', stateWords: 1 },
		]);
	});

	test('in NIR, a LIF behind a LIF fires and is updated as the first does', async () => {
		const activity = await countGraph('nir-neuron-chains', {}, { model: 'direct.nir', data: 'x.npy', layout: 'tnc' });
		expect(spikes(activity)).toEqual([70, 70, 0]);
		expect(accumulates(activity)).toEqual([1120, 210]);
		expect(activity.totals.neuronUpdates).toBe(1140);
	});
});

describe('spikes that come back beside a second state that spikes drive', () => {
	test('are the spikes of the neuron that fired them', async () => {
		const activity = await countGraph('neurons-in-a-row', {}, { model: 'recq_reset.onnx', data: 'x.npy', layout: 'tnc' });
		expect(spikes(activity)).toEqual([31]);
		expect(sources(activity)).toEqual([null, '/Greater', '/Greater']);
		expect(activity.warnings).toEqual([]);
	});

	test('in a resonate-and-fire net with an adaptive threshold, with every word of state', async () => {
		const activity = await countGraph('recurrent-adaptive', {}, { data: 'x.npy', layout: 'tnc' });
		expect(accumulates(activity)).toEqual([3200, 672, 225]);
		expect(spikes(activity)).toEqual([45]);
		expect(spiking(activity).map(({ stateWords, totals }) => [stateWords, totals.stateReads])).toEqual([[3, 2736]]);
		expect(sources(activity)).toEqual([null, 'n', 'n']);
		expect(activity.warnings).toEqual([]);
	});
});

/** Networks whose every count equals PyTorch's, per layer and timestep. */
test.each([
	['inverted-spikes', 'spikes that weights read as 1 - s are counted where they fire'],
	['weightless-encoder', 'an encoder without weights in front is one layer over all timesteps'],
	['mixed-concat', 'spikes that stand beside analog channels keep their neurons'],
	['mixed-analog-residual', 'spikes added to an analog residual keep their neurons'],
	['mask-refractory-counter', 'spikes times a refractory mask are one layer of neurons'],
])('%s: %s', async (name) => {
	expect(countedLayers(await countGraph(name))).toEqual(storedCounts(name));
});

test('an encoder without weights in front has its leak, its reset and its state', async () => {
	const [encoder] = spiking(await countGraph('weightless-encoder'));
	expect(encoder).toMatchObject({ leak: Math.fround(0.9), threshold: 1, reset: 'soft', stateWords: 1 });
	expect(encoder?.totals.stateReads).toBe(2 * 20 * 5);
});

test('a refractory mask does not hide how the membrane is reset', async () => {
	const [masked] = spiking(await countGraph('mask-refractory-counter'));
	expect(masked).toMatchObject({ leak: Math.fround(0.8), threshold: 0.5, reset: 'soft' });
});

describe('spikes that carry an amplitude', () => {
	test.each([
		['thresh', { spikes: [69, 31], events: [1035, 124], updates: 0 }],
		['quant', { spikes: [114, 97], events: [1710, 388], updates: 0 }],
	] as const)('sigma-delta messages (%s): each is an event, and the zeros between them are none', async (form, expected) => {
		const activity = await countGraph('sigma-delta', {}, { model: `model_${form}.onnx`, data: `x_${form}.npy`, layout: 'tnc' });
		const layers = synapticLayers(activity);
		expect(spikes(activity)).toEqual(expected.spikes);
		expect(layers.map(({ totals }) => totals.synapticEvents)).toEqual(expected.events);
		expect(layers.map(({ totals }) => totals.acs + totals.macsDense)).toEqual(expected.events);
		expect(layers.map(({ inputKind }) => inputKind)).toEqual(['graded', 'graded']);
		expect(spiking(activity).map(({ leak, stateWords, totals }) => [leak, stateWords, totals.leakMultiplies])).toEqual([
			[1, 1, expected.updates],
			[1, 2, expected.updates],
		]);
		expect(activity.warnings).toEqual([]);
	});

	test('sigma-delta messages off a grid are MACs', async () => {
		const activity = await countGraph('sigma-delta', {}, { model: 'model_thresh.onnx', data: 'x_thresh.npy', layout: 'tnc' });
		expect(synapticLayers(activity).map(({ totals }) => totals.macs)).toEqual([1035, 124]);
	});

	test.each([
		['step', 37, 111],
		['phase_step', 40, 120],
	] as const)('one height a timestep (%s): every firing is one spike and one AC a synapse', async (form, fired, events) => {
		const activity = await countGraph('fs-neurons', {}, { model: `model_${form}.onnx`, data: 'x.npy' });
		const [first, second] = synapticLayers(activity);
		expect(first?.totals.macs).toBe(480);
		expect(second).toMatchObject({ inputKind: 'spikes', spikeMagnitude: null, totals: { acs: events, macs: 0 } });
		expect(spiking(activity).map(({ totals }) => [totals.spikes, totals.spikeSum])).toEqual([[fired, fired]]);
		expect(spiking(activity).map(({ stateWords, leak }) => [stateWords, leak])).toEqual([[1, 1]]);
		expect(activity.spread.acs.mean * activity.run.samples).toBe(events);
	});

	test.each([
		['sum', 37, 51],
		['phase_sum', 40, 60],
	] as const)(
		'several firings summed before the weights (%s): all fire, and each nonzero sum is an event',
		async (form, fired, events) => {
			const activity = await countGraph('fs-neurons', {}, { model: `model_${form}.onnx`, data: 'x.npy' });
			const [first, second] = synapticLayers(activity);
			expect(first?.totals.macs).toBe(480);
			expect(second?.totals.synapticEvents).toBe(events);
			expect((second?.totals.acs ?? 0) + (second?.totals.macsDense ?? 0)).toBe(events);
			expect(spiking(activity).map(({ totals }) => [totals.spikes, totals.spikeSum, totals.neurons])).toEqual([
				[fired, fired, 48],
			]);
		},
	);
});

describe('state', () => {
	test.each([
		['the counter of a refractory period is a word beside the membrane', 'odd-refractory', [2, 2]],
		['an unrolled buffer of the last three spikes is three words', 'odd-delay-line', [1 + 3, 1]],
	] as const)('%s', async (_, name, words) => {
		const activity = await countCorpus(name, 'traced.onnx');
		expect(spiking(activity).map(({ stateWords }) => stateWords)).toEqual(words);
	});

	test('a spiking LSTM holds its cell and its hidden state', async () => {
		const activity = await countGraph('slstm-cell-state', {}, { data: 'x.npy' });
		expect(accumulates(activity).filter((acs) => acs > 0)).toEqual([2208, 704, 80]);
		expect(synapticLayers(activity).flatMap(({ totals }) => (totals.macs > 0 ? [totals.macs] : []))).toEqual([3840, 3840]);
		expect(spiking(activity).map(({ stateWords, totals }) => [stateWords, totals.spikes, totals.stateReads])).toEqual([
			[2, 22, 240],
			[2, 40, 240],
		]);
	});

	// Delays between two timesteps give a spike in parts: 44 of the 1,000 events have another height than 1. They are no accumulates
	// of one height and none of the 956 that the file beside it lists; all are counted as multiply-accumulates, and the report says so.
	test.each([
		['current', [242, 54], 968],
		['spike', [291, 39], 1000],
		['spike_int', [285, 77], 960],
	] as const)('a delay of d timesteps is d words a neuron: %s', async (form, fired, events) => {
		const activity = await countGraph('delay-buffers', {}, { model: `model_${form}.onnx`, data: 'x.npy', layout: 'tnc' });
		expect(spikes(activity)).toEqual(fired);
		expect(synapticLayers(activity).map(({ totals }) => totals.synapticEvents)).toEqual([1460, events]);
		expect(spiking(activity).map(({ stateWords, totals }) => [stateWords, totals.stateReads])).toEqual([
			[1 + 4, 3 * 10 * 9 * 5],
			[1, 3 * 4 * 9],
		]);
	});
});
