import { UserError } from '../../../errors.ts';
import { int } from '../../../model/attributes.ts';
import { add, closeState, openState } from '../../graph-draft.ts';
import { floats, plain, plainValue, type Shape, type Value } from '../builder.ts';
import { numberAt } from '../json.ts';
import { messages } from '../messages.ts';
import { known, type LayerContext, type LayerEmitter, onlyInput, weightOf } from './context.ts';

/**
 * The layers of our own spiking LayersModels. There, time is folded into the batch ([T·N, …]); here, they become one timestep
 * that is run again and again: repeating is feeding the same input, and sums over time become states.
 */

/** Notes how many timesteps a layer stands for. @throws UserError if another layer says something else */
function noteTimesteps(context: LayerContext): void {
	const { builder, config, file, name } = context;
	const timesteps = numberAt(config, 'timesteps', context);
	if (
		!Number.isSafeInteger(timesteps) ||
		timesteps < 1 ||
		(builder.timesteps.count !== null && builder.timesteps.count !== timesteps)
	) {
		const expected =
			builder.timesteps.count === null ? 'a whole number from 1' : `${builder.timesteps.count}, as in the other layers,`;
		throw new UserError(messages.unsupportedOption(file, name, 'timesteps', String(timesteps), expected));
	}
	builder.timesteps.count = timesteps;
}

/** The state of a layer: a layer that is used twice would have two. */
function ownState({ builder, name, file }: LayerContext, suffix: string, shape: Shape): string {
	const input = `${name}.${suffix}`;
	if (builder.inputs.some((known) => known.name === input)) throw new UserError(messages.shared(file, name));
	return openState(builder, input, shape);
}

/** The same input at every timestep: what one timestep sees is the input. */
const repeat: LayerEmitter = (inputs, context) => {
	noteTimesteps(context);
	return onlyInput(inputs, context);
};

/**
 * u ← leak · u + input; a spike where u > threshold; u ← u − threshold · spike.
 *
 * Weights: "threshold" and "leak", one number or one for each channel. The membrane potential starts at zero.
 */
const leakyIntegrateAndFire: LayerEmitter = (inputs, context) => {
	const { builder, name } = context;
	const input = onlyInput(inputs, context);
	noteTimesteps(context);
	const shape = tensorShape(input);
	const before = ownState(context, 'membrane', shape);
	builder.spiking.push(name);
	const leak = parameter('leak', input, context);
	const threshold = parameter('threshold', input, context);
	const leaked = add(builder, name, 'Mul', [before, leak]);
	const membrane = add(builder, name, 'Add', [leaked, input.tensor]);
	const fires = add(builder, name, 'Greater', [membrane, threshold]);
	const spikes = add(builder, name, 'Cast', [fires], { to: int(1) }, `${name}.spikes`);
	const fall = add(builder, name, 'Mul', [spikes, threshold]);
	closeState(context.builder, before, add(builder, name, 'Sub', [membrane, fall], {}, `${name}.membrane.next`), shape);
	return { ...input, tensor: spikes };
};

/** The sum over timesteps so far. */
const sum: LayerEmitter = (inputs, context) => {
	const { builder, name } = context;
	const input = onlyInput(inputs, context);
	noteTimesteps(context);
	const before = ownState(context, 'before', input.shape);
	const tensor = add(builder, name, 'Add', [before, plain(builder, input)], {}, `${name}.sum`);
	closeState(context.builder, before, tensor, input.shape);
	builder.timesteps.summed = true;
	return plainValue(builder, name, tensor, input.shape);
};

/** The dimensions of the tensor itself, which may hold the channels first. */
function tensorShape({ shape, order }: Value): Shape {
	return order === 'plain' ? shape : [shape[0] ?? 'batch', shape.at(-1) ?? 1, ...shape.slice(1, -1)];
}

function parameter(field: string, input: Value, context: LayerContext): string {
	const { builder, file } = context;
	const { name, values, shape } = weightOf(context, field);
	if (values.length === 1) {
		return floats(builder, name, values, []);
	}
	const channels = known(input.shape, -1, context);
	if (shape.length !== 1 || values.length !== channels) {
		throw new UserError(messages.weightShape(file, name, shape, [channels]));
	}
	const places = input.order === 'plain' ? 0 : input.shape.length - 2;
	return floats(builder, name, values, [channels, ...Array.from({ length: places }, () => 1)]);
}

export const spikingLayers: Readonly<Record<string, LayerEmitter>> = {
	RepeatOverTimesteps: repeat,
	LeakyIntegrateAndFire: leakyIntegrateAndFire,
	SumOverTimesteps: sum,
};
