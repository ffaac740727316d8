import type { StatePairing } from '../model/model-file.ts';
import { formOf, operatorFacts } from '../model/operators/index.ts';
import type { GraphIndex } from './graph-index.ts';
import type { NeuronLayer } from './network.ts';
import { isSpikes, type SpikeContext, spikeSources } from './spike-paths.ts';

/**
 * Gives delay lines of spikes to the neurons that fired them: states that hand spikes on from timestep to timestep and only
 * move them. Spikes that come back at the very next timestep are on their way, and no state.
 */
export function withDelays(
	neurons: readonly NeuronLayer[],
	states: readonly StatePairing[],
	context: SpikeContext,
): NeuronLayer[] {
	const lines = new Set<string>();
	for (const { input } of states) {
		if (!isSpikes(input, context)) continue;
		const moved = movedTo(input, context.index);
		for (const other of states) {
			if (!moved.has(other.output)) continue;
			lines.add(input);
			lines.add(other.input);
		}
	}
	if (lines.size === 0) return [...neurons];
	const owned = new Map<string, string[]>();
	for (const { input, output } of states) {
		if (!lines.has(input)) continue;
		for (const { threshold } of spikeSources(output, context)) {
			const decision = threshold.outputs[0] ?? '';
			owned.set(decision, [...(owned.get(decision) ?? []), input]);
		}
	}
	return neurons.map((layer) => {
		const calls = layer.calls.map((call) => ({ ...call, delays: owned.get(call.decision) ?? [] }));
		const most = calls.reduce((a, b) => (b.delays.length > a.delays.length ? b : a));
		if (most.delays.length === 0) return layer;
		return { ...layer, calls, stateWords: wordsOf([...most.heldStates, ...most.delays], context.index) };
	});
}

/** Tensors a state reaches while its elements only change places. */
function movedTo(start: string, index: GraphIndex): Set<string> {
	const reached = new Set<string>();
	const open = [start];
	for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
		for (const node of index.consumers.get(tensor) ?? []) {
			const form = formOf(node);
			if (operatorFacts(node)?.elements !== 'moved' && form !== 'same' && form !== 'cast') continue;
			for (const output of node.outputs) {
				if (reached.has(output)) continue;
				reached.add(output);
				open.push(output);
			}
		}
	}
	return reached;
}

/** States a neuron, where the file tells their sizes: a buffer of [d, N] beside a membrane of [N] is d words. */
export function wordsOf(states: readonly string[], { graph }: GraphIndex): number {
	const sizes = states.map((state) =>
		graph.inputs
			.find(({ name }) => name === state)
			?.dims?.reduce<number>((product, dim) => product * (typeof dim === 'number' ? dim : 1), 1),
	);
	const known = sizes.filter((size): size is number => size !== undefined && size > 0);
	if (known.length < states.length || known.length === 0) return states.length;
	const least = Math.min(...known);
	return known.reduce((words, size) => words + Math.round(size / least), 0);
}
