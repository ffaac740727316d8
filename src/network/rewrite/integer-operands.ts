import { int } from '../../model/attributes.ts';
import { type Graph, type GraphNode, node } from '../../model/graph.ts';
import { operatorFacts } from '../../model/operators/index.ts';
import { tensorValues } from '../../model/tensors.ts';

/** Name of a tensor of integers from which the integer that stands for zero is taken away. */
export const zeroBased = (tensor: string, zero: string): string => `${prefix}${tensor} - ${zero}`;
export const isZeroBased = (tensor: string): boolean => tensor.startsWith(prefix);
const prefix = 'snn-energy/integers/';

/**
 * Adds, beside every operand of integer products whose zero is another number, the operand with that number taken away: an
 * event is an element that is not zero. The network itself computes what it did.
 */
export function withZeroBasedOperands(graph: Graph): Graph {
	const seen = new Set<string>();
	const shifted = (tensor: string, zero: string): GraphNode[] => {
		const name = zeroBased(tensor, zero);
		const constant = graph.constants.get(zero);
		const plain = constant && tensorValues(constant).every((value) => value === 0);
		if (tensor === '' || zero === '' || plain || graph.constants.has(tensor) || seen.has(name)) return [];
		seen.add(name);
		const float = { attributes: { to: int(1) } } as const;
		return [
			node('Cast', [tensor], [`${name}/integers`], float),
			node('Cast', [zero], [`${name}/zero`], float),
			node('Sub', [`${name}/integers`, `${name}/zero`], [name]),
		];
	};
	const nodes = graph.nodes.flatMap((one): GraphNode[] => {
		const [operands] = operatorFacts(one)?.weights?.operands ?? [];
		if (operands?.dataZero === undefined && operands?.weightZero === undefined) return [one];
		const input = (position: number | undefined): string => one.inputs[position ?? -1] ?? '';
		return [
			...shifted(input(operands.data), input(operands.dataZero)),
			...shifted(input(operands.weight), input(operands.weightZero)),
			one,
		];
	});
	return nodes.length === graph.nodes.length ? graph : { ...graph, nodes };
}
