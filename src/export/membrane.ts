/** The equations of a neuron layer, read off the operators between its input, its states and its spike. */
import type { UserError } from '../errors.ts';
import type { StatePairing } from '../model/model-file.ts';
import { type Form, formOf, operatorFacts, passesOn } from '../model/operators/index.ts';
import { tensorValues } from '../model/tensors.ts';
import type { GraphIndex } from '../network/graph-index.ts';
import type { NeuronLayer } from '../network/network.ts';
import type { Expression, Numbers } from './expressions.ts';
import * as expressions from './expressions.ts';
import { reasons } from './messages.ts';

export interface Membrane {
	/** Of the neuron's decision: it fires where this is above 0, or for `atThreshold` at 0 too. Null for a layer that never fires. */
	readonly decision: Expression | null;
	readonly atThreshold: boolean;
	/** What a spike is as the layer's output: 1, or another number for spikes that carry one. */
	readonly height: Numbers;
	/** What each state becomes. */
	readonly next: ReadonlyMap<string, Expression>;
}

/** The error to throw for a layer that is no NIR neuron, from the words that fit behind "cannot be written as NIR: ". */
export type Refuse = (why: string) => UserError;

export interface MembraneQuestion {
	readonly index: GraphIndex;
	readonly layer: NeuronLayer;
	readonly states: readonly StatePairing[];
	readonly refuse: Refuse;
	/** A tensor from outside the neuron, in terms of what NIR nodes give. */
	outside(tensor: string): Expression;
}

const linear: ReadonlySet<Form | undefined> = new Set<Form>([
	'sum',
	'difference',
	'product',
	'quotient',
	'negative',
	'choice',
	'not',
]);

/** @throws UserError where the arithmetic is not linear in states and inputs */
export function readMembrane(question: MembraneQuestion): Membrane {
	const { index, layer, states, refuse } = question;
	const [call] = layer.calls;
	if (call === undefined || layer.calls.length !== 1 || layer.delayedReset) throw refuse(reasons.delayed);
	const expression = expressionReader(question, call.heldStates, layer.spiking ? call.decision : '');
	const held = states.filter(({ input }) => call.heldStates.includes(input));
	const next = new Map(held.map(({ input, output }) => [input, expression(output)]));
	if (!layer.spiking) return { decision: null, atThreshold: false, height: expressions.number(1), next };
	const output = expression(call.spikes);
	const height = output.rest.size === 0 && output.fired.size === 1 ? output.fired.get('') : undefined;
	if (height === undefined) throw refuse(reasons.output);
	const node = index.producer.get(call.decision);
	const [a = '', b = ''] = node?.inputs ?? [];
	const form = node ? formOf(node) : undefined;
	switch (form) {
		case 'greater':
		case 'greaterOrEqual':
			return {
				decision: difference(expression(a), expression(b), refuse),
				atThreshold: form === 'greaterOrEqual',
				height,
				next,
			};
		case 'less':
		case 'lessOrEqual':
			return { decision: difference(expression(b), expression(a), refuse), atThreshold: form === 'lessOrEqual', height, next };
		default:
			throw refuse(reasons.decision(node?.op ?? 'nothing'));
	}
}

function difference(a: Expression, b: Expression, refuse: Refuse): Expression {
	const result = expressions.add(a, expressions.negate(b));
	if (result === null) throw refuse(reasons.threshold);
	return result;
}

function expressionReader(
	{ index, outside, refuse }: MembraneQuestion,
	held: readonly string[],
	decision: string,
): (tensor: string) => Expression {
	const memo = new Map<string, Expression>();
	const own = new Map<string, boolean>();
	/** Whether a tensor depends on the layer's states or spikes through arithmetic alone. */
	const isOwn = (tensor: string): boolean => {
		if (tensor === decision || held.includes(tensor)) return true;
		if (index.isConstant(tensor)) return false;
		const seen = own.get(tensor);
		if (seen !== undefined) return seen;
		own.set(tensor, false);
		const node = index.producer.get(tensor);
		// What compares or bends the state is part of the neuron too, and refused when it is read.
		const result =
			node !== undefined && !operatorFacts(node)?.weights && node.inputs.some((input) => input !== '' && isOwn(input));
		own.set(tensor, result);
		return result;
	};
	const read = (tensor: string): Expression => {
		const seen = memo.get(tensor);
		if (seen !== undefined) return seen;
		const result = compute(tensor);
		memo.set(tensor, result);
		return result;
	};
	const compute = (tensor: string): Expression => {
		if (tensor === decision) return expressions.spike;
		if (held.includes(tensor)) return expressions.variable(tensor);
		const stored = index.graph.constants.get(tensor);
		if (stored) return expressions.constant({ dims: stored.dims, values: Float64Array.from(tensorValues(stored)) });
		if (!isOwn(tensor)) return outside(tensor);
		const node = index.producer.get(tensor);
		const passes = node !== undefined && passesOn(node);
		if (node === undefined || !(passes || linear.has(formOf(node))))
			throw refuse(reasons.arithmetic(node?.name ?? tensor, node?.op ?? ''));
		const [first = '', ...others] = node.inputs.slice(0, passes ? 1 : undefined).filter((input) => input !== '');
		const of = (result: Expression | null): Expression => {
			if (result === null) throw refuse(reasons.arithmetic(node.name, node.op));
			return result;
		};
		switch (formOf(node)) {
			case 'sum':
				return others.reduce((sum, input) => of(expressions.add(sum, read(input))), read(first));
			case 'difference':
				return of(expressions.add(read(first), expressions.negate(read(others[0] ?? ''))));
			case 'product':
				return of(expressions.multiply(read(first), read(others[0] ?? '')));
			case 'quotient':
				return of(expressions.divide(read(first), read(others[0] ?? '')));
			case 'negative':
				return expressions.negate(read(first));
			case 'not':
				return of(expressions.add(expressions.constant(expressions.number(1)), expressions.negate(read(first))));
			case 'choice': {
				const [chosen, other] = others.map(read) as [Expression, Expression];
				const change = of(expressions.add(chosen, expressions.negate(other)));
				return of(expressions.add(other, of(expressions.multiply(read(first), change))));
			}
			default:
				return read(first);
		}
	};
	return read;
}

/** Whether two coefficients agree as far as float32 can tell. */
export function alike(a: Numbers, b: Numbers): boolean {
	const near = expressions.combine(a, b, (x, y) => (Math.abs(x - y) <= 1e-6 * Math.max(Math.abs(x), Math.abs(y)) ? 1 : 0));
	return near !== null && expressions.every(near, (value) => value === 1);
}
