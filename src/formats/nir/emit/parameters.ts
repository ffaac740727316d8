import { UserError } from '../../../errors.ts';
import { elementCount } from '../../../model/tensors.ts';
import { assumptions, messages } from '../messages.ts';
import type { NirArray } from '../records.ts';
import type { Shape } from '../shapes.ts';
import { floats } from './builder.ts';
import type { EmitContext } from './context.ts';

/** A parameter of a neuron layer: one number for all neurons, or one for each. */
export type Parameter = number | { readonly shape: Shape; readonly values: ArrayLike<number> };

/**
 * A parameter in the shape of the neurons; arrays of equal numbers become one number.
 * @throws UserError if its shape fits the neurons neither one by one nor by channel
 */
export function parameterOf(array: NirArray, field: string, context: EmitContext): Parameter {
	const { values, shape } = array;
	const [first] = values;
	const neurons = context.outputShape;
	if (first !== undefined && values.every((value) => value === first)) {
		return first;
	}
	if (shape.length === neurons.length && shape.every((size, axis) => size === neurons[axis] || size === 1)) {
		return { shape, values };
	}
	if (values.length === elementCount(neurons)) {
		return { shape: neurons, values };
	}
	if (shape.length === 1 && neurons.length > 1 && shape[0] === neurons[0]) {
		context.notes.push(assumptions.perChannel(context.name, field));
		return { shape: [shape[0] ?? 1, ...neurons.slice(1).map(() => 1)], values };
	}
	throw new UserError(messages.parameterShape(context.file, context.name, field, shape, neurons));
}

/** dt / tau, in double precision, for a time constant in seconds. @throws UserError where forward Euler cannot work */
export function stepFraction(tau: NirArray, field: string, context: EmitContext): Parameter {
	const smallest = Array.from(tau.values).reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
	if (!(smallest > 0)) {
		throw new UserError(messages.notPositive(context.file, context.name, field, smallest));
	}
	if (context.dt > 2 * smallest * (1 + 1e-6)) {
		throw new UserError(messages.stepTooLarge(context.file, context.name, field, smallest, context.dt));
	}
	return mapParameter(parameterOf(tau, field, context), (value) => context.dt / value);
}

export function mapParameter(parameter: Parameter, change: (value: number) => number): Parameter {
	return typeof parameter === 'number'
		? change(parameter)
		: { shape: parameter.shape, values: Float64Array.from(parameter.values, change) };
}

/** The constant tensor of a parameter. */
export function constantOf(parameter: Parameter, suffix: string, context: EmitContext): string {
	const name = `${context.name}.${suffix}`;
	return typeof parameter === 'number'
		? floats(context.builder, name, [parameter], [])
		: floats(context.builder, name, parameter.values, parameter.shape);
}

/** Whether dt/τ·r is 1 for every neuron, as exporters write it that have a leak and no gain. */
export function unitGain(tau: NirArray, r: NirArray, { dt }: EmitContext): boolean {
	const [most, least] = tau.values.length >= r.values.length ? [tau, r] : [r, tau];
	if (least.values.length !== 1 && least.values.length !== most.values.length) return false;
	// The file may hold float32, whose neighbours are 1.2e-7 apart.
	return most.values.every((_, index) => {
		const [time, gain] = [tau, r].map(({ values }) => values[values.length === 1 ? 0 : index] ?? Number.NaN) as [number, number];
		return Math.abs((dt / time) * gain - 1) < 1e-6;
	});
}
