import fc from 'fast-check';
import type { GradedRule, NeuronLayerActivity, SpikeTest, SynapticLayerActivity } from '../../src/activity/activity.ts';
import { elementCount } from '../../src/model/tensors.ts';
import { simulate } from '../../src/simulation/simulate.ts';
import { arraySource } from '../support/array-source.ts';
import { plainOperations } from '../support/plain-counter.ts';
import { inputKinds, plainRun, type RandomRun, randomRun, stepNetwork } from '../support/random-network.ts';

const source = ({ data, layer, timesteps }: RandomRun, order?: readonly number[]) =>
	arraySource(data, layer.inputShape, { timesteps, ...(order ? { order } : {}) });

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const rules = fc.record({
	spikeTest: fc.constantFrom<SpikeTest>('element', 'timestep', 'layer'),
	graded: fc.constantFrom<GradedRule>('mac', 'ac'),
	batch: fc.integer({ min: 1, max: 6 }),
	opset: fc.constantFrom(11, 13, 17, 18, 21),
});

interface Rules {
	readonly spikeTest: SpikeTest;
	readonly graded: GradedRule;
	readonly batch: number;
	readonly opset: number;
}

async function agrees(run: RandomRun, { opset, ...options }: Rules): Promise<void> {
	const { layer, kind, timesteps, samples } = run;
	const activity = await simulate(await stepNetwork(run, opset), source(run), { ...options, encoder: 'every-step' });
	const plain = plainRun(run);
	const operations = plainOperations(plain.events, plain.inputs, { fromThreshold: kind.fromThreshold, ...options });
	const synaptic = activity.layers.find(({ kind: of }) => of === 'synaptic') as SynapticLayerActivity;
	expect(synaptic.geometry.outputShape).toEqual(layer.plain.outputShape);
	expect(synaptic.perTimestep).toEqual(
		plain.events.map((events, step) => ({
			denseMacs: samples * layer.plain.denseMacs,
			synapses: samples * layer.plain.connections.length,
			inputElements: samples * elementCount(layer.inputShape),
			activeInputs: sum(events.map(({ active }) => active)),
			synapticEvents: sum(events.map((one) => one.events)),
			effectiveEvents: sum(events.map(({ effective }) => effective)),
			acs: operations[step]?.acs,
			macs: operations[step]?.macs,
			macsDense: operations[step]?.dense ? samples * layer.plain.denseMacs : (operations[step]?.macs ?? 0),
			weightReads: sum(events.map((one) => one.events)),
		})),
	);
	const neuron = activity.layers.find(({ name }) => name === 'lif') as NeuronLayerActivity;
	const neurons = samples * elementCount(layer.plain.outputShape);
	expect(neuron.perTimestep).toEqual(
		plain.spikes.map((spikes, step) => ({
			neurons,
			neuronUpdates: neurons,
			drivenUpdates: sum(plain.driven[step] as number[]),
			spikes: sum(spikes),
			spikeSum: sum(spikes),
			leakMultiplies: neurons,
			resets: sum(spikes),
			stateReads: step === 0 ? 0 : neurons,
			stateWrites: step === timesteps - 1 ? 0 : neurons,
		})),
	);
	const perSample = Array.from({ length: samples }, (_, sample) => sum(plain.events.map((step) => step[sample]?.events ?? 0)));
	expect(activity.spread.synapticEvents.minimum).toBe(Math.min(...perSample));
	expect(activity.spread.synapticEvents.maximum).toBe(Math.max(...perSample));
	expect(activity.spread.acs.mean * samples).toBeCloseTo(synaptic.totals.acs, 6);
	expect(activity.spread.macs.mean * samples).toBeCloseTo(synaptic.totals.macs, 6);
}

test('every count equals a count connection by connection, on random layers, inputs, rules and batch sizes', async () => {
	await fc.assert(fc.asyncProperty(randomRun, rules, agrees), { seed: 11, numRuns: 60 });
});

test.each(inputKinds.map(({ name }) => name))(
	'input of the kind "%s" is judged spike or number by its values and where they come from',
	async (name) => {
		await fc.assert(
			fc.asyncProperty(
				randomRun.filter(({ kind }) => kind.name === name),
				rules,
				agrees,
			),
			{ seed: 3, numRuns: 12 },
		);
	},
);

test('neither the batch size nor the order of the samples changes any count', async () => {
	await fc.assert(
		fc.asyncProperty(
			randomRun.filter(({ samples }) => samples > 1),
			fc.infiniteStream(fc.nat()),
			fc.integer({ min: 1, max: 6 }),
			async (run, random, batch) => {
				const network = await stepNetwork(run);
				const order = Array.from({ length: run.samples }, (_, at) => at);
				for (let at = order.length - 1; at > 0; at -= 1) {
					const other = (random.next().value as number) % (at + 1);
					[order[at], order[other]] = [order[other] as number, order[at] as number];
				}
				const whole = await simulate(network, source(run), { batch: run.samples });
				const shuffled = await simulate(network, source(run, order), { batch });
				const { spread, ...counts } = whole;
				const { spread: otherSpread, ...otherCounts } = shuffled;
				expect(otherCounts).toEqual(counts);
				for (const key of ['acs', 'macs', 'synapticEvents', 'spikes'] as const) {
					expect(otherSpread[key].minimum).toBe(spread[key].minimum);
					expect(otherSpread[key].maximum).toBe(spread[key].maximum);
					expect(otherSpread[key].mean).toBeCloseTo(spread[key].mean, 9);
					expect(otherSpread[key].standardDeviation).toBeCloseTo(spread[key].standardDeviation, 9);
				}
			},
		),
		{ seed: 5, numRuns: 20 },
	);
});
