import type { Accounting } from '../accounting/accountings.ts';

/** What a reference point rests on. */
export const authorities = ['silicon', 'simulator', 'tool', 'publication', 'equations'] as const;
export type Authority = (typeof authorities)[number];

/** A number, or factors of it: [11.58, 1048576, 128]. */
export type Count = number | readonly number[];

interface Common {
	readonly name: string;
	readonly title: string;
	readonly authority: Authority;
	readonly source: string;
}

/** What is known beforehand of a published value and of the model that is held against it. */
export interface Expectation {
	readonly tolerance: number;
	/** Why the two may differ. */
	readonly note?: string;
	/** Why the model is known to leave the tolerance: such a value stays in the scorecard, as a miss. */
	readonly miss?: string;
	/** True where the profile's constants come from this very value: agreement then is arithmetic. */
	readonly 'fitted-on'?: boolean;
}

/** What was counted at a point; a number or a list of factors each, of one inference. */
export interface PointCounts {
	readonly timesteps: number;
	/** Synaptic layers; one when left out. */
	readonly layers?: number;
	readonly neurons?: Count;
	/** Left out: acs + macs. */
	readonly synapticEvents?: Count;
	/** Left out: synapticEvents - macs. */
	readonly acs?: Count;
	readonly macs?: Count;
	readonly macsDense?: Count;
	/** Left out: synapticEvents. */
	readonly denseMacs?: Count;
	readonly activeInputs?: Count;
	readonly inputs?: Count;
	readonly weights?: Count;
	readonly spikes?: Count;
	readonly drivenUpdates?: Count;
	readonly stateReads?: Count;
	readonly stateWrites?: Count;
}

/**
 * What can be published of a point. `energyPerInference` is what `energy` is, said of inferences that follow one another;
 * `throughput` is their number in a second: the profile's `batch` (1 without such a constant) ÷ latency.
 */
export const pointQuantities = ['averagePower', 'energy', 'energyPerInference', 'latency', 'throughput'] as const;
export type PointQuantity = (typeof pointQuantities)[number];

export interface PublishedQuantity {
	readonly quantity: PointQuantity;
	readonly value: string;
}

/** Counts at a published operating point, priced by a profile: power, energy, time or rate against what was published. */
export interface OperatingPointsCase extends Common {
	readonly kind: 'operating-points';
	readonly profile: string;
	readonly points: readonly (PointCounts &
		Expectation & {
			readonly name: string;
			readonly set?: readonly string[];
			/** Terms of the profile that the published figure covers; all when left out. */
			readonly terms?: readonly string[];
			readonly published: PublishedQuantity;
		})[];
}

/** Published tables of accumulates, multiply-accumulates or synaptic operations with the energy printed beside them. */
export interface CountsCase extends Common {
	readonly kind: 'counts';
	readonly profile: string;
	readonly rows: readonly (Expectation & {
		readonly name: string;
		readonly acs?: Count;
		readonly macs?: Count;
		/** Synaptic operations that the source charges as accumulates, analog first layer or not. */
		readonly sops?: Count;
		readonly published: { readonly energy: string };
	})[];
}

/**
 * Measured runs, each predicted with constants that were fitted to the others: by least squares of relative errors, first
 * the constants of time, then those of energy. Runs of one group are left out together.
 */
export interface LeaveOneOutCase extends Common {
	readonly kind: 'leave-one-out';
	readonly profile: string;
	readonly fit: { readonly time?: readonly string[]; readonly energy?: readonly string[] };
	readonly rows: readonly (PointCounts & {
		readonly name: string;
		/** Left out together with this row; its own name when left out. */
		readonly group?: string;
		readonly set?: readonly string[];
		/** Terms of the profile that the published energies cover; all when left out. */
		readonly terms?: readonly string[];
		/** False for a row that constants are fitted to and that is not judged itself. */
		readonly judged?: boolean;
		/** False for a row that is judged and that no constants are fitted to. */
		readonly fits?: boolean;
		readonly published: readonly (PublishedQuantity & Expectation)[];
	})[];
}

/** An explicit network run on a chip, against another simulator's run, timestep by timestep. */
export interface ChipRunCase extends Common {
	readonly kind: 'chip-run';
	readonly profile: string;
	readonly runs: readonly {
		/** JSON files, relative to the case file. */
		readonly network: string;
		readonly mapping: string;
		readonly reference: string;
	}[];
	readonly tolerances: { readonly counts: number; readonly energy: number; readonly simple: number; readonly detailed: number };
}

/** Sizes and the plain network's energy that follow from an architecture. */
export interface ArchitectureCase extends Common {
	readonly kind: 'architecture';
	readonly profile: string;
	readonly networks: readonly {
		readonly name: string;
		readonly architecture: string;
		readonly input: readonly [number, number, number];
		readonly classes: number;
		readonly published: {
			readonly macs?: number;
			readonly firstLayerMacs?: number;
			readonly neurons?: number;
			readonly denseEnergy?: string;
		};
		readonly tolerance: number;
		/** Of denseEnergy, which is printed with few digits. */
		readonly energyTolerance: number;
		readonly note?: string;
	}[];
}

/** Spike rates and an energy ratio that were published for an architecture, recomputed from its layers and its rates. */
export interface SpikeRatesCase extends Common {
	readonly kind: 'spike-rates';
	readonly profile: string;
	readonly networks: readonly {
		readonly name: string;
		readonly architecture: string;
		readonly input: readonly [number, number, number];
		readonly classes: number;
		readonly timesteps: number;
		/** Spikes per neuron summed over timesteps, layer by layer. */
		readonly rates: readonly number[];
		readonly published: { readonly rate: number; readonly ratio: number; readonly firstLayerShare: number };
		/** How the published total of operations was formed, where it is not the architecture's. */
		readonly slip?: {
			readonly macs?: number;
			readonly input?: readonly [number, number, number];
			readonly firstDenseInputs?: number;
			readonly reason: string;
		};
		/** Further rows of the table: rate and ratio at the same first-layer share. */
		readonly rows?: readonly { readonly name: string; readonly rate: number; readonly ratio: number }[];
	}[];
	/** Of the ratio recomputed from layers and rates; the table's inputs have two digits. */
	readonly tolerance: number;
}

/** Published equations on a grid of layers, beside the profile that implements them. */
export interface EquationGridCase extends Common {
	readonly kind: 'equation-grid';
	readonly equations: 'lemaire2022';
	readonly profile: string;
	readonly tolerance: number;
}

/** What another tool counted for a model that is run here. */
export interface ToolCountsCase extends Common {
	readonly kind: 'tool-counts';
	readonly model: string;
	readonly data: string;
	readonly timesteps?: number;
	readonly encoder: 'once' | 'every-step';
	readonly counts: readonly {
		readonly name: string;
		readonly accounting: Accounting;
		readonly event: string;
		/** Per sample. */
		readonly published: number;
		readonly tolerance: number;
		readonly note?: string;
	}[];
}

export type ValidationCase =
	| OperatingPointsCase
	| CountsCase
	| LeaveOneOutCase
	| ChipRunCase
	| ArchitectureCase
	| SpikeRatesCase
	| EquationGridCase
	| ToolCountsCase;

export type CaseKind = ValidationCase['kind'];
