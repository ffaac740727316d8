import { UserError } from '../../../errors.ts';
import { lookUp } from '../../../model/look-up.ts';
import { reshape } from '../builder.ts';
import { isObject, malformed, objectAt, textAt } from '../json.ts';
import { messages } from '../messages.ts';
import { known, type LayerEmitter, onlyInput } from './context.ts';

/** The inner layer on every timestep of [batch, timesteps, …]: the timesteps become part of the batch and come back. */
export const timeDistributed =
	(layers: Readonly<Record<string, LayerEmitter>>): LayerEmitter =>
	(inputs, context) => {
		const { builder, name, file } = context;
		const input = onlyInput(inputs, context);
		if (input.shape.length < 3) {
			throw new UserError(messages.wrongInput(file, name, '[batch, timesteps, …]', input.shape));
		}
		const inner = objectAt(context.config, 'layer', context);
		const type = textAt(inner, 'class_name', context);
		const config = inner.config;
		const emit = lookUp(layers, type);
		if (emit === undefined) {
			throw new UserError(messages.unknownLayer(file, name, `TimeDistributed ${type}`, Object.keys(layers)));
		}
		if (!isObject(config)) {
			throw malformed(context, 'layer', config, 'an object with a configuration');
		}
		const timesteps = known(input.shape, 1, context);
		const merged = reshape(builder, name, input, ['batch', ...input.shape.slice(2)]);
		const output = emit([merged], { ...context, config });
		return reshape(builder, name, output, ['batch', timesteps, ...output.shape.slice(1)]);
	};
