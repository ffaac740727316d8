import { UserError } from '../../../errors.ts';
import { float, int, ints } from '../../../model/attributes.ts';
import { add } from '../../graph-draft.ts';
import { type Builder, elementwise, floats, plain, plainValue, type Value } from '../builder.ts';
import { type Convolution, convolve } from '../convolve.ts';
import { activations } from '../layers/activation.ts';
import { messages } from '../messages.ts';
import { normalize } from '../normalize.ts';
import { poolWindows } from '../pooling.ts';
import type { Weight } from '../weights.ts';
import { transposedWindows, type Windows, windows } from '../windows.ts';
import { flagAttribute, type GraphDefNode, integersAttribute, numberAttribute, onlyText, textsAttribute } from './nodes.ts';
import { type GraphValue, type NodeContext, type NodeEmitter, numbersAt, tensorAt, tensorResult, weightAt } from './values.ts';

/** Sizes of the two spatial axes of an attribute of four, [batch, height, width, channels]. */
function spatial(node: GraphDefNode, name: string): [number, number] {
	const [, height = 1, width = 1] = integersAttribute(node, name, [1, 1, 1, 1]);
	if (height < 1 || width < 1) {
		throw new UserError(messages.unsupportedOption(node.file, node.name, name, `[${height}, ${width}]`, 'positive numbers'));
	}
	return [height, width];
}

function image(value: Value, { node }: NodeContext): Value {
	if (value.shape.length !== 4 || value.shape.slice(1).includes('batch')) {
		throw new UserError(messages.wrongInput(node.file, node.name, '[batch, height, width, channels]', value.shape));
	}
	return value;
}

function placeWindows(
	node: GraphDefNode,
	input: Value,
	kernel: readonly number[],
	strides: readonly number[],
	dilations: readonly number[],
): Windows[] {
	onlyText(node, 'data_format', 'NHWC', ['NHWC']);
	const padding = onlyText(node, 'padding', 'VALID', ['SAME', 'VALID', 'EXPLICIT']);
	const explicit = integersAttribute(node, 'explicit_paddings', [0, 0, 0, 0, 0, 0, 0, 0]);
	return [0, 1].map((axis) => {
		const size = Number(input.shape[axis + 1]);
		const [extent, stride, dilation] = [kernel[axis] ?? 1, strides[axis] ?? 1, dilations[axis] ?? 1];
		if (padding !== 'EXPLICIT') {
			return windows(size, extent, stride, dilation, padding === 'SAME' ? 'same' : 'valid');
		}
		const [before = 0, after = 0] = explicit.slice(2 * axis + 2, 2 * axis + 4);
		return { ...windows(size + before + after, extent, stride, dilation, 'valid'), before, after };
	});
}

const convolution =
	(kind: 'full' | 'depthwise'): NodeEmitter =>
	(inputs, context) => {
		const { builder, node } = context;
		const input = image(tensorAt(inputs, 0, context), context);
		const kernel = weightAt(inputs, 1, context, 'the kernel');
		const channels = Number(input.shape[3]);
		const groups = kind === 'depthwise' ? 1 : channels / (kernel.shape[2] ?? 1);
		if (kernel.shape.length !== 4 || !Number.isInteger(groups) || groups < 1) {
			throw new UserError(messages.weightShape(node.file, kernel.name, kernel.shape, ['height', 'width', channels, 'outputs']));
		}
		const [strides, dilations] = [spatial(node, 'strides'), spatial(node, 'dilations')];
		const parameters: Convolution = {
			kind,
			kernel,
			strides,
			dilations,
			groups,
			windows: placeWindows(node, input, kernel.shape, strides, dilations),
		};
		return fuse(inputs, context, (bias) => convolve(builder, node.name, input, { ...parameters, bias }));
	};

/** The gradient of a convolution with respect to its input: a transposed convolution. */
const transposedConvolution: NodeEmitter = (inputs, context) => {
	const { builder, node } = context;
	const kernel = weightAt(inputs, 1, context, 'the kernel');
	const input = image(tensorAt(inputs, 2, context), context);
	const strides = spatial(node, 'strides');
	const padding = onlyText(node, 'padding', 'VALID', ['SAME', 'VALID']) === 'SAME' ? 'same' : 'valid';
	const along = strides.map((stride, axis) =>
		transposedWindows(Number(input.shape[axis + 1]), kernel.shape[axis] ?? 1, stride, padding),
	);
	return tensorResult(
		convolve(builder, node.name, input, { kind: 'transposed', kernel, strides, dilations: [1, 1], groups: 1, windows: along }),
	);
};

const matrixProduct: NodeEmitter = (inputs, context) => {
	const { builder, node } = context;
	const input = tensorAt(inputs, 0, context);
	const [flipA, flipB] = [flagAttribute(node, 'transpose_a'), flagAttribute(node, 'transpose_b')];
	const weight = tensorAt(inputs, 1, context);
	const [rows = 1, columns = 1] = flipB ? [weight.shape[1], weight.shape[0]] : weight.shape;
	if (flipA || input.shape.length !== 2 || weight.shape.length !== 2 || input.shape[1] !== rows) {
		throw new UserError(messages.wrongInput(node.file, node.name, `[batch, ${rows}]`, input.shape));
	}
	return fuse(inputs, context, (bias) => {
		const tensors = [plain(builder, input), plain(builder, weight), ...(bias === undefined ? [] : [bias])];
		return plainValue(builder, node.name, add(builder, node.name, 'Gemm', tensors, { transB: int(flipB ? 1 : 0) }), [
			input.shape[0] ?? 'batch',
			columns,
		]);
	});
};

/** What tfjs fuses into a convolution or matrix product: a bias, then an activation. */
function fuse(inputs: readonly GraphValue[], context: NodeContext, emit: (bias: string | undefined) => Value): GraphValue {
	const { builder, node } = context;
	const fused = textsAttribute(node, 'fused_ops');
	const hasBias = fused[0] === 'BiasAdd';
	let value = emit(hasBias ? biasTensor(builder, weightAt(inputs, 2, context, 'the bias')) : undefined);
	for (const operation of hasBias ? fused.slice(1) : fused) {
		const apply = activations[operation.toLowerCase()];
		if (operation === 'LeakyRelu') {
			value = elementwise(builder, node.name, operation, value, [], {
				alpha: float(numberAttribute(node, 'leakyrelu_alpha', 0.2)),
			});
		} else if (apply !== undefined) {
			value = apply(value, { builder, name: node.name });
		} else {
			throw new UserError(
				messages.unknownActivation(node.file, node.name, operation, [...Object.keys(activations), 'LeakyRelu']),
			);
		}
	}
	return tensorResult(value);
}

const biasTensor = (builder: Builder, bias: Weight): string => floats(builder, bias.name, bias.values, [bias.values.length]);

const pooling =
	(kind: 'maximum' | 'mean'): NodeEmitter =>
	(inputs, context) => {
		const { builder, node } = context;
		const input = image(tensorAt(inputs, 0, context), context);
		const [kernel, strides] = [spatial(node, 'ksize'), spatial(node, 'strides')];
		return tensorResult(
			poolWindows(builder, node.name, input, kind, kernel, strides, placeWindows(node, input, kernel, strides, [1, 1])),
		);
	};

const batchNormalization: NodeEmitter = (inputs, context) => {
	const { builder, node } = context;
	onlyText(node, 'data_format', 'NHWC', ['NHWC']);
	const input = image(tensorAt(inputs, 0, context), context);
	const [gamma, beta, mean, variance] = (['gamma', 'beta', 'mean', 'variance'] as const).map((name, index) => {
		const weight = weightAt(inputs, index + 1, context, name);
		if (weight.values.length !== input.shape[3]) {
			throw new UserError(messages.weightShape(node.file, weight.name, weight.shape, [Number(input.shape[3])]));
		}
		return Float32Array.from(weight.values);
	}) as [Float32Array, Float32Array, Float32Array, Float32Array];
	return tensorResult(
		normalize(builder, node.name, input, { gamma, beta, mean, variance, epsilon: numberAttribute(node, 'epsilon', 1e-4) }),
	);
};

/** Mean, sum, maximum or minimum over some axes. */
const reduction =
	(op: string): NodeEmitter =>
	(inputs, context) => {
		const { builder, node } = context;
		const input = tensorAt(inputs, 0, context);
		const rank = input.shape.length;
		const axes = numbersAt(inputs, 1, context, 'the axes').map((axis) => (axis < 0 ? axis + rank : axis));
		const keep = flagAttribute(node, 'keep_dims');
		const shape = input.shape.flatMap((size, axis) => (axes.includes(axis) ? (keep ? [1] : []) : [size]));
		const attributes = { keepdims: int(keep ? 1 : 0) };
		const inAttribute = op !== 'ReduceSum';
		const along = inAttribute ? { axes: ints(axes) } : {};
		const tensors = [plain(builder, input)];
		if (!inAttribute) {
			// Since opset 13 the axes of a sum are an input.
			const name = `${node.name}/axes`;
			builder.constants.set(name, {
				type: 'int64',
				dims: [axes.length],
				bytes: new Uint8Array(BigInt64Array.from(axes, BigInt).buffer),
			});
			tensors.push(name);
		}
		return tensorResult(plainValue(builder, node.name, add(builder, node.name, op, tensors, { ...attributes, ...along }), shape));
	};

export const weightedOperators: Readonly<Record<string, NodeEmitter>> = {
	Conv2D: convolution('full'),
	_FusedConv2D: convolution('full'),
	DepthwiseConv2dNative: convolution('depthwise'),
	FusedDepthwiseConv2dNative: convolution('depthwise'),
	Conv2DBackpropInput: transposedConvolution,
	MatMul: matrixProduct,
	_FusedMatMul: matrixProduct,
	MaxPool: pooling('maximum'),
	AvgPool: pooling('mean'),
	FusedBatchNorm: batchNormalization,
	FusedBatchNormV2: batchNormalization,
	FusedBatchNormV3: batchNormalization,
	Mean: reduction('ReduceMean'),
	Sum: reduction('ReduceSum'),
	Max: reduction('ReduceMax'),
	Min: reduction('ReduceMin'),
};
