import type { Graph, GraphNode } from '../../model/graph.ts';

/** Reads past Identity nodes and drops what no output depends on. Outputs of the graph keep their names. */
export function tidied(graph: Graph): Graph {
	const source = new Map<string, string>();
	const outputs = new Set(graph.outputs.map(({ name }) => name));
	const through = (name: string): string => source.get(name) ?? name;
	const nodes: GraphNode[] = [];
	for (const candidate of graph.nodes) {
		const inputs = candidate.inputs.map(through);
		const [input] = inputs;
		const [output = ''] = candidate.outputs;
		if (candidate.op === 'Identity' && input !== undefined && !outputs.has(output)) source.set(output, input);
		else nodes.push({ ...candidate, inputs });
	}
	return withoutDeadNodes({ ...graph, nodes });
}

function withoutDeadNodes(graph: Graph): Graph {
	const needed = new Set(graph.outputs.map(({ name }) => name));
	const kept: GraphNode[] = [];
	for (const candidate of [...graph.nodes].reverse()) {
		if (!candidate.outputs.some((name) => needed.has(name))) continue;
		kept.push(candidate);
		for (const name of reads(candidate)) needed.add(name);
	}
	return { ...graph, nodes: kept.reverse(), constants: new Map([...graph.constants].filter(([name]) => needed.has(name))) };
}

/** Everything a node reads, its subgraphs included. */
function reads(candidate: GraphNode): string[] {
	return [
		...candidate.inputs,
		...[...candidate.attributes.values()].flatMap((attribute) =>
			attribute.kind === 'graph'
				? [...attribute.value.nodes.flatMap(reads), ...attribute.value.outputs.map(({ name }) => name)]
				: [],
		),
	];
}
