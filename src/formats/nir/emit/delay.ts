import { UserError } from '../../../errors.ts';
import { int } from '../../../model/attributes.ts';
import { elementCount } from '../../../model/tensors.ts';
import { integers } from '../../graph-draft.ts';
import { assumptions, messages } from '../messages.ts';
import type { NirDelay } from '../records.ts';
import { add, closeState, openState } from './builder.ts';
import type { EmitContext } from './context.ts';
import { type Parameter, parameterOf } from './parameters.ts';

/** A longer history than this would be copied at every timestep; the timestep is then too small. */
const mostSteps = 1024;

/** Whole timesteps of every element's delay. */
export function delaySteps(record: NirDelay, dt: number): number[] {
	return Array.from(record.delay.values, (seconds) => Math.round(seconds / dt));
}

/** The output of a delay, from a history of the last inputs, and the function that closes it once the input is known. */
export interface DelayLine {
	readonly output: string;
	readonly close: (input: string) => void;
}

/**
 * S(t − delay): a history of the last inputs, newest first, from which every element picks its own.
 *
 * The history is a state of shape [steps, elements]. Where every delay is at least one timestep, the output does not need this
 * timestep's input (`context.input` may be empty), so the delay may lie in a loop.
 *
 * @throws UserError if a delay is negative or longer than {@link mostSteps} timesteps
 */
export function delayLine(record: NirDelay, context: EmitContext): DelayLine {
	const { builder, name, outputShape, file } = context;
	const seconds = parameterOf(record.delay, 'delay', context);
	const all: readonly number[] = delaySteps(record, context.dt);
	const shortest = Math.min(...all);
	const longest = Math.max(...all);
	if (shortest < 0) {
		throw new UserError(messages.notPositive(file, name, 'delay', shortest * context.dt));
	}
	if (longest > mostSteps) {
		throw new UserError(messages.longDelay(file, name, longest, mostSteps));
	}
	if (longest === 0) {
		return { output: context.input, close: () => undefined };
	}
	if (record.delay.values.some((value) => Math.abs(value / context.dt - Math.round(value / context.dt)) > 1e-3)) {
		context.notes.push(assumptions.delayRounded(name));
	}
	const elements = elementCount(outputShape);
	const steps = perElement(seconds, outputShape).map((value) => Math.round(value / context.dt));
	const history = openState(builder, `${name}.history`, [longest, elements]);
	const axis = { axis: int(1) } as const;
	/** From rows of [steps, elements], the row of every element. */
	const pick = (rows: string, count: number, rowOf: (delay: number) => number): string => {
		const flat = integers(builder, `${name}.flat`, [0, count * elements]);
		const flatRows = add(builder, name, 'Reshape', [rows, flat], `${name}.rows.flat`);
		const index = steps.map((delay, element) => rowOf(delay) * elements + element);
		const picked = add(builder, name, 'Gather', [flatRows, integers(builder, `${name}.index`, index)], `${name}.picked`, axis);
		return add(builder, name, 'Reshape', [picked, integers(builder, `${name}.shape`, [0, ...outputShape])], `${name}.output`);
	};
	const withNewest = (input: string): string => {
		const newest = add(builder, name, 'Reshape', [input, integers(builder, `${name}.row`, [0, 1, elements])], `${name}.newest`);
		return add(builder, name, 'Concat', [newest, history], `${name}.rows`, axis);
	};
	const forget = (rows: string): void => {
		const [from, to, along] = [
			integers(builder, `${name}.from`, [0]),
			integers(builder, `${name}.to`, [longest]),
			integers(builder, `${name}.along`, [1]),
		];
		const next = add(builder, name, 'Slice', [rows, from, to, along], `${name}.history.next`);
		closeState(builder, history, next, [longest, elements]);
	};
	if (shortest > 0) {
		return { output: pick(history, longest, (delay) => delay - 1), close: (input) => forget(withNewest(input)) };
	}
	const rows = withNewest(context.input);
	forget(rows);
	return { output: pick(rows, longest + 1, (delay) => delay), close: () => undefined };
}

function perElement(parameter: Parameter, shape: readonly number[]): number[] {
	const count = elementCount(shape);
	if (typeof parameter === 'number') {
		return new Array<number>(count).fill(parameter);
	}
	return Array.from({ length: count }, (_, element) => {
		let index = 0;
		let stride = 1;
		let rest = element;
		for (let axis = shape.length - 1; axis >= 0; axis--) {
			const size = shape[axis] ?? 1;
			const own = parameter.shape[axis] ?? 1;
			index += own === 1 ? 0 : (rest % size) * stride;
			stride *= own;
			rest = Math.floor(rest / size);
		}
		return parameter.values[index] ?? 0;
	});
}
