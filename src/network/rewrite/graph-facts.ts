import type { ConstantTensor, Graph } from '../../model/graph.ts';
import { tensorValues } from '../../model/tensors.ts';
import { type GraphIndex, indexGraph } from '../graph-index.ts';
import type { Size } from './batch-sizes.ts';
import type { Measured } from './measure.ts';

/** A graph with the shapes measured on it. */
export interface GraphFacts {
	readonly index: GraphIndex;
	shapeOf(tensor: string): readonly Size[] | null;
	/** A constant, or a value that shapes alone determine. */
	constantOf(tensor: string): ConstantTensor | null;
	/** Whole numbers of a constant, or of a value that shapes determine, at both batch sizes. */
	integersOf(tensor: string): readonly Size[] | null;
}

export function graphFacts(graph: Graph, measured: Measured): GraphFacts {
	const constantShape = (tensor: string): readonly Size[] | null =>
		graph.constants.get(tensor)?.dims.map((size): Size => [size, size]) ?? null;
	return {
		index: indexGraph(graph),
		shapeOf: (tensor) => measured.shapeOf(tensor) ?? constantShape(tensor),
		constantOf: (tensor) => graph.constants.get(tensor) ?? measured.valueOf(tensor),
		integersOf(tensor) {
			const constant = graph.constants.get(tensor);
			const [first, second] = constant ? [constant, constant] : (measured.valuesOf(tensor) ?? []);
			if (!first || !second) return null;
			const [a, b] = [tensorValues(first), tensorValues(second)];
			return a.length === b.length ? Array.from(a, (value, at): Size => [value, b[at] as number]) : null;
		},
	};
}
