import type { Assumption, Evidence, Interval } from '../estimate.ts';
import type { Expression } from './formula.ts';
import type { Table } from './table.ts';
import type { Dimension } from './units.ts';

/** Where something was written, for messages. */
export interface Origin {
	readonly file: string;
	readonly line: number;
}

/** Where a number of a profile is published. */
export interface Source {
	readonly citation: string;
	readonly doi: string | null;
	readonly url: string | null;
	readonly note: string | null;
}

/** Whether a price covers one kind of event, or everything the chip did divided by one kind of event. */
export type Scope = 'per-term' | 'all-in';

/** How a constant follows the technology node; constants without one stay as they are. */
export type Scaling = 'logic' | 'sram' | 'dram';

/** A named number of a profile, with its interval, unit and where it comes from. */
export interface Constant {
	readonly name: string;
	/** In SI base units (bits for information). For a table: a factor on its values, nominally 1. */
	readonly value: Interval;
	readonly dimension: Dimension;
	/** Unit as written, e.g. "pJ"; "" for a plain number. A table's: the unit of its values. */
	readonly unit: string;
	/** One written unit in SI. */
	readonly unitSize: number;
	readonly table: (Table & { readonly keyDimension: Dimension; readonly keyUnit: string; readonly keyUnitSize: number }) | null;
	/** Set when the value follows from other constants: `value` is then what they give. */
	readonly formula: { readonly text: string; readonly expression: Expression } | null;
	readonly evidence: Evidence;
	/** Key in the profile's sources. */
	readonly source: string;
	readonly note: string | null;
	readonly scope: Scope;
	readonly scaling: Scaling | null;
	readonly origin: Origin;
}

/** One named formula of a profile, as written and compiled. */
export interface Term {
	readonly name: string;
	readonly text: string;
	readonly expression: Expression;
	readonly origin: Origin;
}

/** What a layer keeps in memory and how often it touches it; element counts, per layer and timestep. */
export interface MemoryStore {
	readonly name: string;
	/** How many elements the store holds for a layer. */
	readonly elements: Term;
	/** Width of an element: bits. */
	readonly width: Term;
	readonly reads: Term;
	readonly writes: Term;
	/** Elements read from the level it lives on when that is not the first: each access, or the whole store once per timestep. */
	readonly transfer: 'per-access' | 'once-per-timestep';
}

/** One level of a memory hierarchy, in names of the profile's constants. */
export interface MemoryLevel {
	readonly name: string;
	/** Energy of one word access; a table's key is the size of the buffer. */
	readonly access: string;
	/** Constant with the level's size; null for the last level, which takes the rest. */
	readonly capacity: string | null;
	/** Constant with the width of a word. */
	readonly word: string;
}

/** How a profile lays a network's stores out over its memory levels. */
export interface MemoryModel {
	/** Elements per word: one, or as many as fit. */
	readonly packing: 'none' | 'full';
	/** A buffer for each store of each layer, or one for everything. */
	readonly buffers: 'per-layer' | 'shared';
	/** Nearest first. */
	readonly levels: readonly MemoryLevel[];
	readonly stores: readonly MemoryStore[];
	readonly origin: Origin;
}

/** An order in which a machine can compute a layer: what is held still, and so how often each store is touched. */
export interface Dataflow {
	readonly name: string;
	readonly title: string;
	/** One or two sentences: what stays where, and what moves. */
	readonly summary: string;
	/** The profile's memory with this dataflow's reads and writes. */
	readonly memory: MemoryModel;
	/** Events without a cost of their own here, beside those of the profile. */
	readonly includes: readonly string[];
}

/** How the DNN baseline is charged on this hardware. */
export interface DenseModel {
	/** Why this hardware cannot run the DNN baseline, or null. */
	readonly unsupported: string | null;
	/** Energy of one MAC with activations of `bits` bits, or null if the profile cannot tell. */
	readonly quantizedMac: Term | null;
	/** Energy of one MAC of 8-bit integers, or null if the profile cannot tell. */
	readonly int8Mac: Term | null;
	/** Constants that are 8 bits in a DNN of 8-bit integers: widths of weights and activations. */
	readonly int8Widths: readonly string[];
}

/** Hardware as data: checked, with every value in SI units. */
export interface Profile {
	readonly name: string;
	readonly title: string;
	readonly summary: string;
	readonly scope: Scope;
	readonly technology: Readonly<Record<string, string>>;
	/** The profile's own file, then the files it extends. */
	readonly files: readonly string[];
	readonly sources: ReadonlyMap<string, Source>;
	readonly constants: ReadonlyMap<string, Constant>;
	/** Joules of one layer at one timestep. */
	readonly energy: readonly Term[];
	/** Seconds of one layer at one timestep; layers and timesteps follow one another. */
	readonly latency: readonly Term[];
	/** Seconds of one layer at one timestep by limiting resource; only the longest counts, on top of `latency`. */
	readonly roofline: readonly Term[];
	/** Joules of the whole inference that no single layer causes, e.g. leakage. */
	readonly inferenceEnergy: readonly Term[];
	/** Seconds of the whole inference, e.g. a fixed tick per timestep. */
	readonly inferenceLatency: readonly Term[];
	/** Plain numbers summed over layers, e.g. cores in use, for the formulas of the whole inference. */
	readonly resources: readonly Term[];
	readonly memory: MemoryModel | null;
	/** Every dataflow the profile can price; `memory` is that of `dataflow`. Empty where the hardware has one order only. */
	readonly dataflows: readonly Dataflow[];
	/** Name of the dataflow in use; null without dataflows. */
	readonly dataflow: string | null;
	/** Profile with the same arithmetic whose dataflows price memory too; null if there is none. */
	readonly memoryProfile: string | null;
	readonly dense: DenseModel;
	readonly unpriced: readonly string[];
	/** Events whose cost is inside another price and must not be charged again. */
	readonly includes: readonly string[];
	readonly assumptions: readonly Assumption[];
	/** The chip's limits and event costs for the many-core model, unread here. */
	readonly chip: unknown;
	/** Constants changed by the user, as "NAME=VALUE". */
	readonly overrides: readonly string[];
}
