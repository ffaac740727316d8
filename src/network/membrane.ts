import type { GraphNode } from './graph.ts';
import { dynamicInputs } from './graph-index.ts';
import type { NeuronLayer, StatePairing } from './network.ts';
import { downstream } from './reachability.ts';
import type { SpikeContext } from './spike-paths.ts';
import { elementCount, tensorValues } from './tensors.ts';

export interface MembraneQuestion extends SpikeContext {
	readonly threshold: GraphNode;
	readonly spikes: string;
	/** State tensors the neuron holds when the timestep begins. */
	readonly held: readonly string[];
	/** All thresholds of the layer over time. */
	readonly own: ReadonlySet<GraphNode>;
	readonly synapticOutputs: ReadonlySet<string>;
	readonly states: readonly StatePairing[];
	readonly step: boolean;
}

type Membrane = Pick<NeuronLayer, 'leak' | 'threshold' | 'reset' | 'delayedReset'>;

/** Reads threshold, leak and reset off the arithmetic around a neuron's threshold. */
export function describeMembrane(question: MembraneQuestion): Membrane {
	const affine = thresholdInput(question);
	return {
		threshold: affine?.threshold ?? null,
		leak: question.held.length === 0 ? null : leakOf(affine?.membrane ?? '', question),
		...resetOf(question),
	};
}

/** The one number a constant holds, or null when it holds several different ones. */
function scalar(tensor: string, { index }: SpikeContext): number | null {
	const constant = index.graph.constants.get(tensor);
	if (!constant || elementCount(constant.dims) === 0) return null;
	const values = tensorValues(constant);
	return values.every((value) => value === values[0]) ? (values[0] as number) : null;
}

/**
 * The membrane potential u that is compared, and the threshold v, from u − v > 0, u > v, u / v − 1 > 0 and the like:
 * constants are moved to the other side until a tensor is left that is not an affine function of one other.
 */
function thresholdInput(question: MembraneQuestion): { membrane: string; threshold: number | null } | null {
	const { threshold: node, index } = question;
	const [a = '', b = ''] = node.inputs;
	let membrane = index.isConstant(a) ? b : a;
	const level = node.inputs.length < 2 || node.op === 'Clip' ? 0 : scalar(index.isConstant(a) ? a : b, question);
	if (!['Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'Sign'].includes(node.op)) return { membrane, threshold: null };
	let value = level;
	for (;;) {
		const from = index.producer.get(membrane);
		if (!from || question.synapticOutputs.has(membrane)) break;
		const inputs = dynamicInputs(from, index);
		const [input] = inputs;
		if (inputs.length !== 1 || input === undefined) break;
		if (from.op === 'Identity') {
			membrane = input;
			continue;
		}
		const [x = '', y = ''] = from.inputs;
		const constant = scalar(x === input ? y : x, question);
		const inverse = constant === null ? null : undo(from.op, constant, x === input);
		if (!inverse) break;
		// A leak in front of the comparison (λ·u alone) is part of the dynamics, not of the threshold.
		if (from.op === 'Mul' && question.held.includes(input)) break;
		value = value === null ? null : inverse(value);
		membrane = input;
	}
	return { membrane, threshold: value === null ? null : value + 0 };
}

function undo(op: string, constant: number, constantIsSecond: boolean): ((value: number) => number) | null {
	switch (op) {
		case 'Add':
			return (value) => value - constant;
		case 'Sub':
			return constantIsSecond ? (value) => value + constant : (value) => constant - value;
		case 'Mul':
			return constant === 0 ? null : (value) => value / constant;
		case 'Div':
			return constantIsSecond && constant !== 0 ? (value) => value * constant : null;
		default:
			return null;
	}
}

/**
 * How much of the held state is left in the membrane that is compared, input and resets aside: the coefficient of the
 * state in a linear reading of the graph. Gates by spikes (resets) count as 1.
 */
function leakOf(membrane: string, question: MembraneQuestion): number | null {
	const { index, sets, synapticOutputs } = question;
	// The state that reaches the compared membrane directly is the potential; others (a synaptic current) act through it.
	const roots = new Set(question.held.flatMap((tensor) => [tensor, ...rootChain(tensor, question)]));
	const isBase = (tensor: string): boolean =>
		question.step ? question.held.includes(tensor) : roots.has(tensor) && !hasNumericProducer(tensor, question, roots);
	const memo = new Map<string, number | null>();
	const coefficient = (tensor: string, depth: number): number | null => {
		if (index.isConstant(tensor) || synapticOutputs.has(tensor)) return 0;
		if (isBase(tensor)) return 1;
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
		switch (node.op) {
			case 'Identity':
			case 'Reshape':
			case 'Squeeze':
			case 'Unsqueeze':
			case 'Cast':
			case 'Clip':
			case 'Relu':
				return of(a);
			case 'Neg':
				return scaled(of(a), -1);
			case 'Add':
			case 'Sum':
				return node.inputs.reduce<number | null>((sum, input) => added(sum, of(input)), 0);
			case 'Sub':
				return added(of(a), scaled(of(b), -1));
			case 'Mul':
			case 'Div': {
				if (discrete(a) && node.op === 'Mul') return gated(a, of(b));
				if (discrete(b)) return gated(b, of(a));
				const factor = scalar(index.isConstant(b) ? b : a, question);
				const other = of(index.isConstant(b) ? a : b);
				if (other === 0) return 0;
				if (factor === null) return null;
				return scaled(other, node.op === 'Mul' ? factor : index.isConstant(b) ? 1 / factor : Number.NaN);
			}
			case 'Where': {
				const sides = [of(b), of(c)].filter((side) => side !== 0);
				return sides[0] ?? 0;
			}
			default:
				return 0;
		}
	};
	/** u·s in "u − u·s" is a reset and counts 0; u·(1 − s) lets the state through and counts as u. */
	const gated = (gate: string, value: number | null): number | null => (opensAtRest(gate, question) ? value : 0);
	const found = coefficient(membrane, 0);
	return found === null || !Number.isFinite(found) ? null : Math.fround(found);
}

const scaled = (value: number | null, factor: number): number | null => (value === null ? null : value * factor);
const added = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);

/** Whether a gate made from spikes is 1 when nothing fires (1 − s, or Not s). */
function opensAtRest(gate: string, { index }: SpikeContext): boolean {
	let name = gate;
	let open = false;
	for (;;) {
		const node = index.producer.get(name);
		if (!node) return open;
		if (node.op === 'Sub' && index.isConstant(node.inputs[0] ?? '')) open = !open;
		if (node.op === 'Not' || node.op === 'Less' || node.op === 'LessOrEqual') open = !open;
		const inputs = dynamicInputs(node, index);
		if (
			!['Sub', 'Not', 'Cast', 'Mul', 'Identity', 'Neg', 'Add'].includes(node.op) ||
			inputs.length !== 1 ||
			inputs[0] === undefined
		)
			return open;
		name = inputs[0];
	}
}

/** From a held tensor back to the state itself: through operators with a single numeric input. */
function rootChain(tensor: string, question: MembraneQuestion): string[] {
	const chain: string[] = [];
	for (let name = tensor; ; ) {
		const node = question.index.producer.get(name);
		const numbers = new Set(
			node ? dynamicInputs(node, question.index).filter((input) => question.sets.get(input)?.kind === 'any') : [],
		);
		const [only] = numbers;
		if (question.synapticOutputs.has(name) || numbers.size !== 1 || only === undefined) return chain;
		chain.push(only);
		name = only;
	}
}

function hasNumericProducer(tensor: string, question: MembraneQuestion, roots: ReadonlySet<string>): boolean {
	const node = question.index.producer.get(tensor);
	return node ? dynamicInputs(node, question.index).some((input) => roots.has(input)) : false;
}

/**
 * Soft reset: spikes times a constant are subtracted from the membrane. Hard reset: spikes gate the membrane or choose
 * another value. Looked for where this layer's spikes, or the same comparison one step later, meet the membrane again.
 */
function resetOf(question: MembraneQuestion): { reset: NeuronLayer['reset']; delayedReset: boolean } {
	const { index, sets } = question;
	const membraneTensors = new Set<string>(question.held);
	for (const tensor of question.held) for (const reached of downstream(tensor, index)) membraneTensors.add(reached);
	const gates = new Map<string, boolean>();
	for (const threshold of question.own) for (const output of threshold.outputs) gates.set(output, false);
	// A delayed reset compares the state held from the step before.
	for (const node of index.graph.nodes) {
		const [output = ''] = node.outputs;
		if (question.own.has(node) || gates.has(output) || sets.get(output)?.kind === 'any') continue;
		const inputs = dynamicInputs(node, index);
		if (inputs.length === 1 && comparesSameState(node, question)) gates.set(output, true);
	}
	let found: { reset: NeuronLayer['reset']; delayedReset: boolean } | null = null;
	for (const [gate, delayed] of gates) {
		const reached = discreteDownstream(gate, question);
		for (const tensor of reached) {
			for (const node of index.consumers.get(tensor) ?? []) {
				const [output = ''] = node.outputs;
				if (sets.get(output)?.kind !== 'any' || question.synapticOutputs.has(output)) continue;
				const kind = resetKind(node, tensor, question);
				if (kind && (found === null || (found.delayedReset && !delayed))) found = { reset: kind, delayedReset: delayed };
			}
		}
	}
	return found ?? { reset: 'none', delayedReset: false };
}

function discreteDownstream(tensor: string, { index, sets }: SpikeContext): string[] {
	const reached = new Set([tensor]);
	const open = [tensor];
	for (let name = open.pop(); name !== undefined; name = open.pop()) {
		for (const node of index.consumers.get(name) ?? []) {
			if (!['Cast', 'Mul', 'Sub', 'Not', 'Neg', 'Identity', 'Add', 'Where', 'Div'].includes(node.op)) continue;
			for (const output of node.outputs) {
				if (output === '' || reached.has(output) || sets.get(output)?.kind === 'any') continue;
				reached.add(output);
				open.push(output);
			}
		}
	}
	return [...reached];
}

function comparesSameState(node: GraphNode, question: MembraneQuestion): boolean {
	const { index } = question;
	let [name] = dynamicInputs(node, index);
	for (let steps = 0; name !== undefined && steps < 4; steps += 1) {
		if (question.held.includes(name) || question.held.some((held) => rootChain(held, question).includes(name as string)))
			return true;
		const producer = index.producer.get(name);
		const inputs = producer ? dynamicInputs(producer, index) : [];
		if (inputs.length !== 1) return false;
		name = inputs[0];
	}
	return false;
}

function resetKind(node: GraphNode, spikes: string, { index, sets }: SpikeContext): 'soft' | 'hard' | null {
	const [a = '', b = '', c = ''] = node.inputs;
	const number = (name: string): boolean => !index.isConstant(name) && sets.get(name)?.kind === 'any';
	if (node.op === 'Sub' && b === spikes && number(a)) return 'soft';
	if (node.op === 'Add' && (number(a) || number(b))) return 'soft';
	if (node.op === 'Mul' && (number(a) || number(b))) return 'hard';
	if (node.op === 'Where' && a === spikes && (number(b) || number(c))) {
		return index.isConstant(b) || index.isConstant(c) ? 'hard' : 'soft';
	}
	return null;
}
