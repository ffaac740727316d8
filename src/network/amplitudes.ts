import type { GraphNode } from '../model/graph.ts';
import { type Form, formOf, onlyMoves, operatorFacts } from '../model/operators/index.ts';
import { tensorValues } from '../model/tensors.ts';
import { dynamicInputs } from './graph-index.ts';
import type { SynapticLayer } from './network.ts';
import { spikesBefore } from './neuron-places.ts';
import { scalarOf } from './one-value.ts';
import { valueAtRest } from './rest-value.ts';
import { decisionsBehind, isSpikes, type SpikeContext, scalesUnevenly } from './spike-paths.ts';

/** Arithmetic that gives zero where all that goes in is zero. */
const fromZero: ReadonlySet<Form> = new Set<Form>([
	'same',
	'cast',
	'sum',
	'difference',
	'negative',
	'bounded',
	'least',
	'greatest',
	'sign',
	'floor',
	'ceiling',
	'nearest',
]);

/**
 * The decisions without which a tensor of numbers is zero: it is a product with spikes, or chosen by them, and what lies
 * behind keeps zeros. Null where it can be another number while nothing fires.
 */
function gatesOf(tensor: string, context: SpikeContext): ReadonlySet<GraphNode> | null {
	const { index } = context;
	const gates = new Set<GraphNode>();
	const known = new Map<string, boolean>();
	const open = (name: string): boolean => {
		for (const decision of decisionsBehind(name, context).thresholds) gates.add(decision);
		return true;
	};
	const silent = (name: string): boolean => {
		if (index.isConstant(name)) return scalarOf(name, index) === 0;
		const before = known.get(name);
		if (before !== undefined) return before;
		known.set(name, false);
		const result = isSpikes(name, context) ? valueAtRest(name, context) === 0 && open(name) : silentNumbers(name);
		known.set(name, result);
		return result;
	};
	const silentNumbers = (name: string): boolean => {
		const node = index.producer.get(name);
		const facts = node && operatorFacts(node);
		if (!node || !facts || facts.weights) return false;
		const [condition = '', yes = '', no = ''] = node.inputs;
		const inputs = node.inputs.filter((input) => input !== '');
		if (facts.form === 'product') return inputs.some(silent);
		if (facts.form === 'quotient') return silent(condition);
		if (facts.form === 'choice') {
			const rest = isSpikes(condition, context) ? valueAtRest(condition, context) : null;
			return rest !== null && silent(rest === 0 ? no : yes) && open(condition);
		}
		if (onlyMoves(node)) return dynamicInputs(node, index).every(silent);
		const keeps = fromZero.has(facts.form as Form)
			? inputs
			: facts.rate === 'linear' || facts.rate === 'pool'
				? [condition]
				: null;
		return keeps !== null && facts.form !== 'normalised' && keeps.every((input) => silent(input) || isParameter(node, input));
	};
	return silent(tensor) && gates.size > 0 ? gates : null;

	/** Bounds of a Clip, axes of a reduction: no data. */
	function isParameter(node: GraphNode, input: string): boolean {
		return index.isConstant(input) && input !== node.inputs[0] && formOf(node) !== 'sum' && formOf(node) !== 'difference';
	}
}

/** Moving operators that keep the elements' order. */
const inOrder = (node: GraphNode): boolean => formOf(node) === 'same' && operatorFacts(node)?.axes?.kind !== 'pairs';

/**
 * Spikes before a factor for each channel, or each element, which the weights behind could hold as well: all are of one
 * height then. Null where no such factor lies in front of the weights, or where it could not be folded into them.
 */
function unscaledInput(
	{ calls, op, weight, weightPosition }: SynapticLayer,
	input: string,
	context: SpikeContext,
): string | null {
	const { index } = context;
	const rank = index.graph.constants.get(weight)?.dims.length ?? 0;
	let name = input;
	let reshaped = false;
	let scaled = false;
	for (;;) {
		const node = index.producer.get(name);
		const [only, ...others] = node ? new Set(dynamicInputs(node, index)) : [];
		if (!node || only === undefined || others.length > 0) break;
		if (scalesUnevenly(name, context)) {
			const constant = node.inputs.find((one) => index.isConstant(one)) ?? '';
			if (formOf(node) === 'quotient' && node.inputs[1] !== constant) return null;
			const tensor = index.graph.constants.get(constant);
			if (!tensor || tensorValues(tensor).some((value) => value === 0) || !foldable(tensor.dims, reshaped)) return null;
			scaled = true;
		} else if (inOrder(node)) reshaped = true;
		else if (formOf(node) !== 'product' || node.inputs.some((one) => index.isConstant(one) && scalarOf(one, index) === null))
			break;
		name = only;
	}
	return scaled && calls.length > 0 && isSpikes(name, context) ? name : null;

	/** A convolution's weights hold a factor for each channel; those of a matrix one for each element of its rows. */
	function foldable(dims: readonly number[], moved: boolean): boolean {
		const convolves = operatorFacts({ op, domain: '' })?.weights?.geometry !== 'matrix';
		if (convolves) {
			const [leading, own] = [dims.slice(0, -(rank - 1)), dims.slice(-(rank - 2))];
			return !moved && dims.length >= rank - 1 && [...leading, ...own].every((size) => size === 1);
		}
		if (moved) return true;
		const own = weightPosition === 1 ? dims.length - 1 : dims.length - 2;
		return dims.every((size, axis) => size === 1 || axis === own);
	}
}

/**
 * Adds to each layer what its input's values rest on: spikes with an amplitude, spikes before a factor of each channel, or
 * the neurons whose spikes meet numbers in it.
 *
 * @param neuronOf  by decision's output, the neuron layer
 */
export function withAmplitudes(
	layers: readonly SynapticLayer[],
	context: SpikeContext,
	neuronOf: ReadonlyMap<string, string>,
): SynapticLayer[] {
	const outputs = new Set(layers.flatMap(({ calls }) => calls.map(({ output }) => output)));
	const namesOf = (decisions: Iterable<GraphNode>): string[] =>
		[...decisions].flatMap((node) => neuronOf.get(node.outputs[0] ?? '') ?? []);
	return layers.map((layer) => {
		if (layer.calls.every(({ input }) => isSpikes(input, context))) {
			const unscaled = layer.calls.map(({ input }) => unscaledInput(layer, input, context));
			if (unscaled.some((tensor) => tensor === null)) return layer;
			return { ...layer, calls: layer.calls.map((call, at) => ({ ...call, unscaled: unscaled[at] as string })) };
		}
		const numbers = layer.calls.filter(({ input }) => !isSpikes(input, context));
		const gates = numbers.map(({ input }) => gatesOf(input, context));
		const gated = gates.every((decisions) => decisions !== null && namesOf(decisions).length > 0);
		const names = gated
			? gates.flatMap((decisions) => namesOf(decisions ?? []))
			: numbers.flatMap(({ input }) =>
					spikesBefore(input, (tensor) => outputs.has(tensor), context).flatMap(({ tensor }) =>
						namesOf(decisionsBehind(tensor, context).thresholds),
					),
				);
		const sources = [...new Set([...layer.sources, ...names])];
		return gated ? { ...layer, sources, amplitudes: true } : { ...layer, sources };
	});
}
