import type { ConstantTensor, GraphNode } from '../model/graph.ts';
import { compares, formOf, onlyMoves, operatorFacts, variationOf } from '../model/operators/index.ts';
import { tensorValues } from '../model/tensors.ts';
import { oncePer } from '../once-per.ts';
import type { GraphIndex } from './graph-index.ts';
import { appliedTo, type RestQuestion, scalarOf } from './one-value.ts';
import { firingSide } from './reset-side.ts';
import { surrogateLeftover } from './value-sets.ts';

/** A current so small that no decision hangs on its size. */
const littleCurrent = 2 ** -10;

/**
 * What a decision over a membrane gives while nothing has come in. Where the graph resets the membrane, the side that resets it
 * fires, wherever the membrane rests. Else a comparison is false, unless it holds at rest and a current
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
	if (!compares(node)) return appliedTo(node, resting, question) ?? 0;
	const form = formOf(node);
	if (form === 'equal') return 0;
	const side = firingSide(node, question);
	if (side !== null) return 1 - side;
	const above = form === 'greater' || form === 'greaterOrEqual';
	// A number drawn anew is a threshold, of a rate encoder or of neurons that fire by chance.
	const drawn = isDrawn(left, question.index);
	if (drawn !== isDrawn(right, question.index)) return Number(above === drawn);
	const [rest, driven] = [difference(resting), difference(at(littleCurrent))];
	if (rest !== null && driven !== null && rest !== driven) {
		const holds = rest === 0 || appliedTo(node, resting, question) === 1;
		return Number(holds && above === driven < rest);
	}
	const isNumber = (tensor: string): boolean => !question.index.isConstant(tensor) && question.sets.get(tensor)?.kind === 'any';
	return Number(above === (isNumber(right) && !isNumber(left)));
}

/** Whether a tensor is random numbers, scaled and shifted by constants perhaps. */
function isDrawn(tensor: string, index: GraphIndex, depth = 0): boolean {
	const node = index.producer.get(tensor);
	if (!node || depth > farthestBack) return false;
	const facts = operatorFacts(node);
	if (facts?.elements === 'made') return variationOf(node, (name) => index.graph.constants.get(name)) === 'random';
	const [only = '', ...others] = node.inputs.filter((name) => name !== '' && !index.isConstant(name));
	return (facts?.elements === 'each' || onlyMoves(node)) && others.length === 0 && isDrawn(only, index, depth + 1);
}

const difference = ([a = null, b = null]: readonly (number | null)[]): number | null => (a === null || b === null ? null : a - b);

/** Further back, a membrane is taken to be where it started: at 0. */
const farthestBack = 40;

/** Numbers before any spike has come in, all currents being the same; null where one cannot be told. */
export function numbersAtRest(question: RestQuestion, current: number): (tensor: string, depth: number) => number | null {
	const { index, sets } = question;
	const known = new Map<string, number | null>();
	const compute = (tensor: string, depth: number): number | null => {
		const constant = index.graph.constants.get(tensor);
		if (constant) return oneFor(constant);
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
		return appliedTo(
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

/** One value of a constant that stands for all: of a threshold for each neuron, the lowest; null where signs differ. */
const oneFor = oncePer((constant: ConstantTensor): number | null => {
	const values = tensorValues(constant);
	// Texts have no values.
	if (values.length === 0) return null;
	const sign = Math.sign(values[0] as number);
	if (!values.every((value) => Math.sign(value) === sign)) return null;
	return [...values].reduce((least, value) => (Math.abs(value) < Math.abs(least) ? value : least));
});

const noFeedback: ReadonlyMap<string, string> = new Map();
/** Every path through a graph comes to the same decisions. */
const knownDecisions = oncePer((_: GraphIndex) =>
	oncePer((_: RestQuestion['sets']) => oncePer((_: NonNullable<RestQuestion['feedback']>) => new Map<GraphNode, number>())),
);

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
	if (inputs.some((name) => !index.isConstant(name) && sets.get(name)?.kind === 'any')) {
		const known = knownDecisions(index)(sets)(question.feedback ?? noFeedback);
		const value = known.get(node) ?? decisionAtRest(node, question);
		known.set(node, value);
		return value;
	}
	const values = inputs.map((name) => valueAtRest(name, question, silent, depth + 1));
	if (onlyMoves(node)) return values[0] ?? null;
	return formOf(node) === undefined || operatorFacts(node)?.elements !== 'each' ? 0 : appliedTo(node, values, question);
}
