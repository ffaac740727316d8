/** Operators that bring numbers to a common scale, by stored figures or by those of the tensor itself. */
import { intAttribute, intsAttribute } from '../attributes.ts';
import { before, except, exceptAttribute, none, pairs, rows, upTo } from './axes.ts';
import type { OperatorFacts } from './facts.ts';
import { between } from './value-set.ts';

const shares = (): ReturnType<typeof between> => between(0, 1);

/** Stored figures scale by channel; figures of the batch mix its samples. */
const batchNormalised = pairs(({ node }, position, rank) => {
	if (isTraining(node)) return none;
	if (position === 0)
		return upTo(rank)
			.filter((axis) => axis !== 1)
			.map((axis) => [axis, axis]);
	return none;
});

/** Older operator sets say it by naming the figures of the batch as outputs. */
const isTraining = (node: Parameters<NonNullable<OperatorFacts['varies']>>[0]): boolean =>
	intAttribute(node, 'training_mode', 0) === 1 || node.outputs.filter((name) => name !== '').length > 1;

const meanVarianceAxes = except(({ node }) => intsAttribute(node, 'axes') ?? [0, 2, 3]);

export const normalising: Readonly<Record<string, OperatorFacts>> = {
	BatchNormalization: {
		elements: 'each',
		form: 'normalised',
		axes: batchNormalised,
		varies: (node) => (isTraining(node) ? 'batch statistics' : null),
	},
	MeanVarianceNormalization: {
		elements: 'mixed',
		axes: meanVarianceAxes,
		varies: (node) => ((intsAttribute(node, 'axes') ?? [0, 2, 3]).includes(0) ? 'batch statistics' : null),
	},
	InstanceNormalization: { elements: 'mixed', axes: rows },
	GroupNormalization: { elements: 'mixed', axes: rows },
	LRN: { elements: 'mixed', axes: rows },
	LpNormalization: { elements: 'mixed', axes: exceptAttribute(-1) },
	LayerNormalization: { elements: 'mixed', axes: before(-1) },
	RMSNormalization: { elements: 'mixed', axes: before(-1) },
	// onnxruntime's optimiser writes it into the standard set.
	SimplifiedLayerNormalization: { elements: 'mixed', axes: before(-1) },
	// Before opset 13 all axes from the given one on were one, and the first was left out by default.
	Softmax: { elements: 'mixed', values: shares, axes: before(1), rate: 'scores' },
	LogSoftmax: { elements: 'mixed', axes: before(1), rate: 'scores' },
};
