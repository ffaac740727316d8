import type { ConstantTensor, GraphNode } from '../../model/graph.ts';
import { tensorValues } from '../../model/tensors.ts';

/** What the rules have to know of the graph around a node. */
export interface Surroundings {
	/** Shape of a tensor in the pilot run; undefined where it is not known. */
	shapeOf(tensor: string): readonly number[] | undefined;
	constantOf(tensor: string): ConstantTensor | undefined;
}

/**
 * Whether a node treats the entries of its operands' first axis one by one, so that the operands of several timesteps can
 * be laid one after the other on that axis: f(concat(a, b)) = concat(f(a), f(b)).
 *
 * @param changing  by input position: whether that operand is laid out so; the others stay as they are
 */
export function worksEntryByEntry(node: GraphNode, changing: readonly boolean[], around: Surroundings): boolean {
	if (node.domain !== '' || node.outputs.length !== 1 || !changing.includes(true)) return false;
	const rule = rules.get(node.op);
	return rule?.({ node, changing, ...around }) ?? false;
}

interface Case extends Surroundings {
	readonly node: GraphNode;
	readonly changing: readonly boolean[];
}
type Rule = (one: Case) => boolean;

/** Only the first operand changes. */
const firstOnly: Rule = ({ changing }) => changing.every((changes, position) => changes === (position === 0));

const rankOf = ({ node, shapeOf }: Case, position: number): number | undefined => shapeOf(node.inputs[position] ?? '')?.length;

const integer = ({ node }: Case, name: string, fallback: number): number => {
	const attribute = node.attributes.get(name);
	return attribute?.kind === 'int' ? attribute.value : fallback;
};

/** Integers given as an attribute (older operator sets) or as a constant operand; null where absent or computed. */
function integers({ node, constantOf }: Case, name: string, position: number): readonly number[] | null {
	const attribute = node.attributes.get(name);
	if (attribute) return attribute.kind === 'ints' ? attribute.value : null;
	const constant = constantOf(node.inputs[position] ?? '');
	return constant ? [...tensorValues(constant)] : null;
}

const notFirst = (axis: number, rank: number | undefined): boolean =>
	axis > 0 || (axis < 0 && rank !== undefined && axis + rank > 0);

/** Operands of one rank along which nothing is broadcast; what does not change must be the same for every entry. */
const broadcasting: Rule = ({ node, changing, shapeOf, constantOf }) => {
	const shapes = node.inputs.map((input) => shapeOf(input) ?? constantOf(input)?.dims);
	const moving = shapes.filter((_, at) => changing[at]);
	const [lead] = moving;
	if (lead === undefined || lead.length === 0) return false;
	if (moving.some((shape) => shape?.length !== lead.length || shape[0] !== lead[0])) return false;
	return node.inputs.every((input, at) => {
		if (changing[at] || input === '') return true;
		const shape = shapes[at];
		// A computed operand of size 1 here may be as long as the batch elsewhere.
		return (
			shape !== undefined &&
			(shape.length < lead.length || (shape.length === lead.length && shape[0] === 1 && constantOf(input) !== undefined))
		);
	});
};

const matMul: Rule = (one) => {
	const [left, right] = [rankOf(one, 0) ?? constantRank(one, 0), rankOf(one, 1) ?? constantRank(one, 1)];
	if (left === undefined || right === undefined) return false;
	const [leftChanges, rightChanges] = one.changing;
	if (leftChanges && rightChanges) return left === right && left >= 3;
	return leftChanges ? left >= 2 && right <= 2 : right >= 3 && left <= 2;
};

const constantRank = ({ node, constantOf }: Case, position: number): number | undefined =>
	constantOf(node.inputs[position] ?? '')?.dims.length;

const gemm: Rule = (one) => {
	if (!firstOnly(one) || integer(one, 'transA', 0) !== 0) return false;
	const bias = one.node.inputs[2] ?? '';
	if (bias === '') return true;
	const shape = one.constantOf(bias)?.dims;
	return shape !== undefined && (shape.length < 2 || shape[0] === 1);
};

const reshape: Rule = (one) => firstOnly(one) && integer(one, 'allowzero', 0) === 0 && reshapeSizes(one) !== null;
const reshapeSizes = (one: Case): readonly number[] | null => {
	const sizes = integers(one, 'shape', 1);
	return sizes && sizes.length > 0 && one.node.inputs.length === 2 ? sizes : null;
};

const axesNotFirst =
	(position: number): Rule =>
	(one) => {
		const axes = integers(one, 'axes', position);
		const rank = one.shapeOf(one.node.op === 'Unsqueeze' ? (one.node.outputs[0] ?? '') : (one.node.inputs[0] ?? ''))?.length;
		return firstOnly(one) && axes !== null && axes.length > 0 && axes.every((axis) => notFirst(axis, rank));
	};

const transpose: Rule = ({ node }) => {
	const order = node.attributes.get('perm');
	return order?.kind === 'ints' && order.value[0] === 0;
};

const concat: Rule = (one) => one.changing.every((changes) => changes) && notFirst(integer(one, 'axis', 0), rankOf(one, 0));

const axisNotFirst =
	(fallback: number): Rule =>
	(one) =>
		firstOnly(one) && notFirst(integer(one, 'axis', fallback), rankOf(one, 0));

const pad: Rule = (one) => {
	const pads = integers(one, 'pads', 1);
	// A list of axes (a fourth operand) is left alone.
	return firstOnly(one) && one.node.inputs.length < 4 && pads !== null && pads[0] === 0 && pads[pads.length / 2] === 0;
};

const slice: Rule = (one) => {
	const axes = integers(one, 'axes', 3) ?? [0];
	return firstOnly(one) && axes.every((axis) => notFirst(axis, rankOf(one, 0)));
};

const each = (operators: readonly string[], rule: Rule): (readonly [string, Rule])[] =>
	operators.map((op) => [op, rule] as const);

const unary =
	'Identity Neg Abs Relu Cast Not Sign Floor Ceil Round Sigmoid Tanh Exp Log LeakyRelu Elu Selu Sqrt Erf Reciprocal Softplus HardSigmoid HardSwish Clip'.split(
		' ',
	);
const binary = 'Add Sub Mul Div Greater GreaterOrEqual Less LessOrEqual Equal And Or Xor Where Max Min Sum Mean Pow'.split(' ');
const imagewise =
	'Conv ConvTranspose ConvInteger AveragePool MaxPool LpPool GlobalAveragePool GlobalMaxPool InstanceNormalization LRN DepthToSpace SpaceToDepth'.split(
		' ',
	);

const rules: ReadonlyMap<string, Rule> = new Map([
	...each(unary, firstOnly),
	...each(binary, broadcasting),
	...each(imagewise, firstOnly),
	...each(['BatchNormalization'], (one) => firstOnly(one) && integer(one, 'training_mode', 0) === 0),
	...each(['Dropout'], (one) => firstOnly(one) && one.node.inputs.length < 3),
	...each(['MatMul'], matMul),
	...each(['Gemm'], gemm),
	...each(['Reshape'], reshape),
	...each(['Flatten'], axisNotFirst(1)),
	...each(['Squeeze', 'Unsqueeze', 'ReduceMean', 'ReduceSum', 'ReduceMax', 'ReduceMin'], axesNotFirst(1)),
	...each(['Transpose'], transpose),
	...each(['Concat'], concat),
	...each(['Gather'], axisNotFirst(0)),
	...each(['Softmax', 'LogSoftmax', 'LayerNormalization'], axisNotFirst(-1)),
	...each(['Pad'], pad),
	...each(['Slice'], slice),
]);
