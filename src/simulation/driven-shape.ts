import { operatorFacts } from '../model/operators/index.ts';
import { elementCount } from '../model/tensors.ts';
import type { Network, NeuronLayer } from '../network/network.ts';
import { upstream } from '../network/reachability.ts';
import { type Driver, isConvolution } from './driven.ts';

const channelsAndPositions = ([channels = 1, ...spatial]: readonly number[]): string => `${channels}x${elementCount(spatial)}`;

/**
 * The shape in which what convolutions give lies on a layer's neurons: that of the neurons, or, where they lie in the same order
 * in other axes, that of the convolutions.
 *
 * @param drivers  of all places of the layer
 * @returns null where elements change their order in between, or convolutions give several shapes
 */
export function drivenShape(
	neuronShape: readonly number[],
	drivers: readonly Driver[],
	{ calls }: NeuronLayer,
	{ index }: Network,
): readonly number[] | null {
	const convolutions = drivers.filter(isConvolution);
	const [first] = convolutions;
	if (!first) return neuronShape;
	const shape = channelsAndPositions(first.outputShape);
	if (convolutions.some(({ outputShape }) => channelsAndPositions(outputShape) !== shape)) return null;
	if (shape === channelsAndPositions(neuronShape)) return neuronShape;
	// Pooled in between: what a neuron received is not followed.
	if (elementCount(first.outputShape) !== elementCount(neuronShape)) return null;
	const outputs = new Set(calls.flatMap((call) => call.drivers));
	const reordered = calls.some(({ decision }) =>
		[...upstream(decision, index, (tensor) => outputs.has(tensor))].some((tensor) => {
			const node = outputs.has(tensor) ? undefined : index.producer.get(tensor);
			return node !== undefined && reorders(node);
		}),
	);
	return reordered ? null : first.outputShape;
}

/** A transposition, and not a reshape. */
const reorders = (node: Parameters<typeof operatorFacts>[0]): boolean => {
	const facts = operatorFacts(node);
	return facts?.form === 'same' && facts.elements === 'moved' && facts.axes?.kind === 'pairs' && !facts.axes.broadcasts;
};
