import fc from 'fast-check';
import type { Attribute, ConstantTensor, GraphNode } from '../../src/model/graph.ts';
import { node } from '../../src/model/graph.ts';
import { elementCount, float32Tensor } from '../../src/model/tensors.ts';
import { type PlainLayer, plainLayer } from './plain-counter.ts';

/** A layer of weights applied to the tensor "x", with the sample shape of its input. */
export interface RandomLayer {
	readonly node: GraphNode;
	readonly weight: ConstantTensor;
	readonly bias: ConstantTensor | null;
	readonly weightPosition: 0 | 1;
	readonly inputShape: readonly number[];
	readonly plain: PlainLayer;
}

const ints = (value: readonly number[]): Attribute => ({ kind: 'ints', value });
const int = (value: number): Attribute => ({ kind: 'int', value });

/** Small dyadic weights, a share of them exactly zero: sums are exact in float32, and pruning is seen. */
const weightValues = (dims: readonly number[], pruned: boolean): fc.Arbitrary<ConstantTensor> =>
	fc
		.array(fc.integer({ min: pruned ? -3 : 1, max: 3 }), { minLength: elementCount(dims), maxLength: elementCount(dims) })
		.map((values) =>
			float32Tensor(
				values.map((value) => (pruned && Math.abs(value) === 2 ? 0 : value / 4)),
				dims,
			),
		);

const perAxis = (axes: number, low: number, high: number): fc.Arbitrary<number[]> =>
	fc.array(fc.integer({ min: low, max: high }), { minLength: axes, maxLength: axes });

interface Geometry {
	readonly transposed: boolean;
	readonly groups: number;
	readonly inPerGroup: number;
	readonly outPerGroup: number;
	readonly sizes: number[];
	readonly kernel: number[];
	readonly strides: number[];
	readonly dilations: number[];
	readonly begin: number[];
	readonly end: number[];
	readonly extra: number[];
	readonly mode: string;
	readonly outputShape: boolean;
	readonly pruned: boolean;
	readonly biased: boolean;
}

const geometry: fc.Arbitrary<Geometry> = fc.integer({ min: 1, max: 3 }).chain((axes) =>
	fc.record({
		transposed: fc.boolean(),
		groups: fc.integer({ min: 1, max: 3 }),
		inPerGroup: fc.integer({ min: 1, max: 2 }),
		outPerGroup: fc.integer({ min: 1, max: 2 }),
		sizes: perAxis(axes, 1, axes === 3 ? 4 : 6),
		kernel: perAxis(axes, 1, 3),
		strides: perAxis(axes, 1, 3),
		dilations: perAxis(axes, 1, 2),
		begin: perAxis(axes, 0, 2),
		end: perAxis(axes, 0, 2),
		extra: perAxis(axes, 0, 2),
		mode: fc.constantFrom('NOTSET', 'NOTSET', 'NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'),
		outputShape: fc.boolean(),
		pruned: fc.boolean(),
		biased: fc.boolean(),
	}),
);

const reachOf = ({ kernel, dilations }: Geometry, axis: number): number =>
	((kernel[axis] as number) - 1) * (dilations[axis] as number) + 1;

/** Geometries ONNX defines: outputs of at least one element, output padding below the stride. */
function sensible(shape: Geometry): boolean {
	return shape.sizes.every((size, axis) => {
		const reach = reachOf(shape, axis);
		const stride = shape.strides[axis] as number;
		// onnxruntime refuses automatic padding of dilated kernels.
		if (shape.mode.startsWith('SAME') && (shape.dilations[axis] as number) > 1) return false;
		const pads = shape.mode === 'NOTSET' ? (shape.begin[axis] as number) + (shape.end[axis] as number) : 0;
		if (!shape.transposed) return shape.mode.startsWith('SAME') || size + pads >= reach;
		const extra = shape.extra[axis] as number;
		const whole = stride * (size - 1) + extra + reach;
		if (extra >= stride) return false;
		if (shape.mode.startsWith('SAME')) return whole >= size * stride;
		return whole - pads >= 1;
	});
}

export const convolution: fc.Arbitrary<RandomLayer> = geometry.filter(sensible).chain((shape) => {
	const { transposed, groups, inPerGroup, outPerGroup, kernel, mode } = shape;
	const channels = groups * inPerGroup;
	const dims = transposed ? [channels, outPerGroup, ...kernel] : [groups * outPerGroup, inPerGroup, ...kernel];
	const attributes: Record<string, Attribute> = {
		kernel_shape: ints(kernel),
		strides: ints(shape.strides),
		dilations: ints(shape.dilations),
		group: int(groups),
	};
	if (mode === 'NOTSET') attributes.pads = ints([...shape.begin, ...shape.end]);
	else attributes.auto_pad = { kind: 'string', value: mode };
	if (transposed) {
		attributes.output_padding = ints(shape.extra);
		if (shape.outputShape && mode === 'NOTSET') {
			// The same size said outright; the runtime then shares the padding out itself.
			delete attributes.pads;
			attributes.output_shape = ints(
				shape.sizes.map(
					(size, axis) =>
						(shape.strides[axis] as number) * (size - 1) +
						(shape.extra[axis] as number) +
						reachOf(shape, axis) -
						(shape.begin[axis] as number) -
						(shape.end[axis] as number),
				),
			);
		}
	}
	return weightValues(dims, shape.pruned).map((weight): RandomLayer => {
		const bias = shape.biased
			? float32Tensor(Float32Array.from({ length: groups * outPerGroup }, (_, at) => (at % 3) / 8))
			: null;
		const layer = node(transposed ? 'ConvTranspose' : 'Conv', ['x', 'weight', ...(bias ? ['bias'] : [])], ['current'], {
			attributes,
		});
		const inputShape = [channels, ...shape.sizes];
		return { node: layer, weight, bias, weightPosition: 1, inputShape, plain: plainLayer(layer, weight, 1, inputShape) };
	});
});

export const gemm: fc.Arbitrary<RandomLayer> = fc
	.record({
		inputs: fc.integer({ min: 1, max: 8 }),
		outputs: fc.integer({ min: 1, max: 8 }),
		transposed: fc.boolean(),
		pruned: fc.boolean(),
		biased: fc.boolean(),
	})
	.chain(({ inputs, outputs, transposed, pruned, biased }) =>
		weightValues(transposed ? [outputs, inputs] : [inputs, outputs], pruned).map((weight): RandomLayer => {
			const bias = biased ? float32Tensor(Float32Array.from({ length: outputs }, (_, at) => (at % 3) / 8)) : null;
			const layer = node('Gemm', ['x', 'weight', ...(bias ? ['bias'] : [])], ['current'], {
				attributes: transposed ? { transB: int(1) } : {},
			});
			return {
				node: layer,
				weight,
				bias,
				weightPosition: 1,
				inputShape: [inputs],
				plain: plainLayer(layer, weight, 1, [inputs]),
			};
		}),
	);

/** x·W and W·x, on single rows, on rows of tokens, and with stacked weights that broadcast over leading axes. */
export const matMul: fc.Arbitrary<RandomLayer> = fc
	.record({
		weightPosition: fc.constantFrom<0 | 1>(0, 1),
		depth: fc.integer({ min: 1, max: 4 }),
		width: fc.integer({ min: 1, max: 4 }),
		other: fc.integer({ min: 1, max: 3 }),
		stack: fc.integer({ min: 1, max: 3 }),
		kind: fc.constantFrom('row', 'tokens', 'stacked tokens', 'stacked weights', 'both stacked', 'vector'),
		pruned: fc.boolean(),
	})
	.filter(({ kind, weightPosition }) => !(kind === 'row' && weightPosition === 0))
	.chain(({ weightPosition, depth, width, other, stack, kind, pruned }) => {
		const plainDims = weightPosition === 1 ? [depth, width] : [width, depth];
		const dims =
			kind === 'stacked weights' || kind === 'both stacked' ? [stack, ...plainDims] : kind === 'vector' ? [depth] : plainDims;
		const matrix = weightPosition === 1 ? [other, depth] : [depth, other];
		const inputShape =
			kind === 'row'
				? [depth]
				: kind === 'stacked tokens' || kind === 'both stacked'
					? [stack, ...matrix]
					: kind === 'stacked weights'
						? [1, ...matrix]
						: matrix;
		return weightValues(dims, pruned).map((weight): RandomLayer => {
			const layer = node('MatMul', weightPosition === 1 ? ['x', 'weight'] : ['weight', 'x'], ['current']);
			return {
				node: layer,
				weight,
				bias: null,
				weightPosition,
				inputShape,
				plain: plainLayer(layer, weight, weightPosition, inputShape),
			};
		});
	});
