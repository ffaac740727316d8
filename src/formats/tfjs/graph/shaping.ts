import { UserError } from '../../../errors.ts';
import { int, ints } from '../../../model/attributes.ts';
import { add, integers } from '../../graph-draft.ts';
import { channelsFirst, channelsFirstValue, plain, plainValue, reshape, type Shape, type Size } from '../builder.ts';
import { messages } from '../messages.ts';
import { integersAttribute, numberAttribute } from './nodes.ts';
import { inputAt, type NodeEmitter, numbersAt, sizesAt, tensorAt, tensorResult } from './values.ts';

const identity: NodeEmitter = (inputs, context) => inputAt(inputs, 0, context);

const numberOf = (shape: Shape): number => shape.reduce<number>((product, size) => product * (size === 'batch' ? 1 : size), 1);

const reshapeNode: NodeEmitter = (inputs, context) => {
	const { builder, node } = context;
	const input = tensorAt(inputs, 0, context);
	const target = sizesAt(inputs, 1, context, 'the new shape');
	const batches = target.filter((size) => size === 'batch').length;
	const known = numberOf(target.filter((size) => size !== -1));
	const rest = numberOf(input.shape) / known;
	const hasBatch = input.shape.includes('batch');
	const shape: Size[] = target.map((size) => (size !== -1 ? size : hasBatch && batches === 0 && rest === 1 ? 'batch' : rest));
	const sameSize =
		numberOf(shape) === numberOf(input.shape) && shape.filter((size) => size === 'batch').length === (hasBatch ? 1 : 0);
	if (!sameSize || !shape.every((size) => size === 'batch' || (Number.isInteger(size) && size > 0))) {
		throw new UserError(messages.wrongInput(node.file, node.name, `an input that becomes [${target.join(', ')}]`, input.shape));
	}
	return tensorResult(reshape(builder, node.name, input, shape));
};

const squeeze: NodeEmitter = (inputs, context) => {
	const { builder, node } = context;
	const input = tensorAt(inputs, 0, context);
	const rank = input.shape.length;
	const given = integersAttribute(node, 'squeeze_dims', []).map((axis) => (axis < 0 ? axis + rank : axis));
	const drop = (axis: number) => (given.length > 0 ? given.includes(axis) : input.shape[axis] === 1);
	return tensorResult(
		reshape(
			builder,
			node.name,
			input,
			input.shape.filter((_, axis) => !drop(axis)),
		),
	);
};

const expand: NodeEmitter = (inputs, context) => {
	const { builder, node } = context;
	const input = tensorAt(inputs, 0, context);
	const [axis = 0] = numbersAt(inputs, 1, context, 'the axis');
	const at = axis < 0 ? axis + input.shape.length + 1 : axis;
	return tensorResult(reshape(builder, node.name, input, [...input.shape.slice(0, at), 1, ...input.shape.slice(at)]));
};

const transpose: NodeEmitter = (inputs, context) => {
	const { builder, node } = context;
	const input = tensorAt(inputs, 0, context);
	const perm = numbersAt(inputs, 1, context, 'the order of axes');
	if ([...perm].sort((a, b) => a - b).join() !== input.shape.map((_, axis) => axis).join()) {
		throw new UserError(messages.wrongInput(node.file, node.name, `${perm.length} axes`, input.shape));
	}
	const tensor = add(builder, node.name, 'Transpose', [plain(builder, input)], { perm: ints(perm) });
	return tensorResult(
		plainValue(
			builder,
			node.name,
			tensor,
			perm.map((axis) => input.shape[axis] ?? 1),
		),
	);
};

/** Zeros (or a constant) around the data, given as pairs for each axis. */
const pad: NodeEmitter = (inputs, context) => {
	const { builder, node } = context;
	const input = tensorAt(inputs, 0, context);
	const pairs = numbersAt(inputs, 1, context, 'the padding');
	const before = input.shape.map((_, axis) => pairs[2 * axis] ?? 0);
	const after = input.shape.map((_, axis) => pairs[2 * axis + 1] ?? 0);
	if (pairs.some((size) => size < 0) || (before[0] ?? 0) + (after[0] ?? 0) > 0) {
		throw new UserError(
			messages.unsupportedOption(
				node.file,
				node.name,
				'padding',
				`[${pairs.join(', ')}]`,
				'padding of other axes than the batch',
			),
		);
	}
	const shape = input.shape.map((size, axis) => (size === 'batch' ? size : size + (before[axis] ?? 0) + (after[axis] ?? 0)));
	const first = input.order === 'channels-first';
	const order = (sizes: readonly number[]) => (first ? [sizes[0] ?? 0, sizes.at(-1) ?? 0, ...sizes.slice(1, -1)] : sizes);
	const pads = integers(builder, `${node.name}/pads`, [...order(before), ...order(after)]);
	const value = node.op === 'PadV2' ? [tensorAt(inputs, 2, context).tensor] : [];
	const tensor = add(builder, node.name, 'Pad', [first ? channelsFirst(builder, input) : plain(builder, input), pads, ...value]);
	return tensorResult((first ? channelsFirstValue : plainValue)(builder, node.name, tensor, shape));
};

const concatenate: NodeEmitter = (inputs, context) => {
	const { builder, node } = context;
	const parts = inputs.slice(0, -1);
	const [given = -1] = numbersAt(inputs, inputs.length - 1, context, 'the axis');
	if (parts.length > 0 && parts.every(({ kind }) => kind !== 'tensor') && parts.some(({ kind }) => kind === 'sizes')) {
		return { kind: 'sizes', sizes: parts.flatMap((_, index) => sizesAt(parts, index, context, 'a size')), single: false };
	}
	const values = parts.map((_, index) => tensorAt(parts, index, context));
	const [first] = values;
	const axis = given < 0 ? given + (first?.shape.length ?? 0) : given;
	const rest = (shape: Shape) => shape.map((size, index) => (index === axis ? '' : size)).join();
	const different = values.find((value) => first !== undefined && rest(value.shape) !== rest(first.shape));
	if (first === undefined || different !== undefined || typeof first.shape[axis] !== 'number') {
		throw new UserError(
			messages.wrongInput(node.file, node.name, `inputs that differ in axis ${axis} only`, different?.shape ?? []),
		);
	}
	const size = values.reduce((sum, value) => sum + Number(value.shape[axis]), 0);
	const shape = first.shape.map((one, index) => (index === axis ? size : one));
	if (values.every(({ order }) => order === 'channels-first')) {
		const along = axis === shape.length - 1 ? 1 : axis === 0 ? 0 : axis + 1;
		const tensor = add(
			builder,
			node.name,
			'Concat',
			values.map(({ tensor: one }) => one),
			{ axis: int(along) },
		);
		return tensorResult(channelsFirstValue(builder, node.name, tensor, shape));
	}
	const tensor = add(
		builder,
		node.name,
		'Concat',
		values.map((value) => plain(builder, value)),
		{ axis: int(axis) },
	);
	return tensorResult(plainValue(builder, node.name, tensor, shape));
};

/** The sizes of a tensor, known but for the batch: computed here, not when the network runs. */
const shapeOf: NodeEmitter = (inputs, context) => ({ kind: 'sizes', sizes: tensorAt(inputs, 0, context).shape, single: false });

const pack: NodeEmitter = (inputs, context) => {
	const sizes = inputs.map((_, index) => sizesAt(inputs, index, context, 'a packed value')[0] ?? 1);
	return { kind: 'sizes', sizes, single: false };
};

const product: NodeEmitter = (inputs, context) => {
	const sizes = sizesAt(inputs, 0, context, 'a product');
	return { kind: 'sizes', sizes: [sizes.includes('batch') ? 'batch' : numberOf(sizes)], single: true };
};

/** A part of a shape: one element, or a range. */
const stridedSlice: NodeEmitter = (inputs, context) => {
	const { node } = context;
	const sizes = sizesAt(inputs, 0, context, 'the sliced tensor');
	const [begin, end, step] = [1, 2, 3].map((index) => numbersAt(inputs, index, context, 'a bound')[0] ?? 1) as [
		number,
		number,
		number,
	];
	if (step !== 1 || numberAttribute(node, 'ellipsis_mask', 0) !== 0 || numberAttribute(node, 'new_axis_mask', 0) !== 0) {
		throw new UserError(messages.unsupportedOption(node.file, node.name, 'strides', String(step), '1'));
	}
	const from = numberAttribute(node, 'begin_mask', 0) & 1 ? 0 : begin;
	const to = numberAttribute(node, 'end_mask', 0) & 1 ? sizes.length : end;
	const single = (numberAttribute(node, 'shrink_axis_mask', 0) & 1) === 1;
	return { kind: 'sizes', sizes: single ? sizes.slice(from).slice(0, 1) : sizes.slice(from, to), single };
};

const largest: NodeEmitter = (inputs, context) => {
	const { builder, node } = context;
	const input = tensorAt(inputs, 0, context);
	const rank = input.shape.length;
	const [given = -1] = numbersAt(inputs, 1, context, 'the axis');
	const axis = given < 0 ? given + rank : given;
	const tensor = add(builder, node.name, 'ArgMax', [plain(builder, input)], { axis: int(axis), keepdims: int(0) });
	return tensorResult(
		plainValue(
			builder,
			node.name,
			tensor,
			input.shape.filter((_, index) => index !== axis),
		),
	);
};

export const shapingOperators: Readonly<Record<string, NodeEmitter>> = {
	Identity: identity,
	StopGradient: identity,
	Reshape: reshapeNode,
	Squeeze: squeeze,
	ExpandDims: expand,
	Transpose: transpose,
	Pad: pad,
	PadV2: pad,
	ConcatV2: concatenate,
	Shape: shapeOf,
	Pack: pack,
	Prod: product,
	StridedSlice: stridedSlice,
	ArgMax: largest,
};
