import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { countEvents, loadNetwork } from '../../src/pipeline.ts';
import type { Activity, SynapticLayerActivity } from '../../src/simulation/activity.ts';

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
}

const path = (name: string) => fileURLToPath(new URL(`../fixtures/exporters/${name}`, import.meta.url));
const reference = (name: string): Reference => JSON.parse(readFileSync(path(`${name}/reference.json`), 'utf8'));
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

async function count(name: string, options: { timesteps?: number; batch?: number } = {}): Promise<Activity> {
	const network = await loadNetwork(path(`${name}/model.onnx`), { timesteps: options.timesteps });
	return countEvents(network, { data: path(`${name}/inputs.npy`), encoder: 'every-step', batch: options.batch });
}

const synaptic = (activity: Activity): SynapticLayerActivity[] =>
	activity.layers.filter((layer): layer is SynapticLayerActivity => layer.kind === 'synaptic');

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

test.each([
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
])("%s: every layer's events equal PyTorch's at every timestep", async (name) => {
	expectReference(await count(name), reference(name));
});
