/**
 * An explicit network: every neuron group, synapse and input spike written out, with one or more mappings of
 * its neurons to cores. The in-memory form of the JSON documented in docs/chips.md.
 */

export type ResetMode = 'hard' | 'soft' | 'none';
export type ReverseResetMode = ResetMode | 'saturate';

/** A group whose spikes are given. Costs nothing itself; its packets and their synapses are paid for. */
export interface InputGroup {
	readonly kind: 'input';
	readonly name: string;
	readonly size: number;
	/** Timesteps (1 is the first) at which each neuron fires. */
	readonly spikeTimes: readonly (readonly number[])[];
}

/** Leaky integrate-and-fire neurons with the current-based step of lif-step.ts. */
export interface LifGroup {
	readonly kind: 'lif';
	readonly name: string;
	readonly size: number;
	readonly threshold: number;
	readonly reverseThreshold: number;
	/** Factor on the membrane potential at each timestep after the first. */
	readonly leakDecay: number;
	/** Factor on the synaptic current at each timestep after the first; 0: the current lasts one timestep. */
	readonly inputDecay: number;
	readonly resetMode: ResetMode;
	/** Potential after a hard reset. */
	readonly reset: number;
	readonly reverseResetMode: ReverseResetMode;
	readonly reverseReset: number;
	/** Timesteps, counted from the spike, in which input is ignored: 0 and 1 ignore none. */
	readonly refractoryDelay: number;
	/** Charged as updated at every timestep. */
	readonly forceUpdate: boolean;
	/** Synapse unit that reads the weights onto this group; null: the profile's first. */
	readonly synapseUnit: string | null;
	/** One per neuron. */
	readonly bias: Float64Array;
}

export type NeuronGroup = InputGroup | LifGroup;

/** Synapses from one group to another; three columns of the same length. */
export interface Projection {
	readonly pre: string;
	readonly post: string;
	readonly preIndex: Uint32Array;
	readonly postIndex: Uint32Array;
	readonly weight: Float64Array;
}

/** Neurons first…last (both included) of a group lie on a core, in this order. */
export interface MappingEntry {
	readonly group: string;
	readonly first: number;
	readonly last: number;
	readonly tile: number;
	readonly core: number;
}

export interface ExplicitNetwork {
	readonly name: string;
	readonly timesteps: number;
	readonly groups: readonly NeuronGroup[];
	readonly projections: readonly Projection[];
	readonly mappings: ReadonlyMap<string, readonly MappingEntry[]>;
}
