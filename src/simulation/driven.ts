import type { GraphNode } from '../model/graph.ts';
import { operatorFacts } from '../model/operators/index.ts';
import { elementCount, float32Scalar, float32Tensor } from '../model/tensors.ts';
import type { FanOut } from '../network/fan-out.ts';
import type { NeuronCall } from '../network/network.ts';
import type { Place } from './fold/fold-timesteps.ts';
import { ints, longestSum, type ProbeGraph } from './probe-graph.ts';
import { nonzero } from './readings.ts';

/** A synaptic use that drives neurons, with what its probe needs. */
export interface Driver {
	readonly node: GraphNode;
	readonly input: string;
	/** Where the input lies in a tensor that holds several timesteps, if it does. */
	readonly place: Place | undefined;
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
	if (drivers.some(rowWise) && drivers.every((driver) => !isConvolution(driver)))
		return addDrivenRows(graph, call, drivers, neuronShape);
	const [channels = 1, ...spatial] = neuronShape;
	const positions = elementCount(spatial);
	const groups = drivers.reduce((common, driver) => (isConvolution(driver) ? Math.max(common, driver.fanOut.groups) : common), 1);
	if (drivers.some((driver) => isConvolution(driver) && driver.fanOut.groups !== groups && driver.fanOut.groups !== 1))
		return null;
	// Everything is brought to [batch, groups, channels / groups, positions]; received masks broadcast over the third axis.
	const place = commonPlace(drivers);
	const masks = drivers.map((driver) =>
		receivedMask(graph, place ? { ...driver, input: driver.place?.tensor ?? '' } : driver, groups),
	);
	if (masks.some((mask) => mask === null)) return null;
	// Of all timesteps at once where the inputs of all timesteps lie in one tensor.
	const received = anyOf(graph, masks as string[]);
	// A matrix layer drives all neurons of a sample at once: its mask has one position.
	const width = drivers.some(isConvolution) || drivers.length === 0 ? positions : 1;
	const neuronsPerMask = (channels / groups) * (positions / width);
	const sums = received === null ? null : perSampleSums(graph, graph.cast(received, 'float'), groups * width);
	const now = (tensor: string): string => (place ? (graph.parts(tensor, place.parts)[place.part] as string) : tensor);
	const heldCounts =
		call.heldStates.length === 0
			? null
			: graph.output(
					heldOnly(
						graph,
						call.heldStates,
						received === null || sums === null
							? null
							: { mask: now(received), everywhere: now(wholeSums(graph, sums, place?.parts ?? 1)) },
						[groups, channels / groups, positions],
					),
				);
	const read = sums === null ? null : graph.output(sums.tensor);
	return (results, count) => {
		let drivenMasks = 0;
		if (sums !== null && read !== null) {
			const data = results[read]?.data as Float32Array;
			const start = place ? (data.length / place.parts) * place.part : 0;
			drivenMasks = total(data.subarray(start), count * sums.width);
		}
		const held = heldCounts === null ? 0 : total(results[heldCounts]?.data as Float32Array, count * positions);
		return drivenMasks * neuronsPerMask + held;
	};
}

/** The place all drivers' inputs have in tensors that hold several timesteps; null when one of them stands alone. */
function commonPlace(drivers: readonly Driver[]): Place | null {
	const [first] = drivers.map(({ place }) => place);
	if (!first || !drivers.every(({ place }) => place?.part === first.part && place.parts === first.parts)) return null;
	return first;
}

interface Sums {
	readonly tensor: string;
	/** Numbers a sample. */
	readonly width: number;
	/** What each of them is where every element is 1. */
	readonly whole: number;
}

/** Sums of a 0/1 tensor over each sample, in the graph where float32 holds them exactly. */
function perSampleSums(graph: ProbeGraph, mask: string, elements: number): Sums {
	if (elements > longestSum) return { tensor: graph.reshape(mask, [-1, elements]), width: elements, whole: 1 };
	return { tensor: graph.sumOver(1, graph.reshape(mask, [-1, elements])), width: 1, whole: elements };
}

/** By timestep: whether every element of every sample is 1. */
function wholeSums(graph: ProbeGraph, { tensor, whole }: Sums, timesteps: number): string {
	const least = graph.leastOver(1, graph.reshape(tensor, [timesteps, -1]));
	return graph.add('Greater', [least, graph.constant(`nearly_${whole}`, () => float32Scalar(whole - 0.5))]);
}

function total(values: Float32Array, length: number): number {
	let sum = 0;
	for (let at = 0; at < length && at < values.length; at += 1) sum += values[at] as number;
	return sum;
}

function anyOf(graph: ProbeGraph, masks: readonly string[]): string | null {
	const [first = null, ...others] = masks;
	return others.reduce<string | null>((any, mask) => (any === null ? mask : graph.add('Or', [any, mask])), first);
}

/**
 * By position: how many neurons hold a nonzero state where no event arrived. Where every position received an event, as in
 * most deep layers, there is nothing to look at and the states are not touched.
 *
 * @returns [batch, 1, positions], or [1] holding 0
 */
function heldOnly(
	graph: ProbeGraph,
	states: readonly string[],
	received: { readonly mask: string; readonly everywhere: string } | null,
	[groups, perGroup, positions]: readonly [number, number, number],
): string {
	const count = (): string => {
		const held = anyOf(
			graph,
			states.map((state) => graph.reshape(graph.cast(state, 'bool'), [-1, groups, perGroup, positions])),
		) as string;
		const alone = received === null ? held : graph.add('And', [held, graph.add('Not', [received.mask])]);
		return graph.countRows(graph.reshape(graph.cast(alone, 'float'), [-1, groups * perGroup, positions]), groups * perGroup);
	};
	return received === null ? count() : graph.unless(received.everywhere, count);
}

/**
 * Matrix layers over rows ([tokens, N]): a row of x·W, or a column of W·x, is driven as a whole. Masks keep the
 * contracted axis at size 1 and broadcast over the neurons.
 */
function addDrivenRows(
	graph: ProbeGraph,
	call: NeuronCall,
	drivers: readonly Driver[],
	neuronShape: readonly number[],
): DrivenReader | null {
	if (drivers.some(({ outputShape }) => outputShape.join() !== neuronShape.join())) return null;
	const none = graph.constant('zero', () => float32Scalar(0));
	const shapes = drivers.map(contractedShape);
	const received = drivers.map((driver, at) => {
		const mask = driver.unit ? driver.input : nonzero(graph, driver.input);
		const sums =
			driver.weightPosition === 1
				? graph.sumOver(driver.inputShape.length, mask)
				: graph.sumRows(mask, driver.inputShape.at(-2) as number);
		return graph.reshape(graph.add('Greater', [sums, none]), [-1, ...(shapes[at] as number[])]);
	});
	const masks = [...call.heldStates.map((state) => graph.reshape(graph.cast(state, 'bool'), [-1, ...neuronShape])), ...received];
	const [first = '', ...others] = masks;
	let any = first;
	for (const mask of others) any = graph.add('Or', [any, mask]);
	const shape = call.heldStates.length > 0 ? [...neuronShape] : shapes.reduce(broadcast);
	const [rows = 1, ...columns] = shape;
	const width = elementCount(columns);
	const sums = graph.output(graph.countRows(graph.reshape(graph.cast(any, 'float'), [-1, rows, width]), rows));
	const perMask = elementCount(neuronShape) / elementCount(shape);
	return (results, count) => {
		const data = results[sums]?.data as Float32Array;
		let total = 0;
		for (let at = 0; at < count * width; at += 1) total += data[at] as number;
		return total * perMask;
	};
}

/** Shape of a mask over rows or columns, aligned with the layer's output: 1 on the axis the weights make. */
function contractedShape({ weightPosition, inputShape, outputShape }: Driver): number[] {
	const [rows, columns] = inputShape.slice(-2) as [number, number];
	// A weight vector leaves no axis behind.
	if (outputShape.length < inputShape.length) return [...inputShape.slice(0, -2), weightPosition === 1 ? rows : columns];
	const lead = [...Array.from({ length: outputShape.length - inputShape.length }, () => 1), ...inputShape.slice(0, -2)];
	return weightPosition === 1 ? [...lead, rows, 1] : [...lead, 1, columns];
}

const broadcast = (a: readonly number[], b: readonly number[]): number[] =>
	a.map((size, axis) => Math.max(size, b[axis] as number));

const geometryOf = ({ node }: Driver) => operatorFacts(node)?.weights?.geometry;
const isConvolution = (driver: Driver): boolean => geometryOf(driver) !== 'matrix';

/** Dense layers applied to rows ([tokens, N]) drive a row at a time; only the plain [N] case is one position. */
const rowWise = ({ inputShape }: Driver): boolean => inputShape.length > 1;

/** [batch, groups, 1, positions] of bool: the output positions that received at least one event. */
function receivedMask(graph: ProbeGraph, driver: Driver, groups: number): string | null {
	const mask = driver.unit ? driver.input : nonzero(graph, driver.input);
	const none = graph.constant('zero', () => float32Scalar(0));
	if (!isConvolution(driver)) {
		if (rowWise(driver) || groups !== 1) return null; // rows beside a convolution
		return graph.reshape(
			graph.add('Greater', [graph.sumOver(1, graph.reshape(mask, [-1, driver.fanOut.inputElements])), none]),
			[-1, 1, 1, 1],
		);
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
	const reached = graph.add(geometryOf(driver) === 'transposed convolution' ? 'ConvTranspose' : 'Conv', [image, ones], {
		...attributes,
		kernel_shape: ints(kernel),
		group: { kind: 'int', value: own },
	});
	const [, ...outputSpatial] = driver.outputShape;
	return graph.reshape(graph.add('Greater', [reached, none]), [-1, own, 1, elementCount(outputSpatial)]);
}
