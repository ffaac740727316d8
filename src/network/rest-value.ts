import type { GraphNode } from '../model/graph.ts';
import { compares, finite, formOf, onlyMoves, operatorFacts } from '../model/operators/index.ts';
import { elementCount, tensorValues } from '../model/tensors.ts';
import type { GraphIndex } from './graph-index.ts';
import { surrogateLeftover, type ValueSet } from './value-sets.ts';

/** The one number a constant holds, or null when it holds several different ones. */
export function scalarOf(tensor: string, index: GraphIndex): number | null {
	const constant = index.graph.constants.get(tensor);
	if (!constant || elementCount(constant.dims) === 0) return null;
	const values = tensorValues(constant);
	return values.every((value) => value === values[0]) ? (values[0] as number) : null;
}

interface RestQuestion {
	readonly index: GraphIndex;
	readonly sets: ReadonlyMap<string, ValueSet>;
	/** States, by their input: they start at 0. */
	readonly feedback?: ReadonlyMap<string, string>;
}

/** A current so small that no decision hangs on its size. */
const littleCurrent = 2 ** -10;

/**
 * What a decision over a membrane gives while nothing has come in. A comparison is false, unless it holds at rest and a current
 * puts an end to that: u < θ, θ > u, θ − u > 0, −u > −θ. A current that only enters with a minus sign, −i > θ, is true for none;
 * a membrane that counts down to its threshold fires below it. What rounds or takes the sign gives what it makes of the
 * numbers at rest: sign(u − θ) is −1.
 */
function decisionAtRest(node: GraphNode, question: RestQuestion): number {
	const [left = '', right = ''] = node.inputs;
	const at = (current: number): (number | null)[] => {
		const value = numbersAtRest(question, current);
		return node.inputs.filter((name) => name !== '').map((name) => value(name, 0));
	};
	const resting = at(0);
	if (!compares(node)) return applied(node, resting, question) ?? 0;
	const form = formOf(node);
	if (form === 'equal') return 0;
	const above = form === 'greater' || form === 'greaterOrEqual';
	const [rest, driven] = [difference(resting), difference(at(littleCurrent))];
	if (rest !== null && driven !== null && rest !== driven) {
		const holds = rest === 0 || applied(node, resting, question) === 1;
		return Number(holds && above === driven < rest);
	}
	const isNumber = (tensor: string): boolean => !question.index.isConstant(tensor) && question.sets.get(tensor)?.kind === 'any';
	return Number(above === (isNumber(right) && !isNumber(left)));
}

const difference = ([a = null, b = null]: readonly (number | null)[]): number | null => (a === null || b === null ? null : a - b);

/** Further back, a membrane is taken to be where it started: at 0. */
const farthestBack = 40;

/** Numbers before any spike has come in, all currents being the same; null where one cannot be told. */
export function numbersAtRest(question: RestQuestion, current: number): (tensor: string, depth: number) => number | null {
	const { index, sets } = question;
	const known = new Map<string, number | null>();
	const compute = (tensor: string, depth: number): number | null => {
		if (index.isConstant(tensor)) return oneFor(tensor, index);
		const node = index.producer.get(tensor);
		const set = sets.get(tensor);
		if (set?.kind === 'finite' && set.values.length === 1) return set.values[0] as number;
		if (!node) return question.feedback?.has(tensor) ? 0 : current;
		if (depth > farthestBack) return 0;
		const inputs = node.inputs.filter((name) => name !== '');
		const isDecision = set?.kind !== 'any' && inputs.some((name) => sets.get(name)?.kind === 'any' && !index.isConstant(name));
		if (isDecision) return 0;
		if (onlyMoves(node)) return value(inputs[0] ?? '', depth + 1);
		if (operatorFacts(node)?.elements !== 'each') return current;
		return applied(
			node,
			inputs.map((name) => value(name, depth + 1)),
			question,
		);
	};
	const value = (tensor: string, depth: number): number | null => {
		const found = known.get(tensor);
		if (found !== undefined) return found;
		const result = compute(tensor, depth);
		known.set(tensor, result);
		return result;
	};
	return value;
}

/** What an operator makes of one value of each input, by its rule in the table; null where that is no single value. */
function applied(node: GraphNode, values: readonly (number | null)[], { index }: RestQuestion): number | null {
	const form = formOf(node);
	const [a = null, b = null, c = null] = values;
	if (form === 'choice') return b === c ? b : a === null ? null : a !== 0 ? b : c;
	if ((form === 'product' && (a === 0 || b === 0)) || (form === 'quotient' && a === 0)) return 0;
	if (values.includes(null)) return null;
	const names = node.inputs.filter((name) => name !== '');
	const given = new Map(names.map((name, at) => [name, finite([values[at] as number], false)]));
	const sets = operatorFacts(node)?.values?.({
		node,
		of: (tensor) => given.get(tensor) ?? finite([0], false),
		producer: () => undefined,
		constant: (tensor) => index.graph.constants.get(tensor),
	});
	const set = sets && ('kind' in sets ? sets : sets[0]);
	return set?.kind === 'finite' && set.values.length === 1 ? (set.values[0] as number) : null;
}

/** One value of a constant that stands for all: of a threshold for each neuron, the lowest; null where signs differ. */
function oneFor(tensor: string, index: GraphIndex): number | null {
	const constant = index.graph.constants.get(tensor);
	if (!constant || elementCount(constant.dims) === 0) return null;
	const values = tensorValues(constant);
	const sign = Math.sign(values[0] as number);
	if (!values.every((value) => Math.sign(value) === sign)) return null;
	return [...values].reduce((least, value) => (Math.abs(value) < Math.abs(least) ? value : least));
}

/** Deeper chains of logic on spikes are not followed. */
const deepest = 50;

/**
 * The value of a tensor made from spikes when nothing fires; null where it cannot be told.
 *
 * @param silent  decisions that are 0 at rest whatever they compare: the lower side of a ternary neuron
 */
export function valueAtRest(
	tensor: string,
	question: RestQuestion,
	silent: ReadonlySet<GraphNode> = new Set(),
	depth = 0,
): number | null {
	const { index, sets } = question;
	if (index.isConstant(tensor)) return scalarOf(tensor, index);
	const node = index.producer.get(tensor);
	if (!node || depth > deepest || silent.has(node)) return 0;
	const inputs = node.inputs.filter((name) => name !== '');
	const kept = surrogateLeftover(node, index);
	if (kept !== null) return valueAtRest(kept, question, silent, depth + 1);
	// A decision over a membrane: no spike, unless the comparison asks for the membrane below its threshold.
	if (inputs.some((name) => !index.isConstant(name) && sets.get(name)?.kind === 'any')) return decisionAtRest(node, question);
	const values = inputs.map((name) => valueAtRest(name, question, silent, depth + 1));
	if (onlyMoves(node)) return values[0] ?? null;
	return formOf(node) === undefined || operatorFacts(node)?.elements !== 'each' ? 0 : applied(node, values, question);
}
