import type { ConstantTensor, Graph } from '../../model/graph.ts';
import { operatorFacts } from '../../model/operators/index.ts';
import { tensorValues, uint8Tensor } from '../../model/tensors.ts';
import { freshNames } from './fresh-names.ts';

/** Between a signed byte and the unsigned one that stands for the same number once the zero point is moved along. */
const shift = 128;

/**
 * Makes signed weights of integer matrix products unsigned, with their zero point moved along: the numbers they stand for are
 * the same. On processors without VNNI, onnxruntime adds pairs of unsigned · signed bytes in 16 bits, which overflow; of
 * unsigned · unsigned bytes it adds in 32.
 *
 * @returns the graph, and for each new constant the one it was made of
 */
export function withExactIntegers(graph: Graph): { readonly graph: Graph; readonly madeOf: ReadonlyMap<string, string> } {
	const madeOf = new Map<string, string>();
	const unsigned = new Map<string, string>();
	const constants = new Map(graph.constants);
	const names = freshNames(graph);
	const add = (name: string, tensor: ConstantTensor): string => {
		constants.set(name, tensor);
		return name;
	};
	const shifted = (name: string, tensor: ConstantTensor): string => {
		const known = unsigned.get(name);
		if (known !== undefined) return known;
		const made = add(
			names.take(`${name}/unsigned`),
			uint8Tensor(
				Uint8Array.from(tensorValues(tensor), (value) => value + shift),
				tensor.dims,
			),
		);
		unsigned.set(name, made);
		madeOf.set(made, name);
		return made;
	};
	const nodes = graph.nodes.map((node) => {
		const facts = operatorFacts(node)?.weights;
		const operands = facts?.operands.find(
			({ side, weight }) => side === 'right' && graph.constants.has(node.inputs[weight] ?? ''),
		);
		if (facts?.geometry !== 'matrix' || operands?.weightZero === undefined) return node;
		const { weight, weightZero, dataZero } = operands;
		// Signed data are added without overflow, and not every product takes them with unsigned weights.
		const dataType = graph.constants.get(node.inputs[dataZero ?? -1] ?? '')?.type ?? 'uint8';
		const weights = graph.constants.get(node.inputs[weight] ?? '');
		const zeroName = node.inputs[weightZero] ?? '';
		const zero = graph.constants.get(zeroName);
		if (weights?.type !== 'int8' || dataType !== 'uint8' || (zeroName !== '' && zero?.type !== 'int8')) return node;
		const inputs = Array.from({ length: Math.max(node.inputs.length, weightZero + 1) }, (_, at) => node.inputs[at] ?? '');
		inputs[weight] = shifted(node.inputs[weight] as string, weights);
		inputs[weightZero] = zero ? shifted(zeroName, zero) : add(names.take('unsigned/zero'), uint8Tensor(Uint8Array.of(shift), []));
		return { ...node, inputs };
	});
	return madeOf.size === 0 ? { graph, madeOf } : { graph: { ...graph, nodes, constants }, madeOf };
}
