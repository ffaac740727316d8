import type { GraphDraft } from '../../graph-draft.ts';
import type { Shape } from '../shapes.ts';

export type Reset = 'zero' | 'subtract';

/** What a primitive needs to become operators. */
export interface EmitContext {
	readonly builder: GraphDraft;
	/** Name of the NIR node, with the names of the subgraphs around it. */
	readonly name: string;
	/** Tensor that holds the (summed) input. */
	readonly input: string;
	readonly inputShape: Shape;
	readonly outputShape: Shape;
	/** Seconds. */
	readonly dt: number;
	readonly reset: Reset;
	readonly file: string;
	readonly notes: string[];
}
