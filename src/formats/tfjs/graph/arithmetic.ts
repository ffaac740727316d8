import { UserError } from '../../../errors.ts';
import { float, int } from '../../../model/attributes.ts';
import { add } from '../../graph-draft.ts';
import { elementwise, floats, plain, plainValue, type Shape, type Size, type Value } from '../builder.ts';
import { activations } from '../layers/activation.ts';
import { messages } from '../messages.ts';
import { numberAttribute } from './nodes.ts';
import { type GraphValue, type NodeContext, type NodeEmitter, tensorAt, tensorResult } from './values.ts';

const named =
	(activation: string): NodeEmitter =>
	(inputs, context) => {
		const value = tensorAt(inputs, 0, context);
		const apply = activations[activation];
		return tensorResult(apply === undefined ? value : apply(value, { builder: context.builder, name: context.node.name }));
	};

const unary =
	(op: string): NodeEmitter =>
	(inputs, context) =>
		tensorResult(elementwise(context.builder, context.node.name, op, tensorAt(inputs, 0, context)));

/** 1/√x and x² have no operator of their own. */
const reciprocalRoot: NodeEmitter = (inputs, context) => {
	const { builder, node } = context;
	const root = elementwise(builder, node.name, 'Sqrt', tensorAt(inputs, 0, context));
	return tensorResult(elementwise(builder, node.name, 'Reciprocal', root));
};

const square: NodeEmitter = (inputs, context) => {
	const value = tensorAt(inputs, 0, context);
	return tensorResult(elementwise(context.builder, context.node.name, 'Mul', value, [value.tensor]));
};

const leakyRelu: NodeEmitter = (inputs, context) =>
	tensorResult(
		elementwise(context.builder, context.node.name, 'LeakyRelu', tensorAt(inputs, 0, context), [], {
			alpha: float(numberAttribute(context.node, 'alpha', 0.2)),
		}),
	);

const prelu: NodeEmitter = (inputs, context) => {
	const { builder, node } = context;
	const [value, slope] = [tensorAt(inputs, 0, context), tensorAt(inputs, 1, context)];
	return tensorResult(
		plainValue(builder, node.name, add(builder, node.name, 'PRelu', [plain(builder, value), plain(builder, slope)]), value.shape),
	);
};

/** Sizes of shapes are added and multiplied in the reader. */
function foldSizes(op: string, inputs: readonly GraphValue[]): GraphValue | null {
	const [a, b] = inputs.map((input) =>
		input.kind === 'sizes'
			? input.sizes
			: input.kind === 'weight' && input.weight.kind === 'integer'
				? Array.from(input.weight.values)
				: null,
	);
	const fold = {
		Mul: (x: number, y: number) => x * y,
		Add: (x: number, y: number) => x + y,
		Sub: (x: number, y: number) => x - y,
	}[op];
	if (!a || !b || fold === undefined || !inputs.some(({ kind }) => kind === 'sizes')) {
		return null;
	}
	const length = Math.max(a.length, b.length);
	const sizes: Size[] = Array.from({ length }, (_, index) => {
		const [x, y] = [a[index] ?? a[0] ?? 1, b[index] ?? b[0] ?? 1];
		return x === 'batch' || y === 'batch' ? 'batch' : fold(x, y);
	});
	return { kind: 'sizes', sizes, single: length === 1 };
}

export const binary =
	(op: string): NodeEmitter =>
	(inputs, context) =>
		foldSizes(op, inputs) ??
		tensorResult(combine(op, tensorAt(inputs, 0, context), tensorAt(inputs, 1, context), inputs, context));

/** Two tensors with broadcasting; numbers for each channel follow a tensor that holds the channels first. */
function combine(op: string, a: Value, b: Value, inputs: readonly GraphValue[], context: NodeContext): Value {
	const { builder, node } = context;
	const shape = broadcast(a.shape, b.shape, context);
	if (a.order === 'channels-first' && b.order === 'channels-first' && a.shape.join() === b.shape.join()) {
		return { tensor: add(builder, node.name, op, [a.tensor, b.tensor]), shape, order: 'channels-first' };
	}
	for (const [big, small, swapped] of [
		[a, 1, false],
		[b, 0, true],
	] as const) {
		const other = inputs[small];
		const fits = other?.kind === 'weight' && other.weight.kind === 'float' && big.order === 'channels-first';
		if (
			fits &&
			(other.weight.values.length === 1 ||
				(other.weight.values.length === big.shape.at(-1) && other.weight.shape.at(-1) === other.weight.values.length))
		) {
			const places = Array.from({ length: big.shape.length - 2 }, () => 1);
			const dims = other.weight.values.length === 1 ? [] : [other.weight.values.length, ...places];
			const constant = floats(
				builder,
				dims.length > 0 ? `${other.weight.name}/channels` : `${other.weight.name}/scalar`,
				other.weight.values,
				dims,
			);
			const tensors = swapped ? [constant, big.tensor] : [big.tensor, constant];
			return { tensor: add(builder, node.name, op, tensors), shape, order: 'channels-first' };
		}
	}
	return plainValue(builder, node.name, add(builder, node.name, op, [plain(builder, a), plain(builder, b)]), shape);
}

/** Sums of several tensors, as TensorFlow's optimiser joins them. */
const addAll: NodeEmitter = (inputs, context) => {
	const [first, ...others] = inputs.map((_, index) => tensorAt(inputs, index, context));
	if (first === undefined) {
		throw new UserError(messages.wrongInput(context.node.file, context.node.name, 'one input or more', []));
	}
	return tensorResult(
		others.reduce(
			(sum, value, index) =>
				combine('Add', sum, value, [{ kind: 'tensor', value: sum }, inputs[index + 1] ?? { kind: 'tensor', value }], context),
			first,
		),
	);
};

function broadcast(a: Shape, b: Shape, { node }: NodeContext): Shape {
	const rank = Math.max(a.length, b.length);
	return Array.from({ length: rank }, (_, index) => {
		const [x, y] = [a[index + a.length - rank] ?? 1, b[index + b.length - rank] ?? 1];
		if (x !== y && x !== 1 && y !== 1) {
			throw new UserError(messages.wrongInput(node.file, node.name, `an input that fits [${a.join(', ')}]`, b));
		}
		return x === 1 ? y : x;
	});
}

const choose: NodeEmitter = (inputs, context) => {
	const { builder, node } = context;
	const values = [0, 1, 2].map((index) => tensorAt(inputs, index, context));
	const shape = values.map((value) => value.shape).reduce((one, other) => broadcast(one, other, context));
	return tensorResult(
		plainValue(
			builder,
			node.name,
			add(
				builder,
				node.name,
				'Where',
				values.map((value) => plain(builder, value)),
			),
			shape,
		),
	);
};

const dataTypes: Readonly<Record<string, number>> = { DT_FLOAT: 1, DT_INT32: 7, DT_INT64: 7, DT_BOOL: 9 };

const cast: NodeEmitter = (inputs, context) => {
	const [input] = inputs;
	if (input?.kind === 'sizes') {
		return input;
	}
	const { builder, node } = context;
	const target = node.attributes.DstT;
	const type = typeof target === 'object' && target !== null && 'type' in target ? String(target.type) : '';
	const code = dataTypes[type];
	if (code === undefined) {
		throw new UserError(messages.unsupportedOption(node.file, node.name, 'DstT', type, Object.keys(dataTypes).join(', ')));
	}
	return tensorResult(elementwise(builder, node.name, 'Cast', tensorAt(inputs, 0, context), [], { to: int(code) }));
};

const notEqual: NodeEmitter = (inputs, context) => {
	const equal = binary('Equal')(inputs, context);
	return equal.kind === 'tensor' ? tensorResult(elementwise(context.builder, context.node.name, 'Not', equal.value)) : equal;
};

const clip: NodeEmitter = (inputs, context) => {
	const { builder, node } = context;
	const bounds = [1, 2].map((index) => tensorAt(inputs, index, context).tensor);
	return tensorResult(elementwise(builder, node.name, 'Clip', tensorAt(inputs, 0, context), bounds));
};

export const arithmeticOperators: Readonly<Record<string, NodeEmitter>> = {
	Relu: named('relu'),
	Relu6: named('relu6'),
	Elu: named('elu'),
	Selu: named('selu'),
	Sigmoid: named('sigmoid'),
	Tanh: named('tanh'),
	Softplus: named('softplus'),
	Softmax: named('softmax'),
	Exp: unary('Exp'),
	Log: unary('Log'),
	Sqrt: unary('Sqrt'),
	Abs: unary('Abs'),
	Neg: unary('Neg'),
	Erf: unary('Erf'),
	Floor: unary('Floor'),
	Round: unary('Round'),
	Sign: unary('Sign'),
	Reciprocal: unary('Reciprocal'),
	LogicalNot: unary('Not'),
	Rsqrt: reciprocalRoot,
	Square: square,
	LeakyRelu: leakyRelu,
	Prelu: prelu,
	Add: binary('Add'),
	AddV2: binary('Add'),
	AddN: addAll,
	Sub: binary('Sub'),
	Mul: binary('Mul'),
	RealDiv: binary('Div'),
	Maximum: binary('Max'),
	Minimum: binary('Min'),
	Pow: binary('Pow'),
	BiasAdd: binary('Add'),
	Greater: binary('Greater'),
	GreaterEqual: binary('GreaterOrEqual'),
	Less: binary('Less'),
	LessEqual: binary('LessOrEqual'),
	Equal: binary('Equal'),
	NotEqual: notEqual,
	LogicalAnd: binary('And'),
	LogicalOr: binary('Or'),
	Select: choose,
	SelectV2: choose,
	Cast: cast,
	ClipByValue: clip,
};
