import type { GraphNode } from '../model/graph.ts';
import { changesValues, compares, formOf } from '../model/operators/index.ts';
import { dynamicInputs, type GraphIndex } from './graph-index.ts';
import type { MembraneQuestion } from './membrane-question.ts';
import type { NeuronLayer } from './network.ts';
import { upstream } from './reachability.ts';
import type { SpikeContext } from './spike-paths.ts';
import { surrogateLeftover } from './value-sets.ts';

/**
 * Soft reset: spikes times a constant are subtracted from the membrane. Hard reset: spikes gate the membrane or choose
 * another value. Looked for where this layer's spikes, or the same comparison one step later, meet its membrane again.
 */
export function resetOf(question: MembraneQuestion): Pick<NeuronLayer, 'reset' | 'delayedReset'> {
	const { index, sets } = question;
	const gates = new Map<string, boolean>();
	for (const threshold of question.own) for (const output of threshold.outputs) gates.set(output, false);
	for (const spikes of question.ownSpikes) gates.set(spikes, false);
	// A delayed reset compares the state held from the step before.
	for (const node of index.graph.nodes) {
		const [output = ''] = node.outputs;
		if (question.own.has(node) || gates.has(output) || sets.get(output)?.kind === 'any') continue;
		const inputs = dynamicInputs(node, index);
		if (inputs.length === 1 && sets.get(inputs[0] ?? '')?.kind === 'any' && comparesSameState(node, question))
			gates.set(output, true);
	}
	const ownDiscrete = new Set(
		[...gates].filter(([, delayed]) => !delayed).flatMap(([gate]) => discreteDownstream(gate, question)),
	);
	// The spikes of the step before may be a state of their own.
	for (const { input, output } of question.states) if (ownDiscrete.has(output)) gates.set(input, true);
	// A reset to a rest value gates the membrane and adds to it: hard. Spikes that also reset at once are not delayed.
	const rank = { hard: 0, soft: 1 } as const;
	let found: { reset: 'hard' | 'soft'; delayedReset: boolean } | null = null;
	for (const [gate, delayedReset] of gates) {
		for (const tensor of discreteDownstream(gate, question)) {
			for (const node of index.consumers.get(tensor) ?? []) {
				const [output = ''] = node.outputs;
				if (sets.get(output)?.kind !== 'any' || question.synapticOutputs.has(output)) continue;
				const reset = resetKind(node, tensor, question);
				if (!reset) continue;
				const sooner = found?.delayedReset === true && !delayedReset;
				const harder = found !== null && found.delayedReset === delayedReset && rank[reset] < rank[found.reset];
				if (found === null || sooner || harder) found = { reset, delayedReset };
			}
		}
	}
	return found ?? { reset: 'none', delayedReset: false };
}

/** What spikes become inside the neuron: scaled, inverted, or with a surrogate gradient's terms added and taken away. */
function discreteDownstream(tensor: string, { index, sets }: SpikeContext): string[] {
	const reached = new Set([tensor]);
	const open = [tensor];
	for (let name = open.pop(); name !== undefined; name = open.pop()) {
		for (const node of index.consumers.get(name) ?? []) {
			// A spike compared with a constant again (s > 0 ? … : …) is still that spike.
			if (!changesValues(node) && !compares(node)) continue;
			for (const output of node.outputs) {
				const reachedHere = sets.get(output)?.kind === 'any' ? restored(output, name, index) : [output];
				for (const next of reachedHere) {
					if (next === '' || reached.has(next)) continue;
					reached.add(next);
					open.push(next);
				}
			}
		}
	}
	return [...reached];
}

/** The sums (s − x) + x that end a surrogate's leftover begun by this tensor. */
function restored(tensor: string, spikes: string, index: GraphIndex): string[] {
	return (index.consumers.get(tensor) ?? [])
		.filter((node) => surrogateLeftover(node, index) === spikes)
		.flatMap(({ outputs }) => outputs);
}

function comparesSameState(node: GraphNode, question: MembraneQuestion): boolean {
	const { index } = question;
	let [name] = dynamicInputs(node, index);
	for (let steps = 0; name !== undefined && steps < 4; steps += 1) {
		if (question.held.includes(name) || question.held.some((held) => rootChain(held, question).includes(name as string)))
			return true;
		const producer = index.producer.get(name);
		const inputs = producer ? dynamicInputs(producer, index) : [];
		if (inputs.length !== 1) return false;
		name = inputs[0];
	}
	return false;
}

function resetKind(node: GraphNode, spikes: string, question: MembraneQuestion): 'soft' | 'hard' | null {
	const { index, sets } = question;
	const [a = '', b = '', c = ''] = node.inputs;
	const number = (name: string): boolean =>
		!index.isConstant(name) && sets.get(name)?.kind === 'any' && comesFromMembrane(name, question);
	if (formOf(node) === 'difference' && b === spikes && number(a)) return 'soft';
	if (formOf(node) === 'sum' && (number(a) || number(b))) return 'soft';
	if (formOf(node) === 'product' && (number(a) || number(b))) return 'hard';
	if (formOf(node) === 'choice' && a === spikes && (number(b) || number(c))) {
		const fixed = (name: string): boolean => index.isConstant(name) || sets.get(name)?.kind === 'finite';
		return fixed(b) || fixed(c) ? 'hard' : 'soft';
	}
	return null;
}

/** Whether a tensor is computed from this neuron's own membrane, and not from another layer's (a skip connection). */
function comesFromMembrane(tensor: string, { index, sets, synapticOutputs, region }: MembraneQuestion): boolean {
	const stop = (name: string): boolean => region.has(name) || synapticOutputs.has(name) || sets.get(name)?.kind !== 'any';
	for (const name of upstream(tensor, index, stop)) if (region.has(name)) return true;
	return region.has(tensor);
}

/** From a held tensor back to the state itself: through operators with a single numeric input. */
function rootChain(tensor: string, question: MembraneQuestion): string[] {
	const chain: string[] = [];
	for (let name = tensor; ; ) {
		const node = question.index.producer.get(name);
		const numbers = new Set(
			node ? dynamicInputs(node, question.index).filter((input) => question.sets.get(input)?.kind === 'any') : [],
		);
		const [only] = numbers;
		if (question.synapticOutputs.has(name) || numbers.size !== 1 || only === undefined) return chain;
		chain.push(only);
		name = only;
	}
}
