import type { ConstantTensor, GraphNode } from '../../model/graph.ts';
import { type AxisCall, type AxisFacts, isRandom, operatorFacts } from '../../model/operators/index.ts';

/** What the rules have to know of the graph around a node. */
export interface Surroundings {
	/** Shape of a tensor in the pilot run; undefined where it is not known. */
	shapeOf(tensor: string): readonly number[] | undefined;
	constantOf(tensor: string): ConstantTensor | undefined;
}

/**
 * Whether a node treats the entries of its operands' first axis one by one, so that the operands of several timesteps can
 * be laid one after the other on that axis: f(concat(a, b)) = concat(f(a), f(b)). It follows from how the operator maps axes.
 *
 * @param changing  by input position: whether that operand is laid out so; the others stay as they are
 */
export function worksEntryByEntry(node: GraphNode, changing: readonly boolean[], around: Surroundings): boolean {
	const axes = operatorFacts(node)?.axes;
	if (!axes || node.outputs.length !== 1 || !changing.includes(true) || isRandom(node, around.constantOf)) return false;
	return keepsEntries(axes, node, changing, around);
}

/** The same from what is said of the axes alone. */
export function keepsEntries(
	axes: AxisFacts,
	node: GraphNode,
	changing: readonly boolean[],
	{ shapeOf, constantOf }: Surroundings,
): boolean {
	const shapeAt = (position: number): readonly number[] | undefined => {
		const name = node.inputs[position] ?? '';
		return shapeOf(name) ?? constantOf(name)?.dims;
	};
	const outputShape = shapeOf(node.outputs[0] ?? '');
	if (!outputShape) return false;
	const call: AxisCall = {
		node,
		outputRank: outputShape.length,
		rankOf: (position) => shapeAt(position)?.length,
		constantOf: (position) => constantOf(node.inputs[position] ?? ''),
	};
	if (axes.kind === 'flat') return changing.every((changes, at) => changes === (at === 0)) && axes.keepsFirst(call);
	if (axes.sized?.(call) === true) return false;
	const rows = outputShape[0];
	return node.inputs.every((input, position) => {
		if (input === '') return true;
		const shape = shapeAt(position);
		if (!shape) return false;
		const onto = axes.of(call, position).filter(([, to]) => to === 0);
		if (changing[position]) return onto.some(([from]) => from === 0) && shape[0] === rows;
		// What does not change must be the same for every entry. A computed operand of size 1 here may be as long as the batch elsewhere.
		return onto.every(([from]) => axes.broadcasts && shape[from] === 1 && constantOf(input) !== undefined);
	});
}
