import { readFileSync } from 'node:fs';
import type { Activity } from '../../src/activity/activity.ts';
import { type CountOptions, countEvents, type LoadOptions, loadNetwork } from '../../src/pipeline.ts';
import { fixturePath, neuronLayers, synapticLayers } from './fixture.ts';

/** PyTorch's counts of one layer, summed over the batch; a weight used twice in a timestep has two entries for it. */
interface StoredLayer {
	readonly name: string;
	/** True where the input does not change: counted once. */
	readonly once: boolean;
	readonly per: readonly {
		readonly t: number;
		readonly activeInputs: number;
		readonly events: number;
		readonly effective: number;
		readonly acs: number;
		readonly macs: number;
	}[];
}
interface StoredNeurons {
	readonly name: string;
	/** Over the batch. */
	readonly neurons: number;
	readonly per: readonly number[];
	readonly sums: readonly number[];
}
interface GraphReference {
	readonly T: number;
	readonly layers: readonly StoredLayer[];
	readonly neurons: readonly StoredNeurons[];
}

/** What a layer did, apart from its name: one list a count, one number a timestep. */
export interface Comparable {
	readonly timesteps: number;
	readonly synaptic: readonly string[];
	readonly neurons: readonly string[];
}

const storedGraph = (name: string): GraphReference =>
	JSON.parse(readFileSync(fixturePath(`graphs/${name}`, 'reference.json'), 'utf8'));

/**
 * @param left  uses that are not in the file, since the exporter left out what nothing reads: "layer@t"
 */
export function storedCounts(name: string, left: readonly string[] = []): Comparable {
	const { T, layers, neurons } = storedGraph(name);
	// A weight used at several depths is a layer at each: its uses within a timestep are those of one after the other.
	const apart = layers.flatMap((layer) => {
		const depths = Math.max(...Array.from({ length: T }, (_, t) => layer.per.filter((one) => one.t === t).length));
		return Array.from({ length: depths }, (_, depth) => ({
			...layer,
			per: Array.from({ length: T }, (_, t) => layer.per.filter((one) => one.t === t)[depth]).flatMap((one) => one ?? []),
		}));
	});
	return {
		timesteps: T,
		synaptic: apart
			.map((layer) => {
				const at = (t: number) => (left.includes(`${layer.name}@${t}`) ? [] : layer.per.filter((one) => one.t === t));
				const perTimestep = (count: 'activeInputs' | 'events' | 'effective' | 'acs' | 'macs'): number[] =>
					Array.from({ length: T }, (_, t) => at(t).reduce((sum, one) => sum + one[count], 0));
				return JSON.stringify({
					activeInputs: perTimestep('activeInputs'),
					events: perTimestep('events'),
					effective: perTimestep('effective'),
					acs: perTimestep('acs'),
					macs: perTimestep('macs'),
				});
			})
			.sort(),
		neurons: neurons.map(({ neurons: size, per, sums }) => JSON.stringify({ size, spikes: per, sums })).sort(),
	};
}

export function countedLayers(activity: Activity): Comparable {
	return {
		timesteps: activity.run.timesteps,
		synaptic: synapticLayers(activity)
			.map(({ perTimestep }) =>
				JSON.stringify({
					activeInputs: perTimestep.map(({ activeInputs }) => activeInputs),
					events: perTimestep.map(({ synapticEvents }) => synapticEvents),
					effective: perTimestep.map(({ effectiveEvents }) => effectiveEvents),
					acs: perTimestep.map(({ acs }) => acs),
					macs: perTimestep.map(({ macs }) => macs),
				}),
			)
			.sort(),
		neurons: neuronLayers(activity)
			.filter(({ spiking }) => spiking)
			.map(({ neurons, perTimestep }) =>
				JSON.stringify({
					size: neurons * activity.run.samples,
					spikes: perTimestep.map(({ spikes }) => spikes),
					sums: perTimestep.map(({ spikeSum }) => spikeSum),
				}),
			)
			.sort(),
	};
}

/** Counts a graph's stored batch. */
export async function countGraph(
	name: string,
	load: LoadOptions = {},
	count: CountOptions & { readonly model?: string } = {},
): Promise<Activity> {
	const { model = 'model.onnx', data = 'inputs.npy', labels, ...rest } = count;
	const file = (one: string): string => fixturePath(`graphs/${name}`, one);
	return countEvents(await loadNetwork(file(model), load), {
		data: file(data),
		...(labels === undefined ? {} : { labels: file(labels) }),
		...rest,
	});
}
