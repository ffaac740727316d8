import { UserError } from '../../../errors.ts';
import { flagAt, numberAt } from '../json.ts';
import { messages } from '../messages.ts';
import { normalize } from '../normalize.ts';
import { known, type LayerContext, type LayerEmitter, onlyInput, weightOf } from './context.ts';
import { channelsNamedFirst, channelsNamedLast } from './data-format.ts';

const batchNormalization: LayerEmitter = (inputs, context) => {
	const { builder, name, config, file } = context;
	const input = onlyInput(inputs, context);
	// Keras writes the axis as a list.
	const axis = Array.isArray(config.axis) && config.axis.length === 1 ? config.axis[0] : (config.axis ?? -1);
	if (axis === 1 && input.shape.length > 2) {
		const renamed = batchNormalization([channelsNamedLast(builder, input)], { ...context, config: { ...config, axis: -1 } });
		return channelsNamedFirst(builder, renamed);
	}
	if (axis !== -1 && axis !== input.shape.length - 1) {
		throw new UserError(messages.unsupportedOption(file, name, 'axis', JSON.stringify(config.axis), 'the last axis'));
	}
	const channels = known(input.shape, -1, context);
	return normalize(builder, name, input, {
		gamma: parameter(context, 'gamma', channels, flagAt(config, 'scale', context, true), 1),
		beta: parameter(context, 'beta', channels, flagAt(config, 'center', context, true), 0),
		mean: parameter(context, 'moving_mean', channels, true, 0),
		variance: parameter(context, 'moving_variance', channels, true, 1),
		epsilon: numberAt(config, 'epsilon', context, 1e-3),
	});
};

function parameter(context: LayerContext, weight: string, channels: number, stored: boolean, standard: number): Float32Array {
	return stored ? Float32Array.from(weightOf(context, weight, [channels]).values) : new Float32Array(channels).fill(standard);
}

export const normalizationLayers: Readonly<Record<string, LayerEmitter>> = { BatchNormalization: batchNormalization };
