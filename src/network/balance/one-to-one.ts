import { formOf } from '../../model/operators/index.ts';
import { dynamicInputs } from '../graph-index.ts';
import * as messages from '../messages.ts';
import { decisionsBehind, scalesUnevenly } from '../spike-paths.ts';
import type { FoundStructure } from './book.ts';
import { type Books, openBooks } from './graph-facts.ts';

/**
 * Sentences about spikes that enter the membrane of another layer without weights that are counted, times factors that differ: a
 * synapse each, or a part of the neuron. They are counted as the latter. Factors in front of weights belong to those, and a
 * neuron's own spikes reset or adapt it.
 */
export function scaledSpikes(found: FoundStructure): string[] {
	const context = { index: found.index, sets: found.valueSets };
	const products = found.index.graph.nodes.filter(
		(node) => formOf(node) === 'product' && scalesUnevenly(node.outputs[0] ?? '', context),
	);
	if (products.length === 0) return [];
	const books = openBooks(found);
	const { index, needed, decisions, spikeContext, isSpikes } = books;
	const said = new Map<string, string>();
	for (const node of products) {
		const [output = ''] = node.outputs;
		const [spikes = ''] = dynamicInputs(node, index);
		if (!needed.has(output) || !isSpikes(spikes)) continue;
		const { thresholds } = decisionsBehind(spikes, spikeContext);
		const from = new Set([...thresholds].flatMap(({ outputs: [decision = ''] }) => decisions.get(decision)?.layer ?? []));
		const [first] = from;
		const into = first === undefined ? undefined : enteredLayer(output, books);
		if (first !== undefined && into !== undefined && !from.has(into) && !said.has(into))
			said.set(into, messages.scaledSpikes(first, into, node.name));
	}
	return [...said.values()];
}

/** The layer whose membrane takes in a few-valued tensor, past what only moves it or adds others to it. */
function enteredLayer(start: string, { index, isNumber, isSpikes, currents, membranes, decisions }: Books): string | undefined {
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
