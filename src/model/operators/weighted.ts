/** Operators that multiply activations by weights, or by other activations. */
import { intAttribute } from '../attributes.ts';
import type { GraphNode } from '../graph.ts';
import { convolved, matrix, none, pairs, toLast } from './axes.ts';
import type { AxisFacts, OperatorFacts, WeightFacts } from './facts.ts';

const convolution: WeightFacts = {
	operands: [{ weight: 1, data: 0, side: 'right' }],
	bias: 2,
	geometry: 'convolution',
};

type Side = 'left' | 'right';

/** Matrices: weights on the right (x·W) or on the left (W·x). */
const matrices = (bias: number | null, transposes?: (node: GraphNode, side: Side) => boolean): WeightFacts => ({
	operands: [
		{ weight: 1, data: 0, side: 'right' },
		{ weight: 0, data: 1, side: 'left' },
	],
	bias,
	geometry: 'matrix',
	...(transposes ? { transposes } : {}),
});

const gemmTransposes = (node: GraphNode, side: Side): boolean =>
	intAttribute(node, side === 'right' ? 'transB' : 'transA', 0) === 1;

/** Rows of A, columns of B; a bias is added to every row. */
const gemmAxes: AxisFacts = pairs(
	(call, position, rank) => {
		if (position === 0) return [[gemmTransposes(call.node, 'left') ? 1 : 0, 0]];
		if (position === 1) return [[gemmTransposes(call.node, 'right') ? 0 : 1, 1]];
		return position === 2 ? toLast({ ...call, outputRank: 2 }, position, rank) : none;
	},
	{ broadcasts: true },
);

const fusedAxes = matrix(({ node }, position) => gemmTransposes(node, position === 0 ? 'left' : 'right'));

export const weighted: Readonly<Record<string, OperatorFacts>> = {
	Conv: { elements: 'mixed', weights: convolution, axes: convolved(1) },
	ConvTranspose: { elements: 'mixed', weights: { ...convolution, geometry: 'transposed convolution' }, axes: convolved(1) },
	MatMul: { elements: 'mixed', weights: matrices(null), axes: matrix() },
	Gemm: { elements: 'mixed', weights: matrices(2, gemmTransposes), axes: gemmAxes },
	DeformConv: { elements: 'mixed', uncounted: true },
	Einsum: { elements: 'mixed', rewritten: 'einsum', uncounted: true },
	Attention: { elements: 'mixed', uncounted: true },
	LinearAttention: { elements: 'mixed', uncounted: true },
	CausalConvWithState: { elements: 'mixed', uncounted: true },
};

/** What onnxruntime's optimiser makes of them when it takes an activation or a sum in. */
export const fused: Readonly<Record<string, OperatorFacts>> = {
	FusedConv: { elements: 'mixed', weights: convolution, axes: convolved(1) },
	FusedGemm: { elements: 'mixed', weights: matrices(2, gemmTransposes), axes: gemmAxes },
	FusedMatMul: { elements: 'mixed', weights: matrices(null, gemmTransposes), axes: fusedAxes },
	TransposeMatMul: { elements: 'mixed', weights: matrices(null, gemmTransposes), axes: fusedAxes },
};
