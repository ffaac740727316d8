import type { SynapticLayerActivity } from '../../src/activity/activity.ts';
import { elementCount, float32Tensor } from '../../src/model/tensors.ts';
import { simulate } from '../../src/simulation/simulate.ts';
import { arraySource } from '../support/array-source.ts';
import { synapticLayers } from '../support/fixture.ts';
import { modelBuilder, networkOf, type PlainAttribute } from '../support/model-builder.ts';

interface LargeLayer {
	readonly op: string;
	readonly attributes?: Readonly<Record<string, PlainAttribute>>;
	readonly weight: readonly number[];
	readonly input: readonly number[];
	/** Every n-th weight is exactly zero. */
	readonly prune?: number;
	readonly samples?: number;
	/** Whether the weights stand on the left, W·x. */
	readonly left?: boolean;
}

/** Runs one layer on ones and hands back its counts. */
async function countOnes({
	op,
	attributes = {},
	weight,
	input,
	prune,
	samples = 1,
	left = false,
}: LargeLayer): Promise<SynapticLayerActivity> {
	const values = new Float32Array(elementCount(weight)).fill(2 ** -20);
	if (prune !== undefined) for (let at = 0; at < values.length; at += prune) values[at] = 0;
	const graph = modelBuilder();
	graph.input('x', ['batch', ...input]);
	graph.constant('w', float32Tensor(values, weight));
	graph.output(graph.add(op, left ? ['w', 'x'] : ['x', 'w'], attributes));
	const ones = new Float32Array(samples * elementCount(input)).fill(1);
	const activity = await simulate(await networkOf(graph.build()), arraySource(ones, input), { batch: 1 });
	return synapticLayers(activity)[0] as SynapticLayerActivity;
}

test('a layer with more than 2^24 active inputs loses none of them to float32', async () => {
	const inputs = 2 ** 24 + 3;
	const { totals } = await countOnes({ op: 'MatMul', weight: [1, inputs], input: [inputs, 1], left: true });
	expect(totals.activeInputs).toBe(16_777_219);
	expect(totals.synapticEvents).toBe(16_777_219);
	expect(totals.acs).toBe(16_777_219);
});

test('a convolution of more than 2^32 events is counted to the last one', async () => {
	const layer = { op: 'Conv', attributes: { pads: [1, 1, 1, 1] }, weight: [433, 67, 3, 3], input: [67, 131, 131] };
	const { totals, geometry } = await countOnes(layer);
	// 131 positions see three taps each, but for the two at the borders, which see two.
	const taps = (3 * 131 - 2) ** 2;
	expect(totals.synapticEvents).toBe(433 * 67 * taps);
	expect(totals.synapticEvents).toBeGreaterThan(2 ** 32);
	expect(totals.synapticEvents % 2).toBe(1);
	expect(totals.effectiveEvents).toBe(totals.synapticEvents);
	expect(geometry.denseMacs).toBe(9 * 67 * 433 * 131 * 131);
	expect(totals.acs).toBe(totals.synapticEvents);
});

test('pruned weights are left out of a count past 2^32, one by one', async () => {
	const [inputs, outputs, samples, prune] = [4001, 4001, 270, 7];
	const { totals, geometry } = await countOnes({ op: 'MatMul', weight: [inputs, outputs], input: [inputs], prune, samples });
	const zeros = Math.ceil((inputs * outputs) / prune);
	expect(geometry.effectiveSynapses).toBe(inputs * outputs - zeros);
	expect(totals.synapticEvents).toBe(samples * inputs * outputs);
	expect(totals.effectiveEvents).toBe(samples * (inputs * outputs - zeros));
	expect(totals.synapticEvents).toBeGreaterThan(2 ** 32);
});

test('a weight map of more than 2^20 elements is summed in blocks without losing an event', async () => {
	const inputs = 2 ** 20 + 5;
	const { totals } = await countOnes({ op: 'MatMul', weight: [3, inputs], input: [inputs, 1], prune: 5, left: true });
	expect(totals.effectiveEvents).toBe(3 * inputs - Math.ceil((3 * inputs) / 5));
});
