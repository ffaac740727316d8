import type { Graph, GraphNode } from '../../model/graph.ts';
import { operatorFacts } from '../../model/operators/index.ts';
import { elementCount, tensorValues } from '../../model/tensors.ts';

/** A size at two batch sizes. Equal numbers: the axis does not depend on the batch. */
export type Size = readonly [number, number];

/** Sizes worth trying when a graph does not run at two arbitrary batch sizes. */
const mostCandidates = 16;
const largestCandidate = 512;

/**
 * Batch sizes to try on a graph whose inputs leave the batch open, most general first.
 *
 * Most graphs run at any. One that takes [N·T, …] and unfolds it runs at multiples of T; one that was traced with a batch
 * whose size went into reshapes or zero states runs at that size only. Both sizes stand among the graph's constants.
 */
export function batchSizes(graph: Graph): Size[] {
	const found = bakedSizes(graph).flatMap((size): Size[] => [
		[2 * size, 3 * size],
		[size, size],
	]);
	return [[2, 3], ...found, [1, 1]];
}

/** Weights keep their own sizes; a batch is never read off them. */
function holdsWeights(node: GraphNode): boolean {
	const facts = operatorFacts(node);
	return facts?.weights !== undefined || facts?.form === 'normalised' || facts?.rewritten === 'recurrence';
}

/** Numbers a batch size could hide in: entries of shapes, and leading sizes of constants that meet activations. */
export function bakedSizes({ nodes, constants }: Graph): number[] {
	const sizes = new Set<number>();
	for (const node of nodes) {
		if (holdsWeights(node)) continue;
		const { op, inputs } = node;
		for (const [position, name] of inputs.entries()) {
			const constant = constants.get(name);
			if (!constant) continue;
			const isShape = constant.type === 'int64' && constant.dims.length === 1 && elementCount(constant.dims) <= 8;
			if (isShape && (position === 1 || op === 'ConstantOfShape' || op === 'Concat'))
				for (const value of tensorValues(constant)) sizes.add(value);
			else if (constant.type !== 'int64' && constant.dims.length >= 2) sizes.add(constant.dims[0] as number);
		}
	}
	return [...sizes]
		.filter((size) => size >= 2 && size <= largestCandidate)
		.sort((a, b) => a - b)
		.slice(0, mostCandidates);
}
