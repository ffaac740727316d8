import fc from 'fast-check';
import type { Activity } from '../../../src/activity/activity.ts';
import { elementCount } from '../../../src/model/tensors.ts';
import { foldTimesteps } from '../../../src/simulation/fold/fold-timesteps.ts';
import { runPilot } from '../../../src/simulation/pilot.ts';
import { pilotWants } from '../../../src/simulation/plan.ts';
import { simulate } from '../../../src/simulation/simulate.ts';
import { arraySource } from '../../support/array-source.ts';
import {
	type Block,
	type DeepNetwork,
	deepModel,
	deepNetwork,
	plainBlock as plain,
	sampleShape,
} from '../../support/deep-network.ts';
import { networkOf } from '../../support/model-builder.ts';
import { randomNumbers } from '../../support/random-numbers.ts';

const samples = 3;

function data(seed: number): Float32Array {
	const random = randomNumbers(seed);
	return Float32Array.from({ length: samples * elementCount(sampleShape) }, () => random() * 4 - 1);
}

async function count(net: DeepNetwork, options: { mostFoldedBytes?: number; batch?: number }): Promise<Activity> {
	return simulate(await networkOf(deepModel(net)), arraySource(data(net.seed), sampleShape), options);
}

test('a network counts the same whether its layers take timesteps together, a few at once, or one by one', async () => {
	let spikes = 0;
	await fc.assert(
		fc.asyncProperty(
			deepNetwork,
			fc.integer({ min: 1, max: 4 }),
			fc.integer({ min: 500, max: 20_000 }),
			async (net, batch, few) => {
				const stepwise = await count(net, { batch, mostFoldedBytes: 0 });
				expect(await count(net, { batch })).toEqual(stepwise);
				expect(await count(net, { batch, mostFoldedBytes: few })).toEqual(stepwise);
				spikes += stepwise.totals.spikes;
			},
		),
		{ seed: 5, numRuns: 12 },
	);
	expect(spikes).toBeGreaterThan(2000);
}, 240_000);

const net = (blocks: readonly Block[]): DeepNetwork => ({
	blocks,
	form: 'unrolled',
	timesteps: 4,
	opset: 13,
	seed: 1,
	firingReadout: false,
});

async function folded(one: DeepNetwork, mostBytes: number) {
	const network = await networkOf(deepModel(one));
	const dims = [1, ...sampleShape];
	const pilot = await runPilot(
		network,
		{ values: new Float32Array(elementCount(dims)), dims, batch: 1 },
		pilotWants(network, true),
	);
	const found = foldTimesteps(network, pilot, 1, mostBytes);
	const operators = (found?.graph ?? network.model.graph).nodes.map(({ op }) => op);
	return { found, of: (op: string) => operators.filter((other) => other === op).length };
}

test('weights, normalisation and pooling are computed once for all timesteps; neurons at each', async () => {
	const { of } = await folded(net([plain, plain]), 2 ** 20);
	// The first layer sees the same image at every timestep: onnxruntime computes its four copies once.
	expect({
		Conv: of('Conv'),
		BatchNormalization: of('BatchNormalization'),
		AveragePool: of('AveragePool'),
		Gemm: of('Gemm'),
	}).toEqual({
		Conv: 4 + 1,
		BatchNormalization: 4 + 1,
		AveragePool: 2,
		Gemm: 1,
	});
	expect(of('Greater')).toBe(8);
});

test('a layer inside a loop through time stays stepwise, the layers outside it do not', async () => {
	const { of } = await folded(net([plain, { ...plain, recurrent: true }, plain]), 2 ** 20);
	// Four copies of layer 1, layers 2 and 3 once each, and 3 feedback convolutions (none at the first timestep).
	expect(of('Conv')).toBe(4 + 2 + 3);
});

test('where memory is short, a few timesteps are taken together; where it is shorter still, none', async () => {
	const one = await folded(net([plain, plain]), 2 ** 20);
	const operand = 3 * 4 * 4 * 4 * 2;
	const few = await folded(net([plain, plain]), operand * 2);
	const none = await folded(net([plain, plain]), 100);
	expect([one.of('Conv'), few.of('Conv'), none.of('Conv')]).toEqual([4 + 1, 4 + 2, 4 + 4]);
	expect(none.found).toBeNull();
});
