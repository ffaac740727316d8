import type { GraphNode } from './graph.ts';
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
}

const discrete = (tensor: string, { sets }: SpikeContext): boolean => {
	const set = sets.get(tensor);
	return set !== undefined && set.kind !== 'any' && set.spiking;
};

/** Operators that change the value of a spike but not its place. */
const valueOperators = new Set([
	'Cast',
	'Mul',
	'Div',
	'Add',
	'Sub',
	'Clip',
	'Not',
	'Neg',
	'Abs',
	'Relu',
	'Where',
	'Identity',
	'Sign',
	'Dropout',
	'Floor',
	'Ceil',
	'Round',
	'And',
	'Or',
	'Xor',
]);

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
		if (!valueOperators.has(node.op)) return null;
		const inputs = dynamicInputs(node, context.index);
		// Equal inputs (x And x) count once; a sum of two spike tensors is a merge, not a value change.
		if (new Set(inputs).size !== 1 || inputs[0] === undefined) return null;
		name = inputs[0];
	}
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
		if (seen.has(name) || !discrete(name, context)) continue;
		seen.add(name);
		const threshold = thresholdBehind(name, context);
		if (threshold) {
			if (!found.has(threshold)) found.set(threshold, { threshold, spikes: name });
			continue;
		}
		const node = context.index.producer.get(name);
		if (node) open.push(...dynamicInputs(node, context.index));
	}
	return [...found.values()];
}
