import type { Activity } from '../../src/activity/activity.ts';
import { elementCount } from '../../src/model/tensors.ts';
import { simulate } from '../../src/simulation/simulate.ts';
import { arraySource } from '../support/array-source.ts';
import { type DeepNetwork, deepModel, plainBlock as plain, sampleShape } from '../support/deep-network.ts';
import { networkOf } from '../support/model-builder.ts';
import { randomNumbers } from '../support/random-numbers.ts';

const samples = 2;

async function count(net: DeepNetwork): Promise<Activity> {
	const random = randomNumbers(net.seed);
	const data = Float32Array.from({ length: samples * elementCount(sampleShape) }, () => random() * 4 - 1);
	return simulate(await networkOf(deepModel(net)), arraySource(data, sampleShape));
}

/** What was counted, without names. */
const counted = ({ layers, totals }: Activity) => ({
	totals,
	layers: layers.map(({ kind, totals: own, perTimestep }) => ({ kind, own, perTimestep })),
});

// 33 timesteps are 17, 16 and one that is computed and not read; 64 are twice 32.
test.each([33, 64])(
	'a step model counts the same over %s timesteps as the graph written out over all of them',
	async (timesteps) => {
		const blocks = [
			{ ...plain, pool: null, reset: 'hard' as const },
			{ ...plain, residual: true },
		];
		const net: DeepNetwork = { blocks, form: 'step', timesteps, opset: 13, seed: timesteps, firingReadout: false };
		const stretches = counted(await count(net));
		expect(stretches.totals.spikes).toBeGreaterThan(1000);
		expect(stretches).toEqual(counted(await count({ ...net, form: 'unrolled' })));
	},
);
