/** Operators of onnxruntime's own set that its optimiser writes, besides the fused and the integer ones. */
import { aligned, before } from './axes.ts';
import { elementwise } from './elementwise.ts';
import type { OperatorFacts } from './facts.ts';
import { making } from './made.ts';
import { moving } from './moving.ts';

/** Weights or products inside, in an order of their own. */
const uncounted: OperatorFacts = { elements: 'mixed', uncounted: true };
const bends: OperatorFacts = { ...(elementwise.Gelu as OperatorFacts) };
/** A sum with a bias or a skip, then a scaling by the figures of each row. */
const skipped: OperatorFacts = { elements: 'mixed', axes: before(-1, 2) };

export const contrib: Readonly<Record<string, OperatorFacts>> = {
	Gelu: bends,
	FastGelu: bends,
	QuickGelu: bends,
	BiasGelu: { elements: 'each', axes: aligned, rate: 'bends' },
	ScaledSiLU: { elements: 'each', axes: aligned },
	GatedAdd: { elements: 'each' },
	SkipLayerNormalization: skipped,
	SkipSimplifiedLayerNormalization: skipped,
	Trilu: moving.Trilu as OperatorFacts,
	Pad: moving.Pad as OperatorFacts,
	GatherND: moving.GatherND as OperatorFacts,
	Unique: moving.Unique as OperatorFacts,
	Range: making.Range as OperatorFacts,
	ExpandDims: { elements: 'moved', form: 'same', values: ({ node, of }) => of(node.inputs[0] ?? '') },
	Attention: uncounted,
	MultiHeadAttention: uncounted,
	GroupQueryAttention: uncounted,
	DecoderMaskedMultiHeadAttention: uncounted,
	QAttention: uncounted,
	SparseAttention: uncounted,
	LinearAttention: uncounted,
	EmbedLayerNormalization: uncounted,
	QEmbedLayerNormalization: uncounted,
	AttnLSTM: uncounted,
	DynamicQuantizeLSTM: uncounted,
	MatMulNBits: uncounted,
	MatMulBnb4: uncounted,
	MatMulFpQ4: uncounted,
	SparseToDenseMatMul: uncounted,
	ConvTransposeWithDynamicPads: uncounted,
	CausalConvWithState: uncounted,
	NhwcMaxPool: { elements: 'chosen', values: ({ node, of }) => of(node.inputs[0] ?? '') },
	MaxpoolWithMask: { elements: 'chosen' },
	MoE: uncounted,
	QMoE: uncounted,
	WordConvEmbedding: uncounted,
	GatherBlockQuantized: { elements: 'moved' },
	RotaryEmbedding: { elements: 'mixed' },
	Inverse: { elements: 'mixed' },
	GridSample: { elements: 'mixed' },
	CropAndResize: { elements: 'mixed' },
};
