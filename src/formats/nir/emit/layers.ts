import { UserError } from '../../../errors.ts';
import { int, ints } from '../../../model/attributes.ts';
import { integers } from '../../graph-draft.ts';
import { assumptions, messages } from '../messages.ts';
import type {
	NirAffine,
	NirArray,
	NirAvgPool2d,
	NirConv1d,
	NirConv2d,
	NirFlatten,
	NirLinear,
	NirScale,
	NirSumPool2d,
} from '../records.ts';
import { convolutionPadding, pair } from '../shapes.ts';
import { add, floats } from './builder.ts';
import type { EmitContext } from './context.ts';
import { constantOf, parameterOf } from './parameters.ts';

/** W·S (+ b) on the last axis: Gemm for vectors, MatMul (and Add) where more axes come first. */
export function linear(record: NirAffine | NirLinear, context: EmitContext): string {
	const { builder, name, outputShape } = context;
	const [outputs = 0, inputs = 0] = record.weight.shape;
	const bias = record.type === 'Affine' ? biasOf(record.bias, outputs, context) : undefined;
	const input = context.inputShape.at(-1) === inputs ? context.input : flattened(context);
	const output = `${name}.output`;
	if (outputShape.length === 1) {
		const weight = floats(builder, `${name}.weight`, record.weight.values, record.weight.shape);
		const all = bias === undefined ? [input, weight] : [input, weight, bias];
		return add(builder, name, 'Gemm', all, output, { transB: int(1) });
	}
	const weight = floats(builder, `${name}.weight`, transposed(record.weight), [inputs, outputs]);
	const product = add(builder, name, 'MatMul', [input, weight], bias === undefined ? output : `${name}.product`);
	return bias === undefined ? product : add(builder, name, 'Add', [product, bias], output);
}

function flattened(context: EmitContext): string {
	return add(context.builder, context.name, 'Flatten', [context.input], `${context.name}.flattened`);
}

function transposed({ shape, values }: NirArray): Float64Array {
	const [rows = 0, columns = 0] = shape;
	const result = new Float64Array(values.length);
	for (let row = 0; row < rows; row++) {
		for (let column = 0; column < columns; column++) {
			result[column * rows + row] = values[row * columns + column] ?? 0;
		}
	}
	return result;
}

function biasOf(bias: NirArray, outputs: number, context: EmitContext): string {
	if (bias.values.length !== outputs) {
		throw new UserError(messages.parameterShape(context.file, context.name, 'bias', bias.shape, [outputs]));
	}
	return floats(context.builder, `${context.name}.bias`, bias.values, [outputs]);
}

export function convolution(record: NirConv1d | NirConv2d, context: EmitContext): string {
	const { builder, name } = context;
	const axes = record.type === 'Conv1d' ? 1 : 2;
	const each = (sizes: readonly number[]) => Array.from({ length: axes }, (_, axis) => sizes[axis] ?? sizes[0] ?? 1);
	const { before, after } = convolutionPadding(record);
	const weight = floats(builder, `${name}.weight`, record.weight.values, record.weight.shape);
	const bias = biasOf(record.bias, record.weight.shape[0] ?? 0, context);
	return add(builder, name, 'Conv', [context.input, weight, bias], `${name}.output`, {
		kernel_shape: ints(record.weight.shape.slice(2)),
		strides: ints(each(record.stride)),
		dilations: ints(each(record.dilation)),
		pads: ints([...before, ...after]),
		group: int(record.groups),
	});
}

/** The mean over windows; for a sum, times the size of the window where that is exact, else added up. */
export function pool(record: NirSumPool2d | NirAvgPool2d, context: EmitContext): string {
	const { builder, name } = context;
	const kernel = pair(record.kernelSize);
	const padding = pair(record.padding);
	const sums = record.type === 'SumPool2d';
	if (sums && !multiplicationUndoesDivision(kernel[0] * kernel[1])) {
		return addedWindows(kernel, pair(record.stride), padding, context);
	}
	if (!sums && padding.some((size) => size > 0)) {
		context.notes.push(assumptions.paddedAverage(name));
	}
	const mean = add(builder, name, 'AveragePool', [context.input], sums ? `${name}.mean` : `${name}.output`, {
		kernel_shape: ints(kernel),
		strides: ints(pair(record.stride)),
		pads: ints([...padding, ...padding]),
		count_include_pad: int(1),
	});
	if (!sums) {
		return mean;
	}
	const size = floats(builder, `${name}.window`, [kernel[0] * kernel[1]], []);
	return add(builder, name, 'Mul', [mean, size], `${name}.output`);
}

/**
 * Whether (m / n) · n is m for all whole m when both operations round: true for n = 2^i and n = 2^i + 2^j. Sums of spikes must be
 * whole numbers, or they would no longer be recognised as spikes.
 *
 * @see Goldberg, What every computer scientist should know about floating-point arithmetic, ACM Computing Surveys 23 (1991), theorem 7
 */
function multiplicationUndoesDivision(n: number): boolean {
	return n.toString(2).replaceAll('0', '').length <= 2;
}

/** Sums over windows as sums of shifted copies, first along the height, then along the width. */
function addedWindows(
	kernel: readonly [number, number],
	stride: readonly [number, number],
	padding: readonly [number, number],
	context: EmitContext,
): string {
	const { builder, name, outputShape } = context;
	const pads = integers(builder, `${name}.pads`, [0, 0, ...padding, 0, 0, ...padding]);
	let tensor = padding[0] + padding[1] > 0 ? add(builder, name, 'Pad', [context.input, pads], `${name}.padded`) : context.input;
	for (const axis of [0, 1] as const) {
		const last = ((outputShape[axis + 1] ?? 1) - 1) * stride[axis];
		const along = integers(builder, `${name}.axis${axis}`, [axis + 2]);
		const step = integers(builder, `${name}.step${axis}`, [stride[axis]]);
		const source = tensor;
		for (let shift = 0; shift < kernel[axis]; shift++) {
			const part = `${name}.window${axis}.${shift}`;
			const from = integers(builder, `${part}.from`, [shift]);
			const to = integers(builder, `${part}.to`, [shift + last + 1]);
			const copy = add(builder, name, 'Slice', [source, from, to, along, step], part);
			const isLast = axis === 1 && shift === kernel[axis] - 1;
			tensor = shift === 0 ? copy : add(builder, name, 'Add', [tensor, copy], isLast ? `${name}.output` : `${part}.sum`);
		}
	}
	return tensor;
}

export function flatten(_record: NirFlatten, context: EmitContext): string {
	const { builder, name, outputShape } = context;
	if (outputShape.length === 1) {
		return add(builder, name, 'Flatten', [context.input], `${name}.output`);
	}
	// 0 keeps the batch dimension as it is.
	const shape = integers(builder, `${name}.shape`, [0, ...outputShape]);
	return add(builder, name, 'Reshape', [context.input, shape], `${name}.output`);
}

export function scale(record: NirScale, context: EmitContext): string {
	const factor = constantOf(parameterOf(record.scale, 'scale', context), 'scale', context);
	return add(context.builder, context.name, 'Mul', [context.input, factor], `${context.name}.output`);
}
