import { readFileSync } from 'node:fs';
import { countEvents, loadNetwork, priceActivity } from '../../src/pipeline.ts';
import { spikeEnergies } from '../../src/spike-energy.ts';

const folder = 'models/fashion-cnn';
const request = {
	model: new Uint8Array(readFileSync(`${folder}/model.onnx`)),
	samples: new Uint8Array(readFileSync(`${folder}/samples.npz`)),
	accounting: 'exact',
} as const;

test('a spike costs what the layers that read it are charged', async () => {
	const { perSpikeJoules, perInferenceJoules } = await spikeEnergies({ ...request, profile: '45nm' });
	const activity = await countEvents(await loadNetwork(`${folder}/model.onnx`));
	const estimate = priceActivity(activity, { profiles: ['45nm'] }).estimates[0];
	expect(perInferenceJoules).toBe(estimate?.energyPerInferenceJoules.nominal);
	// The last hidden layer is read by ten outputs: ten accumulates of 0.9 pJ.
	expect(perSpikeJoules.at(-1)).toBeCloseTo(9e-12, 18);
});

test('a profile with memory charges a spike for the weights that it reads', async () => {
	const arithmetic = await spikeEnergies({ ...request, profile: '45nm' });
	const memory = await spikeEnergies({ ...request, profile: '45nm-memory' });
	expect(memory.perSpikeJoules.at(-1)).toBeGreaterThan(arithmetic.perSpikeJoules.at(-1) ?? Number.NaN);
});

test('a profile that does not exist is refused by name', async () => {
	await expect(spikeEnergies({ ...request, profile: 'no-such-profile' })).rejects.toThrow(/no-such-profile/);
});
