import type { GraphNode } from '../model/graph.ts';
import { dynamicInputs } from './graph-index.ts';
import { upstream } from './reachability.ts';
import { comparedTensor, decisionsBehind, isSpikes, numbersInto, type SpikeContext } from './spike-paths.ts';

/** Everything a threshold depends on, back to weights and decisions, over all timesteps before. */
export interface MembraneNumbers {
	readonly numbers: ReadonlySet<string>;
	/** Outputs of weights that enter it, now or at an earlier timestep. */
	readonly currents: ReadonlySet<string>;
	/** Spikes that enter its arithmetic. */
	readonly spikes: ReadonlySet<string>;
	/** The decisions those spikes come from. */
	readonly entering: ReadonlySet<GraphNode>;
	/** Whether data reach it without weights. */
	readonly data: boolean;
}

export type ReadMembrane = (threshold: GraphNode) => MembraneNumbers;

/** @param isCurrent whether a tensor is what weights, or a product of activations, gave */
export function membraneReader(context: SpikeContext, isCurrent: (tensor: string) => boolean): ReadMembrane {
	const { index, sets, feedback } = context;
	const known = new Map<GraphNode, MembraneNumbers>();
	const read = (threshold: GraphNode): MembraneNumbers => {
		const numbers = new Set<string>();
		const currents = new Set<string>();
		const spikes = new Set(dynamicInputs(threshold, index).filter((input) => isSpikes(input, context)));
		const stop = (name: string): boolean => isCurrent(name) || sets.get(name)?.kind !== 'any';
		const open = numbersInto(threshold, context);
		for (let start = open.pop(); start !== undefined; start = open.pop()) {
			if (numbers.has(start) || currents.has(start)) continue;
			for (const tensor of isCurrent(start) ? [start] : upstream(start, index, stop)) {
				if (isCurrent(tensor)) currents.add(tensor);
				else if (isSpikes(tensor, context)) spikes.add(tensor);
				else if (sets.get(tensor)?.kind === 'any') numbers.add(tensor);
				const fedBack = isCurrent(tensor) ? undefined : feedback?.get(tensor);
				if (fedBack !== undefined && sets.get(tensor)?.kind === 'any') open.push(fedBack);
			}
		}
		const data = index.graph.inputs.some(({ name }) => numbers.has(name) && !feedback?.has(name));
		const entering = new Set([...spikes].flatMap((tensor) => [...decisionsBehind(tensor, context).thresholds]));
		return { numbers, currents, spikes, entering, data };
	};
	return (threshold) => {
		const before = known.get(threshold);
		if (before) return before;
		const found = read(threshold);
		known.set(threshold, found);
		return found;
	};
}

/** The numbers a threshold looks at: as they are, and up to constants and spikes. */
export function looksAt(threshold: GraphNode, context: SpikeContext): string[] {
	const root = comparedTensor(threshold, context);
	const direct = numbersInto(threshold, context);
	return root === null || direct.includes(root) ? direct : [root, ...direct];
}

/** Whether what an earlier decision looked at has gone over into the membrane of a later one. */
export function goesOver(earlier: GraphNode, later: MembraneNumbers, context: SpikeContext): boolean {
	const { index } = context;
	if (looksAt(earlier, context).some((tensor) => later.numbers.has(tensor) || later.currents.has(tensor))) return true;
	// A first membrane that is nothing but the spikes of others: what is left of them where its own spikes take from them.
	const first = new Set(
		numbersInto(earlier, context).flatMap((tensor) => {
			const node = index.producer.get(tensor);
			return node ? dynamicInputs(node, index).filter((input) => isSpikes(input, context)) : [];
		}),
	);
	if (first.size === 0 || !later.entering.has(earlier)) return false;
	return [...first].some((root) =>
		(index.consumers.get(root) ?? []).some(
			(node) =>
				node.outputs.some((output) => later.numbers.has(output)) &&
				node.inputs.some((input) => input !== root && decisionsBehind(input, context).thresholds.has(earlier)),
		),
	);
}
