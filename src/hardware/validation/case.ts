import type { Accounting } from '../accounting/accountings.ts';
import type { Authority } from './result.ts';

/** A number, or factors of it: [11.58, 1048576, 128]. */
export type Count = number | readonly number[];

interface Common {
	readonly name: string;
	readonly title: string;
	readonly authority: Authority;
	readonly source: string;
}

/** Counts at a published operating point, priced by a profile: power, energy or time against what was published. */
export interface OperatingPointsCase extends Common {
	readonly kind: 'operating-points';
	readonly profile: string;
	readonly points: readonly {
		readonly name: string;
		readonly set?: readonly string[];
		readonly timesteps: number;
		readonly neurons?: Count;
		readonly synapticEvents?: Count;
		readonly spikes?: Count;
		readonly drivenUpdates?: Count;
		/** Terms of the profile that the published figure covers; all when left out. */
		readonly terms?: readonly string[];
		readonly published: { readonly quantity: 'averagePower' | 'energy' | 'latency'; readonly value: string };
		readonly tolerance: number;
		readonly note?: string;
	}[];
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
	| ChipRunCase
	| ArchitectureCase
	| SpikeRatesCase
	| EquationGridCase
	| ToolCountsCase;

export type CaseKind = ValidationCase['kind'];
