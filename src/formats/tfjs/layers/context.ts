import { UserError } from '../../../errors.ts';
import { type Builder, floats, type Shape, type Value } from '../builder.ts';
import { type JsonObject, type Place, textAt } from '../json.ts';
import { messages } from '../messages.ts';
import type { Weight } from '../weights.ts';

/** What a layer needs to become operators. */
export interface LayerContext extends Place {
	readonly builder: Builder;
	/** The layer's name in the model. */
	readonly name: string;
	readonly config: JsonObject;
	readonly weights: ReadonlyMap<string, Weight>;
}

/** Writes one use of a layer. */
export type LayerEmitter = (inputs: readonly Value[], context: LayerContext) => Value;

/** The layer's weight of that name ("kernel"), checked against its shape. */
export function weightOf(context: LayerContext, weight: string, shape?: readonly (number | string)[]): Weight {
	const { name, weights, file } = context;
	const full = `${name}/${weight}`;
	// Converters from Keras may put the names of enclosing models or scopes in front, and TensorFlow the number of the output behind.
	const bare = (candidate: string): string => candidate.replace(/:0$/, '');
	const found =
		weights.get(full) ??
		[...weights.values()].find((candidate) => bare(candidate.name) === full) ??
		[...weights.values()].find((candidate) => bare(candidate.name).endsWith(`/${full}`));
	if (found === undefined || found.kind !== 'float') {
		throw new UserError(messages.weightMissing(file, name, full));
	}
	const fits =
		shape === undefined ||
		(shape.length === found.shape.length && shape.every((size, axis) => typeof size === 'string' || size === found.shape[axis]));
	if (!fits) {
		throw new UserError(messages.weightShape(file, found.name, found.shape, shape ?? []));
	}
	return found;
}

/** The weight as a constant under its own name. */
export function weightConstant(context: LayerContext, weight: string, shape: readonly (number | string)[]): string {
	const found = weightOf(context, weight, shape);
	return floats(context.builder, found.name, found.values, found.shape);
}

export function onlyInput(inputs: readonly Value[], context: LayerContext, rank?: number, expected?: string): Value {
	const [input] = inputs;
	if (input === undefined || inputs.length !== 1 || (rank !== undefined && input.shape.length !== rank)) {
		throw new UserError(messages.wrongInput(context.file, context.name, expected ?? 'one input', input?.shape ?? []));
	}
	return input;
}

/** A size that is known: every one but the batch. */
export function known(shape: Shape, axis: number, context: Pick<LayerContext, 'file' | 'name'>): number {
	const size = shape.at(axis);
	if (typeof size !== 'number') {
		throw new UserError(messages.wrongInput(context.file, context.name, 'known sizes', shape));
	}
	return size;
}

/** Refuses every value of an option but those that are read. */
export function only(context: LayerContext, option: string, standard: string, allowed: readonly string[]): string {
	const value =
		context.config[option] === undefined || context.config[option] === null ? standard : textAt(context.config, option, context);
	if (!allowed.includes(value)) {
		throw new UserError(
			messages.unsupportedOption(context.file, context.name, option, `"${value}"`, allowed.map((one) => `"${one}"`).join(' or ')),
		);
	}
	return value;
}
