import { int, intAttribute } from '../../model/attributes.ts';
import { type ConstantTensor, type ElementType, type Graph, type GraphNode, node } from '../../model/graph.ts';
import { compares, onlyMoves, operatorFacts } from '../../model/operators/index.ts';
import { elementTypeCodes, int32Scalar, tensorValues, uint8Tensor } from '../../model/tensors.ts';
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
		const { weight = -1, data = -1, dataZero = -1, weightZero = -1 } = right ?? {};
		const zero = own.inputs[weightZero] ?? '';
		/** A zero point has the type of its operand. */
		const typeAt = (operand: number, itsZero: number): ElementType | undefined =>
			typeOf(own.inputs[itsZero] ?? '') ?? typeOf(own.inputs[operand] ?? '');
		// Signed data are added without overflow, and not every product takes them with unsigned weights.
		const overflows = weightZero >= 0 && typeAt(weight, weightZero) === 'int8' && typeAt(data, dataZero) !== 'int8';
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

const { uint8, int8, int32 } = elementTypeCodes;
const cast = (from: string, to: string, type: number): GraphNode =>
	node('Cast', [from], [to], { name: to, attributes: { to: int(type) } });

/** Which tensors are known to hold bytes, signed or not: as their zero points or casts say. */
function byteTypes({ nodes, constants, inputs }: Graph): (tensor: string) => ElementType | undefined {
	const types = new Map<string, ElementType>();
	for (const { name, type } of inputs) if (type !== null) types.set(name, type);
	const of = (tensor: string): ElementType | undefined => constants.get(tensor)?.type ?? types.get(tensor);
	for (const own of nodes) {
		const type = byteTypeOf(own, of);
		if (type === undefined) continue;
		// Of values chosen by size, the second output is where they stood; of a quantiser's, the scale.
		const alike = onlyMoves(own) ? own.outputs : own.outputs.slice(0, 1);
		for (const output of alike) types.set(output, type);
		if (operatorFacts(own)?.scaleOutputs) types.set(own.outputs[2] ?? '', type);
	}
	return (tensor) => (tensor === '' ? undefined : of(tensor));
}

const bytesBy = (type: number): ElementType | undefined => (type === int8 ? 'int8' : type === uint8 ? 'uint8' : undefined);
const isByte = (type: ElementType | undefined): boolean => type === 'int8' || type === 'uint8';

/** The bytes a node gives; undefined where it gives none, or nothing tells which. */
function byteTypeOf(own: GraphNode, of: (tensor: string) => ElementType | undefined): ElementType | undefined {
	const facts = operatorFacts(own);
	const { form, elements, weights, scales = [] } = facts ?? {};
	if (!facts || form === 'dequantised' || compares(own)) return undefined;
	if (form === 'cast') return bytesBy(intAttribute(own, 'to', 0));
	if (form === 'quantised') {
		const zero = own.inputs[2] ?? '';
		return zero === '' ? bytesBy(intAttribute(own, 'output_dtype', 0) || uint8) : of(zero);
	}
	if (facts.scaleOutputs) return 'uint8';
	// The last zero point is the result's, unless it is an operand's: then the result is a plain sum.
	const last = scales.findLast((at) => at < own.inputs.length) ?? -1;
	if (scales.length > 0)
		return weights?.operands.some(({ weightZero }) => weightZero === last) ? undefined : of(own.inputs[last] ?? '');
	// Operands are of one type, or the last one gives it (CastLike).
	if (onlyMoves(own) || elements === 'chosen' || elements === 'each') return own.inputs.map(of).findLast(isByte);
	return undefined;
}
