import type { Graph, GraphNode } from '../../model/graph.ts';

/**
 * The nodes that outputs depend on, in an order that follows from the graph alone: not from the order in the file, and not
 * from names. What is farther from the outputs comes first, so that of equal parts of a graph the earlier timestep does;
 * equally far nodes come in the order in which a walk from the outputs meets them.
 *
 * @param kept  names of nodes that stay although no output depends on them
 */
export function inCanonicalOrder(graph: Graph, kept: ReadonlySet<string>): Graph {
	const walked = walkFromOutputs(graph, kept);
	const distance = distances(walked);
	const at = new Map(walked.map((node, index) => [node, index]));
	const nodes = [...walked].sort(
		(a, b) => (distance.get(b) as number) - (distance.get(a) as number) || (at.get(a) as number) - (at.get(b) as number),
	);
	const read = new Set([...nodes.flatMap(readsOf), ...graph.outputs.map(({ name }) => name)]);
	return { ...graph, nodes, constants: new Map([...graph.constants].filter(([name]) => read.has(name))) };
}

/** Every node an output depends on, after the nodes it reads itself. */
function walkFromOutputs({ nodes, outputs }: Graph, kept: ReadonlySet<string>): GraphNode[] {
	const producer = new Map<string, GraphNode>();
	for (const node of nodes) for (const output of node.outputs) if (output !== '') producer.set(output, node);
	const done = new Set<GraphNode>();
	const order: GraphNode[] = [];
	const roots = [
		...outputs.map(({ name }) => name),
		...(kept.size === 0 ? [] : nodes.flatMap((node) => (kept.has(node.name) ? node.outputs.slice(0, 1) : []))),
	];
	for (const name of roots) {
		const stack: { readonly node: GraphNode; readonly reads: readonly string[]; next: number }[] = [];
		const open = (tensor: string): void => {
			const node = producer.get(tensor);
			if (!node || done.has(node)) return;
			done.add(node);
			stack.push({ node, reads: readsOf(node), next: 0 });
		};
		open(name);
		for (let top = stack.at(-1); top; top = stack.at(-1)) {
			const read = top.reads[top.next];
			top.next += 1;
			if (read !== undefined) open(read);
			else {
				order.push(top.node);
				stack.pop();
			}
		}
	}
	return order;
}

/** The number of nodes on the longest way from each node to an output. */
function distances(nodes: readonly GraphNode[]): Map<GraphNode, number> {
	const ofTensor = new Map<string, number>();
	const distance = new Map<GraphNode, number>();
	for (const node of [...nodes].reverse()) {
		const own = node.outputs.reduce((most, output) => Math.max(most, ofTensor.get(output) ?? 0), 0);
		distance.set(node, own);
		for (const read of readsOf(node)) ofTensor.set(read, Math.max(ofTensor.get(read) ?? 0, own + 1));
	}
	return distance;
}

/** Everything a node reads, its subgraphs included. */
const readsOf = (node: GraphNode): readonly string[] =>
	node.attributes.size === 0 ? node.inputs : [...node.inputs, ...innerReads(node)];

/** What a node's subgraphs read, their own tensors included. */
export const innerReads = (node: GraphNode): string[] =>
	[...node.attributes.values()].flatMap((attribute) =>
		attribute.kind === 'graph'
			? [...attribute.value.nodes.flatMap(readsOf), ...attribute.value.outputs.map(({ name }) => name)]
			: [],
	);
