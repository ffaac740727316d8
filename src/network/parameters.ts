import type { Graph, GraphNode } from '../model/graph.ts';
import { formOf, operatorFacts } from '../model/operators/index.ts';
import { elementCount } from '../model/tensors.ts';

/** Types of indices, shapes and switches. In integer networks, biases are 32-bit integers too. */
const indexTypes: ReadonlySet<string> = new Set(['int64', 'int32', 'string', 'bool']);

/**
 * Every stored number of the file that is not an index: weights, biases, normalisation, thresholds, leaks. Scales and zero
 * points, by which integers stand for numbers, are not counted.
 */
export function countParameters(graph: Graph): number {
	const scales = scaleConstants(graph);
	const integerBiases = new Set(graph.nodes.flatMap(integerBias));
	let parameters = 0;
	for (const [name, tensor] of graph.constants) {
		if (scales.has(name) || (indexTypes.has(tensor.type) && !integerBiases.has(name))) continue;
		parameters += elementCount(tensor.dims);
	}
	return parameters;
}

/** A bias of integer products, by its place or by what makes a number of it. */
function integerBias(node: GraphNode): string[] {
	const facts = operatorFacts(node);
	const position = facts?.form === 'dequantised' ? 0 : facts?.scales ? facts.weights?.bias : null;
	return [node.inputs[position ?? -1] ?? ''];
}

/** Constants in a scale's or zero point's place, and those that a scale made while the network runs is multiplied by. */
function scaleConstants(graph: Graph): Set<string> {
	const scales = new Set<string>();
	const made = new Set<string>();
	for (const node of graph.nodes) {
		const facts = operatorFacts(node);
		for (const position of facts?.scales ?? []) scales.add(node.inputs[position] ?? '');
		for (const position of facts?.scaleOutputs ?? []) made.add(node.outputs[position] ?? '');
		if (formOf(node) === 'product' && node.inputs.some((input) => made.has(input)))
			for (const input of node.inputs) if (graph.constants.has(input)) scales.add(input);
	}
	return scales;
}
