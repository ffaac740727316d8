import type { LayerEvents } from './events.ts';
import type { CompiledMemory, CompiledStore } from './program.ts';

/**
 * Where a store of a layer lives, in what buffer, and how its elements lie in words.
 *
 * Stores are placed in the order the profile declares them, layer by layer, each as a whole on the
 * nearest level with room left; the last level takes what no other can hold.
 */
export interface Placement {
	readonly level: number;
	/** Bits the store takes, unused bits of its words included. */
	readonly footprintBits: number;
	/** Word accesses an element access costs: 1 / elements per word, or words per element. On each level. */
	readonly wordsPerElement: readonly number[];
	/** Size of the buffer an access goes to, on each level: what the price of an access depends on. */
	readonly bufferBits: readonly number[];
	readonly widthBits: number;
	readonly elements: number;
}

/** One store of one layer at one timestep and level. */
export interface Traffic {
	readBits: number;
	writtenBits: number;
	energyJoules: number;
}

/** Sets the slots a store's size formulas read: the layer's structure. */
type SetStructure = (layer: LayerEvents) => void;

/** Places every store of every layer; indexed [layer][store]. */
export function placeStores(
	memory: CompiledMemory,
	layers: readonly LayerEvents[],
	slots: Float64Array,
	setStructure: SetStructure,
): readonly (readonly Placement[])[] {
	const { levels, model } = memory;
	const free = levels.map(({ capacity }) => (capacity === null ? Number.POSITIVE_INFINITY : (slots[capacity] ?? 0)));
	const used = levels.map(() => 0);
	const wordBits = levels.map(({ word }) => slots[word] ?? 0);
	const placed: Placement[][] = layers.map(() => []);
	for (const store of memory.stores) {
		for (const [index, layer] of layers.entries()) {
			setStructure(layer);
			const elements = store.elements(slots);
			const width = store.width(slots);
			const wordsPerElement = wordBits.map((word) => wordsFor(width, word, model.packing));
			const sizes = wordBits.map((word, level) => Math.ceil(elements * (wordsPerElement[level] ?? 0)) * word);
			const level = levels.findIndex((_, candidate) => (sizes[candidate] ?? 0) <= (free[candidate] ?? 0));
			const size = sizes[level] ?? 0;
			free[level] = (free[level] ?? 0) - size;
			used[level] = (used[level] ?? 0) + size;
			placed[index]?.push({ level, footprintBits: size, wordsPerElement, bufferBits: sizes, widthBits: width, elements });
		}
	}
	const limit = (bits: number, level: number): number => {
		const capacity = levels[level]?.capacity ?? null;
		return capacity === null ? bits : Math.min(bits, slots[capacity] ?? bits);
	};
	return placed.map((stores) =>
		stores.map((placement) => ({
			...placement,
			bufferBits: placement.bufferBits.map((bits, level) =>
				limit(model.buffers === 'shared' ? (used[level] ?? bits) : bits, level),
			),
		})),
	);
}

/**
 * Word accesses that one element costs when elements are accessed in order: a word of 64 bits holds
 * eight 8-bit elements under full packing and one without packing; an element wider than a word
 * takes several.
 */
export function wordsFor(widthBits: number, wordBits: number, packing: 'none' | 'full'): number {
	if (widthBits <= 0 || wordBits <= 0) return 0;
	if (widthBits >= wordBits) return Math.ceil(widthBits / wordBits);
	return packing === 'none' ? 1 : 1 / Math.floor(wordBits / widthBits);
}

/**
 * What reading and writing elements of a store moves, on each level.
 *
 * A store that does not live on the nearest level is either accessed where it is, or each element
 * needed is brought to the nearest level once per timestep, used there, and written back.
 */
export function storeTraffic(
	memory: CompiledMemory,
	store: CompiledStore,
	placement: Placement,
	slots: Float64Array,
	reads: number,
	writes: number,
	result: readonly Traffic[],
): void {
	for (const traffic of result) {
		traffic.readBits = 0;
		traffic.writtenBits = 0;
		traffic.energyJoules = 0;
	}
	const move = (level: number, read: number, written: number): void => {
		const traffic = result[level];
		const price = memory.levels[level];
		if (!traffic || !price || read + written === 0) return;
		traffic.readBits += read * placement.widthBits;
		traffic.writtenBits += written * placement.widthBits;
		traffic.energyJoules +=
			(read + written) * (placement.wordsPerElement[level] ?? 0) * price.access(slots, placement.bufferBits[level] ?? 0);
	};
	if (placement.level === 0 || !store.eachElementOnce) {
		move(placement.level, reads, writes);
		return;
	}
	const fetched = Math.min(reads, placement.elements);
	const returned = Math.min(writes, placement.elements);
	move(placement.level, fetched, returned);
	move(0, reads + returned, writes + fetched);
}
