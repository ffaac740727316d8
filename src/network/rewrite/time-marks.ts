import { intAttribute } from '../graph-index.ts';
import { synapticUse } from '../synapses.ts';
import type { GraphFacts } from './graph-facts.ts';
import { backwardPlace, fits, forwardPlace, type TimePlace } from './time-places.ts';
import { findSeeds, type Seed } from './time-seeds.ts';

/** Where the timesteps are in every tensor that has them. */
export interface FoldedTime {
	readonly timesteps: number;
	readonly places: ReadonlyMap<string, TimePlace>;
}

/**
 * Finds out whether weights are applied to all timesteps at once, and where in each tensor the timesteps are.
 *
 * It starts from tensors that neurons take apart into T pieces and follows the axis in both directions through every
 * operator that keeps rows apart. Reshapes leave the distance between two timesteps in memory unchanged, so the order
 * (time-major or sample-major) comes out of the structure.
 *
 * @param asked number of timesteps the user gave, which decides where several would fit
 * @returns null when no weights are applied to folded timesteps
 */
export function findFoldedTime(facts: GraphFacts, asked: number | undefined): FoldedTime | null {
	const seeds = findSeeds(facts);
	const weighted = facts.index.graph.nodes.flatMap((node) => {
		const use = synapticUse(node, facts.index);
		return use ? [use] : [];
	});
	const counts = new Map<number, Seed[]>();
	for (const seed of seeds) counts.set(seed.count, [...(counts.get(seed.count) ?? []), seed]);
	const candidates = [...counts].sort(([a, x], [b, y]) => Number(b === asked) - Number(a === asked) || y.length - x.length);
	for (const [timesteps, group] of candidates) {
		const places = spread(group, facts, timesteps);
		const folded = weighted.some(({ input, output }) => places.has(input) && places.has(output));
		if (folded) return { timesteps, places };
	}
	return null;
}

function spread(seeds: readonly Seed[], facts: GraphFacts, timesteps: number): Map<string, TimePlace> {
	const places = new Map<string, TimePlace>();
	const open: string[] = [];
	const mark = (tensor: string, place: TimePlace | null): void => {
		if (!place || tensor === '' || places.has(tensor) || facts.index.isConstant(tensor)) return;
		const shape = facts.shapeOf(tensor);
		if (!shape || !fits(place, shape, timesteps)) return;
		places.set(tensor, place);
		open.push(tensor);
	};
	for (const { tensor, place } of seeds) mark(tensor, place);
	for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
		const place = places.get(tensor) as TimePlace;
		for (const node of facts.index.consumers.get(tensor) ?? []) {
			for (const [position, input] of node.inputs.entries()) {
				if (input !== tensor) continue;
				const there = forwardPlace(node, position, place, facts, timesteps);
				for (const output of keptOutputs(node.op, node.outputs, intAttribute(node, 'axis', 0), place)) mark(output, there);
			}
		}
		const producer = facts.index.producer.get(tensor);
		if (!producer) continue;
		for (const [position, input] of producer.inputs.entries())
			mark(input, backwardPlace(producer, position, place, facts, timesteps));
	}
	return places;
}

/** All pieces of a Split along another axis keep the timesteps; of other operators the first output does. */
const keptOutputs = (op: string, outputs: readonly string[], axis: number, place: TimePlace): readonly string[] =>
	op === 'Split' && axis !== place.axis ? outputs : outputs.slice(0, 1);
