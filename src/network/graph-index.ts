import type { Graph, GraphNode } from '../model/graph.ts';

/** Who writes and who reads each tensor of a graph. */
export interface GraphIndex {
	readonly graph: Graph;
	readonly producer: ReadonlyMap<string, GraphNode>;
	readonly consumers: ReadonlyMap<string, readonly GraphNode[]>;
	/** Position of each node in the (topologically sorted) graph. */
	readonly position: ReadonlyMap<GraphNode, number>;
	isConstant(tensor: string): boolean;
}

export function indexGraph(graph: Graph): GraphIndex {
	const producer = new Map<string, GraphNode>();
	const consumers = new Map<string, GraphNode[]>();
	const position = new Map<GraphNode, number>();
	for (const [index, node] of graph.nodes.entries()) {
		position.set(node, index);
		for (const output of node.outputs) if (output !== '') producer.set(output, node);
		for (const input of new Set(node.inputs)) {
			if (input === '') continue;
			const readers = consumers.get(input);
			if (readers) readers.push(node);
			else consumers.set(input, [node]);
		}
	}
	return { graph, producer, consumers, position, isConstant: (tensor) => graph.constants.has(tensor) };
}

/** The inputs of a node that are neither absent nor constant. */
export function dynamicInputs(node: GraphNode, index: GraphIndex): string[] {
	return node.inputs.filter((input) => input !== '' && !index.isConstant(input));
}

export { intAttribute, intsAttribute, stringAttribute } from '../model/attributes.ts';
