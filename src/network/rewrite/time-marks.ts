import { intAttribute } from '../graph-index.ts';
import { synapticUse } from '../synapses.ts';
import type { GraphFacts } from './graph-facts.ts';
import { matrixSeeds } from './time-matrix.ts';
import { backwardPlace, fits, forwardPlace, sameSize, type TimePlace } from './time-places.ts';
import { findJoins, findRepeats, findSeeds, type Seed, splitPieces, takenBy } from './time-seeds.ts';

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
	const seeds = [...findSeeds(facts), ...findJoins(facts), ...matrixSeeds(facts), ...findRepeats(facts)];
	const weighted = facts.index.graph.nodes.flatMap((node) => {
		const use = synapticUse(node, facts.index);
		return use ? [use] : [];
	});
	const counts = new Map<number, Seed[]>();
	for (const seed of seeds) counts.set(seed.count, [...(counts.get(seed.count) ?? []), seed]);
	const candidates = [...counts]
		.filter(([, group]) => group.some(({ partial }) => !partial))
		.sort(([a, x], [b, y]) => Number(b === asked) - Number(a === asked) || y.length - x.length);
	for (const [timesteps, group] of candidates) {
		const places = spread([...group, ...joins(group, facts, timesteps)], facts, timesteps);
		const folded = weighted.some(({ input, output }) => places.has(input) && places.has(output));
		if (folded) return { timesteps, places };
	}
	return null;
}

/**
 * The reverse of a seed: T tensors joined again, the k-th of which depends on timestep k and on none after it. A last
 * layer behind the last neuron is reached only from here.
 */
function joins(seeds: readonly Seed[], facts: GraphFacts, timesteps: number): Seed[] {
	const latest = latestTimesteps(seeds, facts);
	return facts.index.graph.nodes.flatMap((node): Seed[] => {
		if (node.op !== 'Concat' || node.inputs.length !== timesteps) return [];
		if (!node.inputs.every((input, timestep) => latest.get(input) === timestep)) return [];
		const [tensor = ''] = node.outputs;
		const [first = ''] = node.inputs;
		const shape = facts.shapeOf(first) ?? [];
		const given = intAttribute(node, 'axis', 0);
		const axis = given < 0 ? given + shape.length : given;
		const inner = shape[axis];
		return inner ? [{ tensor, count: timesteps, place: { axis, inner } }] : [];
	});
}

/** The newest timestep each tensor depends on, counted from where timesteps were last taken out of a whole. */
function latestTimesteps(seeds: readonly Seed[], facts: GraphFacts): Map<string, number> {
	const latest = new Map<string, number>();
	for (const node of facts.index.graph.nodes) {
		const seed = seeds.find(({ tensor }) => tensor === node.inputs[0]);
		const taken = seed ? takenBy(node, facts) : null;
		const pieces = seed ? splitPieces(node, facts) : null;
		if (
			seed &&
			taken &&
			taken.axis === seed.place.axis &&
			taken.count === seed.count &&
			sameSize(taken.inner, seed.place.inner)
		) {
			for (const output of node.outputs) latest.set(output, taken.index);
		} else if (seed && pieces && pieces.axis === seed.place.axis && node.outputs.length === seed.count) {
			for (const [timestep, output] of node.outputs.entries()) latest.set(output, timestep);
		} else {
			const found = node.inputs.flatMap((input) => latest.get(input) ?? []);
			if (found.length > 0) for (const output of node.outputs) latest.set(output, Math.max(...found));
		}
	}
	return latest;
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
