import { float64Tensor, int64Tensor, uint8Tensor } from '../model/tensors.ts';
import { longestSum, type ProbeGraph } from './probe-graph.ts';

/** Reads Σ mask·F of one sample from the results of a run. */
export type WeightedSum = (results: Readonly<Record<string, { readonly data: unknown }>>) => (sample: number) => number;

/**
 * Σ mask·F for a weight map that differs from element to element. The map is split into base-256 digits and multiplied
 * in 8-bit integers with 32-bit sums, which onnxruntime does exactly; graphs older than that operator use float64.
 *
 * @param map whole numbers, one for each element of a sample
 */
export function addWeightedSum(graph: ProbeGraph, mask: string, map: Float64Array): WeightedSum {
	return graph.opset < 10 ? inDoubles(graph, mask, map) : inDigits(graph, mask, map);
}

function inDoubles(graph: ProbeGraph, mask: string, map: Float64Array): WeightedSum {
	const weights = graph.fresh(float64Tensor(map, [map.length, 1]));
	const sums = graph.output(graph.add('MatMul', [graph.cast(graph.reshape(mask, [-1, map.length]), 'double'), weights]));
	return (results) => {
		const data = results[sums]?.data as Float64Array;
		return (sample) => data[sample] as number;
	};
}

function inDigits(graph: ProbeGraph, mask: string, map: Float64Array): WeightedSum {
	const largest = map.reduce((most, value) => Math.max(most, value), 0);
	const digitCount = Math.max(1, Math.ceil(Math.log2(largest + 1) / 8));
	const bytes = new Uint8Array(map.length * digitCount);
	for (let at = 0; at < map.length; at += 1) {
		let rest = map[at] as number;
		for (let digit = 0; digit < digitCount; digit += 1) {
			bytes[at * digitCount + digit] = rest % 256;
			rest = Math.floor(rest / 256);
		}
	}
	const flat = graph.reshape(graph.cast(mask, 'uint8'), [-1, map.length]);
	const index = (value: number): string => graph.constant(`index_${value}`, () => int64Tensor([value]));
	const parts = Array.from({ length: Math.ceil(map.length / longestSum) }, (_, block) => {
		const [from, to] = [block * longestSum, Math.min(map.length, (block + 1) * longestSum)];
		const part = to - from === map.length ? flat : graph.add('Slice', [flat, index(from), index(to), index(1)]);
		// Two layers may read one tensor: each has digits of its own.
		const weights = graph.fresh(uint8Tensor(bytes.slice(from * digitCount, to * digitCount), [to - from, digitCount]));
		return graph.output(graph.add('MatMulInteger', [part, weights]));
	});
	return (results) => (sample) => {
		let sum = 0;
		for (const part of parts) {
			const data = results[part]?.data as Int32Array;
			for (let digit = 0; digit < digitCount; digit += 1) sum += (data[sample * digitCount + digit] as number) * 256 ** digit;
		}
		return sum;
	};
}
