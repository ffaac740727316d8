import type { GraphNode } from '../model/graph.ts';
import { changesValues, type Form, formOf, operatorFacts } from '../model/operators/index.ts';
import { tensorValues } from '../model/tensors.ts';
import { dynamicInputs, type GraphIndex } from './graph-index.ts';
import { scalarOf } from './one-value.ts';
import { valueAtRest } from './rest-value.ts';
import { isThreshold, surrogateLeftover, type ValueSet } from './value-sets.ts';

/** A threshold and the tensor that carries its spikes on: after Cast, scaling or clipping, before any pooling or sum. */
export interface SpikeSource {
	readonly threshold: GraphNode;
	readonly spikes: string;
	/** All that decide: the threshold, and other levels of the same membrane. */
	readonly levels: readonly GraphNode[];
	/** The single firings, where a neuron fires several times in a row and each firing resets the membrane for the next. */
	readonly firings?: readonly string[];
}

export interface SpikeContext {
	readonly index: GraphIndex;
	readonly sets: ReadonlyMap<string, ValueSet>;
	/** For state inputs, the output that continues them: where spikes that come back a timestep later are made. */
	readonly feedback?: ReadonlyMap<string, string>;
	/** Spikes times a mask, by tensor: the threshold whose spikes the product is. */
	readonly masked?: ReadonlyMap<string, GraphNode>;
}

export const isSpikes = (tensor: string, { sets }: Pick<SpikeContext, 'sets'>): boolean => {
	const set = sets.get(tensor);
	return set !== undefined && set.kind !== 'any' && set.spiking;
};

/** Inputs of a node that are neither constants nor spikes. */
export const numbersInto = (node: GraphNode, { index, sets }: SpikeContext): string[] =>
	dynamicInputs(node, index).filter((input) => sets.get(input)?.kind === 'any');

/** Inputs of a node that differ in value from element to element: neither constants nor one number that is made for a shape. */
export const valuesInto = (node: GraphNode, { index, sets }: SpikeContext): string[] =>
	dynamicInputs(node, index).filter((input) => {
		const set = sets.get(input);
		return set?.kind !== 'finite' || set.spiking || set.values.length !== 1;
	});

/** A Reshape leaves values as they are, but not their places. */
const staysInPlace = (node: GraphNode): boolean => formOf(node) !== 'same' || operatorFacts(node)?.elements === 'each';

/** The threshold behind a tensor when nothing but value operators on constants lies between, else null. */
export function thresholdBehind(tensor: string, context: SpikeContext): GraphNode | null {
	for (let name = tensor; ; ) {
		const node = context.index.producer.get(name);
		if (!node || !isSpikes(name, context)) return null;
		const masked = context.masked?.get(name);
		if (masked) return masked;
		const kept = surrogateLeftover(node, context.index);
		if (kept !== null && isSpikes(kept, context)) {
			name = kept;
			continue;
		}
		if (isThreshold(node, context.sets, context.index)) return node;
		if (!changesValues(node)) return null;
		const inputs = valuesInto(node, context);
		// Equal inputs (x And x) count once; a sum of two spike tensors is a merge, not a value change.
		if (new Set(inputs).size !== 1 || inputs[0] === undefined) return null;
		name = inputs[0];
	}
}

/** What one neuron decides: a comparison, or several of one membrane. */
export interface Deciders {
	readonly threshold: GraphNode;
	readonly all: ReadonlySet<GraphNode>;
}

/**
 * The thresholds behind a tensor that several comparisons of one membrane make together: the levels of a neuron that
 * spikes several times at once, or the two sides of a ternary one. Null when they look at different membranes.
 */
function levelsBehind(tensor: string, context: SpikeContext): Deciders | null {
	const { index } = context;
	const thresholds = new Set<GraphNode>();
	const seen = new Set<string>();
	const open = [tensor];
	for (let name = open.pop(); name !== undefined; name = open.pop()) {
		if (seen.has(name)) continue;
		seen.add(name);
		const threshold = thresholdBehind(name, context);
		if (threshold) {
			thresholds.add(threshold);
			continue;
		}
		const node = index.producer.get(name);
		if (!node || !isSpikes(name, context) || !changesValues(node)) return null;
		open.push(...valuesInto(node, context));
	}
	const membranes = new Set([...thresholds].map((threshold) => comparedTensor(threshold, context)));
	if (thresholds.size === 0 || membranes.size !== 1 || membranes.has(null)) return null;
	// The sign of a membrane says less about the neuron than the comparison beside it, and that less than rounding.
	const ranked = [...thresholds].sort((a, b) => (index.position.get(a) ?? 0) - (index.position.get(b) ?? 0));
	const threshold = ranked.find((node) => counts(node)) ?? ranked.find((node) => formOf(node) !== 'sign') ?? ranked[0];
	return { threshold: threshold as GraphNode, all: thresholds };
}

/** The one tensor of numbers a threshold looks at, up to constants and its own resets; null where it looks at several. */
export function comparedTensor(threshold: GraphNode, context: SpikeContext): string | null {
	let [name, ...others] = numbersInto(threshold, context);
	while (name !== undefined && others.length === 0) {
		const node = context.index.producer.get(name);
		const [next, ...more] = node ? numbersInto(node, context) : [];
		if (!node || !isAffine(node) || next === undefined || more.length > 0) return name;
		// Spikes of other neurons are input: what they are added to was another timestep's membrane.
		if (dynamicInputs(node, context.index).some((input) => isSpikes(input, context) && !isReset(input, next, context)))
			return name;
		[name, ...others] = [next];
	}
	return null;
}

/** Whether spikes were decided over what they are now taken from. */
function isReset(spikes: string, from: string, context: SpikeContext): boolean {
	const { index } = context;
	return [...decisionsBehind(spikes, context).thresholds].every((decision) => {
		const looked = new Set<string>();
		for (let [name] = numbersInto(decision, context); name !== undefined && !looked.has(name); ) {
			looked.add(name);
			const node = index.producer.get(name);
			const numbers = node && isAffine(node) ? numbersInto(node, context) : [];
			name = numbers.length === 1 ? numbers[0] : undefined;
		}
		return comesFrom(from, looked, context);
	});
}

/** Whether a tensor is one of some numbers or made of them; the nearest are looked at first. */
export function comesFrom(tensor: string, targets: ReadonlySet<string>, context: SpikeContext): boolean {
	const queue = [tensor];
	const seen = new Set(queue);
	for (let at = 0; at < queue.length && at < farthest; at += 1) {
		const name = queue[at] as string;
		if (targets.has(name)) return true;
		const node = context.index.producer.get(name);
		const inputs = node ? numbersInto(node, context) : [context.feedback?.get(name) ?? ''];
		for (const input of inputs) {
			if (input === '' || seen.has(input)) continue;
			seen.add(input);
			queue.push(input);
		}
	}
	return false;
}

/** Tensors further apart than this have nothing to do with each other. */
const farthest = 1000;

/** All decisions that make up a tensor of spikes, and whether some are those of the timestep before. */
export function decisionsBehind(tensor: string, context: SpikeContext): { thresholds: Set<GraphNode>; past: boolean } {
	const { index, sets } = context;
	const thresholds = new Set<GraphNode>();
	let past = false;
	const seen = new Set<string>();
	const open = [tensor];
	for (let name = open.pop(); name !== undefined; name = open.pop()) {
		if (seen.has(name) || !isSpikes(name, context)) continue;
		seen.add(name);
		const node = index.producer.get(name);
		const fedBack = context.feedback?.get(name);
		if (fedBack !== undefined) {
			past = true;
			open.push(fedBack);
		} else if (node && isThreshold(node, sets, index)) thresholds.add(node);
		else if (node) open.push(...dynamicInputs(node, index));
	}
	return { thresholds, past };
}

/** Several decisions of which a later one looks at what an earlier one has left of the membrane. */
function inARow({ all }: Deciders, context: SpikeContext): { firings?: readonly string[] } {
	const resets = [...all].some((threshold) => {
		let [name, ...others] = numbersInto(threshold, context);
		while (name !== undefined && others.length === 0) {
			const node = context.index.producer.get(name);
			if (!node || !isAffine(node)) return false;
			if (dynamicInputs(node, context.index).some((input) => isSpikes(input, context))) return true;
			[name, ...others] = numbersInto(node, context);
		}
		return false;
	});
	return all.size > 1 && resets ? { firings: [...all].map(({ outputs }) => outputs[0] ?? '') } : {};
}

/** Operators that count how many thresholds fit into a membrane. */
const counting: ReadonlySet<Form> = new Set<Form>(['cast', 'floor', 'ceiling', 'nearest']);
const counts = (node: GraphNode): boolean => counting.has(formOf(node) as Form);

/** Arithmetic that membranes are integrated with. */
export const membraneArithmetic: readonly Form[] = ['sum', 'difference', 'product', 'quotient', 'negative', 'bounded'];

/** What a membrane may pass on its way into a comparison without becoming another membrane. */
const affineForms: ReadonlySet<Form> = new Set<Form>(['same', 'cast', ...membraneArithmetic]);

const isAffine = (node: GraphNode): boolean => affineForms.has(formOf(node) as Form) && staysInPlace(node);

/** What decides the spikes in a tensor, when nothing but value changes lies between. */
export function decidersBehind(tensor: string, context: SpikeContext): Deciders | null {
	const threshold = thresholdBehind(tensor, context);
	return threshold ? { threshold, all: new Set([threshold]) } : levelsBehind(tensor, context);
}

/**
 * Of the tensors from the one that is read back to the decision, the nearest that is 0 where nothing fires: what counts are
 * the spikes that fire, and not the ones that 1 − s passes on. Heights that differ from neuron to neuron belong to the
 * weights behind them.
 */
function firing(tensor: string, { all }: Deciders, context: SpikeContext): string {
	const { index } = context;
	const chain: string[] = [];
	for (let name = tensor; ; ) {
		chain.push(name);
		const node = index.producer.get(name);
		if (!node || all.has(node) || context.masked?.has(name)) break;
		const kept = surrogateLeftover(node, index);
		const [only, ...others] = kept !== null ? [kept] : new Set(valuesInto(node, context));
		if (only === undefined || others.length > 0) break;
		name = only;
	}
	const even = chain.slice(chain.findLastIndex((name) => scalesUnevenly(name, context)) + 1);
	const silent = lookBothWays(all) ? all : undefined;
	return even.find((name) => valueAtRest(name, context, silent) === 0) ?? reversed(even.at(-1), index) ?? even[0] ?? tensor;
}

/** A decision the other way round, where the graph holds it. */
const reversed = (decision: string | undefined, { consumers }: GraphIndex): string | undefined =>
	consumers.get(decision ?? '')?.find((node) => formOf(node) === 'not')?.outputs[0];

/** Whether a tensor is another one times a constant that holds several heights; a constant mask holds one. */
export function scalesUnevenly(tensor: string, { index }: SpikeContext): boolean {
	const node = index.producer.get(tensor);
	const form = node && formOf(node);
	if (!node || (form !== 'product' && form !== 'quotient')) return false;
	const constant = node.inputs.find((input) => index.isConstant(input));
	if (constant === undefined || scalarOf(constant, index) !== null) return false;
	const heights = form === 'product' ? index.graph.constants.get(constant) : undefined;
	return !heights || new Set([...tensorValues(heights)].filter((value) => value !== 0)).size > 1;
}

/** The two sides of a ternary neuron: one comparison asks for more, the other for less. */
function lookBothWays(thresholds: ReadonlySet<GraphNode>): boolean {
	const forms = new Set([...thresholds].map(formOf));
	return (forms.has('greater') || forms.has('greaterOrEqual')) && (forms.has('less') || forms.has('lessOrEqual'));
}

/**
 * The spike sources that reach a tensor through value changes, pooling, sums, concatenations and reshapes:
 * everything between is discrete, so no membrane is crossed.
 */
export function spikeSources(tensor: string, context: SpikeContext): SpikeSource[] {
	const found = new Map<GraphNode, SpikeSource>();
	const seen = new Set<string>();
	const open = [tensor];
	for (let name = open.pop(); name !== undefined; name = open.pop()) {
		if (seen.has(name) || !isSpikes(name, context)) continue;
		seen.add(name);
		const deciders = decidersBehind(name, context);
		if (deciders) {
			const { threshold } = deciders;
			if (!found.has(threshold))
				found.set(threshold, {
					threshold,
					spikes: firing(name, deciders, context),
					levels: [...deciders.all],
					...inARow(deciders, context),
				});
			continue;
		}
		const node = context.index.producer.get(name);
		const fedBack = context.feedback?.get(name);
		if (node) open.push(...dynamicInputs(node, context.index));
		else if (fedBack !== undefined) open.push(fedBack);
	}
	return [...found.values()];
}
