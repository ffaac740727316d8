/**
 * Which of onnxruntime's graph optimisers a large graph goes without.
 *
 * Each walks over the whole graph, several times, and what it changes is looked over again: 10,000 nodes take more than twice as long as
 * 5,000. Left are those that make layers faster: constants folded, what follows a convolution taken into it, and the blocked memory layout of convolutions.
 * The others found nothing in probed graphs (bench/notes.md), of which folding has taken equal nodes together before.
 */
const left = `
	BiasDropoutFusion BiasGeluFusion BiasSoftmaxFusion CastChainElimination CastElimination CastFloat16Transformer ClipQuantRewrite
	CommonSubexpressionElimination ConstantSharing DivMulFusion DoubleQDQPairsRemover DynamicQuantizeMatMulFusion EliminateDropout EliminateIdentity
	EliminateSlice EmbedLayerNormFusion EnsureUniqueDQForNodeUnit ExpandElimination FastGeluFusion FuseReluClip GatherSliceToSplitFusion
	GatherToSliceFusion GatherToSplitFusion GeluFusionL1 GeluFusionL2 GemmActivationFusion GemmSumFusion GemmTransposeFusion LabelEncoderFusion
	LayerNormFusionL1 LayerNormFusionL2 MatMulActivationFusion MatMulAddFusion MatMulIntegerToFloatFusion MatMulScaleFusion
	MatMul_BatchNormalization_Fusion MatmulTransposeFusion NoopElimination NotWhereFusion PreShapeNodeElimination PropagateCastOps
	QDQFinalCleanupTransformer QDQPropagationTransformer QDQS8ToU8Transformer QuickGeluFusion ReluQuantRewrite ReshapeFusion SimplifiedLayerNormFusion
	TransposeOptimizer UnsqueezeElimination WeightBiasQuantization WhereDummyDq`
	.trim()
	.split(/\s+/)
	.join(';');

/** Nodes from which optimising takes longer than it saves. */
const large = 2000;

/** @returns entries of a session's configuration */
export const optimisersFor = (nodes: number): { readonly optimization?: { readonly disable_specified_optimizers: string } } =>
	nodes > large ? { optimization: { disable_specified_optimizers: left } } : {};
