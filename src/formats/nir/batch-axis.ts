import { UserError } from '../../errors.ts';
import type { FlatGraph, FlatNode } from './flatten.ts';
import { assumptions } from './messages.ts';
import { inferShapes } from './shapes.ts';

/**
 * Exporters that trace a sample (snnTorch, Sinabs, Norse) write its shape into the Input, with the batch axis that NIR leaves out.
 * It is taken off where the file tells: one sample in front of weights that read one axis, or shapes that fit only without it.
 */
export function withoutBatchAxis(graph: FlatGraph, notes: string[], file: string): FlatGraph {
	const shorter = shortened(graph);
	if (shorter.names.length === 0 || !fits(shorter.graph, file)) return graph;
	if (!isOneRow(graph) && fits(graph, file)) return graph;
	notes.push(assumptions.batchAxis(shorter.names));
	return shorter.graph;
}

function shortened(graph: FlatGraph): { graph: FlatGraph; names: string[] } {
	const names: string[] = [];
	const nodes = new Map<string, FlatNode>();
	for (const [name, node] of graph.nodes) {
		const drop = node.type === 'Input' && node.shape.length > 1;
		if (drop) names.push(name);
		nodes.set(name, drop ? { ...node, shape: node.shape.slice(1) } : node);
	}
	return { graph: { ...graph, nodes }, names };
}

/** Whether every Input is [1, features] and feeds nothing but Affine and Linear, which take [features] in NIR. */
function isOneRow(graph: FlatGraph): boolean {
	const inputs = [...graph.nodes].filter(([, node]) => node.type === 'Input');
	return inputs.every(([name, node]) => {
		const targets = graph.edges.filter(([from]) => from === name).map(([, to]) => graph.nodes.get(to)?.type);
		const oneRow = node.type === 'Input' && node.shape.length === 2 && node.shape[0] === 1;
		return oneRow && targets.every((type) => type === 'Affine' || type === 'Linear');
	});
}

function fits(graph: FlatGraph, file: string): boolean {
	try {
		inferShapes(graph, [], file);
		return true;
	} catch (error) {
		if (error instanceof UserError) return false;
		throw error;
	}
}
