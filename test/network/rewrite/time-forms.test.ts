import type { Activity } from '../../../src/activity/activity.ts';
import type { Network } from '../../../src/network/network.ts';
import { simulate } from '../../../src/simulation/simulate.ts';
import { arraySource } from '../../support/array-source.ts';
import { networkOf } from '../../support/model-builder.ts';
import { randomNumbers } from '../../support/random-numbers.ts';
import { networkInForm, sampleShape, type TimeForm, timeForms } from '../../support/time-forms.ts';

const timesteps = 4;
const samples = 5;
const size = sampleShape.reduce<number>((product, one) => product * one, 1);

/** Spike trains [T, N, …]. */
const trains = (() => {
	const next = randomNumbers(3);
	return Float32Array.from({ length: timesteps * samples * size }, () => (next() < 0.3 ? 1 : 0));
})();

/** The same as [N, T, …], the form a sample-major graph takes. */
function sampleMajor(): Float32Array {
	const turned = new Float32Array(trains.length);
	for (let t = 0; t < timesteps; t += 1)
		for (let n = 0; n < samples; n += 1)
			turned.set(trains.subarray((t * samples + n) * size, (t * samples + n + 1) * size), (n * timesteps + t) * size);
	return turned;
}

const find = (form: TimeForm): Promise<Network> =>
	networkOf(networkInForm(form, timesteps), {
		...(form === 'step' ? { timesteps, states: ['v1=v1_next', 'v2=v2_next'], output: 'v2_next' } : {}),
	});

async function count(form: TimeForm, batch?: number): Promise<Activity> {
	const source =
		form === 'sample-major'
			? arraySource(sampleMajor(), [timesteps, ...sampleShape])
			: arraySource(trains, sampleShape, { timesteps });
	return simulate(await find(form), source, { encoder: 'every-step', batch });
}

/** Everything counted, without the reasons in words. */
function counts({ layers, totals, spread }: Activity): unknown {
	return {
		totals,
		spread,
		layers: layers
			.map((layer) =>
				layer.kind === 'synaptic'
					? [layer.name, layer.inputKind, layer.geometry, layer.perTimestep]
					: [layer.neurons, layer.leak, layer.threshold, layer.reset, layer.stateWords, layer.spiking, layer.perTimestep],
			)
			.map((entry) => JSON.stringify(entry))
			.sort(),
	};
}

let step: Activity;
beforeAll(async () => {
	step = await count('step');
});

test('the network of these tests fires, integrates, and has graded and plain spikes', () => {
	const kinds = step.layers.map((layer) => (layer.kind === 'synaptic' ? layer.inputKind : layer.spiking));
	expect(kinds).toEqual(['spikes', true, 'graded', false]);
	expect(step.totals.spikes).toBeGreaterThan(100);
	expect(step.totals.resets).toBe(step.totals.spikes);
});

test.each(timeForms.filter((form) => form !== 'step'))(
	'written as %s it counts as the step model does, to the last integer',
	async (form) => {
		expect(counts(await count(form))).toEqual(counts(step));
	},
);

test.each(timeForms)('written as %s its counts do not depend on the batch', async (form) => {
	expect(counts(await count(form, 2))).toEqual(counts(step));
});

test.each(['time-major', 'sample-major'] as const)(
	'the %s form says that its time was unfolded, and over how many timesteps',
	async (form) => {
		const network = await find(form);
		expect(network.timesteps).toBe(timesteps);
		expect(network.assumptions).toContainEqual(expect.stringContaining('All T = 4 timesteps are folded into one axis'));
	},
);

test('a folded graph is refused when --timesteps contradicts it', async () => {
	await expect(networkOf(networkInForm('time-major', timesteps), { timesteps: 3 })).rejects.toThrow(/--timesteps 3/);
});
