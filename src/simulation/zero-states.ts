import { type ConstantTensor, type GraphNode, node } from '../model/graph.ts';
import { tensorValues } from '../model/tensors.ts';

/** What is known of the graph besides its nodes. */
export interface ZeroStateQuestion {
	/** Tensors whose elements are all zero. */
	readonly zeros: ReadonlySet<string>;
	/** Full shapes, as far as they are known. */
	readonly shapes: ReadonlyMap<string, readonly number[]>;
	readonly constants: ReadonlyMap<string, ConstantTensor>;
}

/**
 * Leaves out what membranes that start at zero do not change at the first timestep: leak · 0 is not computed, and
 * current + 0 is the current. No element changes, but that +0 may be −0.
 *
 * @param nodes in the order they are computed in
 */
export function withoutZeroStates(nodes: readonly GraphNode[], { zeros, shapes, constants }: ZeroStateQuestion): GraphNode[] {
	// Shapes of the tensors found to be zero so far; what is computed of them alone has no known shape otherwise.
	const zeroShapes = new Map<string, readonly number[]>();
	for (const name of zeros) {
		const shape = shapes.get(name);
		if (shape) zeroShapes.set(name, shape);
	}
	return nodes.map((one) => {
		const { op, inputs, outputs, domain } = one;
		const [first = '', second = ''] = inputs;
		const [output = ''] = outputs;
		if (domain !== '' && domain !== 'ai.onnx') return one;
		if (op === 'Mul') {
			const [zero, factor] = zeroShapes.has(first) ? [first, second] : [second, first];
			const shape = zeroShapes.get(zero);
			const constant = constants.get(factor);
			if (shape && constant && fits(constant.dims, shape) && tensorValues(constant).every(Number.isFinite))
				zeroShapes.set(output, shape);
			return one;
		}
		const adds = op === 'Add' || op === 'Sub';
		const other = adds && zeroShapes.has(second) ? first : op === 'Add' && zeroShapes.has(first) ? second : null;
		if (other === null) return one;
		const shape = zeroShapes.get(other === first ? second : first) ?? [];
		if (shapes.get(other)?.join() !== shape.join()) return one;
		return node('Identity', [other], [output], { name: one.name });
	});
}

/** Whether a tensor of these sizes, broadcast against the shape, leaves it as it is. */
const fits = (dims: readonly number[], shape: readonly number[]): boolean =>
	dims.length <= shape.length && dims.every((size, at) => size === 1 || size === shape[shape.length - dims.length + at]);
