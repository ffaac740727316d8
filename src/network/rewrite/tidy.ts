import type { Graph, GraphNode } from '../../model/graph.ts';
import { inCanonicalOrder, innerReads } from './node-order.ts';

/**
 * Reads past Identity nodes, drops what no output depends on, and brings the nodes into an order that follows from the
 * graph alone. Outputs of the graph keep their names.
 *
 * @param kept  names of nodes that stay although no output depends on them
 */
export function tidied(graph: Graph, kept: ReadonlySet<string> = new Set()): Graph {
	const source = new Map<string, string>();
	/** Names that have to stay: subgraphs and users know them. */
	const fixed = new Set([...graph.outputs.map(({ name }) => name), ...graph.nodes.flatMap(innerReads)]);
	const written = new Set(graph.nodes.flatMap((node) => node.outputs));
	const through = (name: string): string => source.get(name) ?? name;
	/** The output's name for a tensor that only an Identity makes an output. */
	const published = new Map<string, string>();
	const nodes: GraphNode[] = [];
	for (const candidate of graph.nodes) {
		const inputs = candidate.inputs.map(through);
		const [input] = inputs;
		const [output = ''] = candidate.outputs;
		const passes = candidate.op === 'Identity' && candidate.domain === '' && input !== undefined;
		if (passes && !fixed.has(output)) source.set(output, input);
		else if (passes && written.has(input) && !fixed.has(input) && !published.has(input)) published.set(input, output);
		else nodes.push({ ...candidate, inputs });
	}
	const renamed = (name: string): string => published.get(name) ?? name;
	const final =
		published.size === 0
			? nodes
			: nodes.map((one) => ({ ...one, inputs: one.inputs.map(renamed), outputs: one.outputs.map(renamed) }));
	return inCanonicalOrder({ ...graph, nodes: final }, kept);
}
