import { elementCount, tensorValues } from '../model/tensors.ts';
import { type GraphIndex, intAttribute } from './graph-index.ts';

/** One position of an axis of the input. */
export interface Frame {
	readonly frame: number;
	/** Size of the axis. */
	readonly size: number;
}

/**
 * Timesteps that are taken out of the input one by one: [T, batch, …] or [batch, T, …].
 *
 * @param timesteps size the axis has to have; any where null
 */
export function framesOf(index: GraphIndex, timesteps: number | null): ReadonlyMap<string, Frame> {
	const frames = new Map<string, Frame>();
	for (const { name, dims } of index.graph.inputs) {
		for (const node of index.consumers.get(name) ?? []) {
			const { op, inputs, outputs } = node;
			const axis = intAttribute(node, 'axis', 0);
			const position = index.graph.constants.get(inputs[1] ?? '');
			const size = dims?.[axis];
			if (op !== 'Gather' || axis < 0 || axis > 1 || !position || elementCount(position.dims) !== 1) continue;
			if (typeof size !== 'number' || (timesteps !== null && size !== timesteps)) continue;
			const [frame = 0] = tensorValues(position);
			frames.set(outputs[0] ?? '', { frame: frame < 0 ? frame + size : frame, size });
		}
	}
	return frames;
}
