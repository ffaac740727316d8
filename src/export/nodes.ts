/** Operators without states as NIR nodes. */
import { UserError } from '../errors.ts';
import type { NirArray, NirNode } from '../formats/nir/index.ts';
import type { GraphNode } from '../model/graph.ts';
import { tensorValues } from '../model/tensors.ts';
import { type GraphIndex, intAttribute, intsAttribute, stringAttribute } from '../network/graph-index.ts';
import { messages } from './messages.ts';

/** Factor and offset of each output channel that follow weights: a bias, or a normalisation. */
export interface ChannelChange {
	readonly factor: Float64Array;
	readonly offset: Float64Array;
}

interface NodeContext {
	readonly node: GraphNode;
	readonly index: GraphIndex;
	readonly file: string;
}

function refused({ node, file }: NodeContext, what: string): UserError {
	return new UserError(messages.option(file, node.name, node.op, what));
}

function stored({ index }: NodeContext, tensor: string): NirArray | null {
	const constant = index.graph.constants.get(tensor);
	if (constant === undefined) return null;
	const values = tensorValues(constant);
	return { shape: constant.dims, values };
}

/** Conv, Gemm or MatMul with constant weights. @throws UserError for what NIR's Conv1d, Conv2d, Linear and Affine cannot say */
export function synapse(context: NodeContext, changes: readonly ChannelChange[]): NirNode {
	return context.node.op === 'Conv' ? convolution(context, changes) : matrix(context, changes);
}

function convolution(context: NodeContext, changes: readonly ChannelChange[]): NirNode {
	const { node } = context;
	const [, kernel = '', biasName = ''] = node.inputs;
	const weight = stored(context, kernel);
	const axes = (weight?.shape.length ?? 0) - 2;
	if (weight === null || (axes !== 1 && axes !== 2)) throw refused(context, `a kernel over ${axes} axes`);
	const ones = Array.from({ length: axes }, () => 1);
	const automatic = stringAttribute(node, 'auto_pad', 'NOTSET');
	const pads = automatic === 'VALID' || automatic === 'NOTSET' ? (intsAttribute(node, 'pads') ?? []) : null;
	if (pads === null) throw refused(context, `the padding ${automatic}`);
	const before = ones.map((_, axis) => pads[axis] ?? 0);
	if (before.some((size, axis) => size !== (pads[axis + axes] ?? 0)))
		throw refused(context, `the uneven padding [${pads.join(', ')}]`);
	const outputs = weight.shape[0] ?? 0;
	const bias = biasName === '' ? null : stored(context, biasName);
	if (biasName !== '' && bias === null) throw refused(context, 'a computed bias');
	const common = {
		...changed(weight, outputs, bias?.values ?? new Float32Array(outputs), changes, (at) =>
			Math.floor((at * outputs) / weight.values.length),
		),
		stride: intsAttribute(node, 'strides') ?? ones,
		padding: before,
		dilation: intsAttribute(node, 'dilations') ?? ones,
		groups: intAttribute(node, 'group', 1),
	};
	return axes === 1 ? { type: 'Conv1d', ...common } : { type: 'Conv2d', ...common };
}

function matrix(context: NodeContext, changes: readonly ChannelChange[]): NirNode {
	const { node } = context;
	const [, name = '', biasName = ''] = node.inputs;
	const weight = stored(context, name);
	const number = (attribute: string): number => {
		const found = node.attributes.get(attribute);
		return found?.kind === 'float' ? found.value : 1;
	};
	if (weight === null || weight.shape.length !== 2) throw refused(context, 'weights that are not one matrix behind the data');
	if (intAttribute(node, 'transA', 0) !== 0 || number('alpha') !== 1 || (biasName !== '' && number('beta') !== 1))
		throw refused(context, 'transposed data or a factor');
	const rows = intAttribute(node, 'transB', 0) === 1 ? weight : transposed(weight);
	const [outputs = 0, inputs = 1] = rows.shape;
	const bias = biasName === '' ? null : stored(context, biasName);
	if (
		biasName !== '' &&
		(bias === null || ![1, outputs].includes(bias.values.length) || bias.shape.slice(0, -1).some((size) => size !== 1))
	)
		throw refused(context, 'a bias that is not one number for each output');
	if (bias === null && changes.length === 0) return { type: 'Linear', weight: rows };
	const offsets = Float32Array.from({ length: outputs }, (_, at) => bias?.values[bias.values.length === 1 ? 0 : at] ?? 0);
	return { type: 'Affine', ...changed(rows, outputs, offsets, changes, (at) => Math.floor(at / inputs)) };
}

/** Weights and bias with the changes that follow them. */
function changed(
	weight: NirArray,
	outputs: number,
	bias: Float32Array | Float64Array,
	changes: readonly ChannelChange[],
	outputOf: (at: number) => number,
): { weight: NirArray; bias: NirArray } {
	let [values, offsets] = [weight.values, bias];
	for (const { factor, offset } of changes) {
		const before = offsets;
		// Factors of 1 leave the weights' own bits alone.
		if (factor.some((one) => one !== 1)) values = Float64Array.from(values, (value, at) => value * (factor[outputOf(at)] ?? 1));
		offsets = Float64Array.from({ length: outputs }, (_, at) => (before[at] ?? 0) * (factor[at] ?? 1) + (offset[at] ?? 0));
	}
	return { weight: { shape: weight.shape, values }, bias: { shape: [outputs], values: offsets } };
}

function transposed({ shape, values }: NirArray): NirArray {
	const [rows = 0, columns = 0] = shape;
	const result = values instanceof Float64Array ? new Float64Array(values.length) : new Float32Array(values.length);
	for (let row = 0; row < rows; row += 1)
		for (let column = 0; column < columns; column += 1) result[column * rows + row] = values[row * columns + column] ?? 0;
	return { shape: [columns, rows], values: result };
}

/** What a node behind weights does to each output channel; null where it does something else. */
export function channelChange(context: NodeContext, outputs: number, channelAxis: 'first' | 'last'): ChannelChange | null {
	const { node, index } = context;
	if (node.op === 'Add') {
		const name = node.inputs.find((input) => index.isConstant(input)) ?? '';
		const added = stored(context, name);
		const perChannel =
			added !== null &&
			(added.values.length === 1 ||
				(added.values.length === outputs &&
					(channelAxis === 'last' ? added.shape.at(-1) === outputs : isChannelsFirst(added.shape, outputs))));
		if (!perChannel || added === null) return null;
		const offset = Float64Array.from({ length: outputs }, (_, at) => added.values[added.values.length === 1 ? 0 : at] ?? 0);
		return { factor: new Float64Array(outputs).fill(1), offset };
	}
	if (node.op !== 'BatchNormalization') return null;
	const [scale, shift, mean, variance] = node.inputs.slice(1, 5).map((name) => stored(context, name)?.values);
	if (!scale || !shift || !mean || !variance) return null;
	const epsilon = node.attributes.get('epsilon');
	const small = epsilon?.kind === 'float' ? epsilon.value : 1e-5;
	const factor = Float64Array.from(scale, (value, at) => value / Math.sqrt((variance[at] ?? 0) + small));
	return { factor, offset: Float64Array.from(shift, (value, at) => value - (mean[at] ?? 0) * (factor[at] ?? 0)) };
}

/** [C, 1, 1] or [1, C, 1, 1]. */
function isChannelsFirst(shape: readonly number[], channels: number): boolean {
	const axis = shape.indexOf(channels);
	return axis >= 0 && axis <= 1 && shape.length - axis >= 2;
}

/** Pooling and reshaping. @throws UserError for operators and options NIR has no words for */
export function stateless(context: NodeContext): NirNode {
	const { node, file, index } = context;
	if (node.op === 'AveragePool') return averagePool(context);
	if (node.op === 'Flatten' && intAttribute(node, 'axis', 1) !== 1)
		throw refused(context, `the axis ${intAttribute(node, 'axis', 1)}`);
	if (node.op === 'Reshape') {
		const target = index.graph.constants.get(node.inputs[1] ?? '');
		const sizes = target === undefined ? [] : [...tensorValues(target)];
		if (sizes.length !== 2) throw refused(context, `the target [${sizes.join(', ')}]: only flattening is known`);
	} else if (node.op !== 'Flatten') throw new UserError(messages.operator(file, node.name, node.op));
	return { type: 'Flatten', startDim: 0, endDim: -1 };
}

function averagePool(context: NodeContext): NirNode {
	const { node } = context;
	const kernel = intsAttribute(node, 'kernel_shape') ?? [];
	const ones = kernel.map(() => 1);
	const pads = intsAttribute(node, 'pads') ?? [];
	const padding = kernel.map((_, axis) => pads[axis] ?? 0);
	if (kernel.length !== 2) throw refused(context, `a window over ${kernel.length} axes`);
	if (!['NOTSET', 'VALID'].includes(stringAttribute(node, 'auto_pad', 'NOTSET'))) throw refused(context, 'automatic padding');
	if (padding.some((size, axis) => size !== (pads[axis + 2] ?? 0)))
		throw refused(context, `the uneven padding [${pads.join(', ')}]`);
	if (padding.some((size) => size > 0) && intAttribute(node, 'count_include_pad', 0) === 0)
		throw refused(context, 'a mean that leaves out the padding');
	if (intAttribute(node, 'ceil_mode', 0) !== 0) throw refused(context, 'windows that reach over the end');
	if ((intsAttribute(node, 'dilations') ?? ones).some((size) => size !== 1)) throw refused(context, 'dilation');
	return { type: 'AvgPool2d', kernelSize: kernel, stride: intsAttribute(node, 'strides') ?? ones, padding };
}
