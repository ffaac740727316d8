import type { ConstantTensor } from '../model/graph.ts';
import { formOf } from '../model/operators/index.ts';
import { tensorValues } from '../model/tensors.ts';
import type { Finding } from './findings.ts';
import type { GraphIndex } from './graph-index.ts';
import * as messages from './messages.ts';
import type { NeuronLayer, SynapticLayer } from './network.ts';

const floating: ReadonlySet<string> = new Set(['float32', 'float64', 'float16', 'bfloat16']);

/**
 * Names weights and biases that hold no numbers: a membrane they reach is NaN, which no comparison fires on, so that the network
 * falls silent without any error.
 */
export function brokenWeights(layers: readonly SynapticLayer[], { graph }: GraphIndex): Finding[] {
	return layers.flatMap(({ name, weight, bias }) =>
		[weight, bias ?? ''].flatMap((constant): Finding[] => {
			const { count: broken } = brokenValues(graph.constants.get(constant));
			return broken === 0 ? [] : [{ kind: 'no-numbers', subject: name, sentence: messages.brokenWeight(name, constant, broken) }];
		}),
	);
}

interface BrokenValues {
	readonly count: number;
	readonly first?: number;
}

/** Values that are not finite. A loop, because a list of a large matrix's values is longer than lists may be. */
function brokenValues(tensor: ConstantTensor | undefined): BrokenValues {
	if (!tensor || !floating.has(tensor.type)) return { count: 0 };
	let count = 0;
	let first: number | undefined;
	const values = tensorValues(tensor);
	for (let at = 0; at < values.length; at++) {
		if (Number.isFinite(values[at])) continue;
		count += 1;
		first ??= values[at];
	}
	return { count, ...(first !== undefined && { first }) };
}

/** Operators in which infinity is an open bound or a mask, and not a number that is computed with. */
const open: ReadonlySet<string | undefined> = new Set(['bounded', 'least', 'greatest', 'choice']);

/**
 * Names constants of NaN or infinity in the arithmetic of neurons: thresholds that are never reached, leaks that make NaN of a
 * membrane.
 *
 * @param membranes  tensors in front of decisions, with the layer
 * @param currents  outputs of weights, which are looked at by themselves
 */
export function brokenMembranes(
	membranes: ReadonlyMap<string, string>,
	decisions: ReadonlyMap<string, { readonly layer: string }>,
	currents: ReadonlyMap<string, string>,
	{ graph, producer }: GraphIndex,
): Finding[] {
	const places = [...membranes, ...[...decisions].map(([tensor, { layer }]) => [tensor, layer] as const)];
	return places.flatMap(([tensor, layer]): Finding[] => {
		if (currents.has(tensor)) return [];
		const node = producer.get(tensor);
		return (node?.inputs ?? []).flatMap((input): Finding[] => {
			const { first: value } = brokenValues(graph.constants.get(input));
			if (value === undefined || !node || (open.has(formOf(node)) && !Number.isNaN(value))) return [];
			return [{ kind: 'no-numbers', subject: layer, sentence: messages.brokenConstant(layer, input, String(value)) }];
		});
	});
}

const finite = (value: number | null): number | null => (value !== null && Number.isFinite(value) ? value : null);

/** A threshold or leak that is no number is not one number; the balance names it. */
export const finiteMembrane = (layer: NeuronLayer): NeuronLayer => ({
	...layer,
	leak: finite(layer.leak),
	threshold: finite(layer.threshold),
});
