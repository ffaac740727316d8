import type { Balance } from '../network/findings.ts';
import type { LayerSizes, NeuronCounts, ReuseCounts, SynapticCounts } from './events.ts';

export type { LayerSizes, NeuronCounts, ReuseCounts, SynapticCounts } from './events.ts';

/**
 * Activity: what happened when a network ran on data. Integer event counts only, no joules.
 *
 * An Activity is a file of its own: it can be saved, priced again under another profile without
 * running the net, and merged with the Activity of another shard of the same run. All counts are
 * integers summed over samples, so merging is exact in any order.
 *
 * @see docs/method.md
 */

/** Which timesteps of an input-independent first layer are charged: the layer once, or at every timestep. */
export type Encoder = 'once' | 'every-step';
/** Grain at which "spike or number?" is decided. */
export type SpikeTest = 'element' | 'timestep' | 'layer';
/** How an element that is k times the spike magnitude (k ≥ 2) is charged: one MAC, or k ACs. */
export type GradedRule = 'mac' | 'ac';

/** Connections of one synaptic layer, per sample and timestep. */
export interface LayerGeometry extends LayerSizes {
	/** Sample input shape without batch, e.g. [C, H, W] or [N]. */
	readonly inputShape: readonly number[];
	readonly outputShape: readonly number[];
	/** Kernel [kh, kw] of a convolution, else null. */
	readonly kernel: readonly number[] | null;
	readonly stride: readonly number[] | null;
	readonly groups: number;
}

/** Repetition in a layer of weights, counted on demand. */
export interface LayerReuse {
	/** Rows and columns of a tile within which rows are taken over. */
	readonly tileRows: number;
	readonly tileColumns: number;
	/** Whether equal rows have equal products: spikes of one height and sign. Without it no row is taken over. */
	readonly repeatable: boolean;
	readonly perTimestep: readonly ReuseCounts[];
	readonly totals: ReuseCounts;
}

/**
 * How many decisions lie within rounding of their threshold, |membrane − threshold| ≤ 1e-5 · |threshold|: another order of
 * summation, as on another machine or runtime, may decide them otherwise. Integers, of the first samples of the run.
 */
export interface DecisionCounts {
	/** Decisions compared with their thresholds: one a neuron, timestep and sample, and one more for each further spike it may fire. */
	readonly compared: number;
	/** Those within rounding; null where none could be compared. */
	readonly close: number | null;
	/** Decisions whose threshold the graph does not tell, or is 0. */
	readonly unknown: number;
}

/** The same of one layer. */
export interface LayerDecisions extends DecisionCounts {
	/** `close` by timestep; null where the threshold is unknown at some timestep. */
	readonly closePerTimestep: readonly number[] | null;
}

/** What a layer's input is: spikes of one magnitude, spikes with multiples, or analog numbers. */
export type InputKind = 'spikes' | 'graded' | 'analog' | 'mixed';

/** The counts of one layer of synapses, summed over samples. */
export interface SynapticLayerActivity {
	readonly kind: 'synaptic';
	/** The name a user knows: the weight's or node's name in the source. */
	readonly name: string;
	readonly op: string;
	readonly inputKind: InputKind;
	/** Spike magnitude θ of the input when it is spikes or graded, else null. */
	readonly spikeMagnitude: number | null;
	/** One sentence: why the input counts as spikes or analog. */
	readonly inputReason: string;
	/** Name of the neuron layer that feeds it (through pooling, sums, reshapes), or null (graph input, several, none). */
	readonly source: string | null;
	readonly geometry: LayerGeometry;
	readonly perTimestep: readonly SynapticCounts[];
	readonly totals: SynapticCounts;
	/** Absent where it was not asked for, and in products of activations. */
	readonly reuse?: LayerReuse;
}

/** The counts of one layer of neurons, summed over samples. */
export interface NeuronLayerActivity {
	readonly kind: 'neuron';
	readonly name: string;
	readonly op: string;
	/** Neurons per sample. */
	readonly neurons: number;
	readonly shape: readonly number[];
	readonly leak: number | null;
	readonly threshold: number | null;
	readonly reset: 'soft' | 'hard' | 'none' | 'unknown';
	/** State words per neuron (1 for a LIF, 2 with a synaptic current). */
	readonly stateWords: number;
	/** False for an output layer that integrates its input and never fires. */
	readonly spiking: boolean;
	readonly perTimestep: readonly NeuronCounts[];
	readonly totals: NeuronCounts;
	/** Absent for a layer that never fires, and in what earlier versions wrote. */
	readonly decisions?: LayerDecisions;
}

/** The counts of one layer: events of its weights, or of its neurons. */
export type LayerActivity = SynapticLayerActivity | NeuronLayerActivity;

/** How data were prepared: binned, scaled. */
export interface Preparation {
	/** For the line that says what was run. */
	readonly words: string;
	/** Options of the command line that prepare them so again. */
	readonly options: Readonly<Record<string, string>>;
}

/** Mean, standard deviation (population), smallest and largest over samples. */
export interface Spread {
	readonly mean: number;
	readonly standardDeviation: number;
	readonly minimum: number;
	readonly maximum: number;
}

/** Sums over layers; `neurons` and `synapses`-like structural numbers are per sample × samples like every other count. */
export interface ActivityTotals extends SynapticCounts, NeuronCounts {}

/** Integer counts of all events of a run, by layer and timestep, summed over samples: what prices are formed on. */
export interface Activity {
	readonly schema: 'snn-energy/activity@1';
	readonly tool: { readonly name: string; readonly version: string };
	readonly model: {
		readonly file: string;
		readonly sha256: string;
		readonly format: string;
		/** Trainable numbers stored: weights and biases of synaptic layers, normalisation, thresholds, leaks. */
		readonly parameters: number;
	};
	readonly data: {
		/** File name, data set name, or "random:SEED". */
		readonly source: string;
		readonly sha256: string | null;
		readonly random: boolean;
		/** Order in which data with a time axis were read: [samples, timesteps, …] or [timesteps, samples, …]; absent without one. */
		readonly layout?: 'ntc' | 'tnc';
		/** What was done to the data before the network saw them, in words and as options of the command line. */
		readonly preparation?: Preparation;
	};
	readonly run: {
		readonly samples: number;
		readonly timesteps: number;
		readonly encoder: Encoder;
		readonly spikeTest: SpikeTest;
		readonly graded: GradedRule;
		readonly assumptions: readonly string[];
		/** Builds of onnxruntime that counted, such as "onnxruntime-node 1.30.0 x64"; earlier versions did not record them. */
		readonly runtimes?: readonly string[];
		/** True when the run was interrupted before all samples were done. */
		readonly partial: boolean;
	};
	readonly accuracy: { readonly correct: number; readonly total: number } | null;
	readonly totals: ActivityTotals;
	/** Decisions within rounding of their threshold, in the first `samples` samples; earlier versions did not look. */
	readonly decisions?: DecisionCounts & { readonly samples: number };
	/** Spread over samples of the per-sample totals. */
	readonly spread: {
		readonly acs: Spread;
		readonly macs: Spread;
		readonly synapticEvents: Spread;
		readonly spikes: Spread;
	};
	/** In the order of the data flow. */
	readonly layers: readonly LayerActivity[];
	/** What stands against the numbers: parts of the network that were not understood, or are dead. Earlier versions wrote none. */
	readonly balance?: Balance;
	/** Sentences of the balance, then others. */
	readonly warnings: readonly string[];
}
