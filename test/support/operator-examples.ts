/** A small example of every row of the operator table, to be run by onnxruntime. */
import { float, type PlainAttribute } from './model-builder.ts';

type Type = 'float32' | 'uint8' | 'int8' | 'int32' | 'int64' | 'bool';
type Dims = readonly number[];

export interface Operand {
	readonly dims: Dims;
	readonly type: Type;
	/** null for an operand that the run gives values; else a constant. */
	readonly values: readonly number[] | null;
	/** What a constant is for, where the table says so. */
	readonly role?: 'weight' | 'bias' | 'scale' | 'weightZero' | 'dataZero';
}

/** The largest kind of value set that comes out when spikes go in. */
export type Claim = 'finite' | 'discrete' | 'any';

export interface Example {
	readonly op: string;
	readonly domain: '' | 'com.microsoft';
	/** @param n batch @param k another size */
	readonly operands: (n: number, k: number) => readonly (Operand | null)[];
	readonly attributes: Readonly<Record<string, PlainAttribute>>;
	readonly outputs: number;
	readonly opset: number;
	readonly spikes: Claim;
	/** Range of the numbers that are fed. */
	readonly range: readonly [low: number, high: number];
	/** True where the table says less about axes than is so. */
	readonly loose: boolean;
}

const sizeOf = (dims: Dims): number => dims.reduce((product, size) => product * size, 1);
/** Numbers without pattern; none is 0. */
const some = (dims: Dims, seed = 1): number[] =>
	Array.from(
		{ length: sizeOf(dims) },
		(_, at) => Math.round((Math.sin(at * 12.9898 + seed * 78.233) * 0.8 + 0.05) * 1000) / 1000 || 0.5,
	);
const whole = (dims: Dims, low = -3, high = 3): number[] =>
	Array.from({ length: sizeOf(dims) }, (_, at) => {
		const value = low + ((at * 7 + 3) % (high - low + 1));
		return value === 0 ? high : value;
	});

const x = (...dims: number[]): Operand => ({ dims, type: 'float32', values: null });
const dynamic = (type: Type, ...dims: number[]): Operand => ({ dims, type, values: null });
const floats = (dims: Dims, values: readonly number[] = some(dims), role?: Operand['role']): Operand => ({
	dims,
	type: 'float32',
	values,
	...(role ? { role } : {}),
});
const integers = (type: Type, dims: Dims, values: readonly number[], role?: Operand['role']): Operand => ({
	dims,
	type,
	values,
	...(role ? { role } : {}),
});
const ints = (...values: number[]): Operand => integers('int64', [values.length], values);
const weight = (...dims: number[]): Operand => floats(dims, some(dims, 3), 'weight');
const bias = (size: number): Operand => floats([size], some([size], 5), 'bias');
const scale = (value: number): Operand => floats([], [value], 'scale');
const zero = (type: Type, value: number, role: Operand['role'] = 'scale'): Operand => integers(type, [], [value], role);

type Rest = Partial<Omit<Example, 'op' | 'operands'>>;
const example = (op: string, spikes: Claim, operands: Example['operands'], rest: Rest = {}): Example => ({
	op,
	domain: '',
	operands,
	attributes: {},
	outputs: 1,
	opset: 20,
	spikes,
	range: [-2, 2],
	loose: false,
	...rest,
});
const unary = (op: string, spikes: Claim, rest: Rest = {}): Example => example(op, spikes, (n, k) => [x(n, k)], rest);
const binary = (op: string, spikes: Claim, rest: Rest = {}): Example => example(op, spikes, (n, k) => [x(n, k), x(n, k)], rest);
const image = (n: number, k: number): Operand => x(n, 2, k, k);
const onImages = (op: string, spikes: Claim, rest: Rest = {}): Example => example(op, spikes, (n, k) => [image(n, k)], rest);
const contrib = { domain: 'com.microsoft' } as const;
const positive: Rest = { range: [0.1, 0.9] };

const elementwise: readonly Example[] = [
	unary('Identity', 'finite'),
	unary('Cast', 'finite', { attributes: { to: 6 } }),
	example('CastLike', 'finite', (n, k) => [x(n, k), floats([1])]),
	...['Add', 'Sum', 'Sub', 'Mul', 'Min', 'Max'].map((op) => binary(op, 'finite')),
	binary('Mean', 'discrete'),
	example('Div', 'finite', (n, k) => [x(n, k), floats([k])]),
	...['Neg', 'Abs', 'Relu', 'Sign', 'Floor', 'Ceil', 'Round', 'LeakyRelu', 'ThresholdedRelu', 'Shrink', 'Elu', 'Celu'].map((op) =>
		unary(op, 'finite'),
	),
	example('Clip', 'finite', (n, k) => [x(n, k), floats([], [-0.5]), floats([], [0.75])]),
	example('Where', 'finite', (n, k) => [dynamic('bool', n, k), x(n, k), floats([k])]),
	example('Pow', 'finite', (n, k) => [x(n, k), floats([], [2])]),
	example('Mod', 'finite', (n, k) => [x(n, k), floats([], [0.75])], { attributes: { fmod: 1 } }),
	unary('Sqrt', 'finite', positive),
	unary('Reciprocal', 'any', positive),
	...['BitwiseAnd', 'BitwiseOr', 'BitwiseXor'].map((op) =>
		example(op, 'finite', (n, k) => [dynamic('int32', n, k), dynamic('int32', n, k)], { range: [3, 60] }),
	),
	example('BitwiseNot', 'any', (n, k) => [dynamic('int32', n, k)]),
	example('BitShift', 'discrete', (n, k) => [dynamic('uint8', n, k), integers('uint8', [k], whole([k], 1, 3))], {
		attributes: { direction: 'LEFT' },
		range: [0, 9],
	}),
	example('PRelu', 'finite', (n, k) => [x(n, k), floats([k])]),
	...['Selu', 'Gelu', 'Mish', 'HardSwish', 'Tanh', 'Erf', 'Softsign', 'Atan', 'Sin', 'Tan', 'Sinh', 'Asinh'].map((op) =>
		unary(op, 'discrete'),
	),
	...['Asin', 'Atanh'].map((op) => unary(op, 'discrete', positive)),
	unary('HardSigmoid', 'any', { range: [-6, 6] }),
	...['Sigmoid', 'Softplus', 'Exp', 'Cos', 'Cosh'].map((op) => unary(op, 'any')),
	...['Log', 'Acos'].map((op) => unary(op, 'any', positive)),
	unary('Acosh', 'any', { range: [1.1, 2] }),
	...['Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual'].map((op) => example(op, 'finite', (n, k) => [x(n, k), floats([k])])),
	example('Equal', 'finite', (n, k) => [dynamic('int32', n, k), integers('int32', [k], whole([k], 1, 2))], { range: [0, 2] }),
	example('Not', 'finite', (n, k) => [dynamic('bool', n, k)]),
	...['And', 'Or', 'Xor'].map((op) => example(op, 'finite', (n, k) => [dynamic('bool', n, k), dynamic('bool', n, k)])),
	unary('IsNaN', 'finite', { range: [0, Number.NaN] }),
	unary('IsInf', 'finite', { range: [0, 1e39] }),
];

/** Two columns of each row are written over. */
const scatterInputs: Example['operands'] = (n, k) => [
	x(n, k),
	integers(
		'int64',
		[n, 2],
		Array.from({ length: n * 2 }, (_, at) => at % 2),
	),
	x(n, 2),
];

const moving: readonly Example[] = [
	example('Reshape', 'finite', (n, k) => [x(n, 2, k), ints(0, 2 * k)]),
	onImages('Flatten', 'finite'),
	example('Squeeze', 'finite', (n, k) => [x(n, 1, k), ints(1)]),
	example('Unsqueeze', 'finite', (n, k) => [x(n, k), ints(2)]),
	onImages('Transpose', 'finite', { attributes: { perm: [0, 2, 3, 1] } }),
	example('Slice', 'finite', (n, k) => [x(n, k, 3), ints(1), ints(k), ints(1)]),
	example('Split', 'finite', (n, k) => [x(n, 2, k)], { attributes: { axis: 1, num_outputs: 2 }, outputs: 2 }),
	example('Gather', 'finite', (n, k) => [x(n, k, 2), ints(2, 0, 1)], { attributes: { axis: 1 } }),
	example('GatherElements', 'finite', (n, k) => [x(n, k), integers('int64', [n, 2], whole([n, 2], 1, 3))], {
		attributes: { axis: 1 },
		loose: true,
	}),
	example('GatherND', 'finite', (n, k) => [x(n, k, 2), integers('int64', [n, 2, 1], whole([n, 2, 1], 1, 3))], {
		attributes: { batch_dims: 1 },
		loose: true,
	}),
	example('Concat', 'finite', (n, k) => [x(n, k), x(n, 3)], { attributes: { axis: 1 } }),
	example('Expand', 'finite', (n, k) => [x(n, 1, k), ints(1, 3, 1)], { loose: true }),
	example('Tile', 'finite', (n, k) => [x(n, k), ints(1, 2)]),
	example('Pad', 'finite', (n, k) => [x(n, k), ints(0, 1, 0, 2)]),
	example('DepthToSpace', 'finite', (n, k) => [x(n, 4, k, 2)], { attributes: { blocksize: 2 } }),
	example('SpaceToDepth', 'finite', (n) => [x(n, 1, 4, 4)], { attributes: { blocksize: 2 } }),
	example('ReverseSequence', 'finite', (n, k) => [x(k, n), integers('int64', [n], whole([n], 2, 3))], { loose: true }),
	example('Trilu', 'finite', (n, k) => [x(n, k, k)], { loose: true }),
	example('CenterCropPad', 'finite', (n, k) => [x(n, k), ints(k + 2)], { attributes: { axes: [1] }, loose: true }),
	example('Compress', 'finite', (n) => [x(n, 3), integers('bool', [3], [1, 0, 1])], { attributes: { axis: 1 }, loose: true }),
	example('Unique', 'finite', (n, k) => [x(n * k)], { loose: true, attributes: { sorted: 0 } }),
	example('ScatterElements', 'finite', scatterInputs, {
		attributes: { axis: 1 },
		loose: true,
	}),
	example('ScatterND', 'finite', (n, k) => [x(k, n), integers('int64', [2, 1], [0, 2]), x(2, n)], { loose: true }),
	example('Resize', 'finite', (n, k) => [image(n, k), null, floats([4], [1, 1, 2, 2])], { loose: true }),
	example('Scatter', 'finite', scatterInputs, {
		attributes: { axis: 1 },
		opset: 10,
		loose: true,
	}),
	example('Upsample', 'finite', (n, k) => [image(n, k), floats([4], [1, 1, 2, 2])], { loose: true, opset: 9 }),
	example('OneHot', 'finite', (n) => [dynamic('int64', n), integers('int64', [], [5]), floats([2], [0, 1])], {
		range: [0, 4],
		loose: true,
	}),
	example('Col2Im', 'discrete', (n) => [x(n, 4, 9), ints(4, 4), ints(2, 2)]),
];

const reductions: readonly Example[] = [
	...['ReduceSum', 'ReduceMean', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare'].map((op) =>
		example(op, 'discrete', (n, k) => [x(n, k, 3), ints(1)]),
	),
	...['ReduceMax', 'ReduceMin', 'ReduceProd'].map((op) =>
		example(op, 'finite', (n, k) => [x(n, k, 3), ints(-1)], { attributes: { keepdims: 0 } }),
	),
	...['ReduceLogSum', 'ReduceLogSumExp'].map((op) => example(op, 'any', (n, k) => [x(n, k, 3), ints(1)], positive)),
	...['ArgMax', 'ArgMin'].map((op) => example(op, 'any', (n, k) => [x(n, k, 3)], { attributes: { axis: 1 } })),
	example('CumSum', 'discrete', (n, k) => [x(n, k), integers('int64', [], [1])]),
	example('TopK', 'finite', (n, k) => [x(n, k), ints(2)], { outputs: 2 }),
	example('Hardmax', 'finite', (n, k) => [x(n, k)], {}),
	example('Det', 'any', (n) => [x(n, 2, 2)], { loose: true }),
];

const windows = { attributes: { kernel_shape: [2, 2], strides: [2, 2] } };
const pooling: readonly Example[] = [
	onImages('MaxPool', 'finite', windows),
	onImages('GlobalMaxPool', 'finite', { loose: true }),
	onImages('AveragePool', 'finite', windows),
	onImages('GlobalAveragePool', 'discrete', { loose: true }),
	onImages('LpPool', 'finite', { attributes: { ...windows.attributes, p: 1 } }),
	onImages('GlobalLpPool', 'discrete', { loose: true }),
	example('GridSample', 'any', (n, k) => [image(n, k), floats([n, 2, 2, 2], some([n, 2, 2, 2]))], {
		loose: true,
		range: [0.2, 2],
	}),
	example('RoiAlign', 'any', (n, k) => [image(n, k), floats([1, 4], [0.3, 0.2, 2.6, 2.9]), ints(0)], {
		attributes: { output_height: 2, output_width: 2 },
		loose: true,
	}),
	example('MaxRoiPool', 'finite', (n, k) => [image(n, k), floats([1, 5], [0, 0, 0, 2, 2])], {
		attributes: { pooled_shape: [2, 2] },
		loose: true,
	}),
	example('AffineGrid', 'any', (n) => [x(n, 2, 3), ints(n, 1, 2, 2)], { loose: true }),
];

const channels = (spread: number): Operand => floats([2], [spread, 1.5]);
const normalising: readonly Example[] = [
	example('BatchNormalization', 'any', (n, k) => [image(n, k), channels(1), channels(0.3), channels(0.1), channels(2)], {
		loose: true,
	}),
	example('SimplifiedLayerNormalization', 'any', (n, k) => [x(n, 3, k), floats([k])]),
	onImages('MeanVarianceNormalization', 'any', { loose: true }),
	example('InstanceNormalization', 'any', (n, k) => [image(n, k), channels(1), channels(0.3)], { loose: true }),
	example('GroupNormalization', 'any', (n, k) => [image(n, k), channels(1), channels(0.3)], {
		attributes: { num_groups: 2 },
		opset: 21,
		loose: true,
	}),
	onImages('LRN', 'any', { attributes: { size: 3 }, loose: true }),
	example('LpNormalization', 'any', (n, k) => [x(n, k)]),
	example('LayerNormalization', 'any', (n, k) => [x(n, 3, k), floats([k])], {}),
	example('RMSNormalization', 'any', (n, k) => [x(n, 3, k), floats([k])], { opset: 23 }),
	...['Softmax', 'LogSoftmax'].map((op) => unary(op, 'any')),
];

const weighted: readonly Example[] = [
	// One entry wide along the last axis, which stays apart.
	example('Conv', 'any', (n, k) => [image(n, k), weight(3, 2, 2, 1), bias(3)], {
		attributes: { pads: [1, 0, 0, 0], kernel_shape: [2, 1] },
	}),
	example('ConvTranspose', 'any', (n, k) => [image(n, k), weight(2, 3, 2, 2), bias(3)], {
		attributes: { strides: [2, 2] },
		loose: true,
	}),
	example('MatMul', 'any', (n, k) => [x(n, 2, k), weight(k, 3)], { loose: true }),
	example('Gemm', 'any', (n, k) => [x(n, k), weight(3, k), bias(3)], { attributes: { transB: 1 } }),
	example('FusedConv', 'any', (n, k) => [image(n, k), weight(3, 2, 2, 2), bias(3)], {
		...contrib,
		attributes: { activation: 'Relu' },
		loose: true,
	}),
	example('FusedGemm', 'any', (n, k) => [x(n, k), weight(k, 3), bias(3)], {
		...contrib,
		attributes: { activation: 'LeakyRelu', activation_alpha: float(0.5) },
	}),
	example('FusedMatMul', 'any', (n, k) => [x(n, 2, k), weight(3, k)], {
		...contrib,
		attributes: { transB: 1, alpha: float(2) },
		loose: true,
	}),
];

const bytes = { range: [0, 255] } as const;
const q = (...dims: number[]): Operand => dynamic('uint8', ...dims);
const coarse = scale(0.5);
/** Integer weights whose zero is another number, which some of them are. */
const shifted = (dims: Dims, at: number): Operand => integers('uint8', dims, whole(dims, at - 3, at + 4), 'weight');
const quantised = (...dims: number[]): readonly Operand[] => [q(...dims), coarse, zero('uint8', 128)];
const result: readonly Operand[] = [scale(4), zero('uint8', 100)];
const integer: readonly Example[] = [
	example('QuantizeLinear', 'finite', (n, k) => [x(n, k), scale(0.05), zero('uint8', 100)]),
	example('DequantizeLinear', 'finite', (n, k) => [q(n, k), scale(0.5), zero('uint8', 1)], bytes),
	example('DynamicQuantizeLinear', 'finite', (n, k) => [x(n, k)], { outputs: 3, loose: true, range: [-2, 2] }),
	example(
		'MatMulInteger',
		'any',
		(n, k) => [q(n, k), shifted([k, 3], 10), zero('uint8', 7, 'dataZero'), integers('uint8', [3], [9, 10, 11], 'weightZero')],
		{ ...bytes, loose: true },
	),
	example(
		'ConvInteger',
		'any',
		(n, k) => [q(n, 2, k, k), shifted([3, 2, 2, 2], 10), zero('uint8', 7, 'dataZero'), zero('uint8', 10, 'weightZero')],
		{ ...bytes, loose: true },
	),
	example(
		'QLinearMatMul',
		'any',
		(n, k) => [
			q(n, k),
			coarse,
			zero('uint8', 128, 'dataZero'),
			integers('int8', [k, 3], whole([k, 3]), 'weight'),
			coarse,
			zero('int8', 1, 'weightZero'),
			...result,
		],
		{ ...bytes, loose: true },
	),
	example(
		'QLinearConv',
		'any',
		(n, k) => [
			q(n, 2, k, k),
			coarse,
			zero('uint8', 128, 'dataZero'),
			integers('int8', [3, 2, 2, 2], whole([3, 2, 2, 2]), 'weight'),
			coarse,
			zero('int8', 0, 'weightZero'),
			...result,
			integers('int32', [3], [5, -6, 7], 'bias'),
		],
		{ ...bytes, loose: true },
	),
	example(
		'QGemm',
		'any',
		(n, k) => [
			q(n, k),
			coarse,
			zero('uint8', 128, 'dataZero'),
			integers('int8', [3, k], whole([3, k]), 'weight'),
			coarse,
			zero('int8', 0, 'weightZero'),
			integers('int32', [3], [5, -6, 7], 'bias'),
			...result,
		],
		{ ...contrib, ...bytes, attributes: { transB: 1 }, loose: true },
	),
	example(
		'MatMulIntegerToFloat',
		'any',
		(n, k) => [
			q(n, k),
			shifted([k, 3], 10),
			scale(0.5),
			scale(0.25),
			zero('uint8', 7, 'dataZero'),
			zero('uint8', 10, 'weightZero'),
			bias(3),
		],
		{ ...contrib, ...bytes, loose: true },
	),
	example(
		'DynamicQuantizeMatMul',
		'any',
		(n, k) => [x(n, k), shifted([k, 3], 10), scale(0.25), zero('uint8', 10, 'weightZero'), bias(3)],
		{ ...contrib, loose: true },
	),
	...['QLinearAdd', 'QLinearMul'].map((op) =>
		example(op, 'finite', (n, k) => [...quantised(n, k), ...quantised(n, k), scale(2), zero('uint8', 100)], {
			...contrib,
			...bytes,
		}),
	),
	example(
		'QLinearWhere',
		'finite',
		(n, k) => [dynamic('bool', n, k), ...quantised(n, k), ...quantised(n, k), scale(1), zero('uint8', 100)],
		{ ...contrib, ...bytes },
	),
	example('QLinearLeakyRelu', 'discrete', (n, k) => [...quantised(n, k), scale(1), zero('uint8', 100)], {
		...contrib,
		...bytes,
		attributes: { alpha: float(0.1) },
	}),
	example('QLinearSigmoid', 'any', (n, k) => [q(n, k), scale(0.02), zero('uint8', 128), scale(0.004), zero('uint8', 0)], {
		...contrib,
		...bytes,
	}),
	example('QLinearSoftmax', 'any', (n, k) => [q(n, k), scale(0.02), zero('uint8', 128), scale(0.004), zero('uint8', 0)], {
		...contrib,
		...bytes,
		attributes: { axis: -1, opset: 13 },
		loose: true,
	}),
	example('QLinearConcat', 'finite', (n, k) => [coarse, zero('uint8', 128), ...quantised(n, k), ...quantised(n, 3)], {
		...contrib,
		...bytes,
		attributes: { axis: 1 },
		loose: true,
	}),
	example('QLinearAveragePool', 'discrete', (n, k) => [...quantised(n, 2, k, k), scale(1), zero('uint8', 100)], {
		...contrib,
		...bytes,
		...windows,
		loose: true,
	}),
	example('QLinearGlobalAveragePool', 'discrete', (n, k) => [...quantised(n, 2, k, k), scale(1), zero('uint8', 100)], {
		...contrib,
		...bytes,
		loose: true,
	}),
];

const making: readonly Example[] = [
	example('Shape', 'discrete', (n, k) => [x(n, k)], { loose: true }),
	example('Size', 'discrete', (n, k) => [x(n, k)], { loose: true }),
	example('EyeLike', 'finite', (n, k) => [x(n, k)], { loose: true }),
	example('RandomNormalLike', 'any', (n, k) => [x(n, k)], { loose: true }),
	example('RandomUniformLike', 'any', (n, k) => [x(n, k)], { loose: true }),
	example('Bernoulli', 'finite', (n, k) => [x(n, 16 * k)], { range: [0.3, 0.7], loose: true }),
	example('Multinomial', 'any', (n, k) => [x(n, k)], { attributes: { sample_size: 64 }, loose: true }),
	example('Dropout', 'finite', (n, k) => [x(n, k)], { outputs: 2 }),
	example('NonZero', 'discrete', (n, k) => [x(n, k)], { loose: true }),
];

const others: readonly Example[] = [
	...['Gelu', 'FastGelu', 'QuickGelu'].map((op) => unary(op, 'discrete', contrib)),
	example('QuantizeLinear', 'finite', (n, k) => [x(n, k), scale(0.05), zero('uint8', 100)], contrib),
	example('DequantizeLinear', 'finite', (n, k) => [q(n, k), scale(0.5), zero('uint8', 1)], { ...contrib, ...bytes }),
	example('Inverse', 'any', (n) => [x(n, 2, 2)], { ...contrib, loose: true }),
	example('Pad', 'finite', (n, k) => [x(n, k), ints(0, 1, 0, 2)], contrib),
	example('GridSample', 'any', (n, k) => [image(n, k), floats([n, 2, 2, 2], some([n, 2, 2, 2]))], {
		...contrib,
		loose: true,
		range: [0.2, 2],
	}),
	example('BiasGelu', 'any', (n, k) => [x(n, k), floats([k])], { ...contrib, loose: true }),
	example('SkipLayerNormalization', 'any', (n, k) => [x(n, 3, k), x(n, 3, k), floats([k])], { ...contrib, loose: true }),
	example('SkipSimplifiedLayerNormalization', 'any', (n, k) => [x(n, 3, k), x(n, 3, k), floats([k])], {
		...contrib,
		loose: true,
	}),
	example('Trilu', 'finite', (n, k) => [x(n, k, k)], { ...contrib, loose: true }),
	example('GatherND', 'finite', (n, k) => [x(n, k, 2), integers('int64', [n, 2, 1], whole([n, 2, 1], 1, 1))], {
		...contrib,
		loose: true,
	}),
	example('Unique', 'finite', (n, k) => [x(n * k)], { ...contrib, outputs: 3, loose: true }),
];

export const examples: readonly Example[] = [
	...elementwise,
	...moving,
	...reductions,
	...pooling,
	...normalising,
	...weighted,
	...integer,
	...making,
	...others,
];
