import type { GraphNode } from '../model/graph.ts';
import type { GraphIndex } from './graph-index.ts';

/**
 * Tensors reachable downstream from a tensor.
 *
 * @param crosses when given, only nodes for which it is true are crossed
 */
export function downstream(start: string, index: GraphIndex, crosses?: (node: GraphNode) => boolean): Set<string> {
	const reached = new Set([start]);
	const open = [start];
	for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
		for (const node of index.consumers.get(tensor) ?? []) {
			if (crosses && !crosses(node)) continue;
			for (const output of node.outputs) {
				if (output === '' || reached.has(output)) continue;
				reached.add(output);
				open.push(output);
			}
		}
	}
	return reached;
}

/** Tensors upstream of a tensor, itself included; nodes for which `stop` is true are not crossed. */
export function upstream(start: string, index: GraphIndex, stop: (tensor: string) => boolean = () => false): Set<string> {
	const reached = new Set([start]);
	const open = [start];
	for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
		if (tensor !== start && stop(tensor)) continue;
		for (const input of index.producer.get(tensor)?.inputs ?? []) {
			if (input === '' || reached.has(input) || index.isConstant(input)) continue;
			reached.add(input);
			open.push(input);
		}
	}
	return reached;
}
