import { ints } from '../../model/attributes.ts';
import { type Graph, type GraphNode, node } from '../../model/graph.ts';
import { stringAttribute } from '../graph-index.ts';
import { type FreshNames, freshNames } from './fresh-names.ts';

/**
 * Writes Einsum out as Transpose and MatMul where it is a matrix product: two operands, one index summed over, one index
 * of the right operand kept. Attention and dense layers written as Einsum are then counted as what they are.
 */
export function resolveEinsum(graph: Graph): Graph {
	if (!graph.nodes.some(({ op }) => op === 'Einsum')) return graph;
	const names = freshNames(graph);
	return {
		...graph,
		nodes: graph.nodes.flatMap((one) => (one.op === 'Einsum' && one.domain === '' ? (asProduct(one, names) ?? [one]) : [one])),
	};
}

function asProduct(one: GraphNode, names: FreshNames): GraphNode[] | null {
	const equation = stringAttribute(one, 'equation', '').replace(/\s/g, '');
	const parts = /^([a-zA-Z]+),([a-zA-Z]+)->([a-zA-Z]+)$/.exec(equation);
	const [, left = '', right = '', result = ''] = parts ?? [];
	if (!parts || [left, right, result].some((labels) => new Set(labels).size !== labels.length)) return null;
	const shared = [...left].filter((label) => right.includes(label));
	const summed = shared.filter((label) => !result.includes(label));
	const stacked = shared.filter((label) => result.includes(label));
	const rows = [...left].filter((label) => !right.includes(label));
	const columns = [...right].filter((label) => !left.includes(label));
	const [inner, ...more] = summed;
	// Rows may be several axes where the right operand is one matrix for all of them.
	const fits =
		inner !== undefined &&
		more.length === 0 &&
		columns.length === 1 &&
		rows.length >= 1 &&
		(stacked.length === 0 || rows.length === 1);
	if (!fits || ![...rows, ...columns, ...stacked].every((label) => result.includes(label))) return null;
	const nodes: GraphNode[] = [];
	const turned = (tensor: string, from: string, to: readonly string[], output?: string): string => {
		if (to.join('') === from && output === undefined) return tensor;
		const name = output ?? names.take(`${one.name}/turned`);
		nodes.push(
			node('Transpose', [tensor], [name], {
				name: names.take(`${one.name}/Transpose`),
				attributes: { perm: ints(to.map((label) => from.indexOf(label))) },
			}),
		);
		return name;
	};
	const a = turned(one.inputs[0] ?? '', left, [...stacked, ...rows, inner]);
	const b = turned(one.inputs[1] ?? '', right, [...stacked, inner, ...columns]);
	const order = [...stacked, ...rows, ...columns].join('');
	const [output = ''] = one.outputs;
	const plain = order === result;
	const product = plain ? output : names.take(`${output}/product`);
	nodes.push(node('MatMul', [a, b], [product], { name: one.name }));
	if (!plain) turned(product, order, [...result], output);
	return nodes;
}
