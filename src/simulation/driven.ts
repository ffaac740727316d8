import type { FanOut } from '../network/fan-out.ts';
import type { GraphNode } from '../network/graph.ts';
import type { NeuronCall } from '../network/network.ts';
import { elementCount, float32Scalar, float32Tensor } from '../network/tensors.ts';
import { ints, type ProbeGraph } from './probe-graph.ts';
import { channelSums, nonzero } from './readings.ts';

/** A synaptic use that drives neurons, with what its probe needs. */
export interface Driver {
	readonly node: GraphNode;
	readonly input: string;
	/** True when the graph proves the input is 0 or 1. */
	readonly unit: boolean;
	readonly fanOut: FanOut;
	readonly weightPosition: 0 | 1;
	/** Sample shapes. */
	readonly inputShape: readonly number[];
	readonly outputShape: readonly number[];
}

/** Reads the number of driven neurons per sample; null when shapes do not tell. */
export type DrivenReader = (results: Readonly<Record<string, { readonly data: unknown }>>, rows: number) => number;

/**
 * Probes for the neurons that received at least one synaptic event in this timestep, or hold a nonzero state:
 * the neurons an event-driven core has to touch.
 *
 * A neuron received an event when any input element in its receptive field is nonzero: the sum of the input's mask over
 * channels, convolved with a kernel of ones.
 *
 * @param neuronShape sample shape of the neuron layer
 * @returns null when the neurons' shape is not that of the weights' output
 */
export function addDriven(
	graph: ProbeGraph,
	call: NeuronCall,
	drivers: readonly Driver[],
	neuronShape: readonly number[],
): DrivenReader | null {
	const neurons = elementCount(neuronShape);
	if (drivers.length === 0 && call.heldStates.length === 0) return null;
	if (drivers.some(({ outputShape }) => elementCount(outputShape) !== neurons)) return null;
	const [channels = 1, ...spatial] = neuronShape;
	const positions = elementCount(spatial);
	const groups = drivers.reduce((common, driver) => (isConvolution(driver) ? Math.max(common, driver.fanOut.groups) : common), 1);
	if (drivers.some((driver) => isConvolution(driver) && driver.fanOut.groups !== groups && driver.fanOut.groups !== 1))
		return null;
	// Everything is brought to [batch, groups, channels / groups, positions]; received masks broadcast over the third axis.
	const received = drivers.map((driver) => receivedMask(graph, driver, groups));
	if (received.some((mask) => mask === null)) return null;
	const shape = [-1, groups, channels / groups, positions];
	const held = call.heldStates.map((state) => graph.reshape(graph.cast(state, 'bool'), shape));
	const masks = [...held, ...(received as string[])];
	const [first = '', ...others] = masks;
	let any = first;
	for (const mask of others) any = graph.add('Or', [any, mask]);
	const broadcast = held.length > 0 ? 1 : channels / groups;
	const rows = held.length > 0 ? channels : groups;
	const sums = graph.output(
		graph.sumRows(graph.reshape(graph.cast(any, 'float'), [-1, rows, fullPositions(drivers, held, positions)]), rows),
	);
	// A matrix layer drives all neurons of a sample at once: its mask has one position.
	const width = fullPositions(drivers, held, positions);
	const perMask = held.length > 0 ? 1 : broadcast * (positions / width);
	return (results, count) => {
		const data = results[sums]?.data as Float32Array;
		let total = 0;
		for (let at = 0; at < count * width; at += 1) total += data[at] as number;
		return total * perMask;
	};
}

const isConvolution = ({ node }: Driver): boolean => node.op === 'Conv' || node.op === 'ConvTranspose';

const fullPositions = (drivers: readonly Driver[], held: readonly string[], positions: number): number =>
	held.length > 0 || drivers.some(isConvolution) || drivers.every(rowWise) ? positions : 1;

/** Dense layers applied to rows ([tokens, N]) drive a row at a time; only the plain [N] case is one position. */
const rowWise = ({ inputShape }: Driver): boolean => inputShape.length > 1;

/** [batch, groups, 1, positions] of bool: the output positions that received at least one event. */
function receivedMask(graph: ProbeGraph, driver: Driver, groups: number): string | null {
	const mask = driver.unit ? driver.input : nonzero(graph, driver.input);
	const none = graph.constant('zero', () => float32Scalar(0));
	if (!isConvolution(driver)) {
		if (rowWise(driver) || groups !== 1) return null;
		return graph.reshape(graph.add('Greater', [channelSums(graph, mask, driver.fanOut), none]), [-1, 1, 1, 1]);
	}
	const own = driver.fanOut.groups;
	const [channels = 1, ...spatial] = driver.inputShape;
	const perGroup = graph.sumRows(graph.reshape(mask, [-1, channels / own, elementCount(spatial)]), channels / own);
	const image = graph.reshape(perGroup, [-1, own, ...spatial]);
	const kernel = driver.fanOut.kernel ?? [];
	const ones = graph.constant(`kernel_${own}_${kernel.join('x')}`, () =>
		float32Tensor(new Float32Array(own * elementCount(kernel)).fill(1), [own, 1, ...kernel]),
	);
	const attributes = Object.fromEntries(
		[...driver.node.attributes].filter(([name]) =>
			['strides', 'pads', 'dilations', 'auto_pad', 'output_padding', 'output_shape'].includes(name),
		),
	);
	const reached = graph.add(driver.node.op, [image, ones], {
		...attributes,
		kernel_shape: ints(kernel),
		group: { kind: 'int', value: own },
	});
	const [, ...outputSpatial] = driver.outputShape;
	return graph.reshape(graph.add('Greater', [reached, none]), [-1, own, 1, elementCount(outputSpatial)]);
}
