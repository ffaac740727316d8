import { chipParameters } from '../../src/hardware/chip/chip-profile.ts';
import { fitNetwork, placeActivity, trafficOf } from '../../src/hardware/chip/fit.ts';
import { loadProfile } from '../../src/hardware/profile/load.ts';
import { countEvents, loadNetwork, observeEvents } from '../../src/pipeline.ts';

const chip = chipParameters(loadProfile('loihi-sanafe'));

async function routed(
	fixture: string,
	options: { timesteps?: number; encoder?: 'once' | 'every-step'; batch?: number; samples?: number },
) {
	const folder = new URL(`../fixtures/${fixture}/`, import.meta.url).pathname;
	const network = await loadNetwork(`${folder}model.onnx`, options);
	const data = { ...options, data: `${folder}inputs.npy` };
	const activity = await countEvents(network, data);
	const placed = placeActivity(activity, chip);
	const collector = trafficOf(placed);
	await observeEvents(network, collector, data);
	return { activity, placed, collector };
}

describe.each([
	['a-snntorch-conv-step', { timesteps: 6, encoder: 'every-step' as const }],
	['a-snntorch-conv-unrolled', { encoder: 'once' as const }],
	['c-snntorch-fc-bernoulli', {}],
])('%s', (fixture, options) => {
	test('spikes routed over the chip cause exactly the synaptic events that were counted', async () => {
		const { activity, collector } = await routed(fixture, options);
		expect(collector.synapticEvents).toBe(activity.totals.synapticEvents);
	});

	test('traffic does not depend on the batch size', async () => {
		const whole = (await routed(fixture, options)).collector.traffic();
		const small = (await routed(fixture, { ...options, batch: 3 })).collector.traffic();
		expect({ ...small, steps: [], pipelinedSeconds: 0 }).toEqual({ ...whole, steps: [], pipelinedSeconds: 0 });
		for (const [index, step] of whole.steps.entries()) expect(small.steps[index]?.seconds).toBeCloseTo(step.seconds, 15);
	});

	test('exact positions move packets and time, not what was counted', async () => {
		const { placed, collector } = await routed(fixture, options);
		const mean = fitNetwork(placed, { force: true }).cost;
		const exact = fitNetwork(placed, { force: true, traffic: collector.traffic() }).cost;
		expect(exact?.positions).toBe('exact');
		expect(exact?.synapticEvents).toBe(mean?.synapticEvents);
		expect(exact?.energyTermsJoules.neuronsSpiking).toBe(mean?.energyTermsJoules.neuronsSpiking);
		expect(exact?.barrierSteps).toBe(mean?.barrierSteps);
		// The busiest core of each sample is at least as busy as the mean over samples and positions says.
		expect(exact?.latencySeconds).toBeGreaterThan((mean?.latencySeconds ?? 0) * 0.99);
	});
});

test('a dense layer sends every spike to all its cores: packets are exact either way', async () => {
	const { activity, placed, collector } = await routed('c-snntorch-fc-bernoulli', {});
	const spikes = activity.layers.flatMap((layer) => (layer.kind === 'synaptic' ? [layer.totals.activeInputs] : []));
	const cores = placed.packing.runs.map((run) => run.cores);
	const expected = spikes.reduce((sum, active, index) => sum + active * (cores[index] ?? 0), 0) / activity.run.samples;
	expect(collector.traffic().packets).toBe(expected);
	expect(fitNetwork(placed, { force: false }).cost?.packets).toBeCloseTo(expected, 9);
});
