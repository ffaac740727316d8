import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { readNpy } from '../../src/formats/npy/index.ts';
import { encodeModel } from '../../src/formats/onnx/index.ts';
import { countEvents, loadNetwork } from '../../src/pipeline.ts';
import type { Activity, NeuronLayerActivity, SynapticLayerActivity } from '../../src/simulation/activity.ts';

/** Counts made in PyTorch and numpy, apart from any ONNX file: [timestep][sample]. */
interface ReferenceLayer {
	readonly denseMacs: number;
	readonly synapses: number;
	readonly magnitudes: readonly number[];
	readonly activeInputs: readonly (readonly number[])[];
	readonly synapticEvents: readonly (readonly number[])[];
	readonly eventsByMagnitude?: readonly (readonly number[])[];
}
interface Reference {
	readonly timesteps: number;
	readonly samples: number;
	readonly layers: Readonly<Record<string, ReferenceLayer>>;
	readonly products?: Readonly<Record<string, { readonly denseMacs: number; readonly events: readonly (readonly number[])[] }>>;
	readonly denseMacsPerTimestep?: Readonly<Record<string, number>>;
}

const path = (name: string) => fileURLToPath(new URL(`../fixtures/exporters/${name}`, import.meta.url));
const reference = (name: string): Reference => JSON.parse(readFileSync(path(`${name}/reference.json`), 'utf8'));
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

async function count(name: string, options: { timesteps?: number; batch?: number; output?: string } = {}): Promise<Activity> {
	const network = await loadNetwork(path(`${name}/model.onnx`), { timesteps: options.timesteps, output: options.output });
	return countEvents(network, { data: path(`${name}/inputs.npy`), encoder: 'every-step', batch: options.batch });
}

const synaptic = (activity: Activity): SynapticLayerActivity[] =>
	activity.layers.filter(
		(layer): layer is SynapticLayerActivity => layer.kind === 'synaptic' && layer.geometry.weightElements > 0,
	);
const products = (activity: Activity): SynapticLayerActivity[] =>
	activity.layers.filter(
		(layer): layer is SynapticLayerActivity => layer.kind === 'synaptic' && layer.geometry.weightElements === 0,
	);
const neurons = (activity: Activity): NeuronLayerActivity[] =>
	activity.layers.filter((layer): layer is NeuronLayerActivity => layer.kind === 'neuron');

function expectReference(activity: Activity, expected: Reference): void {
	expect(activity.run.timesteps).toBe(expected.timesteps);
	expect(activity.run.samples).toBe(expected.samples);
	const layers = synaptic(activity);
	expect(layers.map(({ name }) => shortName(name)).sort()).toEqual(Object.keys(expected.layers).sort());
	for (const layer of layers) {
		const name = shortName(layer.name);
		const one = expected.layers[name] as ReferenceLayer;
		expect({
			name,
			denseMacs: layer.geometry.denseMacs,
			synapses: layer.geometry.synapses,
			activeInputs: layer.perTimestep.map(({ activeInputs }) => activeInputs),
			synapticEvents: layer.perTimestep.map(({ synapticEvents }) => synapticEvents),
		}).toEqual({
			name,
			denseMacs: one.denseMacs,
			synapses: one.synapses,
			activeInputs: one.activeInputs.map(sum),
			synapticEvents: one.synapticEvents.map(sum),
		});
	}
}

/** "conv1/conv1.0" is "conv1" to its author. */
const shortName = (name: string): string => name.replace(/^.*\//, '').replace(/\.\d+$/, '');

const asExported = [
	'folded-time-major',
	'folded-fixed-batch',
	'folded-sample-major',
	'sequence-matmul',
	'loop',
	'loop-list',
	'residual',
	'attention',
	'multi-valued',
	'recurrent-unrolled',
];

test.each(asExported)("%s: every layer's events equal PyTorch's at every timestep", async (name) => {
	expectReference(await count(name), reference(name));
});

test('a loop whose number of trips the file leaves open runs as often as --timesteps says', async () => {
	expectReference(await count('loop-open', { timesteps: 5 }), reference('loop-open'));
});

test('a loop over an open number of timesteps is refused by name, with what to pass', async () => {
	await expect(loadNetwork(path('loop-open/model.onnx'))).rejects.toThrow(
		/Loop "\/Loop" depends on values .* Pass --timesteps T/,
	);
});

test('explicit recurrence counts the same as a step model and unrolled', async () => {
	const step = await count('recurrent-step', { timesteps: 5, output: 'li_next' });
	const unrolled = await count('recurrent-unrolled');
	expectReference(step, reference('recurrent-step'));
	expect(
		neurons(step).map(({ spiking, stateWords, leak, reset, totals }) => ({ spiking, stateWords, leak, reset, totals })),
	).toEqual(
		neurons(unrolled).map(({ spiking, stateWords, leak, reset, totals }) => ({ spiking, stateWords, leak, reset, totals })),
	);
});

test('elements of each height are accumulates, or multiply-accumulates where they are multiples', async () => {
	for (const name of ['multi-valued', 'residual', 'folded-time-major']) {
		const expected = reference(name);
		const layers = synaptic(await count(name)).filter(({ inputKind }) => inputKind === 'graded');
		expect(layers.length).toBeGreaterThan(0);
		for (const layer of layers) {
			const one = expected.layers[shortName(layer.name)] as ReferenceLayer;
			const byMagnitude = one.eventsByMagnitude ?? [];
			expect(layer.spikeMagnitude).toBe(one.magnitudes[0]);
			expect(layer.perTimestep.map(({ acs }) => acs)).toEqual(byMagnitude.map(([lowest]) => lowest));
			expect(layer.perTimestep.map(({ macs }) => macs)).toEqual(byMagnitude.map(([, ...higher]) => sum(higher)));
		}
	}
});

test('spikes of height 0.5 are accumulates', async () => {
	const layer = synaptic(await count('multi-valued')).find(({ name }) => name === 'fc3');
	expect(layer).toMatchObject({ inputKind: 'spikes', spikeMagnitude: 0.5, totals: { macs: 0 } });
	expect(layer?.totals.acs).toBe(layer?.totals.synapticEvents);
});

test('a product of spikes by spikes costs an accumulate for each pair that meets, per timestep', async () => {
	const activity = await count('attention');
	const found = products(activity).map(({ geometry, perTimestep }) => ({
		denseMacs: geometry.denseMacs,
		acs: perTimestep.map(({ acs }) => acs),
		macs: perTimestep.map(({ macs }) => macs),
		weightReads: perTimestep.map(({ weightReads }) => weightReads),
	}));
	const expected = Object.values(reference('attention').products ?? {}).map(({ denseMacs, events }) => ({
		denseMacs,
		acs: events.map(sum),
		macs: [0, 0],
		weightReads: [0, 0],
	}));
	expect(found).toEqual(expected);
	const acs = activity.layers.reduce((total, layer) => total + (layer.kind === 'synaptic' ? layer.totals.acs : 0), 0);
	expect(activity.totals.acs).toBe(acs);
	expect(activity.spread.acs.mean * activity.run.samples).toBeCloseTo(acs, 6);
});

test('LSTM, GRU and RNN cost gates x (input + hidden) multiply-accumulates a timestep', async () => {
	const activity = await count('gated');
	const dense = (prefix: string) =>
		synaptic(activity)
			.filter(({ name }) => name.startsWith(prefix))
			.reduce((total, { geometry }) => total + geometry.denseMacs, 0);
	const { denseMacsPerTimestep = {} } = reference('gated');
	expect({ lstm: dense('lstm'), gru: dense('gru'), rnn: dense('rnn') }).toEqual(denseMacsPerTimestep);
	for (const layer of synaptic(activity)) {
		expect(layer).toMatchObject({ inputKind: 'analog', totals: { acs: 0 } });
		const steps = layer.name === 'head' ? 1 : 4;
		expect(layer.totals.denseMacs).toBe(layer.geometry.denseMacs * steps * 3);
	}
});

test.each([...asExported, 'gated'])('%s: the rewritten graph computes what PyTorch computed', async (name) => {
	const network = await loadNetwork(path(`${name}/model.onnx`));
	const expected = JSON.parse(readFileSync(path(`${name}/reference.json`), 'utf8')) as { readonly output: unknown };
	const wanted = ([expected.output] as unknown[]).flat(9) as number[];
	const inputs = readNpy(readFileSync(path(`${name}/inputs.npy`)), 'inputs.npy');
	const session = await InferenceSession.create(encodeModel(network.model));
	try {
		const feed = new Tensor('float32', Float32Array.from(inputs.data as Float32Array), [...inputs.shape]);
		const results = await session.run({ [network.input.name]: feed });
		const found = Array.from(results[network.readout.output]?.data as Float32Array);
		expect(found).toHaveLength(wanted.length);
		// Spiking nets compute with whole multiples of 1/64 and are exact; the gates of an LSTM are not.
		expect(Math.max(...found.map((value, at) => Math.abs(value - (wanted[at] as number))))).toBeLessThan(1e-6);
	} finally {
		await session.release();
	}
});

test('batch size changes no count of an unfolded graph', async () => {
	const [one, three] = [await count('folded-time-major', { batch: 1 }), await count('folded-time-major', { batch: 3 })];
	expect(one.layers).toEqual(three.layers);
});
