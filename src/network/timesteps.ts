import { framesOf } from './frames.ts';
import { unique, withoutWrapper } from './names.ts';
import type { SynapticCall, SynapticLayer } from './network.ts';
import { downstream } from './reachability.ts';
import { type SpikeContext, spikeSources } from './spike-paths.ts';
import type { SynapticGroup, SynapticUse } from './synapses.ts';
import type { UseTimesteps } from './use-timesteps.ts';

export interface TimedLayers {
	readonly layers: readonly SynapticLayer[];
	/** Layers whose number of uses is neither 1 nor T. */
	readonly uneven: readonly { readonly name: string; readonly uses: number }[];
	/** Layers that begin after the first timestep, where there are no spikes yet, or constant ones. */
	readonly startLate: readonly { readonly name: string; readonly uses: number }[];
	/** Layers the exporter left out at the last timesteps, where nothing reads what they give. */
	readonly endEarly: readonly { readonly name: string; readonly uses: number }[];
	/** Names of layers that work on the spikes of the timestep before. */
	readonly recurrent: ReadonlySet<string>;
}

/**
 * Makes layers of the groups, every use with its timestep; a single use of an unchanging input is all of them in a graph
 * that has spikes, and in a plain recurrent network the one it is.
 *
 * @param found timesteps of the uses, where the graph has more than one
 */
export function timeLayers(
	groups: readonly SynapticGroup[],
	timesteps: number,
	varying: ReadonlySet<string>,
	found: ReadonlyMap<SynapticGroup, UseTimesteps>,
	spiking = true,
): TimedLayers {
	// The first use that is left of a late layer is a later call, which exporters number.
	const names = unique(
		withoutWrapper(
			groups.map((group) => {
				const at = found.get(group);
				return at?.unevenness === 'starts-late' ? group.name.replace(new RegExp(`_${at.timesteps[0]}$`), '') : group.name;
			}),
		),
	);
	const uneven: { name: string; uses: number }[] = [];
	const startLate: { name: string; uses: number }[] = [];
	const endEarly: { name: string; uses: number }[] = [];
	const recurrent = new Set<string>();
	const layers = groups.map((group, at): SynapticLayer => {
		const { uses } = group;
		const [first] = uses as [SynapticUse];
		const name = names[at] as string;
		const sameInput = uses.every(({ input }) => input === first.input);
		const timeInvariant = spiking && timesteps > 1 && sameInput && !varying.has(first.input);
		const call = (use: SynapticUse, timestep: number | 'every'): SynapticCall => ({
			node: use.node.name,
			input: use.input,
			output: use.output,
			timestep,
		});
		const own = found.get(group);
		const merged = timeInvariant && uses.length !== timesteps;
		const calls = merged ? [call(first, 'every')] : uses.map((use, k) => call(use, own?.timesteps[k] ?? 0));
		if (spiking && !merged && own?.unevenness === 'uneven') uneven.push({ name, uses: uses.length });
		if (own?.unevenness === 'starts-late') {
			recurrent.add(name);
			startLate.push({ name, uses: uses.length });
		}
		if (spiking && !merged && own?.unevenness === 'ends-early') endEarly.push({ name, uses: uses.length });
		return {
			name,
			op: first.node.op,
			weight: first.weight,
			bias: first.bias,
			weightPosition: first.weightPosition,
			calls,
			timeInvariant,
			sources: [],
			geometryNode: first.node.name,
		};
	});
	return { layers, uneven, startLate, endEarly, recurrent };
}

/** Tensors that may differ between timesteps: those that depend on a state, on a spike or on a frame. */
export function timeVaryingTensors(context: SpikeContext, stateInputs: readonly string[], timesteps: number): Set<string> {
	const varying = new Set<string>();
	const frames = framesOf(context.index, timesteps);
	// Where the graph takes the frames one by one, each is its own timestep's.
	const framed = new Set([...frames.values()].map(({ frame }) => frame)).size === timesteps ? [...frames.keys()] : [];
	const starts = [...stateInputs, ...framed];
	for (const [tensor, set] of context.sets) if (set.kind !== 'any' && set.spiking) starts.push(tensor);
	for (const start of starts) {
		if (varying.has(start)) continue;
		for (const tensor of downstream(start, context.index)) varying.add(tensor);
	}
	return varying;
}

/** Adds to each layer the names of the neuron layers whose spikes reach it. */
export function withSources(
	layers: readonly SynapticLayer[],
	context: SpikeContext,
	neuronOf: ReadonlyMap<string, string>,
): SynapticLayer[] {
	return layers.map((layer) => {
		const names = new Set<string>();
		for (const { input } of layer.calls) {
			for (const { threshold } of spikeSources(input, context)) {
				const name = neuronOf.get(threshold.outputs[0] ?? '');
				if (name !== undefined) names.add(name);
			}
		}
		return { ...layer, sources: [...names] };
	});
}
