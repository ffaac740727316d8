/** Operators of integer-quantised networks: what onnxruntime's quantiser writes in each of its formats. */
import { intAttribute } from '../attributes.ts';
import type { ElementType } from '../graph.ts';
import { aligned, convolved, exceptAttribute, matrix, none, pairs, rows, wrapped } from './axes.ts';
import type { AxisFacts, OperatorFacts, ValueCall, ValueRule, WeightFacts } from './facts.ts';
import { boundsOf, finite, finitelyMany, isDiscrete, isSpiking, paired, unbounded, union, type ValueSet } from './value-set.ts';

const at = ({ node, of }: ValueCall, position: number): ValueSet =>
	(node.inputs[position] ?? '') === '' ? finite([0], false) : of(node.inputs[position] as string);

const halvesToEven = (value: number): number => {
	const up = Math.round(value);
	return Math.abs(value % 1) === 0.5 && up % 2 !== 0 ? up - 1 : up;
};

/** Whole numbers an element type holds. */
const ranges: Readonly<Partial<Record<ElementType, readonly [low: number, high: number]>>> = {
	int8: [-128, 127],
	uint8: [0, 255],
	int16: [-32_768, 32_767],
	uint16: [0, 65_535],
};

/** x / scale + zero point, rounded and cut off at what the zero point's type holds. */
const quantised: ValueRule = (call) => {
	const [set, scale, zero] = [at(call, 0), at(call, 1), at(call, 2)];
	const stored = call.constant(call.node.inputs[2] ?? '');
	const [low, high] = (stored ? ranges[stored.type] : undefined) ?? [-32_768, 65_535];
	const steps = paired(set, scale, (x, s) => halvesToEven(x / s));
	const exact = steps && paired(steps, zero, (q, z) => Math.max(low, Math.min(high, q + z)));
	// Rounding to a fine grid is no threshold: numbers stay numbers.
	return exact ?? (isDiscrete(set) && isDiscrete(scale) ? finitelyMany([set]) : unbounded);
};

const dequantised: ValueRule = (call) => {
	const [set, scale, zero] = [at(call, 0), at(call, 1), at(call, 2)];
	const difference = paired(set, zero, (q, z) => q - z);
	const exact = difference && paired(difference, scale, (q, s) => Math.fround(q * s));
	return exact ?? (isDiscrete(set) && isDiscrete(scale) ? finitelyMany([set]) : unbounded);
};

/**
 * Scale and zero point follow the smallest and the largest element of the whole tensor. Where nothing is negative the zero
 * point is 0, and one height above it becomes the largest integer.
 */
const dynamic: ValueRule = (call) => {
	const set = at(call, 0);
	const [low] = boundsOf(set);
	const zero: ValueSet = low >= 0 ? finite([0], false) : isDiscrete(set) ? { kind: 'discrete', spiking: false } : unbounded;
	const single = set.kind === 'finite' && set.values.length <= 2 && set.values[0] === 0;
	const integers = single
		? finite(
				set.values.map((value) => (value === 0 ? 0 : 255)),
				set.spiking,
			)
		: finitelyMany([set]);
	return [integers, unbounded, zero];
};

/** An operand as real numbers: (q − zero point) · scale, three inputs in a row. */
const real = (call: ValueCall, position: number): ValueSet =>
	dequantised({ ...call, node: { ...call.node, inputs: call.node.inputs.slice(position, position + 3) } }) as ValueSet;
const back = (call: ValueCall, set: ValueSet, scale: number): ValueSet => {
	if (set.kind !== 'finite') return isDiscrete(set) ? set : unbounded;
	const inputs = ['value', ...call.node.inputs.slice(scale, scale + 2)];
	return quantised({
		...call,
		node: { ...call.node, inputs },
		of: (name) => (name === 'value' ? set : call.of(name)),
	}) as ValueSet;
};

const pairwise =
	(apply: (a: number, b: number) => number): ValueRule =>
	(call) => {
		const [a, b] = [real(call, 0), real(call, 3)];
		return back(call, paired(a, b, apply) ?? finitelyMany([a, b]), 6);
	};

const chosen: ValueRule = (call) => {
	const [yes, no] = [real(call, 1), real(call, 4)];
	const spiking = isSpiking(at(call, 0)) || isSpiking(yes) || isSpiking(no);
	return back(call, union([yes, no], spiking), 7);
};

/** Scale and zero point of the result, then three inputs for every operand. */
const joined: ValueRule = (call) => {
	const operands = Array.from({ length: Math.floor((call.node.inputs.length - 2) / 3) }, (_, which) => real(call, 2 + 3 * which));
	return back(call, union(operands), 0);
};

/** One scale for all, or one for each entry of an axis, which then stays apart too. */
const byChannel: AxisFacts = pairs(
	(call, position, rank) => {
		if (position === 0) return Array.from({ length: rank }, (_, axis): readonly [number, number] => [axis, axis]);
		const axis = wrapped(intAttribute(call.node, 'axis', 1), call.outputRank);
		return rank === 1
			? [[0, axis]]
			: rank === 0
				? none
				: Array.from({ length: rank }, (_, from): readonly [number, number] => [from, from]);
	},
	{ broadcasts: true },
);

/** x, w and the integers that stand for zero in them. */
const right = (data: number, weight: number, dataZero?: number, weightZero?: number): WeightFacts['operands'][number] => ({
	data,
	weight,
	side: 'right',
	...(dataZero === undefined ? {} : { dataZero }),
	...(weightZero === undefined ? {} : { weightZero }),
});
const bothSides = (a: number, b: number, aZero?: number, bZero?: number): WeightFacts['operands'] => [
	right(a, b, aZero, bZero),
	{ ...right(b, a, bZero, aZero), side: 'left' },
];

const gemmTransposes = (node: Parameters<NonNullable<WeightFacts['transposes']>>[0], side: 'left' | 'right'): boolean =>
	intAttribute(node, side === 'right' ? 'transB' : 'transA', 0) === 1;

/** Operands stand three apart where each is followed by its scale and zero point. */
const stack = (b: number): AxisFacts => {
	const plain = matrix();
	if (plain.kind === 'flat') return plain;
	return {
		...plain,
		of: (call, position) =>
			position === 0 || position === b
				? plain.of({ ...call, rankOf: (at) => call.rankOf(at === 1 ? b : at) }, position === 0 ? 0 : 1)
				: none,
	};
};

const elementwise = (values: ValueRule | undefined, scales: readonly number[]): OperatorFacts => ({
	elements: 'each',
	axes: aligned,
	scales,
	...(values ? { values } : {}),
});

export const integer: Readonly<Record<string, OperatorFacts>> = {
	QuantizeLinear: { elements: 'each', form: 'quantised', values: quantised, axes: byChannel, scales: [1, 2] },
	DequantizeLinear: { elements: 'each', form: 'dequantised', values: dequantised, axes: byChannel, scales: [1, 2] },
	DynamicQuantizeLinear: { elements: 'mixed', values: dynamic, varies: () => 'batch statistics', scaleOutputs: [1] },
	MatMulInteger: {
		elements: 'mixed',
		weights: { operands: bothSides(0, 1, 2, 3), bias: null, geometry: 'matrix' },
		axes: stack(1),
		scales: [2, 3],
	},
	ConvInteger: {
		elements: 'mixed',
		weights: { operands: [right(0, 1, 2, 3)], bias: null, geometry: 'convolution' },
		axes: convolved(1),
		scales: [2, 3],
	},
	QLinearMatMul: {
		elements: 'mixed',
		weights: { operands: bothSides(0, 3, 2, 5), bias: null, geometry: 'matrix' },
		axes: stack(3),
		scales: [1, 2, 4, 5, 6, 7],
	},
	QLinearConv: {
		elements: 'mixed',
		weights: { operands: [right(0, 3, 2, 5)], bias: 8, geometry: 'convolution' },
		axes: convolved(3),
		scales: [1, 2, 4, 5, 6, 7],
	},
};

/** The same in onnxruntime's own operator set. */
export const integerContrib: Readonly<Record<string, OperatorFacts>> = {
	QuantizeLinear: integer.QuantizeLinear as OperatorFacts,
	DequantizeLinear: integer.DequantizeLinear as OperatorFacts,
	QGemm: {
		elements: 'mixed',
		weights: { operands: bothSides(0, 3, 2, 5), bias: 6, geometry: 'matrix', transposes: gemmTransposes },
		axes: rows,
		scales: [1, 2, 4, 5, 7, 8],
	},
	QLinearConv: integer.QLinearConv as OperatorFacts,
	MatMulInteger16: { elements: 'mixed', weights: { operands: bothSides(0, 1), bias: null, geometry: 'matrix' }, axes: stack(1) },
	MatMulIntegerToFloat: {
		elements: 'mixed',
		weights: { operands: bothSides(0, 1, 4, 5), bias: 6, geometry: 'matrix' },
		axes: stack(1),
		scales: [2, 3, 4, 5],
	},
	/** Quantises its first operand itself, by the largest element of the whole tensor. */
	DynamicQuantizeMatMul: {
		elements: 'mixed',
		weights: { operands: [right(0, 1, undefined, 3)], bias: 4, geometry: 'matrix' },
		varies: () => 'batch statistics',
		scales: [2, 3],
	},
	QLinearAdd: elementwise(
		pairwise((a, b) => a + b),
		[1, 2, 4, 5, 6, 7],
	),
	QLinearMul: elementwise(
		pairwise((a, b) => a * b),
		[1, 2, 4, 5, 6, 7],
	),
	QLinearWhere: elementwise(chosen, [2, 3, 5, 6, 7, 8]),
	QLinearLeakyRelu: elementwise((call) => finitelyMany([at(call, 0)]), [1, 2, 3, 4]),
	QLinearSigmoid: elementwise(undefined, [1, 2, 3, 4]),
	QLinearSoftmax: { elements: 'mixed', axes: exceptAttribute(-1), scales: [1, 2, 3, 4] },
	QLinearConcat: {
		elements: 'moved',
		values: joined,
		axes: exceptAttribute(0, { all: true }),
		scales: Array.from({ length: 64 }, (_, at) => at).filter((at) => at < 2 || at % 3 !== 2),
	},
	QLinearAveragePool: { elements: 'mixed', values: (call) => finitelyMany([at(call, 0)]), axes: rows, scales: [1, 2, 3, 4] },
	QLinearGlobalAveragePool: {
		elements: 'mixed',
		values: (call) => finitelyMany([at(call, 0)]),
		axes: rows,
		scales: [1, 2, 3, 4],
	},
	QLinearReduceMean: { elements: 'mixed', values: (call) => finitelyMany([at(call, 0)]), scales: [1, 2, 3, 4] },
};
