import { int, ints } from '../../model/attributes.ts';
import { add } from '../graph-draft.ts';
import { type Builder, channelsFirst, channelsFirstValue, floats, type Shape, type Value } from './builder.ts';
import type { Windows } from './windows.ts';

/** Kernel as tfjs stores it: [k…, inputs, outputs], for a depthwise convolution [k…, inputs, multiplier]. */
export interface Kernel {
	readonly name: string;
	readonly shape: readonly number[];
	readonly values: ArrayLike<number>;
}

export interface Convolution {
	readonly kind: 'full' | 'depthwise' | 'transposed';
	readonly kernel: Kernel;
	readonly bias?: string | undefined;
	readonly strides: readonly number[];
	readonly dilations: readonly number[];
	readonly groups: number;
	/** One for each axis. */
	readonly windows: readonly Windows[];
}

/** A convolution in ONNX order; the value comes and goes channels first. */
export function convolve(builder: Builder, layer: string, input: Value, convolution: Convolution): Value {
	const { kind, kernel, strides, dilations, windows } = convolution;
	const axes = windows.length;
	const extents = kernel.shape.slice(0, axes);
	const inputs = kernel.shape[axes] ?? 1;
	const last = kernel.shape[axes + 1] ?? 1;
	// [k…, in, out] to [out, in, k…]; depthwise [k…, in, multiplier] to [in · multiplier, 1, k…]; transposed [k…, out, in] to [in, out, k…].
	const shape = kind === 'depthwise' ? [inputs * last, 1, ...extents] : [last, inputs, ...extents];
	const positions = extents.reduce((product, size) => product * size, 1);
	const values = new Float32Array(kernel.values.length);
	for (let position = 0; position < positions; position++) {
		for (let input = 0; input < inputs; input++) {
			for (let output = 0; output < last; output++) {
				const row = kind === 'depthwise' ? input * last + output : output * inputs + input;
				values[row * positions + position] = kernel.values[(position * inputs + input) * last + output] ?? 0;
			}
		}
	}
	const weight = floats(builder, kernel.name, values, shape);
	const tensors = [channelsFirst(builder, input), weight, ...(convolution.bias === undefined ? [] : [convolution.bias])];
	const outputs = kind === 'depthwise' ? inputs * last : kind === 'transposed' ? inputs : last;
	const tensor = add(builder, layer, kind === 'transposed' ? 'ConvTranspose' : 'Conv', tensors, {
		kernel_shape: ints(extents),
		strides: ints(strides),
		dilations: ints(dilations),
		pads: ints([...windows.map(({ before }) => before), ...windows.map(({ after }) => after)]),
		group: int(kind === 'depthwise' ? inputs : convolution.groups),
		...(kind === 'transposed' ? { output_padding: ints(outputPadding(input.shape, convolution)) } : {}),
	});
	return channelsFirstValue(builder, layer, tensor, ['batch', ...windows.map((one) => one.outputs), outputs]);
}

/** What ONNX's own formula for the output size leaves out. */
function outputPadding(shape: Shape, { windows, strides, kernel }: Convolution): number[] {
	return windows.map((one, axis) => {
		const size = Number(shape[axis + 1]);
		return one.outputs - ((size - 1) * (strides[axis] ?? 1) + (kernel.shape[axis] ?? 1) - one.before - one.after);
	});
}
