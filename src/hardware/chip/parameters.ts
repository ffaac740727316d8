/**
 * What a many-core chip costs and how it is laid out: the record every function in this folder works on.
 * Values come from a hardware profile (see chip-profile.ts); nothing here knows a number.
 */

/** Price of one event in energy and in the time it keeps its unit busy. */
export interface EventCost {
	readonly energyJoules: number;
	readonly latencySeconds: number;
}

/** A way of storing and reading weights, under every name a network may call it. */
export interface SynapseUnit extends EventCost {
	readonly names: readonly string[];
}

const directions = ['east', 'west', 'north', 'south'] as const;
export type Direction = (typeof directions)[number];

/** Limits of one core; null where the chip's documents name none. */
export interface CoreLimits {
	readonly neurons: number | null;
	/** Memory for weights, and for neurons where they take of it too, in bytes. */
	readonly synapticBytes: number | null;
	/** Synapses one neuron can have: no number of cores lifts this limit. */
	readonly fanIn: number | null;
	/** Distinct presynaptic neurons a core can receive from. */
	readonly axonsIn: number | null;
	/** Destination-core entries a core can send to. */
	readonly axonsOut: number | null;
}

export interface ChipParameters {
	readonly name: string;
	/** Tiles form a mesh of `width` columns and `height` rows; tile t lies at x = ⌊t / height⌋, y = t mod height. */
	readonly mesh: { readonly width: number; readonly height: number; readonly coresPerTile: number };
	readonly limits: CoreLimits;
	/** Bits one stored weight takes in synaptic memory. */
	readonly weightBits: number;
	/** Bits a neuron takes of the same memory; 0 where neurons have their own. */
	readonly neuronBits: number;
	/** Messages a link holds before its senders block (detailed timing). */
	readonly linkBufferMessages: number;
	/** Paid by every neuron at every timestep, idle or not. */
	readonly neuronAccess: EventCost;
	/** Added when the neuron had input, a bias or a nonzero membrane potential. */
	readonly neuronUpdate: EventCost;
	/** Added when the neuron fires. */
	readonly neuronSpike: EventCost;
	/** One packet sent: one per firing neuron and destination core. */
	readonly axonOut: EventCost;
	/** One packet received. */
	readonly axonIn: EventCost;
	/** One synaptic event, by synapse unit; the first is the default. */
	readonly synapses: readonly SynapseUnit[];
	/** One hop between neighbouring tiles. */
	readonly hop: Readonly<Record<Direction, EventCost>>;
	/** End-of-timestep barrier: the entry with the most tiles not above the number of tiles in use. Sorted by tiles. */
	readonly barrier: readonly { readonly tiles: number; readonly latencySeconds: number }[];
	/** Shortest timestep the chip is run at (a real-time tick); 0 when it goes as fast as it can. */
	readonly tickSeconds: number;
	/** Power drawn whatever happens, by each core that holds a neuron. */
	readonly staticWattsPerCore: number;
	/** Power drawn whatever happens, by the chip. */
	readonly staticWatts: number;
}

/**
 * The unit that reads a layer's weights: the chip's unit for convolutions if it has one and the layer has a kernel, else
 * its first.
 */
export function synapseUnitOf(
	chip: ChipParameters,
	{ geometry }: { readonly geometry: { readonly kernel: readonly number[] | null } },
): SynapseUnit | undefined {
	const forKernels = geometry.kernel === null ? undefined : chip.synapses.find(({ names }) => names.includes('conv'));
	return forKernels ?? chip.synapses[0];
}

/** Seconds the barrier takes when `tiles` tiles hold at least one neuron. */
export function barrierSeconds(chip: ChipParameters, tiles: number): number {
	let seconds = 0;
	for (const entry of chip.barrier) if (entry.tiles <= tiles) seconds = entry.latencySeconds;
	return seconds;
}
