/** Operators that work element by element. */
import { floatAttribute, intAttribute } from '../attributes.ts';
import type { GraphNode } from '../graph.ts';
import { aligned } from './axes.ts';
import type { Form, OperatorFacts, Rate, ValueCall, ValueRule } from './facts.ts';
import { surrogateLeftover } from './surrogate.ts';
import {
	between,
	boundsOf,
	finite,
	finitelyMany,
	isDiscrete,
	isIntegral,
	isSpiking,
	listed,
	longestList,
	paired,
	rounded,
	unbounded,
	union,
	type ValueSet,
} from './value-set.ts';

const each = (values: ValueRule | undefined, rest: Partial<OperatorFacts> = {}): OperatorFacts => ({
	elements: 'each',
	axes: aligned,
	...(values ? { values } : {}),
	...rest,
});

const first = ({ node, of }: ValueCall): ValueSet => of(node.inputs[0] ?? '');
const inputs = ({ node, of }: ValueCall): ValueSet[] => node.inputs.filter((name) => name !== '').map(of);

/** One input, a function of its value; `ofNumbers` says what is known when the input is any number. */
const unary =
	(
		apply: (value: number, node: GraphNode) => number,
		ofNumbers: (low: number, high: number) => ValueSet = () => unbounded,
	): ValueRule =>
	(call) => {
		const set = first(call);
		if (set.kind === 'any') return ofNumbers(set.low, set.high);
		return listed(set, (value) => Math.fround(apply(value, call.node))) ?? set;
	};

/** Grows with its input. */
const monotone = (apply: (value: number) => number): ValueRule => unary(apply, (low, high) => between(apply(low), apply(high)));

const rounding = (apply: (value: number) => number): ValueRule => unary(apply, (low, high) => rounded(apply(low), apply(high)));

/** Halves to even, as ONNX does. */
const nearest = (value: number): number => {
	const up = Math.round(value);
	return Math.abs(value % 1) === 0.5 && up % 2 !== 0 ? up - 1 : up;
};

const sign = unary(Math.sign, (low, high) =>
	finite(
		[-1, 0, 1].filter((value) => value >= Math.sign(low) && value <= Math.sign(high)),
		true,
	),
);

/** A smooth function: few values stay few where 0 stays 0; of numbers only the bounds are known. */
const curve =
	(low: number, high: number, keepsZero: boolean): ValueRule =>
	(call) => {
		const set = first(call);
		return keepsZero && isDiscrete(set)
			? set.kind === 'finite' && set.values.join() === '0'
				? set
				: finitelyMany([set])
			: between(low, high);
	};

type Interval = readonly [low: number, high: number];
type IntervalRule = (a: Interval, b: Interval) => Interval;

/** Two inputs or more, pair by pair. */
function folded(apply: (a: number, b: number) => number, bounds: IntervalRule): ValueRule {
	return (call) => {
		const [start = unbounded, ...others] = inputs(call);
		let set = start;
		for (const other of others) {
			const exact = paired(set, other, (a, b) => Math.fround(apply(a, b)));
			if (exact) set = exact;
			else if (isDiscrete(set) && isDiscrete(other)) set = finitelyMany([set, other]);
			else {
				const kept = surrogateLeftover(call.node, call.producer);
				if (kept !== null) return call.of(kept);
				set = between(...bounds(boundsOf(set), boundsOf(other)));
			}
		}
		return set;
	};
}

const products: IntervalRule = ([a, b], [c, d]) => {
	const ends = [a * c, a * d, b * c, b * d];
	return ends.some(Number.isNaN) ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] : [Math.min(...ends), Math.max(...ends)];
};

const divided: ValueRule = (call) => {
	const [a, b] = [call.of(call.node.inputs[0] ?? ''), call.of(call.node.inputs[1] ?? '')];
	const zero = b.kind !== 'finite' || b.values.includes(0);
	if (zero && b.kind !== 'any' && isDiscrete(a)) return unbounded;
	return folded(
		(x, y) => x / y,
		(x, [low, high]) => (zero ? [Number.NaN, 0] : products(x, [1 / high, 1 / low])),
	)(call);
};

const power: ValueRule = (call) => {
	const [base, exponent] = [call.of(call.node.inputs[0] ?? ''), call.of(call.node.inputs[1] ?? '')];
	const only = exponent.kind === 'finite' && exponent.values.length === 1 ? exponent.values[0] : undefined;
	if (only === 1) return base;
	const exact = paired(base, exponent, (a, b) => Math.fround(a ** b));
	if (exact) return exact;
	if (isDiscrete(base) && isDiscrete(exponent)) return finitelyMany([base, exponent]);
	return only !== undefined && only % 2 === 0 ? between(0, Number.POSITIVE_INFINITY) : unbounded;
};

const remainder: ValueRule = (call) => {
	const [a, b] = [call.of(call.node.inputs[0] ?? ''), call.of(call.node.inputs[1] ?? '')];
	if (b.kind === 'finite' && b.values.includes(0)) return unbounded;
	const likeDividend = intAttribute(call.node, 'fmod', 0) === 1;
	const exact = paired(a, b, (x, y) => Math.fround(likeDividend ? x % y : x - Math.floor(x / y) * y));
	return exact ?? (isDiscrete(a) && isDiscrete(b) ? finitelyMany([a, b]) : unbounded);
};

const clipped: ValueRule = (call) => {
	const set = first(call);
	const low = bound(call, 'min', 1, Number.NEGATIVE_INFINITY);
	const high = bound(call, 'max', 2, Number.POSITIVE_INFINITY);
	if (set.kind === 'any') return between(Math.max(low, set.low), Math.min(high, set.high));
	const cut = listed(set, (value) => Math.min(high, Math.max(low, value)));
	if (cut) return cut;
	if (isIntegral(set) && high - low <= longestList) {
		const whole = Array.from({ length: Math.floor(high) - Math.ceil(low) + 1 }, (_, step) => Math.ceil(low) + step);
		return finite([...whole, low, high], isSpiking(set));
	}
	return set;
};

function bound({ node, of }: ValueCall, name: string, position: number, open: number): number {
	const attribute = node.attributes.get(name);
	if (attribute?.kind === 'float') return attribute.value;
	const input = node.inputs[position];
	const set = input ? of(input) : unbounded;
	return set.kind === 'finite' && set.values.length === 1 ? (set.values[0] as number) : open;
}

/** A parameter by channel decides the slope below 0. */
const parametric: ValueRule = (call) => {
	const [x, slope] = [call.of(call.node.inputs[0] ?? ''), call.of(call.node.inputs[1] ?? '')];
	return paired(x, slope, (a, s) => Math.fround(a < 0 ? a * s : a)) ?? (isDiscrete(x) ? finitelyMany([x]) : unbounded);
};

const floatTypes: readonly number[] = [1, 10, 11, 16];
const boolType = 9;

const cast: ValueRule = (call) => {
	const set = first(call);
	const to = intAttribute(call.node, 'to', 1);
	if (floatTypes.includes(to)) return set;
	if (to === boolType && set.kind === 'finite')
		return finite(
			set.values.map((value) => (value === 0 ? 0 : 1)),
			set.spiking,
		);
	if (set.kind === 'any') return rounded(Math.trunc(set.low), Math.trunc(set.high));
	return listed(set, Math.trunc) ?? set;
};

const chosen: ValueRule = ({ node, of }) => {
	const [condition, yes, no] = [0, 1, 2].map((at) => of(node.inputs[at] ?? '')) as [ValueSet, ValueSet, ValueSet];
	return union([yes, no], isSpiking(condition) || isSpiking(yes) || isSpiking(no));
};

const bits =
	(apply: (a: number, b: number) => number): ValueRule =>
	(call) => {
		const [a, b] = inputs(call);
		return (a && b && paired(a, b, apply)) ?? finitelyMany(inputs(call));
	};

const arithmetic = (form: Form, values: ValueRule, rate?: Rate): OperatorFacts =>
	each(values, { form, ...(rate ? { rate } : {}) });
const bends = (low: number, high: number, keepsZero: boolean, rest: Partial<OperatorFacts> = {}): OperatorFacts =>
	each(curve(low, high, keepsZero), { rate: 'bends', ...rest });
const [least, most] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

export const elementwise: Readonly<Record<string, OperatorFacts>> = {
	Identity: arithmetic('same', first, 'keeps'),
	Cast: arithmetic('cast', cast, 'linear'),
	CastLike: arithmetic('same', first),
	Add: arithmetic(
		'sum',
		folded(
			(a, b) => a + b,
			([a, b], [c, d]) => [a + c, b + d],
		),
	),
	Sum: arithmetic(
		'sum',
		folded(
			(a, b) => a + b,
			([a, b], [c, d]) => [a + c, b + d],
		),
	),
	Sub: arithmetic(
		'difference',
		folded(
			(a, b) => a - b,
			([a, b], [c, d]) => [a - d, b - c],
		),
	),
	Mul: arithmetic(
		'product',
		folded((a, b) => a * b, products),
	),
	Div: arithmetic('quotient', divided),
	Min: arithmetic(
		'least',
		folded(Math.min, ([a, b], [c, d]) => [Math.min(a, c), Math.min(b, d)]),
	),
	Max: arithmetic(
		'greatest',
		folded(Math.max, ([a, b], [c, d]) => [Math.max(a, c), Math.max(b, d)]),
	),
	Mean: each((call) => finitelyMany(inputs(call))),
	Neg: arithmetic(
		'negative',
		unary(
			(value) => -value,
			(low, high) => between(-high, -low),
		),
		'linear',
	),
	Abs: arithmetic(
		'bounded',
		unary(Math.abs, (low, high) => between(Math.max(0, low, -high), Math.max(Math.abs(low), Math.abs(high)))),
	),
	Relu: arithmetic(
		'bounded',
		monotone((value) => Math.max(0, value)),
	),
	Clip: arithmetic('bounded', clipped, 'bends'),
	Sign: arithmetic('sign', sign),
	Floor: arithmetic('floor', rounding(Math.floor)),
	Ceil: arithmetic('ceiling', rounding(Math.ceil)),
	Round: arithmetic('nearest', rounding(nearest)),
	Where: arithmetic('choice', chosen),
	Pow: each(power),
	Mod: each(remainder),
	Sqrt: each(unary(Math.sqrt, () => between(0, most))),
	Reciprocal: each((call) => {
		const set = first(call);
		return (set.kind === 'finite' && !set.values.includes(0) && listed(set, (value) => Math.fround(1 / value))) || unbounded;
	}),
	BitwiseAnd: each(bits((a, b) => a & b)),
	BitwiseOr: each(bits((a, b) => a | b)),
	BitwiseXor: each(bits((a, b) => a ^ b)),
	BitwiseNot: each(undefined),
	BitShift: each((call) => finitelyMany(inputs(call))),
	BitCast: { elements: 'each' },
	PRelu: each(parametric, { rate: 'bends' }),
	LeakyRelu: each(
		unary((value, node) => (value < 0 ? value * floatAttribute(node, 'alpha', 0.01) : value)),
		{ rate: 'bends' },
	),
	ThresholdedRelu: each(
		unary(
			(value, node) => (value > floatAttribute(node, 'alpha', 1) ? value : 0),
			(low, high) => between(Math.min(0, low), Math.max(0, high)),
		),
		{ rate: 'bends' },
	),
	Shrink: each(
		unary((value, node) => {
			const [bias, edge] = [floatAttribute(node, 'bias', 0), floatAttribute(node, 'lambd', 0.5)];
			return value < -edge ? value + bias : value > edge ? value - bias : 0;
		}),
	),
	Elu: each(
		unary((value, node) => (value < 0 ? floatAttribute(node, 'alpha', 1) * Math.expm1(value) : value)),
		{ rate: 'bends' },
	),
	Celu: each(
		unary((value, node) => {
			const alpha = floatAttribute(node, 'alpha', 1);
			return value < 0 ? alpha * Math.expm1(value / alpha) : value;
		}),
		{ rate: 'bends' },
	),
	Selu: bends(least, most, true),
	Gelu: bends(-0.2, most, true),
	Mish: bends(-0.4, most, true),
	HardSwish: bends(-0.4, most, true),
	Swish: bends(least, most, true),
	Sigmoid: bends(0, 1, false, { smooth: true, rate: 'scores' }),
	HardSigmoid: bends(0, 1, false, { smooth: true }),
	Tanh: bends(-1, 1, true),
	Erf: bends(-1, 1, true, { smooth: true }),
	Softsign: bends(-1, 1, true, { smooth: true }),
	Softplus: bends(0, most, false),
	Exp: bends(0, most, false),
	Log: each(curve(least, most, false)),
	Atan: each(curve(-Math.PI / 2, Math.PI / 2, true), { smooth: true }),
	Sin: each(curve(-1, 1, true)),
	Asin: each(curve(-Math.PI / 2, Math.PI / 2, true)),
	Tan: each(curve(least, most, true)),
	Sinh: each(curve(least, most, true)),
	Asinh: each(curve(least, most, true)),
	Atanh: each(curve(least, most, true)),
	Cos: each(curve(-1, 1, false)),
	Acos: each(curve(0, Math.PI, false)),
	Cosh: each(curve(1, most, false)),
	Acosh: each(curve(0, most, false)),
};
