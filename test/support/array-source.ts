import { elementCount } from '../../src/model/tensors.ts';
import type { SampleSource } from '../../src/simulation/samples.ts';

/**
 * Samples held in memory: [N, …sample], or [T, N, …sample] when `timesteps` is given.
 *
 * @param order the file's sample that is handed out at each place (default: as they lie)
 */
export function arraySource(
	values: Float32Array,
	sampleShape: readonly number[],
	options: { labels?: readonly number[]; timesteps?: number; order?: readonly number[] } = {},
): SampleSource {
	const size = elementCount(sampleShape);
	const steps = options.timesteps ?? 1;
	const stored = values.length / (size * steps);
	const order = options.order ?? Array.from({ length: stored }, (_, at) => at);
	return {
		name: 'memory',
		sha256: null,
		random: false,
		count: order.length,
		sampleShape,
		timesteps: options.timesteps ?? null,
		labels: options.labels ? order.map((at) => (options.labels as readonly number[])[at] as number) : null,
		read: async (start, end) => {
			const batch = new Float32Array(steps * (end - start) * size);
			for (let step = 0; step < steps; step += 1)
				for (let at = start; at < end; at += 1) {
					const from = (step * stored + (order[at] as number)) * size;
					batch.set(values.subarray(from, from + size), (step * (end - start) + at - start) * size);
				}
			return batch;
		},
		close: () => {},
	};
}
