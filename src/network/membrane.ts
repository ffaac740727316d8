import type { GraphNode } from '../model/graph.ts';
import { compares, type Form, formOf, operatorFacts, passesOn } from '../model/operators/index.ts';
import { dynamicInputs } from './graph-index.ts';
import type { MembraneQuestion } from './membrane-question.ts';
import type { NeuronLayer } from './network.ts';
import { scalarOf } from './one-value.ts';
import { resetOf } from './reset.ts';
import { valueAtRest } from './rest-value.ts';
import type { SpikeContext } from './spike-paths.ts';

type Membrane = Pick<NeuronLayer, 'leak' | 'threshold' | 'reset' | 'delayedReset'>;

/** Reads threshold, leak and reset off the arithmetic around a neuron's threshold. */
export function describeMembrane(question: MembraneQuestion): Membrane {
	const { membrane, threshold } = thresholdInput(question.threshold, question);
	return {
		threshold,
		leak: question.held.length === 0 ? null : leakOf(membrane, question),
		...resetOf(question),
	};
}

/** Membrane potential at which a quantiser's output leaves 0, before any constants in front of it. */
const quantiserLevels: ReadonlyMap<Form | undefined, number> = new Map<Form, number>([
	['ceiling', 0],
	['floor', 1],
	['cast', 1],
	['sign', 0],
]);
/** Leaves a potential near its threshold as it is. */
const keepsPotential = (node: GraphNode): boolean =>
	formOf(node) === 'bounded' || (formOf(node) === 'same' && operatorFacts(node)?.elements === 'each');

/** θ < u rather than u > θ; where both are numbers, the one that has to be the larger for a spike is the membrane. */
function isThresholdFirst(node: GraphNode, { index, sets, ...context }: MembraneQuestion): boolean {
	const [a = '', b = ''] = node.inputs;
	const isNumber = (tensor: string): boolean => !index.isConstant(tensor) && sets.get(tensor)?.kind === 'any';
	if (isNumber(a) !== isNumber(b)) return isNumber(b);
	const less = formOf(node) === 'less' || formOf(node) === 'lessOrEqual';
	return less === (valueAtRest(node.outputs[0] ?? '', { index, sets, ...context }) === 0);
}

/** What the comparison or quantiser compares with, and the number it looks at; null for levels that are not one number. */
function decision(node: GraphNode, question: MembraneQuestion): { looksAt: string; level: number | null } {
	const [a = '', b = ''] = node.inputs;
	if (compares(node) && formOf(node) !== 'equal') {
		const thresholdFirst = isThresholdFirst(node, question);
		return { looksAt: thresholdFirst ? b : a, level: scalarOf(thresholdFirst ? a : b, question.index) };
	}
	const set = question.sets.get(node.outputs[0] ?? '');
	// A quantiser of several levels has several thresholds.
	const single = set?.kind === 'finite' && (set.values.length === 2 || formOf(node) === 'sign');
	return { looksAt: a, level: single ? (quantiserLevels.get(formOf(node)) ?? null) : null };
}

/**
 * The membrane potential u that is compared, and the threshold v, from u − v > 0, u > v, u / v − 1 > 0 and the like:
 * constants are moved to the other side until a tensor is left that is not an affine function of one other.
 */
function thresholdInput(node: GraphNode, question: MembraneQuestion): { membrane: string; threshold: number | null } {
	const { index } = question;
	const { looksAt, level } = decision(node, question);
	let membrane = looksAt;
	let value = level;
	for (;;) {
		const from = index.producer.get(membrane);
		if (!from || question.synapticOutputs.has(membrane)) break;
		const inputs = dynamicInputs(from, index);
		const [input] = inputs;
		if (inputs.length !== 1 || input === undefined) break;
		if (keepsPotential(from)) {
			membrane = input;
			continue;
		}
		const [x = '', y = ''] = from.inputs;
		const constant = scalarOf(x === input ? y : x, index);
		const inverse = constant === null ? null : undo(formOf(from), constant, x === input);
		if (!inverse) break;
		// A leak in front of the comparison (λ·u alone) is part of the dynamics, not of the threshold.
		if (formOf(from) === 'product' && question.held.includes(input)) break;
		value = value === null ? null : inverse(value);
		membrane = input;
	}
	return { membrane, threshold: value === null ? null : value + 0 };
}

function undo(form: Form | undefined, constant: number, constantIsSecond: boolean): ((value: number) => number) | null {
	switch (form) {
		case 'sum':
			return (value) => value - constant;
		case 'difference':
			return constantIsSecond ? (value) => value + constant : (value) => constant - value;
		case 'product':
			return constant === 0 ? null : (value) => value / constant;
		case 'quotient':
			return constantIsSecond && constant !== 0 ? (value) => value * constant : null;
		default:
			return null;
	}
}

/**
 * How much of the membrane potential that was compared is left in the one compared a timestep later, input and resets
 * aside.
 */
function leakOf(membrane: string, question: MembraneQuestion): number | null {
	const leak = question.step ? leakInStep(membrane, question) : leakInUnrolled(membrane, question);
	if (leak === null || leak <= 0) return nothingLeaks(question) ? 1 : null;
	return Number.isFinite(leak) ? Math.fround(leak) : null;
}

/** Whether every state keeps all it holds, as those of a sigma-delta neuron do: what it compares is a difference of states. */
function nothingLeaks(question: MembraneQuestion): boolean {
	const { held, heldBefore, states, step } = question;
	const kept = step
		? states.flatMap(({ input, output }) => (held.includes(input) ? [coefficientOf(input, output, question)] : []))
		: held.map((state, at) => coefficientOf(heldBefore[at] ?? '', state, question));
	return kept.length > 0 && held.length === kept.length && kept.every((factor) => factor === 1);
}

function leakInUnrolled(membrane: string, question: MembraneQuestion): number | null {
	if (!question.previous) return null;
	const [base = thresholdInput(question.previous, question).membrane] = question.previousKeptAs;
	return coefficientOf(base, membrane, question);
}

/** In a step model the potential goes out through one of the held states and comes back in through its input. */
function leakInStep(membrane: string, question: MembraneQuestion): number | null {
	for (const { input, output } of question.states) {
		if (!question.held.includes(input)) continue;
		const kept = coefficientOf(membrane, output, question);
		if (kept === 0) continue; // a synaptic current, or a threshold that adapts
		const entering = coefficientOf(input, membrane, question);
		return kept === null || entering === null ? null : kept * entering;
	}
	return null;
}

/**
 * The coefficient of one tensor in another, in a linear reading of the graph between them. Gates by spikes (resets)
 * count as 1.
 *
 * @returns null where it is not one number
 */
export function coefficientOf(
	base: string,
	target: string,
	question: SpikeContext & { readonly synapticOutputs: ReadonlySet<string> },
): number | null {
	const { index, sets, synapticOutputs } = question;
	const memo = new Map<string, number | null>();
	const coefficient = (tensor: string, depth: number): number | null => {
		if (tensor === base) return 1;
		if (index.isConstant(tensor) || synapticOutputs.has(tensor)) return 0;
		const known = memo.get(tensor);
		if (known !== undefined) return known;
		const result = depth > 200 ? null : combine(tensor, depth);
		memo.set(tensor, result);
		return result;
	};
	const combine = (tensor: string, depth: number): number | null => {
		if (sets.get(tensor)?.kind !== 'any') return 0;
		const node = index.producer.get(tensor);
		if (!node) return 0;
		const [a = '', b = '', c = ''] = node.inputs;
		const of = (name: string): number | null => coefficient(name, depth + 1);
		const discrete = (name: string): boolean => !index.isConstant(name) && sets.get(name)?.kind !== 'any';
		if (passesOn(node)) return of(a);
		switch (formOf(node)) {
			case 'bounded':
				return of(a);
			case 'quantised':
				return rescaled(of(a), scalarOf(b, index), (scale) => 1 / scale);
			case 'dequantised':
				return rescaled(of(a), scalarOf(b, index), (scale) => scale);
			case 'negative':
				return scaled(of(a), -1);
			case 'sum':
				return node.inputs.reduce<number | null>((sum, input) => added(sum, of(input)), 0);
			case 'difference':
				return added(of(a), scaled(of(b), -1));
			case 'product':
			case 'quotient': {
				if (discrete(a) && formOf(node) === 'product') return gated(a, of(b));
				if (discrete(b)) return gated(b, of(a));
				const factor = scalarOf(index.isConstant(b) ? b : a, index);
				const other = of(index.isConstant(b) ? a : b);
				if (other === 0) return 0;
				if (factor === null) return null;
				return scaled(other, formOf(node) === 'product' ? factor : index.isConstant(b) ? 1 / factor : Number.NaN);
			}
			case 'choice': {
				const rest = discrete(a) ? valueAtRest(a, question) : null;
				if (rest !== null) return of(rest === 0 ? c : b);
				const sides = [of(b), of(c)].filter((side) => side !== 0);
				return sides[0] ?? 0;
			}
			default:
				return 0;
		}
	};
	/** u·s in "u − u·s" is a reset and counts 0; u·(1 − s) lets the state through and counts as u. */
	const gated = (gate: string, value: number | null): number | null => (opensAtRest(gate, question) ? value : 0);
	return coefficient(target, 0);
}

const scaled = (value: number | null, factor: number): number | null => (value === null ? null : value * factor);
/** By a scale that may not be one number. */
const rescaled = (value: number | null, scale: number | null, factor: (scale: number) => number): number | null =>
	value === 0 ? 0 : scale === null ? null : scaled(value, factor(scale));
const added = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);

/** Whether a gate made from spikes lets the membrane through when nothing fires (1 − s, Not s, or the comparison turned around). */
function opensAtRest(gate: string, question: SpikeContext): boolean {
	const value = valueAtRest(gate, question);
	return value !== null && value !== 0;
}
