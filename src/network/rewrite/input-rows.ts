import { type Dimension, type Graph, node } from '../../model/graph.ts';
import { int64Tensor } from '../../model/tensors.ts';
import { freshNames } from './fresh-names.ts';
import type { GraphFacts } from './graph-facts.ts';
import type { FoldedTime } from './time-marks.ts';
import { isExplicit, isOne, sameSize } from './time-places.ts';

/** A graph whose input keeps timesteps and samples apart, where it took them as rows of one axis. */
export interface SeparateInput {
	readonly graph: Graph;
	readonly order: 'time-major' | 'sample-major';
}

/**
 * Networks for event streams take [N·T, …] (Sinabs' squeezed layers) or [T·N, …]. Counts are given to samples and timesteps,
 * so the input becomes [N, T, …] or [T, N, …], with a Reshape behind it.
 *
 * @returns null where the input has no timesteps in its first axis, or has them there alone
 */
export function withTimeAndSamples(graph: Graph, facts: GraphFacts, time: FoldedTime): SeparateInput | null {
	const [input, ...others] = graph.inputs;
	const place = input ? time.places.get(input.name) : undefined;
	const shape = input ? facts.shapeOf(input.name) : null;
	const [rows] = shape ?? [];
	if (!input?.dims || others.length > 0 || !shape || !rows || place?.axis !== 0) return null;
	const { timesteps } = time;
	if (isExplicit(place, shape, timesteps)) return null;
	const timeMajor = sameSize(rows, [place.inner[0] * timesteps, place.inner[1] * timesteps]);
	if (!timeMajor && !isOne(place.inner)) return null;
	const [first, ...sizes] = input.dims;
	if (sizes.some((size) => typeof size !== 'number')) return null;
	const samples: Dimension = typeof first === 'number' ? first / timesteps : 'samples';
	const names = freshNames(graph);
	const inner = names.take(`${input.name}/rows`);
	const target = names.take(`${input.name}/rows/shape`);
	const nodes = graph.nodes.map((one) => ({ ...one, inputs: one.inputs.map((name) => (name === input.name ? inner : name)) }));
	return {
		order: timeMajor ? 'time-major' : 'sample-major',
		graph: {
			...graph,
			nodes: [node('Reshape', [input.name, target], [inner], { name: names.take(`${inner}/Reshape`) }), ...nodes],
			constants: new Map([...graph.constants, [target, int64Tensor([-1, ...(sizes as number[])])]]),
			inputs: [{ ...input, dims: timeMajor ? [timesteps, samples, ...sizes] : [samples, timesteps, ...sizes] }],
		},
	};
}
