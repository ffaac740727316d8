import { UserError } from '../../../errors.ts';
import { float, int } from '../../../model/attributes.ts';
import { lookUp } from '../../../model/look-up.ts';
import { add } from '../../graph-draft.ts';
import { elementwise, floats, plain, plainValue, scalar, type Value } from '../builder.ts';
import { isObject, type Json, numberAt } from '../json.ts';
import { messages } from '../messages.ts';
import { type LayerContext, type LayerEmitter, onlyInput, weightOf } from './context.ts';

type Activation = (value: Value, context: Pick<LayerContext, 'builder' | 'name'>) => Value;

const single =
	(op: string): Activation =>
	(value, { builder, name }) =>
		elementwise(builder, name, op, value);

const clipped =
	(least: number, most: number): Activation =>
	(value, { builder, name }) =>
		elementwise(builder, name, 'Clip', value, [scalar(builder, name, least), scalar(builder, name, most)]);

const softmax: Activation = (value, { builder, name }) =>
	plainValue(builder, name, add(builder, name, 'Softmax', [plain(builder, value)], { axis: int(-1) }), value.shape);

/** x · σ(x) */
const swish: Activation = (value, { builder, name }) => {
	const gate = add(builder, name, 'Sigmoid', [value.tensor]);
	return elementwise(builder, name, 'Mul', value, [gate]);
};

/** x · Φ(x), with the error function. */
const gelu: Activation = (value, { builder, name }) => {
	const scaled = add(builder, name, 'Mul', [value.tensor, scalar(builder, name, Math.SQRT1_2)]);
	const raised = add(builder, name, 'Add', [add(builder, name, 'Erf', [scaled]), scalar(builder, name, 1)]);
	const gate = add(builder, name, 'Mul', [raised, scalar(builder, name, 0.5)]);
	return elementwise(builder, name, 'Mul', value, [gate]);
};

/** Activations by the names that tfjs and Keras write. */
export const activations: Readonly<Record<string, Activation>> = {
	linear: (value) => value,
	relu: single('Relu'),
	relu6: clipped(0, 6),
	sigmoid: single('Sigmoid'),
	tanh: single('Tanh'),
	elu: single('Elu'),
	selu: single('Selu'),
	softplus: single('Softplus'),
	softsign: single('Softsign'),
	softmax,
	swish,
	silu: swish,
	gelu,
	exponential: single('Exp'),
	hard_sigmoid: (value, { builder, name }) =>
		elementwise(builder, name, 'HardSigmoid', value, [], { alpha: float(0.2), beta: float(0.5) }),
};

/** Applies the activation that a configuration names; none where it is null. */
export function applyActivation(value: Value, activation: Json | undefined, context: LayerContext): Value {
	const named = isObject(activation) ? activation.class_name : activation;
	if (named === undefined || named === null) {
		return value;
	}
	const key = String(named)
		.replace(/(?<=[a-z])[A-Z]/g, (letter) => `_${letter}`)
		.toLowerCase();
	const apply = lookUp(activations, key);
	if (apply === undefined) {
		throw new UserError(messages.unknownActivation(context.file, context.name, String(named), Object.keys(activations)));
	}
	return apply(value, context);
}

const activation: LayerEmitter = (inputs, context) =>
	applyActivation(onlyInput(inputs, context), context.config.activation, context);

/** max(0, x), with the options of Keras: another slope below the threshold, an upper bound. */
const relu: LayerEmitter = (inputs, context) => {
	const { builder, name, config, file } = context;
	const value = onlyInput(inputs, context);
	const slope = numberAt(config, 'negative_slope', context, 0);
	if (numberAt(config, 'threshold', context, 0) !== 0) {
		throw new UserError(messages.unsupportedOption(file, name, 'threshold', String(config.threshold), '0'));
	}
	const most = config.max_value ?? config.maxValue ?? null;
	const lower =
		slope === 0
			? elementwise(builder, name, 'Relu', value)
			: elementwise(builder, name, 'LeakyRelu', value, [], { alpha: float(slope) });
	return typeof most === 'number' ? elementwise(builder, name, 'Min', lower, [scalar(builder, name, most)]) : lower;
};

const leakyRelu: LayerEmitter = (inputs, context) => {
	const alpha = numberAt(context.config, context.config.negative_slope === undefined ? 'alpha' : 'negative_slope', context, 0.3);
	return elementwise(context.builder, context.name, 'LeakyRelu', onlyInput(inputs, context), [], { alpha: float(alpha) });
};

const elu: LayerEmitter = (inputs, context) =>
	elementwise(context.builder, context.name, 'Elu', onlyInput(inputs, context), [], {
		alpha: float(numberAt(context.config, 'alpha', context, 1)),
	});

const thresholdedRelu: LayerEmitter = (inputs, context) =>
	elementwise(context.builder, context.name, 'ThresholdedRelu', onlyInput(inputs, context), [], {
		alpha: float(numberAt(context.config, 'theta', context, 1)),
	});

const prelu: LayerEmitter = (inputs, context) => {
	const { builder, name } = context;
	const input = onlyInput(inputs, context);
	const { values, shape, name: weight } = weightOf(context, 'alpha');
	const slope = floats(builder, weight, values, shape);
	return plainValue(builder, name, add(builder, name, 'PRelu', [plain(builder, input), slope]), input.shape);
};

/** x · scale + offset, as models begin with that take bytes. */
const rescaling: LayerEmitter = (inputs, context) => {
	const { builder, name, config } = context;
	const input = onlyInput(inputs, context);
	const factor = numberAt(config, 'scale', context);
	const offset = numberAt(config, 'offset', context, 0);
	const scaled = elementwise(builder, name, 'Mul', input, [scalar(builder, name, factor)]);
	return offset === 0 ? scaled : elementwise(builder, name, 'Add', scaled, [scalar(builder, name, offset)]);
};

const softmaxLayer: LayerEmitter = (inputs, context) => {
	const { builder, name } = context;
	const input = onlyInput(inputs, context);
	const axis = numberAt(context.config, 'axis', context, -1);
	return plainValue(builder, name, add(builder, name, 'Softmax', [plain(builder, input)], { axis: int(axis) }), input.shape);
};

export const activationLayers: Readonly<Record<string, LayerEmitter>> = {
	Activation: activation,
	ReLU: relu,
	LeakyReLU: leakyRelu,
	PReLU: prelu,
	ELU: elu,
	ThresholdedReLU: thresholdedRelu,
	Softmax: softmaxLayer,
	Rescaling: rescaling,
};
