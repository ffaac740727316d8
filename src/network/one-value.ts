import type { ConstantTensor, GraphNode } from '../model/graph.ts';
import { finite, formOf, operatorFacts } from '../model/operators/index.ts';
import { elementCount, tensorValues } from '../model/tensors.ts';
import { oncePer } from '../once-per.ts';
import type { GraphIndex } from './graph-index.ts';
import type { ValueSet } from './value-sets.ts';

/** The one number a constant holds, or null when it holds several different ones. */
export function scalarOf(tensor: string, index: GraphIndex): number | null {
	const constant = index.graph.constants.get(tensor);
	return constant ? scalarIn(constant) : null;
}

const scalarIn = oncePer((constant: ConstantTensor): number | null => {
	if (elementCount(constant.dims) === 0) return null;
	const values = tensorValues(constant);
	return values.every((value) => value === values[0]) ? (values[0] as number) : null;
});

export interface RestQuestion {
	readonly index: GraphIndex;
	readonly sets: ReadonlyMap<string, ValueSet>;
	/** States, by their input: they start at 0. */
	readonly feedback?: ReadonlyMap<string, string>;
}

/** What an operator makes of one value of each input, by its rule in the table; null where that is no single value. */
export function appliedTo(node: GraphNode, values: readonly (number | null)[], { index }: RestQuestion): number | null {
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
