import type { Graph } from '../../model/graph.ts';
import { isRandom, type OperatorFacts, operatorFacts } from '../../model/operators/index.ts';
import { elementCount } from '../../model/tensors.ts';
import { freshNames } from './fresh-names.ts';
import type { Measured } from './measure.ts';

/**
 * Operands that follow from constants and the sizes of tensors alone, where they meet what the network computes: weights, as a
 * matrix over time that is made for the number of timesteps at hand, and numbers that stand beside its own element by element,
 * as a mask over neurons. Membranes that start from one number for all neurons are none.
 */
export function operandsFromShapes({ nodes, constants }: Graph): Set<string> {
	const sized = new Set<string>();
	/** Of those, tensors that hold one number alone. */
	const uniform = new Set<string>();
	const found = new Set<string>();
	const isUniform = (name: string): boolean => {
		const constant = constants.get(name);
		return constant ? elementCount(constant.dims) === 1 : uniform.has(name);
	};
	for (const node of nodes) {
		const facts = operatorFacts(node);
		for (const { weight } of facts?.weights?.operands ?? []) {
			const operand = node.inputs[weight] ?? '';
			if (sized.has(operand)) found.add(operand);
		}
		const inputs = node.inputs.filter((input) => input !== '');
		const known = inputs.length > 0 && inputs.every((input) => constants.has(input) || sized.has(input));
		const follows = known && !isRandom(node, (name) => constants.get(name));
		if (follows || facts?.readsShape) {
			if (!facts?.readsShape && isAlike(facts, inputs, isUniform)) for (const output of node.outputs) uniform.add(output);
			for (const output of node.outputs) sized.add(output);
		} else if (facts?.elements === 'each')
			for (const input of inputs) if (sized.has(input) && !uniform.has(input)) found.add(input);
	}
	return found;
}

/** Whether all elements of a result are one number, as those of the inputs are. */
function isAlike(facts: OperatorFacts | undefined, inputs: readonly string[], isUniform: (name: string) => boolean): boolean {
	const values = inputs.filter((_, at) => !facts?.sizedBy?.includes(at));
	if (facts?.elements === 'made') return values.length === 0;
	return (facts?.elements === 'moved' ? values.slice(0, 1) : values).every(isUniform);
}

/** Makes constants of such operands where they are the same for every batch. */
export function withMeasuredOperands(graph: Graph, measured: Measured): Graph {
	const constants = new Map(graph.constants);
	for (const operand of operandsFromShapes(graph)) {
		const value = measured.valueOf(operand);
		if (value) constants.set(operand, value);
	}
	if (constants.size === graph.constants.size) return graph;
	const names = freshNames(graph);
	const isKnown = (output: string): boolean => output === '' || constants.has(output);
	const nodes = graph.nodes.flatMap((node) => {
		if (node.outputs.every(isKnown)) return [];
		// The other parts of a Split are still read.
		return { ...node, outputs: node.outputs.map((output) => (constants.has(output) ? names.take(`${output}/unread`) : output)) };
	});
	return { ...graph, constants, nodes };
}
