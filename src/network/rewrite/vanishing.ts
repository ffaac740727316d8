import { type Graph, type GraphNode, node as makeNode } from '../../model/graph.ts';
import { formOf } from '../../model/operators/index.ts';
import { type GraphIndex, indexGraph } from '../graph-index.ts';
import { upstream } from '../reachability.ts';

/**
 * Reads past terms that are always zero: a surrogate gradient written as spike + y · (x − x) leaves them in an exported graph.
 * What they are added to has to be made of x, so that no element is repeated by leaving them out.
 */
export function withoutVanishingTerms(graph: Graph): Graph {
	if (!graph.nodes.some(takesFromItself)) return graph;
	const index = indexGraph(graph);
	const instead = new Map<string, string>();
	const through = (tensor: string): string => instead.get(tensor) ?? tensor;
	const outputs = new Set(graph.outputs.map(({ name }) => name));
	const nodes = graph.nodes.map((node): GraphNode => {
		const kept = withoutZero(node, index);
		const [output = ''] = node.outputs;
		if (kept === null) return { ...node, inputs: node.inputs.map(through) };
		if (!outputs.has(output)) instead.set(output, through(kept));
		return makeNode('Identity', [through(kept)], [output], { name: node.name });
	});
	return { ...graph, nodes };
}

const takesFromItself = (node: GraphNode): boolean => formOf(node) === 'difference' && node.inputs[0] === node.inputs[1];

/** The x of x − x, and of what is multiplied by it; null for any other tensor. */
function vanishing(tensor: string, index: GraphIndex): string | null {
	const node = index.producer.get(tensor);
	if (!node) return null;
	if (takesFromItself(node)) return node.inputs[0] ?? null;
	if (formOf(node) !== 'product') return null;
	const factors = node.inputs.flatMap((input) => index.producer.get(input) ?? []);
	return factors.find(takesFromItself)?.inputs[0] ?? null;
}

/** The other operand of a sum or difference one of whose operands vanishes. */
function withoutZero(node: GraphNode, index: GraphIndex): string | null {
	const form = formOf(node);
	const [a = '', b = '', ...more] = node.inputs;
	if (more.length > 0 || (form !== 'sum' && form !== 'difference')) return null;
	for (const [kept, term] of form === 'sum'
		? ([
				[a, b],
				[b, a],
			] as const)
		: ([[a, b]] as const)) {
		const x = vanishing(term, index);
		if (x !== null && upstream(kept, index).has(x)) return kept;
	}
	return null;
}
