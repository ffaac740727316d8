import { elementCount, tensorValues } from '../model/tensors.ts';
import { type GraphIndex, intAttribute } from './graph-index.ts';
import { unique, withoutWrapper } from './names.ts';
import type { SynapticCall, SynapticLayer } from './network.ts';
import { downstream, upstream } from './reachability.ts';
import { type SpikeContext, spikeSources } from './spike-paths.ts';
import type { SynapticGroup, SynapticUse } from './synapses.ts';

export interface TimedLayers {
	readonly layers: readonly SynapticLayer[];
	readonly timesteps: number;
	/** Layers whose number of uses is neither 1 nor T. */
	readonly uneven: readonly { readonly name: string; readonly uses: number }[];
	/** Layers the exporter left out at the last timesteps, where nothing reads what they give. */
	readonly endEarly: readonly { readonly name: string; readonly uses: number }[];
}

/**
 * How many timesteps an unrolled graph has: the largest number of times any weight is used, in a graph that has
 * spikes. Without spikes a weight used several times is shared within one pass.
 */
export function unrolledTimesteps(groups: readonly SynapticGroup[], spiking: boolean): number {
	return spiking ? groups.reduce((most, { uses }) => Math.max(most, uses.length), 1) : 1;
}

/**
 * Timesteps of data that bring one more than any weight is used: what enters the last layer at the last one is read by
 * nothing, and the exporter left it out.
 */
export function timestepsOfData(index: GraphIndex, uses: number): number {
	const frames = new Set(framesOf(index, uses + 1).values());
	return frames.size > 1 && Array.from(frames).every((frame) => frame < uses) ? uses + 1 : uses;
}

/**
 * Gives every use of a weight its timestep. The k-th use is timestep k; a single use of an unchanging input is all of
 * them in a graph that has spikes, and in a plain recurrent network the one it is.
 */
export function timeLayers(
	groups: readonly SynapticGroup[],
	timesteps: number,
	varying: ReadonlySet<string>,
	index: GraphIndex,
	spiking = true,
): TimedLayers {
	// The first use that is left of a late layer is its second call, which exporters number.
	const names = unique(
		withoutWrapper(groups.map(({ name, uses }) => (startsLate(uses, timesteps, index) ? name.replace(/_1$/, '') : name))),
	);
	const labels = new Map<string, number>();
	const frames = framesOf(index, timesteps);
	for (const [tensor, frame] of frames) labels.set(tensor, frame);
	for (const { uses } of groups) {
		if (uses.length === timesteps) for (const [timestep, use] of uses.entries()) labels.set(use.output, timestep);
		else if (startsLate(uses, timesteps, index)) for (const [at, use] of uses.entries()) labels.set(use.output, at + 1);
	}
	const uneven: { name: string; uses: number }[] = [];
	const endEarly: { name: string; uses: number }[] = [];
	const layers = groups.map(({ uses }, at): SynapticLayer => {
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
		let calls: SynapticCall[];
		if (timesteps === 1) calls = uses.map((use) => call(use, 0));
		else if (uses.length === timesteps) calls = uses.map((use, timestep) => call(use, timestep));
		else if (timeInvariant) calls = [call(first, 'every')];
		else if (startsLate(uses, timesteps, index)) calls = uses.map((use, at) => call(use, at + 1));
		else {
			if (spiking) (endsEarly(uses, frames, timesteps) ? endEarly : uneven).push({ name, uses: uses.length });
			const latest = uses.map((use) => latestLabel(use.input, labels, index));
			const spread = inOrder(latest);
			calls = uses.map((use, at) => call(use, (spread.at(-1) ?? 0) < timesteps ? (spread[at] ?? 0) : (latest[at] ?? 0)));
		}
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
	return { layers, timesteps, uneven, endEarly };
}

/**
 * Weights on the spikes of the timestep before: each use depends on the one before it. Where the spikes before the first
 * timestep are a constant, the exporter computes that use away, and the first that is left belongs to the second timestep.
 */
function startsLate(uses: readonly SynapticUse[], timesteps: number, index: GraphIndex): boolean {
	return (
		timesteps > 2 &&
		uses.length === timesteps - 1 &&
		uses.every(({ input }, at) => at === 0 || upstream(input, index).has((uses[at - 1] as SynapticUse).output))
	);
}

/**
 * Where a current waits a timestep to be used, what enters a layer in the last timesteps is read by nothing, and the
 * exporter leaves those uses out: one for every layer behind it.
 */
const endsEarly = (uses: readonly SynapticUse[], frames: ReadonlyMap<string, number>, timesteps: number): boolean =>
	uses.length === timesteps - 1 || (uses.length > timesteps / 2 && frames.size === uses.length);

/** Uses of one weight are at different timesteps, each later than the one before. */
function inOrder(labels: readonly number[]): number[] {
	let before = -1;
	return labels.map((label) => {
		before = Math.max(label, before + 1);
		return before;
	});
}

/** Timesteps that are taken out of the input one by one: [T, batch, …] or [batch, T, …]. */
export function framesOf(index: GraphIndex, timesteps: number | null): ReadonlyMap<string, number> {
	const frames = new Map<string, number>();
	for (const { name, dims } of index.graph.inputs) {
		for (const node of index.consumers.get(name) ?? []) {
			const { op, inputs, outputs } = node;
			const axis = intAttribute(node, 'axis', 0);
			const position = index.graph.constants.get(inputs[1] ?? '');
			const size = dims?.[axis];
			if (op !== 'Gather' || axis < 0 || axis > 1 || !position || elementCount(position.dims) !== 1) continue;
			if (typeof size !== 'number' || (timesteps !== null && size !== timesteps)) continue;
			const [frame = 0] = tensorValues(position);
			frames.set(outputs[0] ?? '', frame < 0 ? frame + size : frame);
		}
	}
	return frames;
}

/** A layer used at some timesteps only (a zero start, merged nodes) works at the time of the newest layer it depends on. */
function latestLabel(tensor: string, labels: ReadonlyMap<string, number>, index: GraphIndex): number {
	let latest = 0;
	for (const name of upstream(tensor, index, (at) => labels.has(at))) latest = Math.max(latest, labels.get(name) ?? 0);
	return latest;
}

/** Tensors that may differ between timesteps: those that depend on a state, on a spike, or on data that has a time axis. */
export function timeVaryingTensors(
	context: SpikeContext,
	stateInputs: readonly string[],
	dataVaries: string | null,
): Set<string> {
	const varying = new Set<string>();
	const starts = [...stateInputs, ...(dataVaries === null ? [] : [dataVaries])];
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
