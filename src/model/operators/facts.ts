import type { ConstantTensor, GraphNode } from '../graph.ts';
import type { ValueSet } from './value-set.ts';

/**
 * Everything the project knows of one operator. All that looks at a graph asks these records; nothing else in the
 * project keeps lists of operators.
 */
export interface OperatorFacts {
	readonly elements: Elements;
	/** Which values come out; absent: any number. */
	readonly values?: ValueRule;
	/** The arithmetic it stands for, where membranes are read through it; absent: none that is read. */
	readonly form?: Form;
	/** Which axes it keeps entry by entry; absent: none. */
	readonly axes?: AxisFacts;
	/**
	 * The operator that joins several tensors, two or all at once, as this one joins all entries of an axis, and what it makes of
	 * each before and of the whole after; absent: it joins none.
	 */
	readonly joins?: { readonly op: string; readonly atOnce?: true; readonly each?: 'Abs' | 'square'; readonly whole?: 'Sqrt' };
	/** How it applies weights; absent: it has none that are counted. */
	readonly weights?: WeightFacts;
	/** Why its results may differ from run to run or with the batch; null where they do not. Absent: they never do. */
	readonly varies?: (node: GraphNode, constantOf: ConstantOf) => Variation | null;
	/** What becomes of it before structure is looked for; absent: it stays. */
	readonly rewritten?: 'constant' | 'control flow' | 'sequence' | 'einsum' | 'recurrence' | 'in-place write' | 'chance';
	/** True for weights or products inside that are not taken apart: its operations are counted nowhere. */
	readonly uncounted?: true;
	/** Smooth functions that stand in for a threshold while a network is trained. */
	readonly smooth?: true;
	/** What a firing rate does to it in conversion; absent: a rate cannot pass. */
	readonly rate?: Rate;
	/** Inputs that hold scales and zero points: stored, yet no parameters of the network. */
	readonly scales?: readonly number[];
	/** Asks which numbers are equal: a code of whole numbers, where no magnitude passes a threshold. */
	readonly matches?: true;
	/** True where only the input's shape goes in. */
	readonly readsShape?: true;
	/** Inputs that say how large the result is. */
	readonly sizedBy?: readonly number[];
	/** Outputs that hold a scale made while the network runs. */
	readonly scaleOutputs?: readonly number[];
}

/**
 * Where the elements of the outputs come from:
 * - `moved`: they are elements of the inputs, in places that shapes and constants tell
 * - `chosen`: they are elements of the inputs, chosen by value (max pooling)
 * - `each`: computed from the elements at the same place
 * - `mixed`: computed from several elements
 * - `made`: from shapes, constants or chance; no element goes in
 */
export type Elements = 'moved' | 'chosen' | 'each' | 'mixed' | 'made';

/** Arithmetic by what it does, whichever operator spells it. */
export type Form =
	| 'same'
	| 'cast'
	/** Several tensors along an axis. */
	| 'joined'
	| 'sum'
	| 'difference'
	| 'product'
	| 'quotient'
	| 'negative'
	/** Leaves a potential near its threshold as it is: Clip, Abs, Relu. */
	| 'bounded'
	| 'least'
	| 'greatest'
	| 'choice'
	| 'sign'
	| 'floor'
	| 'ceiling'
	| 'nearest'
	| 'greater'
	| 'greaterOrEqual'
	| 'less'
	| 'lessOrEqual'
	| 'equal'
	| 'not'
	| 'and'
	| 'or'
	| 'xor'
	/** x / scale + zero point, rounded and cut off. */
	| 'quantised'
	/** (q − zero point) · scale. */
	| 'dequantised'
	/** A factor and a shift by channel. */
	| 'normalised';

export interface ValueCall {
	readonly node: GraphNode;
	/** Value set of a tensor; any number where nothing is known of it. */
	of(tensor: string): ValueSet;
	producer(tensor: string): GraphNode | undefined;
	constant(tensor: string): ConstantTensor | undefined;
}
/** One set is that of the first output; a list has one for each output. What is not named is any number. */
export type ValueRule = (call: ValueCall) => ValueSet | readonly ValueSet[];

export type ConstantOf = (tensor: string) => ConstantTensor | null | undefined;

/** What an axis rule has to know of the graph around a node. */
export interface AxisCall {
	readonly node: GraphNode;
	/** Number of axes of an input; undefined where it is not known. */
	rankOf(position: number): number | undefined;
	/** Number of axes of the first output. */
	readonly outputRank: number;
	constantOf(position: number): ConstantTensor | null | undefined;
}
export type AxisPairs = readonly (readonly [input: number, output: number])[];

/**
 * How the axes of the inputs become those of the first output.
 *
 * - `flat`: the elements keep their row-major order and only get other axes. `keepsFirst` tells whether the entries of the
 *   first axis stay together as entries of the output's first axis, in order.
 * - `pairs`: for each input, pairs of an input axis and an output axis such that entry i of the one depends on entry i of
 *   the other and on no other entry.
 */
export type AxisFacts =
	| { readonly kind: 'flat'; keepsFirst(call: AxisCall): boolean }
	| {
			readonly kind: 'pairs';
			of(call: AxisCall, position: number): AxisPairs;
			/** Whether inputs of size 1 along an axis are repeated. */
			readonly broadcasts: boolean;
			/** Whether all axes are alike, so that any of them may be left out or added. */
			readonly alike?: true;
			/** Whether an operand holds the size of the first axis as a number, so that it cannot become longer. */
			sized?(call: AxisCall): boolean;
	  };

/** An input that may hold the weights, and the one they are applied to. */
export interface WeightOperands {
	readonly weight: number;
	readonly data: number;
	/** Right: x·W (and all convolutions); left: W·x. */
	readonly side: 'left' | 'right';
	/** Inputs whose value stands for zero in the integers of the weights and of the data. */
	readonly weightZero?: number;
	readonly dataZero?: number;
}

export interface WeightFacts {
	readonly operands: readonly WeightOperands[];
	readonly bias: number | null;
	readonly geometry: 'convolution' | 'transposed convolution' | 'matrix';
	/** Whether the operand of that side is transposed before it is applied. */
	transposes?(node: GraphNode, side: 'left' | 'right'): boolean;
}

export type Variation = 'random' | 'batch statistics';

/**
 * In conversion, where a neuron's rate stands for a number:
 * - `keeps`: moves spikes, which stay 0 or 1
 * - `linear`: the mean over time passes through
 * - `pool`: takes the largest
 * - `scores`: changes class scores without changing their order
 * - `bends`: an activation that is not a ReLU
 */
export type Rate = 'keeps' | 'linear' | 'pool' | 'scores' | 'bends';
