import { UserError } from '../../../errors.ts';
import { int } from '../../../model/attributes.ts';
import { add } from '../../graph-draft.ts';
import { channelsFirst, channelsFirstValue, plain, plainValue, type Shape, scalar, type Value } from '../builder.ts';
import { numberAt } from '../json.ts';
import { messages } from '../messages.ts';
import type { LayerContext, LayerEmitter } from './context.ts';

/** All in one order of axes: channels first where all are already, so that residual sums turn nothing. */
function alike(inputs: readonly Value[], context: LayerContext): { tensors: string[]; order: Value['order'] } {
	const order = inputs.every((input) => input.order === 'channels-first') ? 'channels-first' : 'plain';
	const turn = order === 'plain' ? plain : channelsFirst;
	return { tensors: inputs.map((input) => turn(context.builder, input)), order };
}

const valueIn = (order: Value['order'], context: LayerContext, tensor: string, shape: Shape): Value =>
	(order === 'plain' ? plainValue : channelsFirstValue)(context.builder, context.name, tensor, shape);

function several(inputs: readonly Value[], context: LayerContext): readonly [Value, ...Value[]] {
	const [first, ...others] = inputs;
	if (first === undefined || others.length === 0) {
		throw new UserError(messages.wrongInput(context.file, context.name, 'two or more inputs', first?.shape ?? []));
	}
	return [first, ...others];
}

const merge =
	(op: string, finish?: (sum: string, count: number, context: LayerContext) => string): LayerEmitter =>
	(inputs, context) => {
		const [first, ...others] = several(inputs, context);
		const different = others.find((other) => other.shape.join() !== first.shape.join());
		if (different !== undefined) {
			throw new UserError(
				messages.wrongInput(context.file, context.name, `inputs that are all [${first.shape.join(', ')}]`, different.shape),
			);
		}
		const { tensors, order } = alike(inputs, context);
		const all = tensors.reduce((sum, tensor) => add(context.builder, context.name, op, [sum, tensor]));
		return valueIn(order, context, finish?.(all, tensors.length, context) ?? all, first.shape);
	};

const concatenate: LayerEmitter = (inputs, context) => {
	const [first] = several(inputs, context);
	const rank = first.shape.length;
	const given = numberAt(context.config, 'axis', context, -1);
	const axis = given < 0 ? given + rank : given;
	const rest = (shape: Shape) => shape.map((size, index) => (index === axis ? '' : size)).join();
	const different = inputs.find((input) => input.shape.length !== rank || rest(input.shape) !== rest(first.shape));
	if (different !== undefined || axis < 1 || axis >= rank) {
		throw new UserError(
			messages.wrongInput(context.file, context.name, `inputs that differ in axis ${axis} only`, (different ?? first).shape),
		);
	}
	const { tensors, order } = alike(inputs, context);
	const along = order === 'plain' ? axis : axis === rank - 1 ? 1 : axis + 1;
	const size = inputs.reduce((sum, input) => sum + Number(input.shape[axis]), 0);
	const tensor = add(context.builder, context.name, 'Concat', tensors, { axis: int(along) });
	return valueIn(
		order,
		context,
		tensor,
		first.shape.map((one, index) => (index === axis ? size : one)),
	);
};

export const mergeLayers: Readonly<Record<string, LayerEmitter>> = {
	Add: merge('Add'),
	Subtract: merge('Sub'),
	Multiply: merge('Mul'),
	Maximum: merge('Max'),
	Minimum: merge('Min'),
	Average: merge('Add', (sum, count, { builder, name }) => add(builder, name, 'Mul', [sum, scalar(builder, name, 1 / count)])),
	Concatenate: concatenate,
};
