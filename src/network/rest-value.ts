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

/** Whether a decision is true while the membrane it looks at is below the threshold: u < θ, θ > u, θ − u > 0, −u > −θ. */
function asksBelow(node: GraphNode, { index, sets }: RestQuestion): boolean {
	const form = formOf(node);
	let below = form === 'less' || form === 'lessOrEqual';
	const [first = ''] = node.inputs;
	if (index.isConstant(first)) below = !below;
	for (let at = node; ; ) {
		const [name, ...others] = at.inputs.filter((input) => !index.isConstant(input) && sets.get(input)?.kind === 'any');
		const next = name !== undefined && others.length === 0 ? index.producer.get(name) : undefined;
		if (!next || !affine.has(formOf(next))) return below;
		at = next;
		if (turnsRound(at, { index, sets })) below = !below;
	}
}

const affine: ReadonlySet<Form | undefined> = new Set<Form>(['same', 'cast', 'sum', 'difference', 'product', 'quotient', 'negative']);

/** −x, θ − x and x · c with c < 0: what was larger is smaller. */
function turnsRound(node: GraphNode, { index, sets }: RestQuestion): boolean {
	const [a = '', b = ''] = node.inputs;
	switch (formOf(node)) {
		case 'negative':
			return true;
		case 'difference':
			return index.isConstant(a) || sets.get(a)?.kind !== 'any';
		case 'product':
			return (scalarOf(a, index) ?? scalarOf(b, index) ?? 1) < 0;
		case 'quotient':
			return (scalarOf(b, index) ?? 1) < 0;
		default:
			return false;
	}
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
