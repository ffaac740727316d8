import type { GraphNode } from '../model/graph.ts';
import type { StatePairing } from '../model/model-file.ts';
import type { SpikeContext } from './spike-paths.ts';

/** What is known of one neuron when its leak, threshold and reset are read off the arithmetic around a threshold. */
export interface MembraneQuestion extends SpikeContext {
	readonly threshold: GraphNode;
	/** The threshold of the timestep before, in an unrolled graph. */
	readonly previous: GraphNode | null;
	/** Tensors that hold the membrane of the timestep before, where the one compared is not to be told from the current. */
	readonly previousKeptAs: readonly string[];
	/** State tensors the neuron holds when the timestep begins. */
	readonly held: readonly string[];
	/** The same a timestep before, in an unrolled graph. */
	readonly heldBefore: readonly string[];
	/** All thresholds of the layer over time. */
	readonly own: ReadonlySet<GraphNode>;
	/** The spikes of all timesteps: what the thresholds' outputs become before they leave the neuron. */
	readonly ownSpikes: ReadonlySet<string>;
	/** Membrane arithmetic of all timesteps: everything between weights, states and the thresholds. */
	readonly region: ReadonlySet<string>;
	readonly synapticOutputs: ReadonlySet<string>;
	readonly states: readonly StatePairing[];
	readonly step: boolean;
}
