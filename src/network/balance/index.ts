import type { Balance, Finding } from '../findings.ts';
import { type Booking, type FoundStructure } from './book.ts';
import { bookDecisions } from './decisions.ts';
import { openBooks } from './graph-facts.ts';
import { bookNeurons } from './neurons.ts';
import { bookReadout } from './readout.ts';
import { bookStates } from './states.ts';
import { bookOperators, bookProducts, bookWeights } from './weights.ts';

export type { BookedKind, Booking, FoundStructure } from './book.ts';

/**
 * Books everything in a graph that a count rests on: each state, decision, use of a weight and product of activations goes to one
 * account, or stands without one. A structure that was found completely leaves nothing without.
 */
export function bookings(found: FoundStructure): Booking[] {
	const books = openBooks(found);
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

/** The first entry of the balance: what of the graph no layer has. */
export function balanceOf(found: FoundStructure, book: readonly Booking[] = bookings(found)): Balance {
	const open = new Map<string, Booking[]>();
	for (const booking of book) if (booking.account === null) open.set(booking.subject, [...(open.get(booking.subject) ?? []), booking]);
	const findings = [...open].map(([subject, items]): Finding => {
		const [first] = items as [Booking];
		return { kind: 'not-understood', subject, sentence: sentenceOf(subject, first, items.length) };
	});
	return { layers: countLayers(found, [...open.keys()]), findings };
}

/** Layers that were found, and those that were not. */
export function countLayers({ synapticLayers, products, neuronLayers }: FoundStructure, subjects: readonly string[]): number {
	const names = new Set([...synapticLayers, ...products, ...neuronLayers].map(({ name }) => name));
	const known = synapticLayers.length + products.length + neuronLayers.length;
	return known + new Set(subjects.filter((subject) => !names.has(subject))).size;
}

const nouns: Readonly<Record<Booking['kind'], string>> = {
	state: 'State',
	decision: 'Decision',
	weights: 'Layer',
	product: 'Product',
	neurons: 'Neuron layer',
	operator: 'Operator',
	readout: 'Output',
};

function sentenceOf(subject: string, { kind, item, problem }: Booking, count: number): string {
	const where = item === subject ? '' : ` (node "${item}"${count > 1 ? ` and ${count - 1} more` : ''})`;
	return `${nouns[kind]} "${subject}"${where} is not understood: ${problem}.`;
}

