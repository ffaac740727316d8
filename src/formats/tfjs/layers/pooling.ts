import { add } from '../../graph-draft.ts';
import { channelsFirst, plainValue, reshape } from '../builder.ts';
import { flagAt, sizesAt } from '../json.ts';
import { poolWindows } from '../pooling.ts';
import { windows } from '../windows.ts';
import { known, type LayerEmitter, only, onlyInput } from './context.ts';
import { anyDataFormat } from './data-format.ts';

const pooling =
	(axes: 1 | 2, kind: 'maximum' | 'mean'): LayerEmitter =>
	(inputs, context) => {
		const { builder, name, config } = context;
		const input = onlyInput(
			inputs,
			context,
			axes + 2,
			axes === 2 ? '[batch, height, width, channels]' : '[batch, length, channels]',
		);
		const padding = only(context, 'padding', 'valid', ['valid', 'same']) as 'valid' | 'same';
		const kernel = sizesAt(config, 'pool_size', context, axes, 2);
		const strides = (config.strides ?? null) === null ? kernel : sizesAt(config, 'strides', context, axes);
		const along = kernel.map((extent, axis) =>
			windows(known(input.shape, axis + 1, context), extent, strides[axis] ?? 1, 1, padding),
		);
		return poolWindows(builder, name, input, kind, kernel, strides, along);
	};

/** Over all positions: [batch, …, channels] to [batch, channels]. */
const globalPooling =
	(axes: 1 | 2, op: string): LayerEmitter =>
	(inputs, context) => {
		const { builder, name } = context;
		const input = onlyInput(inputs, context, axes + 2);
		const channels = known(input.shape, -1, context);
		const ones = Array.from({ length: axes }, () => 1);
		const pooled = plainValue(builder, name, add(builder, name, op, [channelsFirst(builder, input)]), [
			'batch',
			channels,
			...ones,
		]);
		const keep = flagAt(context.config, 'keepdims', context, false);
		return reshape(builder, name, pooled, keep ? ['batch', ...ones, channels] : ['batch', channels]);
	};

export const poolingLayers: Readonly<Record<string, LayerEmitter>> = {
	MaxPooling1D: anyDataFormat(pooling(1, 'maximum')),
	MaxPooling2D: anyDataFormat(pooling(2, 'maximum')),
	AveragePooling1D: anyDataFormat(pooling(1, 'mean')),
	AveragePooling2D: anyDataFormat(pooling(2, 'mean')),
	GlobalAveragePooling1D: anyDataFormat(globalPooling(1, 'GlobalAveragePool')),
	GlobalAveragePooling2D: anyDataFormat(globalPooling(2, 'GlobalAveragePool')),
	GlobalMaxPooling1D: anyDataFormat(globalPooling(1, 'GlobalMaxPool')),
	GlobalMaxPooling2D: anyDataFormat(globalPooling(2, 'GlobalMaxPool')),
};
