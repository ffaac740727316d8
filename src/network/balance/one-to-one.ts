import { formOf } from '../../model/operators/index.ts';
import type { Finding } from '../findings.ts';
import { dynamicInputs } from '../graph-index.ts';
import * as messages from '../messages.ts';
import { decisionsBehind, scalesUnevenly } from '../spike-paths.ts';
import type { Books } from './graph-facts.ts';

/**
 * Spikes that drive the membrane of another layer one to one, through a factor for each neuron: a synapse each, or a part of the
 * neuron. They are counted as the latter. Factors in front of weights belong to those, and a neuron's own spikes reset or adapt it.
 */
export function oneToOneWeights(books: Books): Finding[] {
	const { index, needed, decisions, membranes, currents, spikeContext, isSpikes, isNumber } = books;
	const found = new Map<string, Finding>();
	for (const node of index.graph.nodes) {
		const [output = ''] = node.outputs;
		const [spikes = ''] = dynamicInputs(node, index);
		if (!needed.has(output) || formOf(node) !== 'product' || !isSpikes(spikes) || !scalesUnevenly(output, spikeContext)) continue;
		const from = new Set(
			[...decisionsBehind(spikes, spikeContext).thresholds].flatMap(
				({ outputs: [decision = ''] }) => decisions.get(decision)?.layer ?? [],
			),
		);
		const [first] = from;
		const into = first === undefined ? undefined : entered(output);
		if (first !== undefined && into !== undefined && !from.has(into) && !found.has(into))
			found.set(into, { kind: 'doubtful', subject: into, sentence: messages.oneToOne(first, into, node.name) });
	}
	return [...found.values()];

	/** The layer whose membrane takes in a few-valued tensor, past what only moves it or adds others to it. */
	function entered(start: string): string | undefined {
		const seen = new Set<string>();
		const open = [start];
		for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
			if (seen.has(tensor)) continue;
			seen.add(tensor);
			for (const { outputs } of index.consumers.get(tensor) ?? []) {
				const [next = ''] = outputs;
				if (isNumber(next) && !currents.has(next) && membranes.has(next)) return membranes.get(next);
				if (isSpikes(next) && !decisions.has(next)) open.push(next);
			}
		}
		return undefined;
	}
}
