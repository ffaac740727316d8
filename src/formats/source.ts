import type { StatePairing } from '../model/model-file.ts';

export type { StatePairing } from '../model/model-file.ts';

import type { Model } from '../model/graph.ts';

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
	/** Files besides the one named that the model is stored in, such as weights. */
	readonly files?: readonly string[];
}
