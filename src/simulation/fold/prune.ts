import type { Graph, GraphNode } from '../../model/graph.ts';

/** Leaves out the nodes no output of the graph needs: onnxruntime would compute them. */
export function prune(graph: Graph): Graph {
	const needed = new Set(graph.outputs.map(({ name }) => name));
	const kept: GraphNode[] = [];
	for (let at = graph.nodes.length - 1; at >= 0; at -= 1) {
		const node = graph.nodes[at] as GraphNode;
		if (!node.outputs.some((output) => needed.has(output))) continue;
		for (const input of reads(node)) needed.add(input);
		kept.push(node);
	}
	return { ...graph, nodes: kept.reverse() };
}

/** Names a node reads, those its subgraphs take from outside included. */
function reads(node: GraphNode): string[] {
	const names = [...node.inputs];
	for (const attribute of node.attributes.values()) {
		if (attribute.kind !== 'graph') continue;
		names.push(...attribute.value.nodes.flatMap(reads), ...attribute.value.outputs.map(({ name }) => name));
	}
	return names;
}
