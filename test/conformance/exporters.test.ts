import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Activity, NeuronLayerActivity, SynapticLayerActivity } from '../../src/activity/activity.ts';
import { readNpy } from '../../src/formats/npy/index.ts';
import { encodeModel } from '../../src/formats/onnx/index.ts';
import { countEvents, loadNetwork } from '../../src/pipeline.ts';

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
	const timesteps = options.timesteps ?? (name.endsWith('-step') ? reference(name).timesteps : undefined);
	const network = await loadNetwork(path(`${name}/model.onnx`), { timesteps, output: options.output });
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
	expect(layers.map(({ name }) => shortName(name)).sort()).toEqual(Object.keys(expected.layers).map(shortName).sort());
	for (const layer of layers) {
		const name = shortName(layer.name);
		const [, one] = Object.entries(expected.layers).find(([key]) => shortName(key) === name) as [string, ReferenceLayer];
		// A head on the mean over time is computed once, when the last timestep is known.
		const before = one.activeInputs.length === 1 ? new Array<number>(expected.timesteps - 1).fill(0) : [];
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
			activeInputs: [...before, ...one.activeInputs.map(sum)],
			synapticEvents: [...before, ...one.synapticEvents.map(sum)],
		});
	}
}

/** "conv1/conv1.0" is "conv1" to its author, "block.q_linear" is "block/q_linear" to the exporter. */
const shortName = (name: string): string => name.replace(/^.*[/.](?=\D)/, '').replace(/\.\d+$/, '');

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
	'norse-step',
	'sinabs-squeezed',
	'snntorch-synaptic',
	'spikingjelly',
	'spikformer',
	'qkformer',
	'spike-driven',
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

test('a current that arrives a timestep later (Norse) drives its neurons when it arrives at them, not when it moves the membrane', async () => {
	const [step, unrolled] = [await count('norse-step'), await count('norse-unrolled')];
	const { layers, timesteps, samples } = reference('norse-step');
	const [lif1, lif2] = neurons(step);
	expect(lif1).toMatchObject({ name: 'lif1', leak: 0.5, threshold: 0.25, reset: 'hard', stateWords: 2 });
	// Every sample has active inputs at every timestep, so all of lif1 is driven throughout; lif2 where lif1 has fired before.
	expect(lif1?.perTimestep.map(({ drivenUpdates }) => drivenUpdates)).toEqual(new Array(timesteps).fill(16 * samples));
	const fired = layers.fc2?.activeInputs as number[][];
	const biased = 6 * samples; // the bias of fc2 has charged the currents of all neurons after the first timestep
	expect(lif2?.perTimestep.map(({ drivenUpdates }) => drivenUpdates)).toEqual(
		fired.map((spikes, timestep) => (timestep > 0 ? biased : 6 * spikes.filter((count) => count > 0).length)),
	);
	// Traced in Python, the last uses of each layer are read by nothing: one for fc2, two for fc1.
	for (const [at, layer] of synaptic(step).entries()) {
		const kept = timesteps - (layer.name === 'fc1' ? 2 : 1);
		expect(synaptic(unrolled)[at]?.name).toBe(layer.name);
		expect(synaptic(unrolled)[at]?.perTimestep.slice(0, kept)).toEqual(layer.perTimestep.slice(0, kept));
		expect(
			synaptic(unrolled)
				[at]?.perTimestep.slice(kept)
				.map(({ synapticEvents }) => synapticEvents),
		).toEqual(new Array(timesteps - kept).fill(0));
	}
	for (const [at, { name, perTimestep }] of neurons(step).entries()) {
		const found = neurons(unrolled)[at];
		const last = name === 'lif1' ? timesteps - 1 : timesteps;
		const seen = (layer: NeuronLayerActivity | undefined) => layer?.perTimestep.slice(0, last).map(({ spikes }) => spikes);
		expect(found).toMatchObject({ name, leak: 0.5, reset: 'hard', stateWords: 2 });
		expect(seen(found)).toEqual(perTimestep.slice(0, last).map(({ spikes }) => spikes));
	}
	const { assumptions } = await loadNetwork(path('norse-unrolled/model.onnx'));
	expect(assumptions.join(' ')).toContain('Layer "fc1" is computed at 4 of 6 timesteps');
});

test('neurons of spiking attention that have no weights in front of them are found, with what they hold', async () => {
	for (const [name, layer] of [
		['qkformer', 'attn_lif'],
		['spike-driven', 'talking_heads_lif'],
	] as const) {
		const found = neurons(await count(name)).find((one) => one.name === layer);
		expect(found).toMatchObject({ leak: 0.5, threshold: 0.5, reset: 'hard', stateWords: 1 });
		expect(found?.totals.spikes).toBeGreaterThan(0);
	}
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

test.each(['attention', 'spikformer'])(
	'%s: a product of spikes by spikes costs an accumulate for each pair that meets, per timestep',
	async (name) => {
		const activity = await count(name);
		const found = products(activity).map(({ geometry, perTimestep }) => ({
			denseMacs: geometry.denseMacs,
			acs: perTimestep.map(({ acs }) => acs),
			macs: perTimestep.map(({ macs }) => macs),
			weightReads: perTimestep.map(({ weightReads }) => weightReads),
		}));
		const expected = Object.values(reference(name).products ?? {}).map(({ denseMacs, events }) => ({
			denseMacs,
			acs: events.map(sum),
			macs: events.map(() => 0),
			weightReads: events.map(() => 0),
		}));
		expect(found).toEqual(expected);
		const acs = activity.layers.reduce((total, layer) => total + (layer.kind === 'synaptic' ? layer.totals.acs : 0), 0);
		expect(activity.totals.acs).toBe(acs);
		expect(activity.spread.acs.mean * activity.run.samples).toBeCloseTo(acs, 6);
	},
);

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

test.each([...asExported.filter((name) => !name.endsWith('-step')), 'gated'])(
	'%s: the rewritten graph computes what PyTorch computed',
	async (name) => {
		const network = await loadNetwork(path(`${name}/model.onnx`));
		const expected = JSON.parse(readFileSync(path(`${name}/reference.json`), 'utf8')) as { readonly output: unknown };
		const wanted = ([expected.output] as unknown[]).flat(9) as number[];
		const inputs = readNpy(readFileSync(path(`${name}/inputs.npy`)), 'inputs.npy');
		const session = await InferenceSession.create(encodeModel(network.model));
		try {
			const dims = network.input.dims ?? [];
			const rows = dims.length > inputs.shape.length ? inputs.shape.slice(1) : null;
			const shape = rows ? [(inputs.shape[0] as number) / (dims[1] as number), dims[1] as number, ...rows] : [...inputs.shape];
			const feed = new Tensor('float32', Float32Array.from(inputs.data as Float32Array), shape);
			const results = await session.run({ [network.input.name]: feed });
			const found = Array.from(results[network.readout.output]?.data as Float32Array);
			expect(found).toHaveLength(wanted.length);
			// Spiking nets compute with whole multiples of 1/64 and are exact; the gates of an LSTM are not.
			expect(Math.max(...found.map((value, at) => Math.abs(value - (wanted[at] as number))))).toBeLessThan(1e-6);
		} finally {
			await session.release();
		}
	},
);

test('batch size changes no count of an unfolded graph', async () => {
	const [one, three] = [await count('folded-time-major', { batch: 1 }), await count('folded-time-major', { batch: 3 })];
	expect(one.layers).toEqual(three.layers);
});
