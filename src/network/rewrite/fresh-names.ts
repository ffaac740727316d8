import type { Graph } from '../graph.ts';

/** Hands out names that no tensor and no node of a graph has. */
export interface FreshNames {
	/** The wanted name, or the wanted name with a number behind it when it is taken. */
	take(wanted: string): string;
}

export function freshNames(graph: Graph): FreshNames {
	const taken = new Set<string>();
	collect(graph, taken);
	const counts = new Map<string, number>();
	return {
		take(wanted) {
			if (!taken.has(wanted)) {
				taken.add(wanted);
				return wanted;
			}
			for (let count = counts.get(wanted) ?? 1; ; count += 1) {
				const name = `${wanted}_${count}`;
				if (taken.has(name)) continue;
				counts.set(wanted, count + 1);
				taken.add(name);
				return name;
			}
		},
	};
}

function collect(graph: Graph, taken: Set<string>): void {
	for (const name of graph.constants.keys()) taken.add(name);
	for (const { name } of [...graph.inputs, ...graph.outputs]) taken.add(name);
	for (const node of graph.nodes) {
		taken.add(node.name);
		for (const name of [...node.inputs, ...node.outputs]) taken.add(name);
		for (const attribute of node.attributes.values()) if (attribute.kind === 'graph') collect(attribute.value, taken);
	}
}
