import type { ConstantTensor, Model } from '../network/graph.ts';

/** A tensor that a step model hands from one timestep to the next. */
export interface StatePairing {
	/** Graph input that takes the state before the timestep. */
	readonly input: string;
	/** Graph output that holds it after the timestep. */
	readonly output: string;
	/** Value before the first timestep: one number for every element, or a tensor without batch dimension. */
	readonly initial: number | ConstantTensor;
}

/** What every model reader gives: a graph, how it relates to time, and what the file left open. */
export interface ModelSource {
	readonly model: Model;
	/** "step": the graph is one timestep, run T times with `states` handed on. "none": the file says nothing of time. */
	readonly timing: 'step' | 'none';
	readonly states: readonly StatePairing[];
	/** One sentence for each thing the file does not say and the reader had to decide. */
	readonly assumptions: readonly string[];
	/** Axis order of image inputs as the user passes them; absent where it is the ONNX order NCHW. */
	readonly inputLayout?: 'NHWC';
}
