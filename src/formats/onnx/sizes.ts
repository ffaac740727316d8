import { UserError } from '../../errors.ts';
import type { ConstantTensor, Graph, GraphNode } from '../../model/graph.ts';
import { formOf, operatorFacts, passesOn } from '../../model/operators/index.ts';
import { elementCount, mostElements, tensorValues } from '../../model/tensors.ts';
import * as messages from '../messages.ts';

/** Whether an operator hands sizes on. */
const hands = (node: GraphNode): boolean => {
	const form = formOf(node);
	return passesOn(node) || form === 'joined' || form === 'negative' || form === 'bounded';
};

interface Scope {
	readonly producer: ReadonlyMap<string, GraphNode>;
	readonly constants: ReadonlyMap<string, ConstantTensor>;
}

/**
 * Refuses graphs that would make tensors no machine holds: onnxruntime would try, and take the machine down with it.
 * Only sizes that stand in the file are looked at.
 *
 * @throws UserError naming the node and its size
 */
export function checkSizes(graph: Graph, file: string, outer: Scope = { producer: new Map(), constants: new Map() }): void {
	const scope: Scope = {
		producer: new Map([...outer.producer, ...graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const))]),
		constants: new Map([...outer.constants, ...graph.constants]),
	};
	for (const node of graph.nodes) {
		for (const position of operatorFacts(node)?.sizedBy ?? []) {
			const elements = sizeProduct(node.inputs[position] ?? '', scope, 0);
			if (elements > mostElements) throw new UserError(messages.sizeImpossible(file, node.op, node.name, elements));
		}
		for (const attribute of node.attributes.values()) if (attribute.kind === 'graph') checkSizes(attribute.value, file, scope);
	}
}

/** Product of the sizes that are constant; sizes known only when the network runs count as 1. */
function sizeProduct(tensor: string, scope: Scope, depth: number): number {
	const constant = scope.constants.get(tensor) ?? literal(scope.producer.get(tensor));
	if (constant) return product(constant);
	const node = scope.producer.get(tensor);
	if (!node || depth > 50 || !hands(node)) return 1;
	const inputs = formOf(node) === 'joined' ? node.inputs : node.inputs.slice(0, 1);
	return inputs.reduce((all, input) => all * sizeProduct(input, scope, depth + 1), 1);
}

function product(constant: ConstantTensor): number {
	if (!['int64', 'int32'].includes(constant.type) || elementCount(constant.dims) > 64) return 1;
	let all = 1;
	for (const size of tensorValues(constant)) all *= Math.max(1, Math.abs(size));
	return all;
}

function literal(node: GraphNode | undefined): ConstantTensor | null {
	const value = node?.op === 'Constant' ? node.attributes.get('value') : undefined;
	return value?.kind === 'tensor' ? value.value : null;
}
