/** Probes for neurons that hold a nonzero state where no event arrived. */
import { float32Scalar } from '../model/tensors.ts';
import type { Place } from './fold/fold-timesteps.ts';
import { longestSum, type ProbeGraph } from './probe-graph.ts';

/** What arrived at one place of a neuron layer, and what it holds. */
export interface Received {
	readonly heldStates: readonly string[];
	/** [batch, groups, 1, maskWidth] of bool: where an event arrived, of all timesteps if there is a place; null without drivers. */
	readonly mask: string | null;
	readonly sums: Sums | null;
	/** The timestep's part of mask and sums; null where they are of one timestep. */
	readonly place: Place | null;
	readonly neuronsPerMask: number;
	/** Groups, neurons a group and position, positions. */
	readonly shape: readonly [groups: number, perGroup: number, positions: number];
	readonly maskWidth: number;
}

/** Sums of a 0/1 tensor over each sample. */
export interface Sums {
	readonly tensor: string;
	/** Numbers a sample. */
	readonly width: number;
	/** What each of them is where every element is 1. */
	readonly whole: number;
}

type Results = Readonly<Record<string, { readonly data: unknown }>>;

/** Reads how many neurons of the first `count` samples hold a nonzero state and received nothing. */
export type HeldReader = (results: Results, count: number) => number;

/**
 * Timesteps that lie one after another in the same masks are looked at together: one probe for all of them. Written out over 256
 * timesteps, a probe for each would be most of the graph.
 */
export function addHeld(graph: ProbeGraph, all: readonly Received[]): Map<Received, HeldReader> {
	const readers = new Map<Received, HeldReader>();
	for (const run of runsOfTimesteps(all.filter(({ heldStates }) => heldStates.length > 0))) {
		const [first] = run as [Received];
		const counts = graph.output(run.length > 1 ? heldTogether(graph, run) : heldAlone(graph, first));
		for (const [at, one] of run.entries()) readers.set(one, heldReader(counts, at, run.length, sampleWidth(first)));
	}
	return readers;
}

function runsOfTimesteps(all: readonly Received[]): Received[][] {
	const runs: Received[][] = [];
	const inOrder = [...all].sort((a, b) => (a.place?.part ?? 0) - (b.place?.part ?? 0));
	for (const one of inOrder) {
		const before = runs.find((run) => follows(one, run.at(-1) as Received));
		if (before) before.push(one);
		else runs.push([one]);
	}
	return runs;
}

/** Neurons of a layer up to which looking costs less than being called. */
const fewNeurons = 4096;

/** Timesteps above which a probe for each makes a session slow to create. */
const manyTimesteps = 16;

/** Of few timesteps of a large layer only those are looked at in which an event is missing somewhere. */
const lookedAtTogether = ({ place, shape: [groups, perGroup, positions] }: Received): boolean =>
	place !== null && (place.parts > manyTimesteps || groups * perGroup * positions <= fewNeurons);

const follows = (one: Received, before: Received): boolean =>
	lookedAtTogether(one) &&
	one.place !== null &&
	one.mask === before.mask &&
	one.place.part === (before.place?.part ?? 0) + 1 &&
	one.heldStates.length === before.heldStates.length;

/** Numbers a sample that the probe gives. */
const sampleWidth = ({ shape: [groups, perGroup, positions] }: Received): number =>
	groups * perGroup * positions <= longestSum ? 1 : positions;

function heldReader(counts: string, part: number, parts: number, width: number): HeldReader {
	return (results, count) => {
		const data = results[counts]?.data as Float32Array;
		// One zero stands for "an event arrived everywhere".
		if (data.length < parts * width) return 0;
		const size = data.length / parts;
		return total(data.subarray(part * size, (part + 1) * size), count * width);
	};
}

/**
 * Where every position received an event, as in most deep layers, there is nothing to look at and the states are not touched.
 *
 * @returns [batch · timesteps, sampleWidth], or [1] holding 0
 */
function heldTogether(graph: ProbeGraph, run: readonly Received[]): string {
	const [first] = run as [Received];
	const from = first.place?.part ?? 0;
	const timesteps = first.place?.parts ?? 1;
	const slice = (tensor: string): string => graph.slice(graph.reshape(tensor, [timesteps, -1]), from, from + run.length);
	const count = (): string => {
		const states = first.heldStates.map((_, at) =>
			graph.concat(run.map(({ heldStates }) => graph.cast(heldStates[at] as string, 'bool'))),
		);
		return countHeld(graph, states, first, () => graph.reshape(slice(first.mask as string), maskDims(first)));
	};
	const sums = first.sums as Sums;
	return graph.unless(allWhole(graph, graph.reshape(slice(sums.tensor), [1, -1]), sums), count);
}

function heldAlone(graph: ProbeGraph, one: Received): string {
	const { heldStates, mask, sums, place } = one;
	const now = (tensor: string): string => (place ? (graph.parts(tensor, place.parts)[place.part] as string) : tensor);
	const count = (): string =>
		countHeld(
			graph,
			heldStates.map((state) => graph.cast(state, 'bool')),
			one,
			mask === null ? null : () => now(mask),
		);
	if (sums === null) return count();
	return graph.unless(allWhole(graph, graph.reshape(now(sums.tensor), [1, -1]), sums), count);
}

const maskDims = ({ shape: [groups], maskWidth }: Received): number[] => [-1, groups, 1, maskWidth];

/** Of sums [1, n]: whether every one of them is of elements that are all 1. */
const allWhole = (graph: ProbeGraph, sums: string, { whole }: Sums): string =>
	graph.add('Greater', [graph.leastOver(1, sums), graph.constant(`nearly_${whole}`, () => float32Scalar(whole - 0.5))]);

function countHeld(graph: ProbeGraph, states: readonly string[], one: Received, received: (() => string) | null): string {
	const [groups, perGroup, positions] = one.shape;
	const held = anyOf(
		graph,
		states.map((state) => graph.reshape(state, [-1, groups, perGroup, positions])),
	) as string;
	const alone = graph.cast(received === null ? held : graph.add('And', [held, graph.add('Not', [received()])]), 'float');
	return sampleWidth(one) === 1
		? graph.sumOver(1, graph.reshape(alone, [-1, groups * perGroup * positions]))
		: graph.countRows(graph.reshape(alone, [-1, groups * perGroup, positions]), groups * perGroup);
}

/** Sums of a 0/1 tensor over each sample, in the graph where float32 holds them exactly. */
export function perSampleSums(graph: ProbeGraph, mask: string, elements: number): Sums {
	if (elements > longestSum) return { tensor: graph.reshape(mask, [-1, elements]), width: elements, whole: 1 };
	return { tensor: graph.sumOver(1, graph.reshape(mask, [-1, elements])), width: 1, whole: elements };
}

export function total(values: Float32Array, length: number): number {
	let sum = 0;
	for (let at = 0; at < length && at < values.length; at += 1) sum += values[at] as number;
	return sum;
}

export function anyOf(graph: ProbeGraph, masks: readonly string[]): string | null {
	const [first = null, ...others] = masks;
	return others.reduce<string | null>((any, mask) => (any === null ? mask : graph.add('Or', [any, mask])), first);
}
