import type { ConstantTensor, Graph } from '../graph.ts';
import { type GraphIndex, indexGraph } from '../graph-index.ts';
import type { Measured, Size } from './measure.ts';

/** A graph with the shapes measured on it. */
export interface GraphFacts {
	readonly index: GraphIndex;
	shapeOf(tensor: string): readonly Size[] | null;
	/** A constant, or a value that shapes alone determine. */
	constantOf(tensor: string): ConstantTensor | null;
}

export function graphFacts(graph: Graph, measured: Measured): GraphFacts {
	const constantShape = (tensor: string): readonly Size[] | null =>
		graph.constants.get(tensor)?.dims.map((size): Size => [size, size]) ?? null;
	return {
		index: indexGraph(graph),
		shapeOf: (tensor) => measured.shapeOf(tensor) ?? constantShape(tensor),
		constantOf: (tensor) => graph.constants.get(tensor) ?? measured.valueOf(tensor),
	};
}
