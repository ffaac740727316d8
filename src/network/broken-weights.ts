import { tensorValues } from '../model/tensors.ts';
import type { GraphIndex } from './graph-index.ts';
import * as messages from './messages.ts';
import type { SynapticLayer } from './network.ts';

const floating: ReadonlySet<string> = new Set(['float32', 'float64', 'float16', 'bfloat16']);

/**
 * Names weights and biases that hold no numbers: a membrane they reach is NaN, which no comparison fires on, so that the network
 * falls silent without any error.
 */
export function brokenWeights(layers: readonly SynapticLayer[], { graph }: GraphIndex): string[] {
	return layers.flatMap(({ name, weight, bias }) =>
		[weight, bias ?? ''].flatMap((constant) => {
			const tensor = graph.constants.get(constant);
			if (!tensor || !floating.has(tensor.type)) return [];
			let broken = 0;
			for (const value of tensorValues(tensor)) if (!Number.isFinite(value)) broken += 1;
			return broken === 0 ? [] : [messages.brokenWeight(name, constant, broken)];
		}),
	);
}
