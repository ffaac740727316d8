import type { Network } from '../network.ts';

/** What of a graph is booked. */
export type BookedKind = 'state' | 'decision' | 'weights' | 'product' | 'neurons' | 'operator' | 'readout';

/** One item of the graph and the account it belongs to; `account` null: to none. */
export interface Booking {
	readonly kind: BookedKind;
	/** Name of the node, state or layer. */
	readonly item: string;
	/** The layer it is part of, or would be: items of one subject are named together. */
	readonly subject: string;
	readonly account: string | null;
	/** For an item without an account: why none was found. */
	readonly problem: string | null;
}

/** The structure that was found, before it is balanced. */
export type FoundStructure = Pick<
	Network,
	| 'mode'
	| 'timesteps'
	| 'input'
	| 'model'
	| 'index'
	| 'valueSets'
	| 'states'
	| 'masked'
	| 'synapticLayers'
	| 'products'
	| 'neuronLayers'
	| 'readout'
>;

export const booked = (kind: BookedKind, item: string, account: string, subject = item): Booking => ({
	kind,
	item,
	subject,
	account,
	problem: null,
});

export const unbooked = (kind: BookedKind, item: string, problem: string, subject = item): Booking => ({
	kind,
	item,
	subject,
	account: null,
	problem,
});
