import type { GraphNode, Model, TensorInfo } from '../model/graph.ts';
import type { StatePairing } from '../model/model-file.ts';
import type { Balance } from './findings.ts';
import type { GraphIndex } from './graph-index.ts';
import type { ValueSet } from './value-sets.ts';

/**
 * What a decision compares with what, told so that a distance from the threshold can be measured. `value` is a tensor.
 * - `level`: changes where `value` passes the tensor `level`, or 0 where that is null; the tensor `scale` is the threshold
 * - `steps`: goes from one whole number to the next where x = factor · value + offset passes k + shift, from `low` to `high`;
 *   the threshold is k + shift − `zero`
 */
export type DecisionThreshold =
	| { readonly kind: 'level'; readonly value: string; readonly level: string | null; readonly scale: string }
	| {
			readonly kind: 'steps';
			readonly value: string;
			readonly factor: number;
			readonly offset: number;
			readonly zero: number;
			readonly shift: 0 | 0.5;
			readonly low: number;
			readonly high: number;
	  };

/** One use of a weight in the graph. */
export interface SynapticCall {
	readonly node: string;
	/** Tensor the weights are applied to, [batch, …]. */
	readonly input: string;
	/** The same elements before a factor for each of them that the weights could hold: their heights are compared. */
	readonly unscaled?: string;
	readonly output: string;
	/**
	 * Timestep of an unrolled graph this use stands for; 'every' when the graph computes it once for all
	 * timesteps because its input does not change. Always 0 in a step model (the run adds its own timestep).
	 */
	readonly timestep: number | 'every';
}

/** Weights applied to activations, with all the places (timesteps) where the graph uses them. */
export interface SynapticLayer {
	readonly name: string;
	readonly op: string;
	/** The constant that holds the weights. */
	readonly weight: string;
	readonly bias: string | null;
	/** Position of the weight among the node's inputs: 1 for x·W, 0 for W·x. */
	readonly weightPosition: 0 | 1;
	readonly calls: readonly SynapticCall[];
	/** True when the input is the same at every timestep (direct coding). */
	readonly timeInvariant: boolean;
	/** Neuron layers whose spikes reach the input through pooling, sums and reshapes; or that meet numbers in it. */
	readonly sources: readonly string[];
	/** True for numbers that are zero wherever no neuron fires: spikes that carry an amplitude. */
	readonly amplitudes?: boolean;
	/** The source node of the first call, kept for its attributes. */
	readonly geometryNode: string;
}

/** One matrix product of two activations. */
export interface ProductCall {
	readonly node: string;
	/** Operands [batch, …, M, K] and [batch, …, K, N]. */
	readonly left: string;
	readonly right: string;
	/** Operands the product transposes first: stored as [batch, …, K, M] and [batch, …, N, K]. */
	readonly transposed: { readonly left: boolean; readonly right: boolean };
	readonly output: string;
	readonly timestep: number;
}

/** A product of activations by activations (attention), over all timesteps: it has no weights, yet its operations cost energy. */
export interface ProductLayer {
	readonly name: string;
	readonly op: string;
	readonly calls: readonly ProductCall[];
	/** True when the graph computes it once for all timesteps. */
	readonly timeInvariant: boolean;
	/** Neuron layers whose spikes reach the operands. */
	readonly sources: readonly string[];
}

/** What one neuron layer is at one timestep of the graph. */
export interface NeuronCall {
	/** Output spikes, [batch, …]. */
	readonly spikes: string;
	/** Where it fires several times within this timestep, resetting in between: the spikes of each time. */
	readonly firings?: readonly string[];
	/** Output of the operator that decides. */
	readonly decision: string;
	/** Outputs of decisions that gate it: a refractory period, the winner among neighbours. */
	readonly gates?: readonly string[];
	/** What it compares its membrane with, level by level; null where the graph does not tell, absent where it never fires. */
	readonly thresholds?: readonly DecisionThreshold[] | null;
	readonly timestep: number;
	/** Tensors whose nonzero elements are states held from the timestep before (empty at the first). */
	readonly heldStates: readonly string[];
	/** Delay lines of its spikes, which it keeps for later timesteps. */
	readonly delays?: readonly string[];
	/** Synaptic outputs that enter the membrane at this timestep. */
	readonly drivers: readonly string[];
	/** Numbers, and spikes of other neurons, that enter it without weights in between. */
	readonly direct?: readonly string[];
}

/** What a spike does to the membrane: the threshold is subtracted, a value is set, nothing; or the graph does not tell. */
export type ResetKind = 'soft' | 'hard' | 'none' | 'unknown';

/** A layer of spiking neurons: what turns a membrane potential into spikes, once per timestep. */
export interface NeuronLayer {
	readonly name: string;
	/** Operator that makes the decision, e.g. Greater. */
	readonly op: string;
	readonly calls: readonly NeuronCall[];
	/** States a neuron holds between timesteps, by the sizes the file tells. */
	readonly stateWords: number;
	/** Factor the membrane potential keeps per timestep; null when it is not one number. */
	readonly leak: number | null;
	readonly threshold: number | null;
	readonly reset: ResetKind;
	/** False for a layer that integrates its input and never fires: a readout. Its calls' `spikes` is then the membrane itself. */
	readonly spiking: boolean;
	/** True when the spike resets the membrane in the next timestep (a spike of t − 1 is subtracted at t). */
	readonly delayedReset: boolean;
}

/** Whether class scores are summed over timesteps or taken from the last. */
export type ReadoutRule = 'sum' | 'last';

/** How the class scores are read: which output, its time axis, and how timesteps are combined. */
export interface Readout {
	readonly output: string;
	readonly rule: ReadoutRule;
}

/** What one run of the graph computes: a plain network, one timestep of a spiking one, or all of them. */
export type TimeMode = 'plain' | 'step' | 'unrolled';

/** A network with its structure: what is executed and what is counted. */
export interface Network {
	readonly file: string;
	readonly format: string;
	readonly sha256: string;
	readonly model: Model;
	readonly index: GraphIndex;
	readonly valueSets: ReadonlyMap<string, ValueSet>;
	readonly mode: TimeMode;
	/** null for a step model that does not say how often it runs. */
	readonly timesteps: number | null;
	readonly input: TensorInfo;
	/** Axis of the input that counts samples, where rewriting found it; absent where the shape has to tell. */
	readonly batchAxis?: 0 | 1;
	readonly states: readonly StatePairing[];
	readonly synapticLayers: readonly SynapticLayer[];
	readonly products: readonly ProductLayer[];
	readonly neuronLayers: readonly NeuronLayer[];
	/** Spikes times a mask of the neuron's own (a refractory period, the first spike alone), by tensor: the decision that fires. */
	readonly masked?: ReadonlyMap<string, GraphNode>;
	readonly readout: Readout;
	/** Stored numbers: weights, biases, normalisation, thresholds, leaks. */
	readonly parameters: number;
	/** What of the graph was not understood, and other things that stand before any number. */
	readonly balance: Balance;
	readonly assumptions: readonly string[];
	/** Sentences of the balance, then others. */
	readonly warnings: readonly string[];
}
