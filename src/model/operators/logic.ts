/** Comparisons and logic: 0 or 1 comes out. */
import { aligned } from './axes.ts';
import type { Form, OperatorFacts, ValueRule } from './facts.ts';
import { finite, isSpiking, listed, paired } from './value-set.ts';

/** A decision over numbers makes spikes of them; over shapes and constants it does not. */
const decides: ValueRule = ({ node, of }) => {
	const sets = node.inputs.filter((name) => name !== '').map(of);
	return finite(
		[0, 1],
		sets.some((set) => set.kind === 'any' || isSpiking(set)),
	);
};

/** Of listed values the answers are known one by one. */
const logical =
	(apply: (a: boolean, b: boolean) => boolean): ValueRule =>
	(call) => {
		const [a, b] = call.node.inputs.map(call.of);
		return (a && b && paired(a, b, (x, y) => Number(apply(x !== 0, y !== 0)))) ?? decides(call);
	};

const not: ValueRule = (call) => {
	const set = call.of(call.node.inputs[0] ?? '');
	return listed(set, (value) => Number(value === 0)) ?? decides(call);
};

/** Of two values the answer is known. */
const comparing =
	(apply: (a: number, b: number) => boolean): ValueRule =>
	(call) => {
		const [a, b] = call.node.inputs.map(call.of);
		const known = a?.kind === 'finite' && b?.kind === 'finite' && a.values.length === 1 && b.values.length === 1;
		return (known && paired(a, b, (x, y) => Number(apply(x, y)))) || decides(call);
	};

const decision = (form: Form | undefined, values: ValueRule = decides): OperatorFacts => ({
	elements: 'each',
	axes: aligned,
	values,
	...(form ? { form } : {}),
});

export const logic: Readonly<Record<string, OperatorFacts>> = {
	Greater: decision(
		'greater',
		comparing((a, b) => a > b),
	),
	GreaterOrEqual: decision(
		'greaterOrEqual',
		comparing((a, b) => a >= b),
	),
	Less: decision(
		'less',
		comparing((a, b) => a < b),
	),
	LessOrEqual: decision(
		'lessOrEqual',
		comparing((a, b) => a <= b),
	),
	Equal: {
		...decision(
			'equal',
			comparing((a, b) => a === b),
		),
		matches: true,
	},
	Not: decision('not', not),
	And: decision(
		'and',
		logical((a, b) => a && b),
	),
	Or: decision(
		'or',
		logical((a, b) => a || b),
	),
	Xor: decision(
		'xor',
		logical((a, b) => a !== b),
	),
	IsNaN: decision(undefined),
	IsInf: decision(undefined),
};
