/** Where windows of a kernel lie along one axis, as TensorFlow places them. */
export interface Windows {
	readonly outputs: number;
	readonly before: number;
	readonly after: number;
}

/**
 * "valid": no padding. "same": ceil(size / stride) outputs, the odd zero after the data.
 *
 * @see https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2
 */
export function windows(size: number, kernel: number, stride: number, dilation: number, padding: 'same' | 'valid'): Windows {
	const reach = dilation * (kernel - 1) + 1;
	if (padding === 'valid') {
		return { outputs: Math.floor((size - reach) / stride) + 1, before: 0, after: 0 };
	}
	const outputs = Math.ceil(size / stride);
	const total = Math.max(0, (outputs - 1) * stride + reach - size);
	return { outputs, before: Math.floor(total / 2), after: total - Math.floor(total / 2) };
}

/** Transposed convolution: "same" gives size · stride outputs. */
export function transposedWindows(size: number, kernel: number, stride: number, padding: 'same' | 'valid'): Windows {
	if (padding === 'valid') {
		return { outputs: size * stride + Math.max(kernel - stride, 0), before: 0, after: 0 };
	}
	const total = Math.max(0, (size - 1) * stride + kernel - size * stride);
	return { outputs: size * stride, before: Math.floor(total / 2), after: total - Math.floor(total / 2) };
}
