import { intAttribute } from '../../model/attributes.ts';
import { type ConstantTensor, type ElementType, type Graph, type GraphNode, node } from '../../model/graph.ts';
import { onlyMoves, operatorFacts } from '../../model/operators/index.ts';
import { tensorValues, uint8Tensor } from '../../model/tensors.ts';
import { freshNames } from './fresh-names.ts';

/** Between a signed byte and the unsigned one that stands for the same number once the zero point is moved along. */
const shift = 128;

/**
 * Makes the signed right operand of integer products unsigned, with its zero point moved along: the numbers it stands for are
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
	const typeOf = byteTypes(graph);
	const nodes: GraphNode[] = [];
	const add = (name: string, tensor: ConstantTensor): string => {
		constants.set(name, tensor);
		return name;
	};
	const shifted = (name: string): string => {
		const known = unsigned.get(name);
		if (known !== undefined) return known;
		const tensor = graph.constants.get(name);
		const made = names.take(`${name}/unsigned`);
		unsigned.set(name, made);
		if (tensor) {
			const values = Uint8Array.from(tensorValues(tensor), (value) => value + shift);
			madeOf.set(made, name);
			return add(made, uint8Tensor(values, tensor.dims));
		}
		const [wide, moved] = [names.take(`${made}/wide`), names.take(`${made}/moved`)];
		nodes.push(
			cast(name, wide, int32),
			node('Add', [wide, add(names.take('unsigned/shift'), int32Scalar(shift))], [moved], { name: moved }),
			cast(moved, made, uint8),
		);
		return made;
	};
	for (const own of graph.nodes) {
		const facts = operatorFacts(own)?.weights;
		const right = facts?.operands.find(({ side }) => side === 'right');
		const { weight = -1, data = -1, weightZero = -1 } = right ?? {};
		const zero = own.inputs[weightZero] ?? '';
		// Signed data are added without overflow, and not every product takes them with unsigned weights.
		const overflows = weightZero >= 0 && typeOf(own.inputs[weight] ?? '') === 'int8' && typeOf(own.inputs[data] ?? '') !== 'int8';
		if (!overflows || (zero !== '' && typeOf(zero) !== 'int8')) {
			nodes.push(own);
			continue;
		}
		const inputs = Array.from({ length: Math.max(own.inputs.length, weightZero + 1) }, (_, at) => own.inputs[at] ?? '');
		inputs[weight] = shifted(own.inputs[weight] as string);
		inputs[weightZero] = zero ? shifted(zero) : add(names.take('unsigned/zero'), uint8Tensor(Uint8Array.of(shift), []));
		nodes.push({ ...own, inputs });
	}
	return unsigned.size === 0 ? { graph, madeOf } : { graph: { ...graph, nodes, constants }, madeOf };
}

/** Element types as ONNX numbers them. */
const [uint8, int8, int32] = [2, 3, 6];
const int32Scalar = (value: number): ConstantTensor => ({
	type: 'int32',
	dims: [],
	bytes: new Uint8Array(Int32Array.of(value).buffer),
});
const cast = (from: string, to: string, type: number): GraphNode =>
	node('Cast', [from], [to], { name: to, attributes: { to: { kind: 'int', value: type } } });

/** Which tensors are known to hold bytes, signed or not: as their zero points or casts say. */
function byteTypes({ nodes, constants, inputs }: Graph): (tensor: string) => ElementType | undefined {
	const types = new Map<string, ElementType>();
	for (const { name, type } of inputs) if (type !== null) types.set(name, type);
	const of = (tensor: string): ElementType | undefined => constants.get(tensor)?.type ?? types.get(tensor);
	for (const own of nodes) {
		const facts = operatorFacts(own);
		const [output = ''] = own.outputs;
		const to = facts?.form === 'cast' ? intAttribute(own, 'to', 0) : 0;
		const type =
			facts?.form === 'quantised'
				? of(own.inputs[2] ?? '')
				: to === int8
					? 'int8'
					: to === uint8 || facts?.scaleOutputs
						? 'uint8'
						: onlyMoves(own) || facts?.elements === 'chosen'
							? of(own.inputs[0] ?? '')
							: undefined;
		if (type !== undefined) types.set(output, type);
	}
	return of;
}
