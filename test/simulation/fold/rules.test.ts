import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeModel } from '../../../src/formats/onnx/index.ts';
import { elementCount, float32Scalar, float32Tensor, int64Tensor } from '../../../src/model/tensors.ts';
import { worksEntryByEntry } from '../../../src/simulation/fold/rules.ts';
import { float, type ModelBuilder, modelBuilder, type PlainAttribute, weights } from '../../support/model-builder.ts';
import { randomNumbers } from '../../support/random-numbers.ts';

interface OperatorCase {
	readonly op: string;
	/** Shapes of the operands that change over time. */
	readonly operands: readonly (readonly number[])[];
	/** The other operands, by constant, in the order of `inputs`; "a", "b" stand for those that change. */
	readonly inputs?: (graph: ModelBuilder) => readonly string[];
	readonly attributes?: Readonly<Record<string, PlainAttribute>>;
	readonly opset?: number;
}

const constants = (graph: ModelBuilder) => ({
	ints: (...values: number[]) => graph.constant(`ints_${values.join('_')}`, int64Tensor(values)),
	floats: (dims: readonly number[], seed = 1) => graph.constant(`floats_${dims.join('_')}_${seed}`, weights(dims, seed)),
	one: () => graph.constant('one', float32Scalar(1)),
});

const image = [2, 4, 6, 6];
const foldable: Readonly<Record<string, OperatorCase>> = {
	'a convolution': { op: 'Conv', operands: [image], inputs: (g) => ['a', constants(g).floats([3, 4, 3, 3])] },
	'a transposed convolution': { op: 'ConvTranspose', operands: [image], inputs: (g) => ['a', constants(g).floats([4, 2, 3, 3])] },
	'average pooling': { op: 'AveragePool', operands: [image], attributes: { kernel_shape: [2, 2], strides: [2, 2] } },
	'max pooling': { op: 'MaxPool', operands: [image], attributes: { kernel_shape: [3, 3], strides: [2, 2] } },
	'global pooling': { op: 'GlobalAveragePool', operands: [image] },
	normalisation: {
		op: 'BatchNormalization',
		operands: [image],
		inputs: (g) => ['a', ...['s', 't', 'm', 'v'].map((name) => g.constant(name, float32Tensor([1, 2, 0.5, 3])))],
	},
	'a matrix with bias': {
		op: 'Gemm',
		operands: [[2, 6]],
		inputs: (g) => ['a', constants(g).floats([6, 5]), constants(g).floats([5])],
	},
	'a matrix on the right': { op: 'MatMul', operands: [[2, 3, 6]], inputs: (g) => ['a', constants(g).floats([6, 5])] },
	'a matrix on the left': { op: 'MatMul', operands: [[2, 6, 3]], inputs: (g) => [constants(g).floats([5, 6]), 'a'] },
	'a product of activations': {
		op: 'MatMul',
		operands: [
			[2, 3, 4],
			[2, 4, 3],
		],
		inputs: () => ['a', 'b'],
	},
	'a sum of two activations': { op: 'Add', operands: [image, image], inputs: () => ['a', 'b'] },
	'a factor by channel': { op: 'Mul', operands: [image], inputs: (g) => [constants(g).floats([4, 1, 1]), 'a'] },
	'a factor by channel of full rank': { op: 'Mul', operands: [image], inputs: (g) => ['a', constants(g).floats([1, 4, 1, 1])] },
	'a choice': {
		op: 'Max',
		operands: [[2, 6]],
		inputs: (g) => ['a', constants(g).one()],
	},
	flattening: { op: 'Flatten', operands: [image] },
	'flattening two axes into rows': { op: 'Flatten', operands: [image], attributes: { axis: 2 } },
	'a reshape that copies the batch': { op: 'Reshape', operands: [image], inputs: (g) => ['a', constants(g).ints(0, -1)] },
	'a reshape that infers the batch': { op: 'Reshape', operands: [image], inputs: (g) => ['a', constants(g).ints(-1, 36)] },
	'squeezing an inner axis': { op: 'Squeeze', operands: [[2, 4, 1, 6]], inputs: (g) => ['a', constants(g).ints(-2)] },
	'a new last axis': { op: 'Unsqueeze', operands: [[2, 4]], inputs: (g) => ['a', constants(g).ints(-1)] },
	'swapping inner axes': { op: 'Transpose', operands: [image], attributes: { perm: [0, 2, 3, 1] } },
	'joining channels': { op: 'Concat', operands: [image, image], inputs: () => ['a', 'b'], attributes: { axis: 1 } },
	'picking a channel': {
		op: 'Gather',
		operands: [image],
		inputs: (g) => ['a', constants(g).ints(1, 3)],
		attributes: { axis: 1 },
	},
	'a mean over positions': { op: 'ReduceMean', operands: [image], attributes: { axes: [2, 3] } },
	'a sum over channels': { op: 'ReduceSum', operands: [image], inputs: (g) => ['a', constants(g).ints(1)] },
	softmax: { op: 'Softmax', operands: [[2, 6]] },
	padding: { op: 'Pad', operands: [image], inputs: (g) => ['a', constants(g).ints(0, 0, 1, 1, 0, 0, 1, 1)] },
	cropping: {
		op: 'Slice',
		operands: [image],
		inputs: (g) => ['a', constants(g).ints(1), constants(g).ints(5), constants(g).ints(-1)],
	},
	'a ramp': { op: 'LeakyRelu', operands: [image], attributes: { alpha: float(0.1) } },
};

const refused: Readonly<Record<string, OperatorCase>> = {
	'a mean over the batch': { op: 'ReduceMean', operands: [image], attributes: { axes: [0] } },
	'a mean over everything': { op: 'ReduceMean', operands: [image] },
	'swapping the batch': { op: 'Transpose', operands: [[2, 3]], attributes: { perm: [1, 0] } },
	'a reversal of axes': { op: 'Transpose', operands: [[2, 3]] },
	'a transposed matrix operand': {
		op: 'Gemm',
		operands: [[2, 6]],
		inputs: (g) => ['a', constants(g).floats([2, 5])],
		attributes: { transA: 1 },
	},
	'a bias by sample': {
		op: 'Gemm',
		operands: [[2, 6]],
		inputs: (g) => ['a', constants(g).floats([6, 5]), constants(g).floats([2, 5])],
	},
	'a factor by sample': { op: 'Mul', operands: [[2, 6]], inputs: (g) => ['a', constants(g).floats([2, 1])] },
	'a broadcast over the batch': {
		op: 'Add',
		operands: [
			[2, 6],
			[1, 6],
		],
		inputs: () => ['a', 'b'],
	},
	'a product of two matrices of activations': {
		op: 'MatMul',
		operands: [
			[2, 2],
			[2, 2],
		],
		inputs: () => ['a', 'b'],
	},
	'a matrix on the left of rows': { op: 'MatMul', operands: [[2, 3]], inputs: (g) => [constants(g).floats([5, 2]), 'a'] },
	'joining along the batch': {
		op: 'Concat',
		operands: [
			[2, 3],
			[2, 3],
		],
		inputs: () => ['a', 'b'],
		attributes: { axis: 0 },
	},
	'picking a sample': { op: 'Gather', operands: [[2, 3]], inputs: (g) => ['a', constants(g).ints(1)], attributes: { axis: 0 } },
	'flattening all into one row': { op: 'Flatten', operands: [[2, 3]], attributes: { axis: 0 } },
	'softmax over the batch': { op: 'Softmax', operands: [[2, 6]], attributes: { axis: 0 } },
	'cropping the batch': {
		op: 'Slice',
		operands: [[2, 3]],
		inputs: (g) => ['a', constants(g).ints(1), constants(g).ints(5), constants(g).ints(0)],
	},
	'padding the batch': { op: 'Pad', operands: [[2, 3]], inputs: (g) => ['a', constants(g).ints(1, 0, 0, 0)] },
};

function build({ op, operands, inputs, attributes, opset = 17 }: OperatorCase) {
	const graph = modelBuilder();
	const names = ['a', 'b'].slice(0, operands.length);
	for (const [at, name] of names.entries())
		graph.input(
			name,
			(operands[at] ?? []).map((size, axis) => (axis === 0 ? `rows_${name}` : size)),
		);
	graph.output(graph.add(op, inputs?.(graph) ?? names, attributes ?? {}, { output: 'y' }));
	return graph.build({ opset });
}

/** @param outputShape that of one timestep */
function allowed(one: OperatorCase, outputShape: readonly number[] = one.operands[0] ?? []): boolean {
	const { graph } = build(one);
	const [node] = graph.nodes;
	const shapes = new Map(['a', 'b'].map((name, at) => [name, one.operands[at]] as const));
	shapes.set('y', outputShape);
	return (
		node !== undefined &&
		worksEntryByEntry(
			node,
			node.inputs.map((input) => input === 'a' || input === 'b'),
			{ shapeOf: (tensor) => shapes.get(tensor), constantOf: (tensor) => graph.constants.get(tensor) },
		)
	);
}

interface Answer {
	readonly dims: readonly number[];
	readonly values: readonly number[];
}

/** The operator on two timesteps laid one after the other, and on each of them. */
async function together(one: OperatorCase): Promise<{ single: readonly number[]; atOnce: Answer | null; oneByOne: Answer }> {
	const session = await InferenceSession.create(encodeModel(build(one)), { logSeverityLevel: 4 });
	const random = randomNumbers(9);
	const values = one.operands.map((dims) => [0, 1].map(() => Float32Array.from({ length: elementCount(dims) }, random)));
	const run = async (steps: readonly number[]): Promise<Answer> => {
		const feeds = Object.fromEntries(
			one.operands.map(([rows = 1, ...rest], at) => {
				const laid = Float32Array.from(steps.flatMap((step) => [...(values[at]?.[step] ?? [])]));
				return [at === 0 ? 'a' : 'b', new Tensor(laid, [rows * steps.length, ...rest])];
			}),
		);
		const { dims, data } = (await session.run(feeds)).y as Tensor;
		return { dims, values: Array.from(data as Float32Array) };
	};
	const [first, second] = [await run([0]), await run([1])];
	const [rows = 0, ...rest] = first.dims;
	const oneByOne = { dims: [rows + (second.dims[0] ?? 0), ...rest], values: [...first.values, ...second.values] };
	const atOnce = await run([0, 1]).catch(() => null);
	await session.release();
	return { single: first.dims, atOnce, oneByOne };
}

test.each(Object.entries(foldable))('%s gives the same for two timesteps at once', async (_, one) => {
	const { single, atOnce, oneByOne } = await together(one);
	expect(allowed(one, single)).toBe(true);
	expect(atOnce).toEqual(oneByOne);
});

test.each(Object.entries(refused))(
	'%s would give something else for two timesteps at once, and is left alone',
	async (_, one) => {
		const { single, atOnce, oneByOne } = await together(one);
		expect(allowed(one, single)).toBe(false);
		expect(atOnce).not.toEqual(oneByOne);
	},
);

test('noise, and operators nobody has described, are left alone', () => {
	expect(allowed({ op: 'RandomNormalLike', operands: [[2, 3]] })).toBe(false);
	expect(allowed({ op: 'NonZero', operands: [[2, 3]] })).toBe(false);
});
