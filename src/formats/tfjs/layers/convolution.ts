import { UserError } from '../../../errors.ts';
import type { Value } from '../builder.ts';
import { type Convolution, convolve } from '../convolve.ts';
import { flagAt, numberAt, sizesAt } from '../json.ts';
import { messages } from '../messages.ts';
import { transposedWindows, windows } from '../windows.ts';
import { applyActivation } from './activation.ts';
import { known, type LayerContext, type LayerEmitter, only, onlyInput, weightConstant, weightOf } from './context.ts';
import { anyDataFormat } from './data-format.ts';

type Axes = 1 | 2;

const convolution =
	(axes: Axes, kind: Convolution['kind']): LayerEmitter =>
	(inputs, context) => {
		const input = onlyInput(
			inputs,
			context,
			axes + 2,
			axes === 2 ? '[batch, height, width, channels]' : '[batch, length, channels]',
		);
		const value = step(input, context, axes, kind, kind === 'depthwise' ? 'depthwise_kernel' : 'kernel', true);
		return applyActivation(value, context.config.activation, context);
	};

/** A depthwise convolution and a 1×1 convolution after it. */
const separable: LayerEmitter = (inputs, context) => {
	const input = onlyInput(inputs, context, 4, '[batch, height, width, channels]');
	const depthwise = step(input, context, 2, 'depthwise', 'depthwise_kernel', false);
	const channels = known(depthwise.shape, -1, context);
	const pointwise = weightOf(context, 'pointwise_kernel', [1, 1, channels, 'outputs']);
	const one = { before: 0, after: 0 };
	const value = convolve(context.builder, context.name, depthwise, {
		kind: 'full',
		kernel: pointwise,
		bias: biasOf(context, pointwise.shape[3] ?? 0),
		strides: [1, 1],
		dilations: [1, 1],
		groups: 1,
		windows: [
			{ ...one, outputs: known(depthwise.shape, 1, context) },
			{ ...one, outputs: known(depthwise.shape, 2, context) },
		],
	});
	return applyActivation(value, context.config.activation, context);
};

function step(
	input: Value,
	context: LayerContext,
	axes: Axes,
	kind: Convolution['kind'],
	weight: string,
	withBias: boolean,
): Value {
	const { config, file, name } = context;
	const padding = only(context, 'padding', 'valid', ['valid', 'same']) as 'valid' | 'same';
	const channels = known(input.shape, -1, context);
	const groups = kind === 'full' ? numberAt(config, 'groups', context, 1) : 1;
	const places = Array.from({ length: axes }, (_, axis) => `k${axis}`);
	const expected = kind === 'transposed' ? [...places, 'outputs', channels] : [...places, channels / groups, 'outputs'];
	const kernel = weightOf(context, weight, expected);
	const strides = sizesAt(config, 'strides', context, axes, 1);
	const dilations = sizesAt(config, 'dilation_rate', context, axes, 1);
	if (kind === 'transposed' && (dilations.some((size) => size !== 1) || (config.output_padding ?? null) !== null)) {
		const option = dilations.some((size) => size !== 1) ? 'dilation_rate' : 'output_padding';
		throw new UserError(messages.unsupportedOption(file, name, option, JSON.stringify(config[option]), 'none'));
	}
	const outputs =
		kind === 'full'
			? (kernel.shape[axes + 1] ?? 0)
			: kind === 'transposed'
				? (kernel.shape[axes] ?? 0)
				: channels * (kernel.shape[axes + 1] ?? 0);
	if (groups < 1 || outputs % groups !== 0) {
		throw new UserError(messages.unsupportedOption(file, name, 'groups', String(groups), `a divisor of ${outputs}`));
	}
	return convolve(context.builder, name, input, {
		kind,
		kernel,
		bias: withBias ? biasOf(context, outputs) : undefined,
		strides,
		dilations,
		groups,
		windows: strides.map((stride, axis) => {
			const size = known(input.shape, axis + 1, context);
			const extent = kernel.shape[axis] ?? 1;
			return kind === 'transposed'
				? transposedWindows(size, extent, stride, padding)
				: windows(size, extent, stride, dilations[axis] ?? 1, padding);
		}),
	});
}

export function biasOf(context: LayerContext, outputs: number): string | undefined {
	return flagAt(context.config, 'use_bias', context, true) ? weightConstant(context, 'bias', [outputs]) : undefined;
}

export const convolutionLayers: Readonly<Record<string, LayerEmitter>> = {
	Conv1D: anyDataFormat(convolution(1, 'full')),
	Conv2D: anyDataFormat(convolution(2, 'full')),
	Conv2DTranspose: anyDataFormat(convolution(2, 'transposed')),
	DepthwiseConv2D: anyDataFormat(convolution(2, 'depthwise')),
	SeparableConv2D: anyDataFormat(separable),
};
