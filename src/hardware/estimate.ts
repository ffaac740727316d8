/**
 * Estimate: what an Activity costs under one hardware profile. Means per inference, with interval,
 * by term and by layer, and the list of what was not priced.
 */

/** A quantity with its interval; all three are equal when no interval is known. */
export interface Interval {
	readonly low: number;
	readonly nominal: number;
	readonly high: number;
}

/** Grades of evidence, strongest first; an estimate inherits the weakest grade among the constants it used. */
export const evidenceGrades = ['measured', 'fitted', 'simulated', 'published', 'vendor', 'derived', 'assumed'] as const;
/** How well a constant is known. */
export type Evidence = (typeof evidenceGrades)[number];

/** Energy of one layer, split by the profile's terms; joules per inference. */
export interface LayerEstimate {
	readonly name: string;
	readonly kind: 'synaptic' | 'neuron';
	readonly energyJoules: Interval;
	readonly terms: Readonly<Record<string, Interval>>;
	/** Nominal joules per timestep, by timestep. */
	readonly perTimestepJoules: readonly number[];
}

/** Something the estimate needed to know and the profile or the run answered by convention. */
export interface Assumption {
	readonly sentence: string;
	/** The flag or profile constant that changes it, e.g. "--encoder" or "f_clk". */
	readonly change: string | null;
}

/** What a run costs under one hardware profile and one way of counting: energy in joules, latency in seconds, per inference. */
export interface Estimate {
	readonly profile: string;
	readonly title: string;
	/** How the events were counted: "exact" or the name of another published accounting. */
	readonly accounting: string;
	readonly energyPerInferenceJoules: Interval;
	/**
	 * 95 % interval of the mean energy as the samples scatter, at the nominal constants; null for one sample or without
	 * spikes.
	 */
	readonly samplingJoules?: { readonly low: number; readonly high: number } | null;
	/** Why this hardware cannot run the DNN baseline; null if it can. */
	readonly denseUnsupported?: string | null;
	/** null when the profile prices no latency. */
	readonly latencyPerInferenceSeconds: Interval | null;
	/** Energy by term (joules per inference), e.g. synapses, neurons, membrane, static. */
	readonly terms: Readonly<Record<string, Interval>>;
	/** Latency by term (seconds per inference); empty when there is none. */
	readonly latencyTerms: Readonly<Record<string, Interval>>;
	readonly layers: readonly LayerEstimate[];
	/** Events or costs the profile puts no price on, e.g. "stateReads", "control". */
	readonly unpriced: readonly string[];
	/** Weakest grade among the constants used. */
	readonly evidence: Evidence;
	/** Constants used, with unit, source and grade, for reports. */
	readonly constants: readonly {
		readonly name: string;
		readonly unit: string;
		readonly value: Interval;
		readonly evidence: Evidence;
		readonly source: string;
		readonly note: string | null;
	}[];
	readonly assumptions: readonly Assumption[];
	/** Which resource limits each layer, where the profile has a roofline. */
	readonly bounds?: readonly LayerBound[];
	/** Weakest grade among the constants the latency rests on; null when there is no latency. */
	readonly latencyEvidence?: Evidence | null;
	/** What memory holds and moves, if the profile has a memory model. */
	readonly memory?: MemoryReport | null;
}

/** Time of a layer per inference, and the resource (arithmetic, a memory's bandwidth) that most of it waits for. */
export interface LayerBound {
	readonly layer: string;
	readonly bound: string;
	readonly seconds: number;
}

/** One store (weights, inputs, membrane …) of one layer: where it lives and what it moves, per inference. */
export interface StoreTraffic {
	readonly layer: string;
	readonly store: string;
	/** Level of the hierarchy the store lives on, e.g. "sram". */
	readonly level: string;
	readonly footprintBytes: number;
	/** Sums over timesteps, by level; a store away from the nearest level moves data on two. */
	readonly levels: Readonly<
		Record<string, { readonly readBytes: number; readonly writtenBytes: number; readonly energyJoules: number }>
	>;
	/** Nominal, all levels together, by timestep. */
	readonly perTimestep: readonly { readonly readBytes: number; readonly writtenBytes: number; readonly energyJoules: number }[];
}

/** Memory as a result of its own; nominal values, means per inference. */
export interface MemoryReport {
	readonly stores: readonly StoreTraffic[];
	/** By store name, over all layers and timesteps; the share is of the inference's energy. */
	readonly totals: Readonly<
		Record<
			string,
			{ readonly readBytes: number; readonly writtenBytes: number; readonly energyJoules: number; readonly energyShare: number }
		>
	>;
}

/** The DNN baseline on the same hardware: every dense MAC once, no timesteps. */
export interface DenseComparison {
	readonly profile: string;
	/** Dense MACs of one pass, per inference. */
	readonly denseMacs: number;
	readonly dnnEnergyJoules: Interval;
	readonly snnEnergyJoules: Interval;
	/** DNN ÷ SNN, with the interval of a shared constant set (correlated constants move together). */
	readonly ratio: Interval;
	/** How the ratio was formed, one sentence. */
	readonly formula: string;
}
