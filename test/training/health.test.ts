import { parseArchitecture } from '../../src/network/architectures.ts';
import { divergence, firstNotANumber, silentLayers } from '../../src/training/health.ts';
import { layoutOf } from '../../src/training/parameters.ts';
import { buildPlan } from '../../src/training/plan.ts';

const plan = buildPlan(parseArchitecture('4 A 6 A 12d'), [1, 8, 8], 10);
const epoch = { trainAccuracy: 0.1, loss: 2.3, firingRates: [0.2, 0.1, 0.05], images: 1000 };

test('a layer that stayed silent at chance is named at once', () => {
	expect(silentLayers(plan, [0.2, 0, 0.05])).toEqual(['neuron2']);
	expect(divergence(plan, 'T1', [{ ...epoch, firingRates: [0.2, 0, 0] }])?.message).toBe(
		'stage T1: after 1 epoch the training accuracy is 10.0 %, no better than chance, and the loss 2.30; neuron2, neuron3 stopped firing. Start from lower thresholds, so that deep layers get enough input (a lower --percentile; docs/training.md has an example), or lower --learning-rate.',
	);
});

test('a silent layer is no divergence while the network learns, and chance is none while it is young', () => {
	expect(divergence(plan, 'T5', [{ ...epoch, trainAccuracy: 0.5, firingRates: [0.2, 0, 0.1] }])).toBeNull();
	expect(divergence(plan, 'T5', Array(4).fill(epoch))).toBeNull();
	expect(divergence(plan, 'T5', [{ ...epoch, images: 200, firingRates: [0, 0, 0] }])).toBeNull();
});

test('five epochs at chance are divergence, and so is a loss that ran away', () => {
	expect(divergence(plan, 'T5', Array(5).fill(epoch))?.message).toMatch(/stage T5: after 5 epochs .* no better than chance/);
	expect(divergence(plan, 'T5', [...Array(4).fill(epoch), { ...epoch, trainAccuracy: 0.2 }])).toBeNull();
	expect(divergence(plan, 'relu', [{ ...epoch, loss: 3.8e10 }])?.message).toMatch(/the loss 3\.80e\+10/);
	expect(divergence(plan, 'relu', [{ ...epoch, firingRates: [0, 0, 0] }])?.message).toMatch(
		/stopped firing\. Lower the learning rate/,
	);
});

test('the first parameter that is no finite number is named', () => {
	const layout = layoutOf(plan, { neuron: 'lif', normalised: false });
	const values = new Float32Array(layout.size);
	expect(firstNotANumber(layout, values)).toBeNull();
	for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) {
		values[layout.entries.find(({ name }) => name === 'conv2.weight')?.offset ?? 0] = wrong;
		expect(firstNotANumber(layout, values)).toBe('conv2.weight');
	}
});
