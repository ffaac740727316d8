import type { ConstantTensor, GraphNode } from '../model/graph.ts';
import {
	finite,
	formOf,
	isSpiking,
	surrogateLeftover as leftover,
	longestList,
	onlyMoves,
	operatorFacts,
	rearranges,
	unbounded,
	type ValueCall,
	type ValueSet,
} from '../model/operators/index.ts';
import { elementTypeCodes, tensorValues } from '../model/tensors.ts';
import { dynamicInputs, type GraphIndex } from './graph-index.ts';

export { finite, type ValueSet } from '../model/operators/index.ts';

/** Constants of more elements are taken for numbers unless they hold few values, as a mask does. */
const longestConstant = 4096;

function setOfConstant(constant: ConstantTensor): ValueSet {
	if (constant.type === 'string') return unbounded;
	const values = tensorValues(constant);
	if (values.length <= longestConstant) return finite(values, false);
	const distinct = new Set<number>();
	let last = Number.NaN;
	for (const value of values) {
		if (value === last) continue;
		distinct.add(value);
		// Weights have many values: they are seen to be none within the first few hundred.
		if (distinct.size > longestList) return unbounded;
		last = value;
	}
	return finite(distinct, false);
}

/**
 * The value set of every tensor of a graph, by one pass in topological order; what each operator makes of its inputs' sets
 * stands in the operator table.
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
		const set = setOfConstant(constant);
		constantSets.set(tensor, set);
		return set;
	};
	const around: Omit<ValueCall, 'node'> = {
		of,
		producer: (tensor) => index.producer.get(tensor),
		constant: (tensor) => index.graph.constants.get(tensor),
	};
	// A factor is finitely many heights, however many: spikes of a height each are spikes still.
	const ofFactor = (tensor: string): ValueSet =>
		index.isConstant(tensor) && of(tensor).kind === 'any' ? { kind: 'discrete', spiking: false } : of(tensor);
	for (const node of index.graph.nodes) {
		const form = formOf(node);
		const factors = form === 'product' || form === 'quotient';
		const result = operatorFacts(node)?.values?.({ ...around, ...(factors ? { of: ofFactor } : {}), node }) ?? unbounded;
		for (const [position, output] of node.outputs.entries()) {
			if (output === '') continue;
			const set = 'kind' in result ? (position === 0 ? result : undefined) : result[position];
			sets.set(output, numbers.has(output) ? unbounded : (set ?? unbounded));
		}
	}
	return sets;
}

/** True when the node turns numbers into a finite set of values: a threshold or quantiser. */
export function isThreshold(node: GraphNode, sets: ReadonlyMap<string, ValueSet>, index: GraphIndex): boolean {
	const output = sets.get(node.outputs[0] ?? '');
	if (!output || !isSpiking(output)) return false;
	const inputs = dynamicInputs(node, index).map((input) => sets.get(input) ?? unbounded);
	if (!inputs.some(({ kind }) => kind === 'any')) return false;
	// Spikes that only change places stay theirs; constants that numbers give a place are decided over.
	return !rearranges(node) || !inputs.some(isSpiking);
}

/**
 * True for a one-hot code of whole numbers the model is given (tokens, classes): it chooses a place for each, and no neuron
 * fires. Their cast to other whole numbers decides nothing either.
 */
export function isCode(node: GraphNode, index: GraphIndex): boolean {
	const to = node.attributes.get('to');
	const recast = formOf(node) === 'cast' && to?.kind === 'int' && to.value !== elementTypeCodes.bool;
	if (!operatorFacts(node)?.matches && !recast) return false;
	return dynamicInputs(node, index).every((input) => {
		for (let name = input; ; ) {
			const given = index.graph.inputs.find((one) => one.name === name);
			if (given) return given.type !== null && wholeNumbers.test(given.type);
			const producer = index.producer.get(name);
			const [only, ...others] = producer ? dynamicInputs(producer, index) : [];
			if (!producer || only === undefined || others.length > 0 || !(onlyMoves(producer) || formOf(producer) === 'cast'))
				return false;
			name = only;
		}
	});
}

const wholeNumbers = /^u?int/;

/** The spike behind a surrogate gradient's leftover, or null; see the operator table. */
export const surrogateLeftover = (node: GraphNode, index: GraphIndex): string | null =>
	leftover(node, (tensor) => index.producer.get(tensor));
