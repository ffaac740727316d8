import type { GraphNode } from '../model/graph.ts';
import {
	boundsOf,
	compares,
	type Form,
	finite,
	formOf,
	onlyMoves,
	operatorFacts,
	passesOn,
	unbounded,
} from '../model/operators/index.ts';
import { tensorValues } from '../model/tensors.ts';
import type { Currents } from './drivers.ts';
import { dynamicInputs, type GraphIndex, intAttribute } from './graph-index.ts';
import type { DecisionThreshold } from './network.ts';
import { scalarOf } from './one-value.ts';
import { upstream } from './reachability.ts';
import { numbersAtRest } from './rest-value.ts';
import type { SpikeContext } from './spike-paths.ts';

/**
 * The thresholds of some decisions that make up one neuron's spikes.
 *
 * @returns null where the graph does not tell one of them, or it is 0 and has no scale that a distance could be measured by
 */
export function decisionThresholds(
	decisions: readonly GraphNode[],
	context: SpikeContext,
	currents: Currents,
): DecisionThreshold[] | null {
	const question = { ...context, currents, above: false };
	const found = new Map(decisions.map((node) => [node, thresholdOf(node, question)]));
	// What a sign is multiplied with decides elsewhere: Sign(u) · (|u| > v), (u > 0) · ⌊u / v⌋.
	const signs = decisions.filter((node) => found.get(node) === null && decisions.length > 1 && isFactor(node, context));
	const others = decisions.filter((node) => !signs.includes(node));
	const above = signs.some((node) => formOf(node) !== 'sign');
	const known = others.map((node) => found.get(node) ?? (above ? steps(node, { ...question, above }) : null));
	if (known.length === 0 || known.includes(null)) return null;
	return [...new Map(known.map((one) => [JSON.stringify(one), one as DecisionThreshold])).values()];
}

interface Question extends SpikeContext {
	readonly currents: Currents;
	/** Whether it only counts where the membrane is above 0. */
	readonly above: boolean;
}

/** Whether a comparison with 0, or a sign, is only multiplied with other decisions. */
function isFactor(node: GraphNode, { index }: SpikeContext): boolean {
	const form = formOf(node);
	const zero = node.inputs.some((input) => index.isConstant(input) && scalarOf(input, index) === 0);
	if (form !== 'sign' && !(zero && compares(node) && form !== 'equal')) return false;
	const open = [...(index.consumers.get(node.outputs[0] ?? '') ?? [])];
	for (let reader = open.pop(); reader !== undefined; reader = open.pop()) {
		if (formOf(reader) === 'product' || formOf(reader) === 'and') continue;
		if (!passesOn(reader)) return false;
		open.push(...(index.consumers.get(reader.outputs[0] ?? '') ?? []));
	}
	return true;
}

function thresholdOf(node: GraphNode, question: Question): DecisionThreshold | null {
	const [a = '', b = ''] = node.inputs;
	const form = formOf(node);
	if (form === 'sign') return aroundZero(a, question);
	if (!compares(node)) return steps(node, question);
	const { isConstant } = question.index;
	const level = isConstant(b) ? b : isConstant(a) ? a : risingSide(a, b, question);
	if (level === null) return null;
	const value = level === b ? a : b;
	const constant = question.index.graph.constants.get(level);
	if (!constant) return { kind: 'level', value, level, scale: level };
	const numbers = tensorValues(constant);
	if (numbers.every((number) => number === 0)) return aroundZero(value, question);
	if (numbers.some((number) => number === 0)) return null;
	const free = unsaturated({ value, factor: 1, offset: 0 }, [...numbers], question);
	return free && free.factor === 1 && free.offset === 0 ? { kind: 'level', value: free.value, level, scale: level } : null;
}

/** u − v > 0 and the like: the threshold is what was subtracted last. */
function aroundZero(compared: string, question: Question): DecisionThreshold | null {
	const { index, currents } = question;
	for (let value = compared; ; ) {
		const node = index.producer.get(value);
		if (!node || currents.has(value)) return null;
		const [a = '', b = '', ...others] = node.inputs;
		const constant = [a, b].find((input) => input !== '' && index.isConstant(input));
		const only = dynamicInputs(node, index);
		switch (formOf(node)) {
			case 'sum':
			case 'difference': {
				if (others.length > 0) return null;
				const scale = constant ?? risingSide(a, b, question);
				if (scale === null) return null;
				if (scale !== constant) return { kind: 'level', value, level: null, scale };
				if (scalarOf(scale, index) === 0) break;
				return isBias(node, only[0] ?? '', question) || !hasNoZero(scale, question)
					? null
					: { kind: 'level', value, level: null, scale };
			}
			case 'product':
			case 'quotient':
				if (constant === undefined || !hasNoZero(constant, question) || only[0] !== a) return null;
				break;
			case 'same':
			case 'negative':
			case 'bounded':
			case 'least':
			case 'greatest':
				if (operatorFacts(node)?.elements !== 'each') return null;
				break;
			default:
				return null;
		}
		if (only.length !== 1) return null;
		value = only[0] as string;
	}
}

/** Added to what weights gave, or to each neuron another number: it moves the membrane and not the threshold. */
function isBias(node: GraphNode, to: string, { index, currents }: Question): boolean {
	if (formOf(node) !== 'sum') return false;
	if (node.inputs.some((input) => index.isConstant(input) && scalarOf(input, index) === null)) return true;
	let tensor = to;
	for (let from = index.producer.get(tensor); from && !currents.has(tensor) && onlyMoves(from); from = index.producer.get(tensor))
		tensor = from.inputs[0] ?? '';
	return currents.has(tensor);
}

const hasNoZero = (constant: string, { index }: Question): boolean => {
	const tensor = index.graph.constants.get(constant);
	return tensor !== undefined && tensorValues(tensor).every((value) => value !== 0 && Number.isFinite(value));
};

/** Of two numbers the one that is a threshold: nonzero before anything has happened, and not driven by weights. */
function risingSide(a: string, b: string, question: Question): string | null {
	const { index, sets, currents } = question;
	const atRest = numbersAtRest(question, 0);
	const stop = (tensor: string): boolean => currents.has(tensor) || sets.get(tensor)?.kind !== 'any';
	const driven = (side: string): boolean => [...upstream(side, index, stop)].some((tensor) => currents.has(tensor));
	const rises = (side: string): boolean => (atRest(side, 0) ?? 0) !== 0 && !driven(side);
	const membrane = (side: string): boolean => atRest(side, 0) === 0 || driven(side);
	return rises(b) && membrane(a) ? b : rises(a) && membrane(b) ? a : null;
}

/** x = factor · value + offset. */
interface Affine {
	readonly value: string;
	readonly factor: number;
	readonly offset: number;
}

/**
 * The same number before anything that cuts it off at one of the levels: what was cut off would all seem to lie on the level.
 *
 * @returns null where that is not to be told
 */
function unsaturated(start: Affine, levels: readonly number[], question: Question): Affine | null {
	const { index, sets, currents } = question;
	for (let { value, factor, offset } = start; ; ) {
		const bounds = boundsOf(sets.get(value) ?? unbounded).map((bound) => factor * bound + offset);
		const cut = levels.some((level) => bounds.some((bound) => Math.abs(bound - level) <= 1e-4 * Math.abs(level)));
		if (!cut) return { value, factor, offset };
		const node = index.producer.get(value);
		const [input, ...others] = node ? dynamicInputs(node, index) : [];
		if (!node || currents.has(value) || input === undefined || others.length > 0) return null;
		if (operatorFacts(node)?.elements !== 'each') return null;
		const constant = node.inputs.find((name) => name !== '' && name !== input);
		const number = constant === undefined ? null : scalarOf(constant, index);
		const first = node.inputs[0] === input;
		const form = formOf(node);
		if (form === 'sum' && number !== null) offset += factor * number;
		else if (form === 'difference' && number !== null) {
			offset += factor * (first ? -number : number);
			factor = first ? factor : -factor;
		} else if (form === 'product' && number) factor *= number;
		else if (form === 'quotient' && number && first) factor /= number;
		else if (!cutsOff(form) && form !== 'same') return null;
		value = input;
	}
}

/** Where whole numbers begin: a floor goes from k − 1 to k at k, rounding half a step before. */
const shifts: ReadonlyMap<Form | undefined, 0 | 0.5> = new Map<Form, 0 | 0.5>([
	['floor', 0],
	['ceiling', 0],
	['cast', 0],
	['nearest', 0.5],
]);
const toBool = 9;

/** Of what rounds to whole numbers. */
function steps(node: GraphNode, question: Question): DecisionThreshold | null {
	const [input = ''] = node.inputs;
	const form = formOf(node);
	const shift = shifts.get(form);
	if (shift === undefined || (form === 'cast' && intAttribute(node, 'to', toBool) === toBool)) return null;
	const [from, most] = wholeNumbers(node, question);
	const least = question.above ? Math.max(0, from) : from;
	// What is cut off at its point stays 0 on both sides of 0.
	if (least >= most || (form === 'cast' && least < 0)) return null;
	const [low, high] = form === 'ceiling' ? [least, most - 1] : [least + 1 - shift, most - shift];
	if (low === 0 && high === 0) return aroundZero(input, question);
	const edges = [low, high].filter(Number.isFinite);
	const free = unsaturated({ value: input, factor: 1, offset: 0 }, edges, question);
	const zero = membraneZero(input, question);
	if (!free || zero === null) return null;
	const ofNone = Number.isInteger(zero - shift) && low <= zero && zero <= high;
	return ofNone ? null : { kind: 'steps', ...free, zero, shift, low, high };
}

/** The least and the most that come out of what rounds, where something behind it cuts them off too. */
function wholeNumbers(node: GraphNode, { index, sets }: Question): [least: number, most: number] {
	const range = (tensor: string): readonly [number, number] => boundsOf(sets.get(tensor) ?? unbounded);
	let [least, most] = range(node.outputs[0] ?? '');
	if (!Number.isFinite(least) || !Number.isFinite(most)) {
		const [low, high] = range(node.inputs[0] ?? '');
		const round = formOf(node) === 'ceiling' ? Math.ceil : formOf(node) === 'nearest' ? Math.round : Math.floor;
		[least, most] = [round(low), round(high)];
	}
	for (let tensor = node.outputs[0] ?? ''; ; ) {
		const [reader, ...others] = index.consumers.get(tensor) ?? [];
		const form = reader && formOf(reader);
		if (!reader || others.length > 0 || dynamicInputs(reader, index).length !== 1) return [least, most];
		if (form !== 'cast' && form !== 'same' && !cutsOff(form)) return [least, most];
		if (cutsOff(form)) {
			const [low, high] = cutOff(reader, tensor, index);
			[least, most] = [Math.max(least, low), Math.min(most, high)];
		}
		tensor = reader.outputs[0] ?? '';
	}
}

const cutting: ReadonlySet<Form | undefined> = new Set<Form>(['bounded', 'least', 'greatest']);
const cutsOff = (form: Form | undefined): boolean => cutting.has(form);

/** What an operator leaves of any number. */
function cutOff(node: GraphNode, input: string, index: GraphIndex): readonly [low: number, high: number] {
	const constant = (tensor: string) => index.graph.constants.get(tensor);
	const result = operatorFacts(node)?.values?.({
		node,
		of: (tensor) => {
			const values = tensor === input ? undefined : constant(tensor);
			return values ? finite(tensorValues(values), false) : unbounded;
		},
		producer: () => undefined,
		constant,
	});
	const set = result && ('kind' in result ? result : result[0]);
	return boundsOf(set ?? unbounded);
}

/** What the membrane's 0 is on the scale that is rounded: the constant added last; null where that is not one number. */
function membraneZero(input: string, question: Question): number | null {
	const { index, currents } = question;
	let factor: number | null = 1;
	for (let value = input; ; ) {
		const node = index.producer.get(value);
		const [only, ...others] = node ? dynamicInputs(node, index) : [];
		if (!node || currents.has(value) || only === undefined || others.length > 0) return 0;
		const constant = node.inputs.find((name) => name !== '' && name !== only);
		const number = constant === undefined ? null : scalarOf(constant, index);
		const form = formOf(node);
		if (form === 'sum' || form === 'difference') {
			if (isBias(node, only, question) && number !== 0) return 0;
			if (number === null) return null;
			const added = form === 'difference' && node.inputs[0] === only ? -number : number;
			if (added !== 0) return factor === null ? null : factor * added;
			if (form === 'difference' && node.inputs[0] !== only && factor !== null) factor = -factor;
		} else if (form === 'product') factor = factor === null || number === null ? null : factor * number;
		else if (form === 'quotient' && node.inputs[0] === only) factor = factor === null || number === null ? null : factor / number;
		else if (!cutsOff(form) && form !== 'same') return 0;
		value = only;
	}
}
