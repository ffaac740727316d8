import type { GraphNode } from '../model/graph.ts';
import { formOf } from '../model/operators/index.ts';
import { framesOf } from './frames.ts';
import type { GraphIndex } from './graph-index.ts';
import { upstream } from './reachability.ts';
import { type SpikeContext, spikeSources } from './spike-paths.ts';
import type { SynapticGroup, SynapticUse } from './synapses.ts';

/** How a layer with fewer uses than timesteps lost the others. */
export type Unevenness = 'starts-late' | 'ends-early' | 'uneven';

export interface UseTimesteps {
	readonly timesteps: readonly number[];
	/** null for a layer that is used once a timestep. */
	readonly unevenness: Unevenness | null;
}

type Labels = Map<string, number>;

/**
 * The timestep of every use of every layer in an unrolled graph of T timesteps. T uses are one each, in order. Fewer are given
 * to timesteps by what they depend on and by what they are added to.
 */
export function timestepsOfUses(
	groups: readonly SynapticGroup[],
	timesteps: number,
	context: SpikeContext,
): ReadonlyMap<SynapticGroup, UseTimesteps> {
	const { index } = context;
	const result = new Map<SynapticGroup, UseTimesteps>();
	const labels: Labels = new Map([...framesOf(index, timesteps)].map(([tensor, { frame }]) => [tensor, frame]));
	const frames = new Set(labels.values()).size;
	const settle = (group: SynapticGroup, found: readonly number[], unevenness: Unevenness | null): void => {
		result.set(group, { timesteps: found, unevenness });
		for (const [at, use] of group.uses.entries()) labels.set(use.output, found[at] as number);
	};
	const every = Array.from({ length: timesteps }, (_, at) => at);
	for (const group of groups) if (group.uses.length === timesteps) settle(group, every, null);
	const fewer = groups.filter(({ uses }) => uses.length !== timesteps);
	const recurrent = fewer.filter(({ uses }) => uses.length > 1 && uses.length < timesteps && isRecurrent(uses, index));
	// A layer in front of a recurrent one is labelled first, by the frames it takes.
	for (const group of fewer) if (!recurrent.includes(group) && framesIn(group, labels, index)) settleByInput(group);
	for (const group of recurrent) {
		const beside = group.uses.map((use) => labelBeside(use, labels, index));
		// Where nothing of a known time is added to them: a timestep after the spikes they read, or up to the last one.
		const after = group.uses.map((use) => latestLabel(use.input, labels, index) + 1);
		const shift = timesteps - group.uses.length;
		const found = [beside, after].find((list) => isRising(list, timesteps)) ?? group.uses.map((_, at) => at + shift);
		settle(group, found as readonly number[], 'starts-late');
		// It works on the spikes of the timestep before.
		for (const [at, { input }] of group.uses.entries()) {
			for (const { threshold } of spikeSources(input, context))
				labels.set(threshold.outputs[0] ?? '', Math.max(0, (found[at] as number) - 1));
		}
	}
	for (const group of fewer) if (!result.has(group)) settleByInput(group);
	return result;

	function settleByInput(group: SynapticGroup): void {
		const { uses } = group;
		const latest = uses.map(({ input }) => latestLabel(input, labels, index));
		const spread = inOrder(latest);
		const endsEarly = uses.length === timesteps - 1 || (uses.length > timesteps / 2 && frames === uses.length);
		// What works once on all timesteps (a matrix over time, a readout) belongs to the last.
		const once = uses.length === 1 && latest[0] === timesteps - 1;
		settle(group, (spread.at(-1) ?? 0) < timesteps ? spread : latest, once ? null : endsEarly ? 'ends-early' : 'uneven');
	}
}

/** Whether the uses take frames of the input, each its own. */
function framesIn({ uses, depth }: SynapticGroup, labels: Labels, index: GraphIndex): boolean {
	if (depth > 0 || labels.size === 0) return false;
	const latest = uses.map(({ input }) => latestLabel(input, labels, index));
	return new Set(latest).size === uses.length;
}

/** Weights on the spikes of the timestep before: each use depends on the one before it, or, where currents wait, on the second before. */
function isRecurrent(uses: readonly SynapticUse[], index: GraphIndex): boolean {
	const depends = (lag: number): boolean =>
		uses.length > lag && uses.every(({ input }, at) => at < lag || upstream(input, index).has(uses[at - lag]?.output ?? ''));
	return depends(1) || depends(2);
}

const isRising = (labels: readonly (number | null)[], timesteps: number): labels is readonly number[] =>
	labels.every((label, at) => label !== null && label < timesteps && (at === 0 || label > (labels[at - 1] ?? -1)));

/** The newest timestep among the currents a use is added to, or null. */
function labelBeside({ output }: SynapticUse, labels: Labels, index: GraphIndex): number | null {
	let latest: number | null = null;
	for (let tensor = output; ; ) {
		const [reader, ...others] = index.consumers.get(tensor) ?? [];
		const form = reader && formOf(reader);
		if (!reader || others.length > 0 || (form !== 'sum' && form !== 'difference')) return latest;
		for (const beside of reader.inputs) {
			if (beside === tensor) continue;
			for (const name of upstream(beside, index, (at) => labels.has(at))) {
				const label = labels.get(name);
				if (label !== undefined) latest = Math.max(latest ?? 0, label);
			}
		}
		tensor = reader.outputs[0] ?? '';
	}
}

/** Uses of one weight are at different timesteps, each later than the one before. */
function inOrder(labels: readonly number[]): number[] {
	let before = -1;
	return labels.map((label) => {
		before = Math.max(label, before + 1);
		return before;
	});
}

/** A layer used at some timesteps only (a zero start, merged nodes) works at the time of the newest layer it depends on. */
function latestLabel(tensor: string, labels: Labels, index: GraphIndex): number {
	let latest = 0;
	for (const name of upstream(tensor, index, (at) => labels.has(at))) latest = Math.max(latest, labels.get(name) ?? 0);
	return latest;
}

/** The newest timestep every tensor depends on. */
export function newestTimesteps(
	index: GraphIndex,
	found: ReadonlyMap<SynapticGroup, UseTimesteps>,
	timesteps: number,
): ReadonlyMap<string, number> {
	const own = new Map<string, number>([...framesOf(index, timesteps)].map(([tensor, { frame }]) => [tensor, frame]));
	for (const [{ uses }, { timesteps: at }] of found)
		for (const [k, { output }] of uses.entries()) own.set(output, at[k] as number);
	const newest = new Map<string, number>();
	for (const { inputs, outputs } of index.graph.nodes) {
		const before = inputs.reduce((latest, input) => Math.max(latest, newest.get(input) ?? 0), own.get(outputs[0] ?? '') ?? 0);
		for (const name of outputs) newest.set(name, before);
	}
	return newest;
}

/** The graph's nodes timestep by timestep, and within one in the order they have. */
export function timestepByTimestep({ graph }: GraphIndex, newest: ReadonlyMap<string, number>): GraphIndex['graph'] {
	const at = ({ outputs }: GraphNode): number => newest.get(outputs[0] ?? '') ?? 0;
	// Sorting is stable: nodes of one timestep keep their order.
	return { ...graph, nodes: [...graph.nodes].sort((a, b) => at(a) - at(b)) };
}
