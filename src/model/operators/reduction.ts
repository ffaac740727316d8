/** Operators that make one number of several along some axes. */
import { before, exceptAttribute, exceptInput, reduced, reducedOne } from './axes.ts';
import type { OperatorFacts, Rate, ValueRule } from './facts.ts';
import { finite, finitelyMany, paired, unbounded, type ValueSet } from './value-set.ts';

const first: ValueRule = ({ node, of }) => of(node.inputs[0] ?? '');
/** Sums of few values are few values. */
const sums: ValueRule = ({ node, of }) => finitelyMany([of(node.inputs[0] ?? '')]);

/** Where products of two values are values again (0 and 1), so are longer ones. */
const product: ValueRule = ({ node, of }) => {
	const set = of(node.inputs[0] ?? '');
	const twice = paired(set, set, (a, b) => a * b);
	const closed = set.kind === 'finite' && twice?.kind === 'finite' && twice.values.every((value) => set.values.includes(value));
	return closed ? set : finitelyMany([set]);
};

const reduction = (values: ValueRule | undefined, rate?: Rate): OperatorFacts => ({
	elements: 'mixed',
	axes: reduced,
	...(values ? { values } : {}),
	...(rate ? { rate } : {}),
});

const ordinals: readonly ValueSet[] = [unbounded];

export const reductions: Readonly<Record<string, OperatorFacts>> = {
	ReduceSum: { ...reduction(sums, 'linear'), joins: { op: 'Add' } },
	ReduceMean: { ...reduction(sums, 'linear'), joins: { op: 'Mean', atOnce: true } },
	ReduceMax: { ...reduction(first), elements: 'chosen', joins: { op: 'Max' } },
	ReduceMin: { ...reduction(first), elements: 'chosen', joins: { op: 'Min' } },
	ReduceProd: { ...reduction(product), joins: { op: 'Mul' } },
	ReduceL1: { ...reduction(sums), joins: { op: 'Add', each: 'Abs' } },
	ReduceL2: { ...reduction(sums), joins: { op: 'Add', each: 'square', whole: 'Sqrt' } },
	ReduceSumSquare: { ...reduction(sums), joins: { op: 'Add', each: 'square' } },
	ReduceLogSum: reduction(undefined),
	ReduceLogSumExp: reduction(undefined),
	ArgMax: { elements: 'mixed', axes: reducedOne },
	ArgMin: { elements: 'mixed', axes: reducedOne },
	CumSum: { elements: 'mixed', values: sums, axes: exceptInput(1) },
	CumProd: { elements: 'mixed', values: product, axes: exceptInput(1) },
	/** Values, then their places. */
	TopK: { elements: 'chosen', values: (call) => [first(call) as ValueSet, ...ordinals], axes: exceptAttribute(-1) },
	Hardmax: { elements: 'mixed', values: () => finite([0, 1], true), axes: before(1), rate: 'scores' },
	Det: { elements: 'mixed' },
};
