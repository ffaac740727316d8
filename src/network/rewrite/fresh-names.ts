import type { Graph } from '../../model/graph.ts';

/** Hands out names that no tensor and no node of a graph has. */
export interface FreshNames {
	/** The wanted name, or the wanted name with a number behind it when it is taken. */
	take(wanted: string): string;
	/** Frees the names a subgraph defines, when it is about to be dissolved. */
	release(subgraph: Graph): void;
}

export function freshNames(graph: Graph): FreshNames {
	/** How often each name is defined, subgraphs included. */
	const taken = new Map<string, number>();
	const define = (name: string): void => {
		taken.set(name, (taken.get(name) ?? 0) + 1);
	};
	const collect = (one: Graph): void => {
		definitions(one).forEach(define);
		for (const node of one.nodes)
			for (const attribute of node.attributes.values()) if (attribute.kind === 'graph') collect(attribute.value);
	};
	collect(graph);
	const counts = new Map<string, number>();
	return {
		take(wanted) {
			let name = wanted;
			for (let count = counts.get(wanted) ?? 1; (taken.get(name) ?? 0) > 0; count += 1) {
				name = `${wanted}_${count}`;
				counts.set(wanted, count + 1);
			}
			define(name);
			return name;
		},
		release(subgraph) {
			for (const name of definitions(subgraph)) taken.set(name, (taken.get(name) ?? 0) - 1);
		},
	};
}

/** Names of tensors and nodes that a graph itself defines; a node and its first output may have one name. */
function definitions(graph: Graph): string[] {
	return [
		...graph.constants.keys(),
		...graph.inputs.map(({ name }) => name),
		...graph.nodes.flatMap((node) => [...new Set([node.name, ...node.outputs])]),
	];
}
