import type { ConstantTensor, Model } from './graph.ts';

/** A state that is fed back: what the graph writes to `output` at one timestep is its `input` at the next. */
export interface StatePairing {
	readonly input: string;
	readonly output: string;
	/** Value before the first timestep: one number for every element, or a tensor without the batch axis. */
	readonly initial: number | ConstantTensor;
}

/** A model file as a reader hands it over. */
export interface ModelFile {
	readonly model: Model;
	readonly file: string;
	readonly format: string;
	readonly sha256: string;
	/** What the reader had to assume (NIR has no reset mode, for instance). */
	readonly assumptions?: readonly string[] | undefined;
	/** State pairings the reader knows for certain. */
	readonly states?: readonly StatePairing[] | undefined;
}
