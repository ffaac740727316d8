import type { Activity } from '../../src/activity/activity.ts';
import { simulate } from '../../src/simulation/simulate.ts';
import { arraySource } from '../support/array-source.ts';
import { neuronLayers, synapticLayers } from '../support/fixture.ts';
import { type Form, idiomData, idiomNetwork, plainIdiom, sizes } from '../support/idiom-network.ts';
import { decisions, membranes, type NeuronIdiom } from '../support/neuron-idioms.ts';

const timesteps = 4;
const samples = 3;
const forms: readonly Form[] = ['step', 'unrolled', 'unrolled with merged first layer'];

async function count(idiom: NeuronIdiom, form: Form): Promise<Activity> {
	const network = await idiomNetwork(idiom, form, timesteps);
	expect(network.timesteps).toBe(timesteps);
	expect(network.synapticLayers.map(({ name }) => name)).toEqual(['fc1', 'fc2']);
	expect(network.neuronLayers.map(({ name }) => name)).toEqual(['lif1', 'lif2']);
	const { leak, threshold, reset, delayedReset = false } = idiom.expected;
	for (const layer of network.neuronLayers) {
		expect({
			leak: layer.leak,
			threshold: layer.threshold,
			reset: layer.reset,
			delayedReset: layer.delayedReset,
			stateWords: layer.stateWords,
		}).toEqual({ leak, threshold, reset, delayedReset, stateWords: idiom.words });
	}
	expect(network.synapticLayers.map(({ sources }) => sources)).toEqual([[], ['lif1']]);
	return simulate(network, arraySource(idiomData(samples), [sizes.input]));
}

describe.each([...decisions, ...membranes].map((idiom) => [idiom.name, idiom] as const))('%s', (_, idiom) => {
	test.each(forms)('is found and counted as the arithmetic says, as a graph of the form: %s', async (form) => {
		const activity = await count(idiom, form);
		const plain = plainIdiom(idiom, idiomData(samples), timesteps);
		expect(neuronLayers(activity).map(({ perTimestep }) => perTimestep.map(({ spikes }) => spikes))).toEqual([
			plain.first,
			plain.second,
		]);
		const [, fc2] = synapticLayers(activity);
		expect(fc2?.perTimestep.map(({ activeInputs }) => activeInputs)).toEqual(plain.first);
		expect(fc2?.perTimestep.map(({ synapticEvents }) => synapticEvents)).toEqual(
			plain.first.map((spikes) => spikes * sizes.output),
		);
		expect(plain.first.reduce((sum, spikes) => sum + spikes, 0)).toBeGreaterThan(0);
		expect(fc2?.inputKind).toBe(plain.heights.size > 1 ? 'graded' : 'spikes');
	});

	test('gives the same Activity as a step model and unrolled over time', async () => {
		const [step, ...unrolled] = await Promise.all(forms.map((form) => count(idiom, form)));
		for (const other of unrolled) {
			expect(other?.totals).toEqual(step?.totals);
			expect(other?.layers.map(({ perTimestep }) => perTimestep)).toEqual(step?.layers.map(({ perTimestep }) => perTimestep));
		}
	});
});
