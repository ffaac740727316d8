import type { GraphNode } from '../../model/graph.ts';
import { brokenMembranes, brokenWeights } from '../broken-weights.ts';
import { type Balance, balanceFrom, type Finding } from '../findings.ts';
import { undecidedStates, variations } from '../interpretable.ts';
import * as messages from '../messages.ts';
import { nodePath } from '../names.ts';
import { type BookedKind, type Booking, type FoundStructure, unbooked } from './book.ts';
import { bookDecisions } from './decisions.ts';
import { type Books, openBooks } from './graph-facts.ts';
import { bookNeurons } from './neurons.ts';
import { bookReadout } from './readout.ts';
import { bookStates } from './states.ts';
import { bookOperators, bookProducts, bookWeights } from './weights.ts';

export type { BookedKind, Booking, FoundStructure } from './book.ts';
export { scaledSpikes } from './one-to-one.ts';
export { bookProductSums } from './product-sums.ts';

/**
 * Books everything in a graph that a count rests on: each state, decision, use of a weight and product of activations goes to one
 * account, or stands without one. A structure that was found completely leaves nothing without.
 */
export const bookings = (found: FoundStructure): Booking[] => bookAll(openBooks(found));

function bookAll(books: Books): Booking[] {
	return [
		...bookOperators(books),
		...bookStates(books),
		...bookDecisions(books),
		...bookWeights(books),
		...bookProducts(books),
		...bookNeurons(books),
		...bookReadout(books),
	];
}

/**
 * The first entry of the balance: what of the graph no layer has, what is no number, and what changes from run to run.
 *
 * @param constantUses  uses of weights on constant spikes that were computed away
 * @param products  weights that are applied element by element; to find them the graph is measured
 */
export function balanceOf(
	found: FoundStructure,
	constantUses: readonly GraphNode[] = [],
	products: readonly Booking[] = [],
): Balance {
	const books = openBooks(found);
	const open = new Map<string, Booking[]>();
	const away = constantUses.map(({ name, op }) =>
		unbooked('weights', name, messages.constantSpikes(name), nodePath(name, op) || name),
	);
	for (const booking of [...bookAll(books), ...away, ...products])
		if (booking.account === null) open.set(booking.subject, [...(open.get(booking.subject) ?? []), booking]);
	const missing = [...open].map(([subject, items]): Finding => {
		const [first] = items as [Booking];
		return { kind: 'not-understood', subject, sentence: sentenceOf(subject, first, items.length) };
	});
	const findings = [
		...missing,
		...brokenWeights(found.synapticLayers, found.index),
		...brokenMembranes(books.membranes, books.decisions, books.currents, found.index),
		...undecidedStates(found.synapticLayers, found.states, new Set(books.currents.keys()), books.spikeContext),
		...variations(found.index, found.valueSets, books.needed),
	];
	return balanceFrom(countLayers(found, [...open.keys()]), findings);
}

/** Layers that were found, and those that were not. */
function countLayers({ synapticLayers, products, neuronLayers }: FoundStructure, subjects: readonly string[]): number {
	const names = new Set([...synapticLayers, ...products, ...neuronLayers].map(({ name }) => name));
	const known = synapticLayers.length + products.length + neuronLayers.length;
	return known + new Set(subjects.filter((subject) => !names.has(subject))).size;
}

const nouns: Readonly<Record<Exclude<BookedKind, 'operator'>, string>> = {
	state: 'State',
	decision: 'Decision',
	weights: 'Layer',
	product: 'Product',
	neurons: 'Neuron layer',
	readout: 'Output',
};

function sentenceOf(subject: string, { kind, item, problem }: Booking, count: number): string {
	if (kind === 'operator') return `${problem}.`;
	const where = item === subject ? '' : ` (node "${item}"${count > 1 ? ` and ${count - 1} more` : ''})`;
	return `${nouns[kind]} "${subject}"${where} is not understood: ${problem}.`;
}
