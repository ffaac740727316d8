/**
 * Convolution with both gradients.
 *
 * tfjs' WebAssembly backend has a fast forward convolution, a slow gradient to the input and no gradient to the filter. So the
 * gradient to the input is computed forward, as the convolution of the output's gradient with the flipped filter, channels exchanged.
 * The gradient to the filter is a product of matrices on WebGPU, and elsewhere the convolution of the input (its channels taken as
 * batch) with the output's gradient (taken as filter).
 */
import * as tf from '@tensorflow/tfjs-core';
import { customGradient } from './custom-gradient.ts';

export interface ConvolutionGeometry {
	readonly stride: number;
	readonly padding: number;
}

/** [N, H, W, C] to [N, s·H−s+1, s·W−s+1, C] with zeros between the elements. */
function dilate(x: tf.Tensor4D, stride: number): tf.Tensor4D {
	if (stride === 1) return x;
	const [n, h, w, c] = x.shape;
	const wide = tf.pad(tf.reshape(x, [n * h, w, 1, c]), [
		[0, 0],
		[0, 0],
		[0, stride - 1],
		[0, 0],
	]);
	const tall = tf.pad(tf.reshape(wide, [n, h, 1, w * stride * c]), [
		[0, 0],
		[0, 0],
		[0, stride - 1],
		[0, 0],
	]);
	const whole = tf.reshape(tall, [n, h * stride, w * stride, c]) as tf.Tensor4D;
	return tf.slice(whole, [0, 0, 0, 0], [n, (h - 1) * stride + 1, (w - 1) * stride + 1, c]);
}

interface Margins {
	readonly top: number;
	readonly bottom: number;
	readonly left: number;
	readonly right: number;
}

/**
 * tf.conv2d at stride 1 with any margins; negative ones crop.
 *
 * Margins are always given one by one: from a single number tfjs computes the output's width with the filter's height.
 */
function convolve(x: tf.Tensor4D, filter: tf.Tensor4D, margins: Margins): tf.Tensor4D {
	const { top, bottom, left, right } = margins;
	const [n, h, w, c] = x.shape;
	const cut = (margin: number): number => Math.max(0, -margin);
	const add = (margin: number): number => Math.max(0, margin);
	const cropped =
		Math.min(top, bottom, left, right) < 0
			? tf.slice(x, [0, cut(top), cut(left), 0], [n, h - cut(top) - cut(bottom), w - cut(left) - cut(right), c])
			: x;
	const pads: [[number, number], [number, number], [number, number], [number, number]] = [
		[0, 0],
		[add(top), add(bottom)],
		[add(left), add(right)],
		[0, 0],
	];
	return tf.conv2d(cropped, filter, 1, pads);
}

/** Sums over everything but the last axis, by a product with ones: the fastest reduction that tfjs has. */
export function sumToChannels(x: tf.Tensor): tf.Tensor1D {
	const channels = x.shape.at(-1) ?? 1;
	const rows = x.size / channels;
	return tf.reshape(tf.matMul(tf.ones([1, rows]), tf.reshape(x, [rows, channels])), [channels]);
}

/** [Cout, Cin, kh, kw], flipped, as a filter from Cout to Cin: [kh, kw, Cout, Cin]. */
function flippedAndExchanged(weight: tf.Tensor4D): tf.Tensor4D {
	return tf.transpose(tf.reverse(weight, [2, 3]), [2, 3, 0, 1]) as tf.Tensor4D;
}

function inputGradient(dy: tf.Tensor4D, weight: tf.Tensor4D, inputShape: number[], geometry: ConvolutionGeometry): tf.Tensor4D {
	const { stride, padding } = geometry;
	const [, , kh, kw] = weight.shape;
	const [, height = 0, width = 0] = inputShape;
	const flipped = flippedAndExchanged(weight);
	const spread = dilate(dy, stride);
	const top = kh - 1 - padding;
	const left = kw - 1 - padding;
	// Rows of the input that no window reached at the end get zeros.
	const bottom = height + kh - 1 - spread.shape[1] - top;
	const right = width + kw - 1 - spread.shape[2] - left;
	return convolve(spread, flipped, { top, bottom, left, right });
}

/** The filter's taps, row by row. */
const tapsOf = (kh: number, kw: number): { readonly row: number; readonly column: number }[] =>
	Array.from({ length: kh * kw }, (_, tap) => ({ row: Math.floor(tap / kw), column: tap % kw }));

/** What each tap sees of the input: [N·H'·W', taps·Cin]. */
function columnsOf(x: tf.Tensor4D, dy: tf.Tensor4D, weight: tf.Tensor4D, geometry: ConvolutionGeometry): tf.Tensor2D {
	const { stride, padding } = geometry;
	const [, cin, kh, kw] = weight.shape;
	const [n, height, width] = dy.shape;
	const padded = tf.pad(x, [
		[0, 0],
		[padding, padding],
		[padding, padding],
		[0, 0],
	]);
	const reach: [number, number, number, number] = [n, (height - 1) * stride + 1, (width - 1) * stride + 1, cin];
	const columns = tapsOf(kh, kw).map(({ row, column }) => {
		const seen = tf.slice(padded, [0, row, column, 0], reach);
		const taken = stride === 1 ? seen : tf.stridedSlice(seen, [0, 0, 0, 0], reach, [1, stride, stride, 1]);
		return tf.reshape(taken, [n * height * width, cin]) as tf.Tensor2D;
	});
	return tf.concat(columns, 1);
}

/** 128 MiB: what a WebGPU device lets one tensor have if it is not asked for more. */
const mostColumnBytes = 2 ** 27;

/**
 * The gradient to the filter as a product of matrices: what every tap sees of the input, by the output's gradient. As a
 * convolution it has few outputs, one a tap, for which WebGPU's kernel takes ten times as long; WebAssembly's does not.
 *
 * @param mostBytes  of what the taps see at once: so many images are taken together, at least one
 * @returns as the filter, [Cout, Cin, kh, kw]
 */
export function weightGradientByProduct(
	x: tf.Tensor4D,
	dy: tf.Tensor4D,
	weight: tf.Tensor4D,
	geometry: ConvolutionGeometry,
	mostBytes = mostColumnBytes,
): tf.Tensor4D {
	const [cout, cin, kh, kw] = weight.shape;
	const [n, height, width] = dy.shape;
	const images = Math.max(1, Math.floor(mostBytes / (4 * kh * kw * cin * height * width)));
	const part = (whole: tf.Tensor4D, start: number): tf.Tensor4D =>
		images >= n ? whole : (tf.slice(whole, start, Math.min(images, n - start)) as tf.Tensor4D);
	let sum: tf.Tensor | null = null;
	for (let start = 0; start < n; start += images) {
		const gradients = part(dy, start);
		const columns = columnsOf(part(x, start), gradients, weight, geometry);
		const product = tf.matMul(columns, tf.reshape(gradients, [-1, cout]) as tf.Tensor2D, true, false);
		sum = sum ? tf.add(sum, product) : product;
	}
	return tf.transpose(tf.reshape(sum as tf.Tensor, [kh, kw, cin, cout]), [3, 2, 0, 1]) as tf.Tensor4D;
}

/** As a convolution: the input, its channels taken as batch, with the output's gradient taken as filter. */
function weightGradientByConvolution(
	x: tf.Tensor4D,
	dy: tf.Tensor4D,
	weight: tf.Tensor4D,
	{ stride, padding }: ConvolutionGeometry,
): tf.Tensor4D {
	const filter = tf.transpose(dilate(dy, stride), [1, 2, 0, 3]) as tf.Tensor4D;
	const [, height, width] = x.shape;
	const [, , kh, kw] = weight.shape;
	// The input must be exactly as large as the filter reaches: crop what no window saw.
	const bottom = filter.shape[0] + kh - 1 - height - padding;
	const right = filter.shape[1] + kw - 1 - width - padding;
	const source = tf.transpose(x, [3, 1, 2, 0]) as tf.Tensor4D;
	const gradient = convolve(source, filter, { top: padding, bottom, left: padding, right });
	// [Cin, kh, kw, Cout] to [Cout, Cin, kh, kw]
	return tf.transpose(gradient, [3, 0, 1, 2]) as tf.Tensor4D;
}

function weightGradient(x: tf.Tensor4D, dy: tf.Tensor4D, weight: tf.Tensor4D, geometry: ConvolutionGeometry): tf.Tensor4D {
	const way = tf.getBackend() === 'webgpu' ? weightGradientByProduct : weightGradientByConvolution;
	return way(x, dy, weight, geometry);
}

/**
 * y = x * weight (+ bias).
 *
 * @param x  [N, H, W, Cin]
 * @param weight  [Cout, Cin, kh, kw]
 * @param bias  [Cout] or null
 * @param needsInputGradient  false for the first layer, whose input is the image
 * @returns [N, H', W', Cout]
 */
export function convolution(
	x: tf.Tensor4D,
	weight: tf.Tensor4D,
	bias: tf.Tensor1D | null,
	geometry: ConvolutionGeometry,
	needsInputGradient = true,
): tf.Tensor4D {
	const inputs: tf.Tensor[] = bias ? [x, weight, bias] : [x, weight];
	return customGradient(inputs, ([x, weight, bias], save) => {
		const image = x as tf.Tensor4D;
		const kernel = weight as tf.Tensor4D;
		const filter = tf.transpose(kernel, [2, 3, 1, 0]) as tf.Tensor4D;
		const { stride, padding } = geometry;
		const value = bias
			? tf.fused.conv2d({ x: image, filter, strides: stride, pad: padding, bias })
			: tf.conv2d(image, filter, stride, padding);
		save([image, kernel]);
		return {
			value,
			gradient: (dy, saved) => {
				const [x, weight] = saved as [tf.Tensor4D, tf.Tensor4D];
				const dy4 = dy as tf.Tensor4D;
				const gradients: tf.Tensor[] = [
					needsInputGradient ? inputGradient(dy4, weight, x.shape, geometry) : tf.zeros([0]),
					weightGradient(x, dy4, weight, geometry),
				];
				if (bias) gradients.push(sumToChannels(dy4));
				return gradients;
			},
		};
	}) as tf.Tensor4D;
}
