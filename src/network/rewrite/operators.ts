import { ints } from '../../model/attributes.ts';
import { type ConstantTensor, type GraphNode, node } from '../../model/graph.ts';
import { int64Tensor } from '../../model/tensors.ts';

/** A node that adds or removes axes, in the form the operator set wants: axes as an attribute before 13, as an input since. */
export function axesNode(
	op: 'Unsqueeze' | 'Squeeze',
	input: string,
	output: string,
	axes: readonly number[],
	options: { readonly name: string; readonly opset: number; constant(tensor: ConstantTensor): string },
): GraphNode {
	if (options.opset < 13) return node(op, [input], [output], { name: options.name, attributes: { axes: ints(axes) } });
	return node(op, [input, options.constant(int64Tensor(axes))], [output], { name: options.name });
}

export const axisAttribute = (axis: number): { readonly axis: { readonly kind: 'int'; readonly value: number } } => ({
	axis: { kind: 'int', value: axis },
});
