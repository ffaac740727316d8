import type { Graph } from '../../model/graph.ts';
import { operatorFacts } from '../../model/operators/index.ts';
import type { Measured } from './measure.ts';

/**
 * Operands of products that follow from constants and the sizes of tensors alone, as a matrix over time that is made for the
 * number of timesteps at hand.
 */
export function weightsFromShapes({ nodes, constants }: Graph): Set<string> {
	const sized = new Set<string>();
	const found = new Set<string>();
	for (const node of nodes) {
		const facts = operatorFacts(node);
		for (const { weight } of facts?.weights?.operands ?? []) {
			const operand = node.inputs[weight] ?? '';
			if (sized.has(operand)) found.add(operand);
		}
		const inputs = node.inputs.filter((input) => input !== '');
		const follows = inputs.length > 0 && inputs.every((input) => constants.has(input) || sized.has(input));
		if (follows || facts?.readsShape) for (const output of node.outputs) sized.add(output);
	}
	return found;
}

/** Makes constants of such operands where they are the same for every batch. */
export function withMeasuredWeights(graph: Graph, measured: Measured): Graph {
	const constants = new Map(graph.constants);
	for (const operand of weightsFromShapes(graph)) {
		const value = measured.valueOf(operand);
		if (value) constants.set(operand, value);
	}
	return constants.size === graph.constants.size
		? graph
		: { ...graph, constants, nodes: graph.nodes.filter(({ outputs }) => !outputs.some((output) => constants.has(output))) };
}
