import type { GraphNode } from '../model/graph.ts';
import { type Form, formOf, onlyMoves } from '../model/operators/index.ts';
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
}

/**
 * Whether a decision is true while the membrane it looks at is below the threshold: u < θ, θ > u, θ − u > 0, −u > −θ. A current
 * that only enters with a minus sign, −i > θ, is true for none.
 */
function asksBelow(node: GraphNode, question: RestQuestion): boolean {
	const { index } = question;
	const form = formOf(node);
	const constantFirst = index.isConstant(node.inputs[0] ?? '');
	const less = (form === 'less' || form === 'lessOrEqual') !== constantFirst;
	const looksAt = soleNumber(node, question);
	const line = looksAt === null ? null : lineThrough(looksAt, question);
	if (line === null || line.factor > 0) return less;
	const level = scalarOf(node.inputs[constantFirst ? 0 : 1] ?? '', index);
	return !less && level !== null && line.shift > level;
}

const soleNumber = (node: GraphNode, { index, sets }: RestQuestion): string | null => {
	const [name, ...others] = node.inputs.filter((input) => !index.isConstant(input) && sets.get(input)?.kind === 'any');
	return name !== undefined && others.length === 0 ? name : null;
};

interface Line {
	readonly factor: number;
	readonly shift: number;
}

/** A tensor as factor · x + shift, x being what constants alone have made it of. */
function lineThrough(tensor: string, question: RestQuestion): Line {
	const node = question.index.producer.get(tensor);
	const input = node ? soleNumber(node, question) : null;
	const second = node?.inputs[1] === input;
	const step =
		node && input !== null ? affineStep(formOf(node), scalarOf(node.inputs[second ? 0 : 1] ?? '', question.index), second) : null;
	if (!step || input === null) return { factor: 1, shift: 0 };
	const before = lineThrough(input, question);
	return { factor: step.factor * before.factor, shift: step.factor * before.shift + step.shift };
}

function affineStep(form: Form | undefined, constant: number | null, second: boolean): Line | null {
	if (form === 'negative') return { factor: -1, shift: 0 };
	if (form === 'same' || form === 'cast') return { factor: 1, shift: 0 };
	if (constant === null) return null;
	if (form === 'sum') return { factor: 1, shift: constant };
	if (form === 'difference') return second ? { factor: -1, shift: constant } : { factor: 1, shift: -constant };
	if (form === 'product') return { factor: constant, shift: 0 };
	if (form === 'quotient' && !second && constant !== 0) return { factor: 1 / constant, shift: 0 };
	return null;
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
	const form = formOf(node);
	// A decision over a membrane: no spike, unless the comparison asks for the membrane below its threshold.
	if (inputs.some((name) => !index.isConstant(name) && sets.get(name)?.kind === 'any')) return asksBelow(node, question) ? 1 : 0;
	const values = inputs.map((name) => valueAtRest(name, question, silent, depth + 1));
	const [a = null, b = null, c = null] = values;
	const two = (apply: (x: number, y: number) => number): number | null => (a === null || b === null ? null : apply(a, b));
	if (onlyMoves(node)) return a;
	switch (form) {
		case 'cast':
		case 'bounded':
			return a;
		case 'not':
			return a === null ? null : a === 0 ? 1 : 0;
		case 'negative':
			return a === null ? null : -a;
		case 'sum':
			return values.reduce((sum, value) => (sum === null || value === null ? null : sum + value), 0);
		case 'difference':
			return two((x, y) => x - y);
		case 'product':
			return a === 0 || b === 0 ? 0 : two((x, y) => x * y);
		case 'quotient':
			return a === 0 ? 0 : two((x, y) => x / y);
		case 'greater':
			return two((x, y) => Number(x > y));
		case 'greaterOrEqual':
			return two((x, y) => Number(x >= y));
		case 'less':
			return two((x, y) => Number(x < y));
		case 'lessOrEqual':
			return two((x, y) => Number(x <= y));
		case 'equal':
			return two((x, y) => Number(x === y));
		case 'or':
			return two((x, y) => (x !== 0 || y !== 0 ? 1 : 0));
		case 'and':
			return two((x, y) => (x !== 0 && y !== 0 ? 1 : 0));
		case 'least':
			return two(Math.min);
		case 'greatest':
			return two(Math.max);
		case 'choice':
			return a === null ? null : a !== 0 ? b : c;
		default:
			return 0;
	}
}
