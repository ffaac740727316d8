import type { Attribute, Graph, GraphNode } from '../../model/graph.ts';
import { isRandom } from '../../model/operators/index.ts';

/** Computes equal nodes on equal inputs once, as where every timestep reshapes the same tensor for itself. */
export function withoutDuplicates(graph: Graph): Graph {
	const outputs = new Set(graph.outputs.map(({ name }) => name));
	const known = new Map<string, GraphNode>();
	const same = new Map<string, string>();
	const nodes: GraphNode[] = [];
	for (const candidate of graph.nodes) {
		const inputs = candidate.inputs.map((name) => same.get(name) ?? name);
		const attributes = attributesKey(candidate.attributes);
		const pure =
			attributes !== null &&
			!isRandom(candidate, (name) => graph.constants.get(name)) &&
			!candidate.outputs.some((name) => outputs.has(name));
		const key = `${candidate.domain}:${candidate.op}|${inputs.join('|')}|${attributes}|${candidate.outputs.length}`;
		const first = pure ? known.get(key) : undefined;
		if (first) for (const [at, name] of candidate.outputs.entries()) same.set(name, first.outputs[at] as string);
		else {
			const kept = { ...candidate, inputs };
			if (pure) known.set(key, kept);
			nodes.push(kept);
		}
	}
	return nodes.length === graph.nodes.length ? graph : { ...graph, nodes };
}

/** null where an attribute holds a graph or a tensor: such nodes are not compared. */
export function attributesKey(attributes: ReadonlyMap<string, Attribute>): string | null {
	const entries = [...attributes].map(([name, attribute]) => [name, attribute] as const);
	if (entries.some(([, { kind }]) => kind === 'graph' || kind === 'tensor')) return null;
	return JSON.stringify(entries.map(([name, { value }]) => [name, value]).sort());
}
