import type { GraphNode } from '../model/graph.ts';
import { changesValues, type Form, formOf, passesOn } from '../model/operators/index.ts';
import { dynamicInputs, type GraphIndex } from './graph-index.ts';
import { isThreshold, surrogateLeftover, type ValueSet } from './value-sets.ts';

/** A threshold and the tensor that carries its spikes on: after Cast, scaling or clipping, before any pooling or sum. */
export interface SpikeSource {
	readonly threshold: GraphNode;
	readonly spikes: string;
}

export interface SpikeContext {
	readonly index: GraphIndex;
	readonly sets: ReadonlyMap<string, ValueSet>;
	/** For state inputs, the output that continues them: where spikes that come back a timestep later are made. */
	readonly feedback?: ReadonlyMap<string, string>;
}

const discrete = (tensor: string, { sets }: SpikeContext): boolean => {
	const set = sets.get(tensor);
	return set !== undefined && set.kind !== 'any' && set.spiking;
};

/** The threshold behind a tensor when nothing but value operators on constants lies between, else null. */
export function thresholdBehind(tensor: string, context: SpikeContext): GraphNode | null {
	for (let name = tensor; ; ) {
		const node = context.index.producer.get(name);
		if (!node || !discrete(name, context)) return null;
		const kept = surrogateLeftover(node, context.index);
		if (kept !== null && discrete(kept, context)) {
			name = kept;
			continue;
		}
		if (isThreshold(node, context.sets, context.index)) return node;
		if (!changesValues(node)) return null;
		const inputs = dynamicInputs(node, context.index);
		// Equal inputs (x And x) count once; a sum of two spike tensors is a merge, not a value change.
		if (new Set(inputs).size !== 1 || inputs[0] === undefined) return null;
		name = inputs[0];
	}
}

/**
 * The thresholds behind a tensor that several comparisons of one membrane make together: the levels of a neuron that
 * spikes several times at once, or the two sides of a ternary one. Null when they look at different membranes.
 */
function levelsBehind(tensor: string, context: SpikeContext): GraphNode | null {
	const { index, sets } = context;
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
		if (!node || !discrete(name, context) || !changesValues(node)) return null;
		open.push(...dynamicInputs(node, index));
	}
	const membranes = new Set([...thresholds].map((threshold) => comparedTensor(threshold, context)));
	if (thresholds.size === 0 || membranes.size !== 1 || membranes.has(null)) return null;
	// The sign of a membrane says less about the neuron than the comparison beside it, and that less than rounding.
	const ranked = [...thresholds].sort((a, b) => (index.position.get(a) ?? 0) - (index.position.get(b) ?? 0));
	return (
		ranked.find((node) => quantising.has(formOf(node))) ??
		ranked.find((node) => formOf(node) !== 'sign') ??
		(ranked[0] as GraphNode)
	);

	function comparedTensor(threshold: GraphNode, { index: graph }: SpikeContext): string | null {
		const numbers = (node: GraphNode): string[] => dynamicInputs(node, graph).filter((input) => sets.get(input)?.kind === 'any');
		let [name, ...others] = numbers(threshold);
		while (name !== undefined && others.length === 0) {
			const node = graph.producer.get(name);
			if (!node || !(affine.has(formOf(node)) || passesOn(node)) || numbers(node).length !== 1) return name;
			[name, ...others] = numbers(node);
		}
		return null;
	}
}

/** What counts how many thresholds fit into a membrane. */
const quantising: ReadonlySet<Form | undefined> = new Set<Form>(['cast', 'floor', 'ceiling', 'nearest']);

/** What a membrane may pass on its way into a comparison without becoming another membrane. */
const affine: ReadonlySet<Form | undefined> = new Set<Form>([
	'sum',
	'difference',
	'product',
	'quotient',
	'negative',
	'bounded',
	'quantised',
	'dequantised',
]);

/**
 * The spike sources that reach a tensor through value changes, pooling, sums, concatenations and reshapes:
 * everything between is discrete, so no membrane is crossed.
 */
export function spikeSources(tensor: string, context: SpikeContext): SpikeSource[] {
	const found = new Map<GraphNode, SpikeSource>();
	const seen = new Set<string>();
	const open = [tensor];
	for (let name = open.pop(); name !== undefined; name = open.pop()) {
		if (seen.has(name) || !discrete(name, context)) continue;
		seen.add(name);
		const threshold = thresholdBehind(name, context) ?? levelsBehind(name, context);
		if (threshold) {
			if (!found.has(threshold)) found.set(threshold, { threshold, spikes: name });
			continue;
		}
		const node = context.index.producer.get(name);
		const fedBack = context.feedback?.get(name);
		if (node) open.push(...dynamicInputs(node, context.index));
		else if (fedBack !== undefined) open.push(fedBack);
	}
	return [...found.values()];
}
