import { framesOf } from './frames.ts';
import type { GraphIndex } from './graph-index.ts';
import { attributesKey, type SynapticGroup, type SynapticUse, synapticUse } from './synapses.ts';
import { isThreshold, type ValueSet } from './value-sets.ts';

/** Layers of an unrolled graph with their uses in order, and how many timesteps they are used in. */
export interface CountedTimesteps {
	readonly groups: readonly SynapticGroup[];
	readonly timesteps: number;
}

/**
 * How many timesteps an unrolled graph has: the number that the uses of most weights agree on, and the size of the axis that
 * frames are taken from. A weight used several times within a timestep is dealt out into as many layers; weights of their own
 * at every timestep are joined into one.
 *
 * @param found timesteps that are known already: from unrolled loops, or from an axis that was taken apart
 */
export function countTimesteps(
	groups: readonly SynapticGroup[],
	found: number | null,
	index: GraphIndex,
	sets: ReadonlyMap<string, ValueSet>,
): CountedTimesteps {
	const frames = axesOfFrames(index);
	const joined = joinTimesteps(groups, new Set([...(found === null ? [] : [found]), ...frames]), index, sets);
	const timesteps = mostAgreed(joined, found, frames);
	return { groups: timesteps > 1 ? joined.flatMap((group) => dealtOut(group, timesteps)) : joined, timesteps };
}

/** Sizes of the axes that single frames are taken from, where nearly all of them are. */
function axesOfFrames(index: GraphIndex): number[] {
	const bySize = new Map<number, Set<number>>();
	for (const { frame, size } of framesOf(index, null).values()) bySize.set(size, (bySize.get(size) ?? new Set()).add(frame));
	return [...bySize].flatMap(([size, taken]) => (size > 1 && taken.size * 2 > size ? [size] : []));
}

/** The number of timesteps that fits most layers; of equals, the larger. */
function mostAgreed(groups: readonly SynapticGroup[], found: number | null, frames: readonly number[]): number {
	const counts = groups.map(({ uses }) => uses.length);
	const repeated = counts.filter((count) => count > 1);
	const candidates = [...new Set([...repeated, ...(repeated.length > 0 ? frames : []), ...(found === null ? [] : [found])])];
	let best = 1;
	let most = 0;
	for (const timesteps of candidates.sort((a, b) => b - a)) {
		let score = (found === timesteps ? 2 : 0) + (frames.includes(timesteps) ? 1 : 0);
		for (const count of counts) score += agreement(count, timesteps, frames.includes(timesteps));
		if (score <= most) continue;
		[best, most] = [timesteps, score];
	}
	return best;
}

/** How well a number of uses speaks for a number of timesteps. */
function agreement(count: number, timesteps: number, framed: boolean): number {
	if (count === timesteps) return 1;
	if (count > timesteps) return count % timesteps === 0 ? 0.25 : -1;
	// Uses before the first spike, or after the last that is read, are left out by exporters.
	return count > 1 && count * 2 > timesteps ? (framed ? 0.95 : 0.5) / (timesteps - count) ** 2 : 0;
}

/** A weight used several times at the same depth within a timestep (two branches): one layer each, dealt out in turn. */
function dealtOut(group: SynapticGroup, timesteps: number): SynapticGroup[] {
	const { uses } = group;
	const branches = uses.length / timesteps;
	if (branches <= 1 || !Number.isInteger(branches) || uses.every(({ input }) => input === uses[0]?.input)) return [group];
	return Array.from({ length: branches }, (_, branch) => ({
		...group,
		uses: uses.filter((_use, at) => at % branches === branch),
	}));
}

/**
 * Joins weights that belong to one layer and differ from timestep to timestep: normalisation of every timestep's own, folded
 * into them, or the weights of one timestep replaced. They have one shape and depth, and each drives the same neurons as the
 * one before it but for the timestep that is past.
 */
function joinTimesteps(
	groups: readonly SynapticGroup[],
	known: ReadonlySet<number>,
	index: GraphIndex,
	sets: ReadonlyMap<string, ValueSet>,
): SynapticGroup[] {
	const sizes = new Set([...known, ...groups.map(({ uses }) => uses.length).filter((size) => size > 1)]);
	const alike = new Map<string, SynapticGroup[]>();
	for (const group of groups) alike.set(roleOf(group, index), [...(alike.get(roleOf(group, index)) ?? []), group]);
	const position = ({ node }: SynapticUse): number => index.position.get(node) ?? 0;
	const result = new Map<SynapticGroup, SynapticGroup | null>();
	for (const members of alike.values()) {
		const [first, ...others] = members as [SynapticGroup];
		const uses = members.flatMap((group) => group.uses).sort((a, b) => position(a) - position(b));
		// Two alone could also be two layers in a row; of more, each would have to reach all the neurons of the next.
		if (others.length === 0 || (uses.length === 2 && !sizes.has(2))) continue;
		if (!drivesEverLess(uses, index, sets)) continue;
		const leading = members.find((group) => group.uses[0] === uses[0]) ?? first;
		for (const group of members) result.set(group, null);
		result.set(leading, { ...leading, uses });
	}
	return groups.flatMap((group) => {
		const joined = result.get(group);
		return joined === undefined ? [group] : joined === null ? [] : [joined];
	});
}

function roleOf({ depth, uses }: SynapticGroup, { graph }: GraphIndex): string {
	const [first] = uses as [SynapticUse];
	const dims = graph.constants.get(first.weight)?.dims.join('x') ?? '';
	return `${depth}|${first.node.op}|${dims}|${first.weightPosition}|${first.bias !== null}|${attributesKey(first.node)}`;
}

/** Whether each use reaches, without passing weights, a part of the thresholds that the use before it reaches. */
function drivesEverLess(uses: readonly SynapticUse[], index: GraphIndex, sets: ReadonlyMap<string, ValueSet>): boolean {
	let before: ReadonlySet<string> | null = null;
	for (const use of uses) {
		const reached = driven(use.output, index, sets);
		if (reached.size === 0) return false;
		if (before && (reached.size >= before.size || ![...reached].every((name) => before?.has(name)))) return false;
		before = reached;
	}
	return true;
}

/** Thresholds downstream of a tensor before any further weights. */
function driven(start: string, index: GraphIndex, sets: ReadonlyMap<string, ValueSet>): Set<string> {
	const reached = new Set<string>();
	const seen = new Set([start]);
	const open = [start];
	for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
		for (const node of index.consumers.get(tensor) ?? []) {
			if (synapticUse(node, index)) continue;
			const [output = ''] = node.outputs;
			if (isThreshold(node, sets, index)) reached.add(output);
			for (const name of node.outputs) {
				if (name === '' || seen.has(name)) continue;
				seen.add(name);
				open.push(name);
			}
		}
	}
	return reached;
}
