import { type Builder, channelsFirst, plain, type Value } from '../builder.ts';
import { applyActivation } from './activation.ts';
import { type LayerEmitter, only } from './context.ts';

/**
 * A layer whose data may be [batch, channels, …] ("channels_first"): the same layer on the same tensor, whose axes are only named
 * otherwise while it works.
 */
export const anyDataFormat =
	(emit: LayerEmitter): LayerEmitter =>
	(inputs, context) => {
		const { builder, config } = context;
		if (only(context, 'data_format', 'channels_last', ['channels_last', 'channels_first']) === 'channels_last') {
			return emit(inputs, context);
		}
		const last = { ...config, data_format: 'channels_last', activation: null };
		const output = emit(
			inputs.map((input) => channelsNamedLast(builder, input)),
			{ ...context, config: last },
		);
		return applyActivation(channelsNamedFirst(builder, output), config.activation, context);
	};

/** [batch, channels, …] seen as [batch, …, channels] that holds the channels first. */
export function channelsNamedLast(builder: Builder, value: Value): Value {
	const [batch = 'batch', channels = 1, ...places] = value.shape;
	if (places.length === 0) {
		return value;
	}
	if (builder.inputs.some(({ name }) => name === value.tensor)) {
		builder.channelsFirstInputs.add(value.tensor);
	}
	return { tensor: plain(builder, value), shape: [batch, ...places, channels], order: 'channels-first' };
}

export function channelsNamedFirst(builder: Builder, value: Value): Value {
	const [batch = 'batch', ...rest] = value.shape;
	if (rest.length < 2) {
		return value;
	}
	return {
		tensor: channelsFirst(builder, value),
		shape: [batch, rest.at(-1) ?? 1, ...rest.slice(0, -1)],
		order: 'plain',
	};
}
