import type { GraphNode } from '../model/graph.ts';
import { lookUp } from '../model/look-up.ts';
import { elementCount, tensorValues } from '../model/tensors.ts';
import { dynamicInputs, type GraphIndex, intAttribute, intsAttribute, stringAttribute } from './graph-index.ts';

/**
 * Which values a tensor can hold, as far as the graph alone proves it.
 *
 * - `finite`: exactly these values (sorted). A threshold gives {0, 1}; average pooling turns it into quarters.
 * - `discrete`: finitely many values that are not listed (too many, or the pooling divisor varies).
 * - `any`: a number; `low` and `high` bound it where a Clip or ReLU does.
 *
 * `spiking` tells that the values come out of a threshold, and are not merely constants.
 */
export type ValueSet =
	| { readonly kind: 'finite'; readonly values: readonly number[]; readonly spiking: boolean }
	| { readonly kind: 'discrete'; readonly spiking: boolean }
	| { readonly kind: 'any'; readonly low: number; readonly high: number };

/** More values than this are not listed one by one. */
const longestList = 256;

const unbounded: ValueSet = { kind: 'any', low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

function finite(values: Iterable<number>, spiking: boolean): ValueSet {
	const unique = [...new Set([...values].map((value) => value + 0))].sort((a, b) => a - b); // "+ 0" turns -0 into 0
	return unique.length <= longestList ? { kind: 'finite', values: unique, spiking } : { kind: 'discrete', spiking };
}

/** Operators that move or copy elements without changing any. */
export const moving = new Set([
	'Identity',
	'Reshape',
	'Flatten',
	'Squeeze',
	'Unsqueeze',
	'Transpose',
	'Slice',
	'Gather',
	'GatherElements',
	'GatherND',
	'Split',
	'Expand',
	'Tile',
	'Dropout',
	'DepthToSpace',
	'SpaceToDepth',
	'CastLike',
	'ReverseSequence',
]);
/** Operators whose results are elements of their input. */
const rearranging = new Set([...moving, 'MaxPool', 'GlobalMaxPool', 'ReduceMax', 'ReduceMin']);
const comparisons = new Set([
	'Greater',
	'GreaterOrEqual',
	'Less',
	'LessOrEqual',
	'Equal',
	'Not',
	'And',
	'Or',
	'Xor',
	'IsNaN',
	'IsInf',
]);
const rounding: Readonly<Record<string, (value: number) => number>> = {
	Floor: Math.floor,
	Ceil: Math.ceil,
	Round: (value) => {
		const rounded = Math.round(value);
		return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded; // halves to even, as ONNX does
	},
};
const unary: Readonly<Record<string, (value: number) => number>> = {
	...rounding,
	Sign: Math.sign,
	Neg: (value) => -value,
	Abs: Math.abs,
	Relu: (value) => Math.max(0, value),
	Sqrt: Math.sqrt,
	Reciprocal: (value) => 1 / value,
	Not: (value) => (value === 0 ? 1 : 0),
};
const binary: Readonly<Record<string, (a: number, b: number) => number>> = {
	Add: (a, b) => Math.fround(a + b),
	Sub: (a, b) => Math.fround(a - b),
	Mul: (a, b) => Math.fround(a * b),
	Div: (a, b) => Math.fround(a / b),
	Min: Math.min,
	Max: Math.max,
	And: (a, b) => (a !== 0 && b !== 0 ? 1 : 0),
	Or: (a, b) => (a !== 0 || b !== 0 ? 1 : 0),
	Xor: (a, b) => ((a !== 0) !== (b !== 0) ? 1 : 0),
};

/**
 * The value set of every tensor of a graph, by one pass in topological order.
 *
 * @param given value sets of graph inputs that are known (a recurrent spike that is fed back)
 * @param numbers tensors known to be numbers, whatever values the graph proves
 */
export function valueSets(
	index: GraphIndex,
	given: ReadonlyMap<string, ValueSet> = new Map(),
	numbers: ReadonlySet<string> = new Set(),
): Map<string, ValueSet> {
	const sets = new Map<string, ValueSet>();
	for (const { name } of index.graph.inputs) sets.set(name, given.get(name) ?? unbounded);
	const constantSets = new Map<string, ValueSet>();
	const of = (tensor: string): ValueSet => {
		const known = sets.get(tensor) ?? constantSets.get(tensor);
		if (known) return known;
		const constant = index.graph.constants.get(tensor);
		if (!constant) return unbounded;
		const small = elementCount(constant.dims) <= 4096 && constant.type !== 'string';
		const set = small ? finite(tensorValues(constant), false) : unbounded;
		constantSets.set(tensor, set);
		return set;
	};
	for (const node of index.graph.nodes) {
		const set = transfer(node, of, index);
		for (const [position, output] of node.outputs.entries()) {
			if (output === '') continue;
			const known = (position === 0 || node.op === 'Split') && !numbers.has(output);
			sets.set(output, known ? set : unbounded);
		}
	}
	return sets;
}

const isDiscrete = (set: ValueSet): boolean => set.kind !== 'any';
const isSpiking = (set: ValueSet): boolean => set.kind !== 'any' && set.spiking;

/** True when the node turns numbers into a finite set of values: a threshold or quantiser. */
export function isThreshold(node: GraphNode, sets: ReadonlyMap<string, ValueSet>, index: GraphIndex): boolean {
	const output = sets.get(node.outputs[0] ?? '');
	if (!output || !isSpiking(output)) return false;
	return dynamicInputs(node, index).some((input) => sets.get(input)?.kind === 'any') && !rearranging.has(node.op);
}

function transfer(node: GraphNode, of: (tensor: string) => ValueSet, index: GraphIndex): ValueSet {
	if (node.domain !== '' && node.domain !== 'com.microsoft') return unbounded;
	const [a = '', b = '', c = ''] = node.inputs;
	const first = of(a);
	if (node.op === 'ConstantOfShape') {
		const value = node.attributes.get('value');
		return finite(value?.kind === 'tensor' ? tensorValues(value.value) : [0], false);
	}
	if (rearranging.has(node.op)) return first;
	if (node.op === 'Cast') {
		const toFloat = [1, 10, 11, 16].includes(intAttribute(node, 'to', 1));
		if (toFloat) return first;
		if (intAttribute(node, 'to', 1) === 9 && first.kind === 'finite')
			return finite(
				first.values.map((value) => (value === 0 ? 0 : 1)),
				first.spiking,
			);
		if (first.kind === 'any') return truncated(first);
		return first.kind === 'finite' ? finite(first.values.map(Math.trunc), first.spiking) : first;
	}
	if (comparisons.has(node.op)) {
		const inputs = node.inputs.filter((name) => name !== '').map(of);
		const spiking = inputs.some((set) => set.kind === 'any' || set.spiking);
		return finite([0, 1], spiking);
	}
	if (node.op === 'Hardmax' || node.op === 'Bernoulli') return finite([0, 1], true);
	if (node.op === 'OneHot') {
		const values = of(c);
		return values.kind === 'finite' ? finite(values.values, true) : unbounded;
	}
	if (node.op === 'Where') {
		const condition = of(a);
		const [yes, no] = [of(b), of(c)];
		if (yes.kind === 'finite' && no.kind === 'finite')
			return finite([...yes.values, ...no.values], isSpiking(condition) || yes.spiking || no.spiking);
		return isDiscrete(yes) && isDiscrete(no) ? { kind: 'discrete', spiking: true } : unbounded;
	}
	if (node.op === 'Pad') {
		if (stringAttribute(node, 'mode', 'constant') !== 'constant' || first.kind !== 'finite') return first;
		const fill = c === '' ? finite([0], false) : of(c);
		return fill.kind === 'finite' ? finite([...first.values, ...fill.values], first.spiking) : unbounded;
	}
	if (node.op === 'Concat') {
		const sets = node.inputs.map(of);
		if (sets.every((set) => set.kind === 'finite'))
			return finite(
				sets.flatMap((set) => (set.kind === 'finite' ? set.values : [])),
				sets.some(isSpiking),
			);
		return sets.every(isDiscrete) ? { kind: 'discrete', spiking: sets.some(isSpiking) } : unbounded;
	}
	if (node.op === 'Resize' || node.op === 'Upsample')
		return stringAttribute(node, 'mode', 'nearest') === 'nearest' ? first : unbounded;
	if (node.op === 'AveragePool') return averagePooled(first, node);
	if (['GlobalAveragePool', 'ReduceMean', 'ReduceSum', 'Sum', 'Mean'].includes(node.op)) {
		const sets = node.op === 'Sum' || node.op === 'Mean' ? node.inputs.map(of) : [first];
		if (node.op === 'Sum' && sets.length === 1) return first;
		return sets.every(isDiscrete) ? { kind: 'discrete', spiking: sets.some(isSpiking) } : unbounded;
	}
	if (node.op === 'Clip')
		return clipped(
			first,
			bound(node, 'min', 1, of, Number.NEGATIVE_INFINITY),
			bound(node, 'max', 2, of, Number.POSITIVE_INFINITY),
		);
	const one = lookUp(unary, node.op);
	if (one) return mapped(node.op, first, one);
	const two = lookUp(binary, node.op);
	if (two && node.inputs.length === 2) return combined(node, first, of(b), two, of, index);
	return unbounded;
}

function bound(node: GraphNode, name: string, position: number, of: (tensor: string) => ValueSet, open: number): number {
	const attribute = node.attributes.get(name);
	if (attribute?.kind === 'float') return attribute.value;
	const input = node.inputs[position];
	if (!input) return open;
	const set = of(input);
	return set.kind === 'finite' && set.values.length === 1 ? (set.values[0] as number) : open;
}

function clipped(set: ValueSet, low: number, high: number): ValueSet {
	if (set.kind === 'any') return { kind: 'any', low: Math.max(low, set.low), high: Math.min(high, set.high) };
	if (set.kind === 'finite')
		return finite(
			set.values.map((value) => Math.min(high, Math.max(low, value))),
			set.spiking,
		);
	if (integral.has(set) && high - low <= longestList) {
		return finite(
			Array.from({ length: Math.floor(high) - Math.ceil(low) + 1 }, (_, step) => Math.ceil(low) + step).concat([low, high]),
			set.spiking,
		);
	}
	return set;
}

/** Discrete sets known to hold whole numbers only (results of rounding), so that a later Clip can list them. */
const integral = new WeakSet<ValueSet>();

function truncated(set: { readonly low: number; readonly high: number }): ValueSet {
	const [low, high] = [Math.trunc(set.low), Math.trunc(set.high)];
	if (high - low < longestList)
		return finite(
			Array.from({ length: high - low + 1 }, (_, step) => low + step),
			true,
		);
	const whole: ValueSet = { kind: 'discrete', spiking: true };
	integral.add(whole);
	return whole;
}

function mapped(op: string, set: ValueSet, apply: (value: number) => number): ValueSet {
	if (set.kind === 'finite') return finite(set.values.map(apply), set.spiking);
	if (set.kind === 'discrete') {
		if (op === 'Abs' || op === 'Relu' || op === 'Neg') return set;
		return op in rounding || op === 'Sign' ? set : unbounded;
	}
	if (op === 'Sign')
		return finite(
			[-1, 0, 1].filter((value) => value >= Math.sign(set.low) && value <= Math.sign(set.high)),
			true,
		);
	if (op in rounding) return truncated({ low: apply(set.low), high: apply(set.high) });
	if (op === 'Relu') return { kind: 'any', low: Math.max(0, set.low), high: Math.max(0, set.high) };
	if (op === 'Neg') return { kind: 'any', low: -set.high, high: -set.low };
	return unbounded;
}

function averagePooled(set: ValueSet, node: GraphNode): ValueSet {
	if (set.kind === 'any') return unbounded;
	const kernel = intsAttribute(node, 'kernel_shape') ?? [];
	const size = elementCount(kernel);
	const padded =
		(intsAttribute(node, 'pads') ?? []).some((pad) => pad !== 0) ||
		stringAttribute(node, 'auto_pad', 'NOTSET').startsWith('SAME');
	const wholeWindows = !padded || intAttribute(node, 'count_include_pad', 0) === 1;
	const spike =
		set.kind === 'finite' && set.values.length <= 2 && set.values.includes(0)
			? (set.values.find((value) => value !== 0) ?? 0)
			: null;
	if (spike === null || !wholeWindows || intAttribute(node, 'ceil_mode', 0) === 1)
		return { kind: 'discrete', spiking: set.spiking };
	return finite(
		Array.from({ length: size + 1 }, (_, count) => Math.fround((spike * count) / size)),
		set.spiking,
	);
}

function combined(
	node: GraphNode,
	a: ValueSet,
	b: ValueSet,
	apply: (a: number, b: number) => number,
	of: (tensor: string) => ValueSet,
	index: GraphIndex,
): ValueSet {
	const spiking = isSpiking(a) || isSpiking(b);
	if (a.kind === 'finite' && b.kind === 'finite') {
		if (a.values.length * b.values.length > 65536) return { kind: 'discrete', spiking };
		if (node.op === 'Div' && b.values.includes(0)) return unbounded;
		return finite(
			a.values.flatMap((x) => b.values.map((y) => apply(x, y))),
			spiking,
		);
	}
	const divides = node.op !== 'Div' || (b.kind === 'finite' && !b.values.includes(0));
	if (isDiscrete(a) && isDiscrete(b)) return divides ? { kind: 'discrete', spiking } : unbounded;
	const kept = surrogateLeftover(node, index);
	if (kept !== null) return of(kept);
	// Shifting or scaling by one constant keeps bounds: floor(x·T/λ + 0.5) with x clipped has few values.
	const constant = b.kind === 'finite' && b.values.length === 1 ? (b.values[0] as number) : null;
	if (a.kind === 'any' && constant !== null && ['Add', 'Sub', 'Mul', 'Div'].includes(node.op)) {
		const ends = [apply(a.low, constant), apply(a.high, constant)];
		if (ends.some(Number.isNaN)) return unbounded;
		return { kind: 'any', low: Math.min(...ends), high: Math.max(...ends) };
	}
	return unbounded;
}

/**
 * A surrogate gradient written as (spike − x) + x leaves both terms in an exported graph. The sum is the
 * spike again, up to rounding where it is 1 and exactly where it is 0.
 *
 * @returns the spike's tensor, or null when the node is not the end of such a pair
 */
export function surrogateLeftover(node: GraphNode, index: GraphIndex): string | null {
	const [a = '', b = ''] = node.inputs;
	const pairs: readonly (readonly [string, string])[] =
		node.op === 'Add'
			? [
					[a, b],
					[b, a],
				]
			: node.op === 'Sub'
				? [[a, b]]
				: [];
	const inverse = node.op === 'Add' ? 'Sub' : 'Add';
	for (const [sum, term] of pairs) {
		const inner = index.producer.get(sum);
		if (inner?.op !== inverse) continue;
		const [x = '', y = ''] = inner.inputs;
		if (y === term) return x;
		if (inverse === 'Add' && x === term) return y;
	}
	return null;
}
