/** Where gradients come from: this process, worker threads, or another engine. */

import { shardGradient } from './gradients.ts';
import type { Layout } from './parameters.ts';
import type { Shard, ShardResult } from './pieces.ts';
import type { Plan } from './plan.ts';

/** Computes the gradients of a batch's shards; results come in the order of the shards. */
export interface GradientSource {
	readonly title: string;
	run(plan: Plan, layout: Layout, parameters: Float32Array, shards: readonly Shard[]): Promise<ShardResult[]>;
	close(): Promise<void>;
}

/** The active tfjs engine of this process. */
export function localSource(title: string): GradientSource {
	return {
		title,
		async run(plan, layout, parameters, shards) {
			const results: ShardResult[] = [];
			for (const shard of shards) results.push(await shardGradient(plan, layout, parameters, shard));
			return results;
		},
		close: async () => undefined,
	};
}
