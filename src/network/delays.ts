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

/**
 * The same in an unrolled graph: a buffer of the last spikes that each timestep joins anew from its own spikes and what it
 * keeps of the buffer before. The timestep after holds it. A list of spikes that only grows is a record, and no buffer.
 */
export function withUnrolledDelays(neurons: readonly NeuronLayer[], context: SpikeContext): NeuronLayer[] {
	const { index } = context;
	const buffers = index.graph.nodes.flatMap((node) => {
		const [output = ''] = node.outputs;
		return formOf(node) === 'joined' && isSpikes(output, context) && isCutIntoAnother(output, index) ? [output] : [];
	});
	if (buffers.length === 0) return [...neurons];
	const placeOf = new Map(
		neurons.flatMap(({ calls }, layer) => calls.map(({ decision, timestep }) => [decision, { layer, timestep }] as const)),
	);
	const held = new Map<string, string>();
	for (const buffer of buffers) {
		const sources = spikeSources(buffer, context).flatMap(({ threshold }) => placeOf.get(threshold.outputs[0] ?? '') ?? []);
		const [first] = sources;
		if (!first || sources.some(({ layer }) => layer !== first.layer)) continue;
		// Of a buffer that is moved on and then written into, the last is what stays.
		held.set(`${first.layer}|${Math.max(...sources.map(({ timestep }) => timestep)) + 1}`, buffer);
	}
	return neurons.map((layer, at) => {
		const calls = layer.calls.map((call) => {
			const buffer = held.get(`${at}|${call.timestep}`);
			return buffer === undefined ? call : { ...call, delays: [...(call.delays ?? []), buffer] };
		});
		const words = Math.max(...calls.map(({ heldStates, delays = [] }) => heldStates.length + delays.length));
		return { ...layer, calls, stateWords: Math.max(layer.stateWords, words) };
	});
}

/** Whether part of a buffer becomes part of another one. */
function isCutIntoAnother(buffer: string, index: GraphIndex): boolean {
	const open = [{ tensor: buffer, cut: false }];
	const seen = new Set<string>();
	for (let next = open.pop(); next !== undefined; next = open.pop()) {
		for (const node of index.consumers.get(next.tensor) ?? []) {
			const moves = operatorFacts(node)?.elements === 'moved';
			if (formOf(node) === 'joined' && next.cut) return true;
			if (!moves || formOf(node) === 'joined') continue;
			for (const tensor of node.outputs) {
				if (seen.has(tensor)) continue;
				seen.add(tensor);
				open.push({ tensor, cut: next.cut || formOf(node) !== 'same' });
			}
		}
	}
	return false;
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
