import { parseArchitecture } from '../../src/network/architectures.ts';
import type { TrainedModel } from '../../src/training/export/model.ts';
import { layoutOf } from '../../src/training/parameters.ts';
import { buildPlan } from '../../src/training/plan.ts';
import { randomNumbers } from './random-numbers.ts';

/**
 * A spiking network with seeded weights as training would leave it. All numbers are small multiples of 1/64, so that sums
 * are exact in float32 in any order and readers in different formats must agree to the last spike.
 */
export function trainedModel(
	architecture: string,
	inputShape: readonly number[],
	timesteps: number,
	seed: number,
	leak = 0.5,
): TrainedModel {
	const plan = buildPlan(parseArchitecture(architecture), inputShape, 4);
	const layout = layoutOf(plan, { neuron: 'lif', normalised: false });
	const parameters = new Float32Array(layout.size);
	const next = randomNumbers(seed);
	for (const { role, offset, size } of layout.entries) {
		for (let index = offset; index < offset + size; index++) {
			const random = (Math.round(next() * 32) - 12) / 64;
			parameters[index] = role === 'threshold' ? 0.75 : role === 'leak' ? leak : random;
		}
	}
	return { plan, layout, parameters, timesteps, metadata: {} };
}
