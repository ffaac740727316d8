import { int, ints } from '../model/attributes.ts';
import type { Attribute, GraphNode } from '../model/graph.ts';
import { operatorFacts } from '../model/operators/index.ts';
import { elementCount, float32Scalar, float32Tensor } from '../model/tensors.ts';
import type { FanOut } from '../network/fan-out.ts';
import type { Place } from './fold/fold-timesteps.ts';
import { addHeld, anyOf, type HeldReader, perSampleSums, type Received, total } from './held.ts';
import type { ProbeGraph } from './probe-graph.ts';
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

/** What a neuron holds, or what enters it without weights, with its sample shape. */
export interface StateTensor {
	readonly tensor: string;
	readonly shape: readonly number[] | undefined;
}

/** Reads the number of driven neurons per sample; null when shapes do not tell. */
export type DrivenReader = (results: Readonly<Record<string, { readonly data: unknown }>>, rows: number) => number;

/**
 * Probes for the neurons that received at least one synaptic event in a timestep, or hold a nonzero state: the neurons an
 * event-driven core has to touch.
 *
 * A neuron received an event when any input element in its receptive field is nonzero: the sum of the input's mask over
 * channels, convolved with a kernel of ones.
 *
 * @param calls all places of one layer, each with what drives it; null for a place that is not followed
 * @param neuronShape sample shape of the neuron layer
 * @returns one reader a place; null where shapes do not tell
 */
export function addDriven(
	graph: ProbeGraph,
	calls: readonly (DrivenCall | null)[],
	neuronShape: readonly number[],
): (DrivenReader | null)[] {
	const received = calls.map((call) => (call && !byRows(call) ? addReceived(graph, call, neuronShape) : null));
	const held = addHeld(
		graph,
		received.flatMap((one) => (one ? [one] : [])),
	);
	return calls.map((call, at) => {
		if (call && byRows(call)) return addDrivenRows(graph, call, neuronShape);
		const one = received[at];
		return one ? drivenReader(graph, one, held.get(one) ?? null) : null;
	});
}

/** One place of a neuron layer: the states that can be nonzero before it, and the uses of weights that drive it. */
export interface DrivenCall {
	readonly heldStates: readonly string[];
	readonly drivers: readonly Driver[];
}

/** Matrix layers over rows of neurons, without a convolution among them. */
const byRows = ({ drivers }: DrivenCall): boolean => drivers.some(rowWise) && drivers.every((driver) => !isConvolution(driver));

/** Everything is brought to [batch, groups, channels / groups, positions]; received masks broadcast over the third axis. */
function addReceived(graph: ProbeGraph, { heldStates, drivers }: DrivenCall, neuronShape: readonly number[]): Received | null {
	const neurons = elementCount(neuronShape);
	if (drivers.length === 0 && heldStates.length === 0) return null;
	if (drivers.some(({ outputShape }) => elementCount(outputShape) !== neurons)) return null;
	const [channels = 1, ...spatial] = neuronShape;
	const positions = elementCount(spatial);
	const groups = drivers.reduce((common, driver) => (isConvolution(driver) ? Math.max(common, driver.fanOut.groups) : common), 1);
	if (drivers.some((driver) => isConvolution(driver) && driver.fanOut.groups !== groups && driver.fanOut.groups !== 1))
		return null;
	const place = commonPlace(drivers);
	const masks = drivers.map((driver) =>
		receivedMask(graph, place ? { ...driver, input: driver.place?.tensor ?? '' } : driver, groups),
	);
	if (masks.some((mask) => mask === null)) return null;
	// Of all timesteps at once where the inputs of all timesteps lie in one tensor.
	const mask = anyOf(graph, masks as string[]);
	// A matrix layer drives all neurons of a sample at once: its mask has one position.
	const width = drivers.some(isConvolution) || drivers.length === 0 ? positions : 1;
	return {
		heldStates,
		mask,
		sums: mask === null ? null : perSampleSums(graph, graph.cast(mask, 'float'), groups * width),
		place,
		neuronsPerMask: (channels / groups) * (positions / width),
		shape: [groups, channels / groups, positions],
		maskWidth: width,
	};
}

function drivenReader(graph: ProbeGraph, { sums, place, neuronsPerMask }: Received, held: HeldReader | null): DrivenReader {
	const read = sums === null ? null : graph.output(sums.tensor);
	return (results, count) => {
		let drivenMasks = 0;
		if (sums !== null && read !== null) {
			const data = results[read]?.data as Float32Array;
			const start = place ? (data.length / place.parts) * place.part : 0;
			drivenMasks = total(data.subarray(start), count * sums.width);
		}
		return drivenMasks * neuronsPerMask + (held?.(results, count) ?? 0);
	};
}

/** A state as one number a neuron, nonzero where any of the neuron's numbers is; null where shapes do not tell whose they are. */
export function perNeuron(graph: ProbeGraph, { tensor, shape }: StateTensor, neuronShape: readonly number[]): string | null {
	const neurons = elementCount(neuronShape);
	if (shape && elementCount(shape) === neurons) return tensor;
	const words = shape ? elementCount(shape) / neurons : Number.NaN;
	if (!shape || !Number.isInteger(words)) return null;
	// A buffer of [d, N], or a state of [N, d].
	if (shape.slice(-neuronShape.length).join() === neuronShape.join())
		return graph.sumRows(graph.reshape(nonzero(graph, tensor), [-1, words, neurons]), words);
	if (shape.slice(0, neuronShape.length).join() === neuronShape.join())
		return graph.sumOver(2, graph.reshape(nonzero(graph, tensor), [-1, neurons, words]));
	return null;
}

/** The place all drivers' inputs have in tensors that hold several timesteps; null when one of them stands alone. */
function commonPlace(drivers: readonly Driver[]): Place | null {
	const [first] = drivers.map(({ place }) => place);
	if (!first || !drivers.every(({ place }) => place?.part === first.part && place.parts === first.parts)) return null;
	return first;
}

/**
 * Matrix layers over rows ([tokens, N]): a row of x·W, or a column of W·x, is driven as a whole. Masks keep the
 * contracted axis at size 1 and broadcast over the neurons.
 */
function addDrivenRows(
	graph: ProbeGraph,
	{ heldStates, drivers }: DrivenCall,
	neuronShape: readonly number[],
): DrivenReader | null {
	if (drivers.some(({ outputShape }) => elementCount(outputShape) !== elementCount(neuronShape))) return null;
	if (drivers.some(({ outputShape }) => outputShape.join() !== neuronShape.join()) || drivers.some(turned)) return null;
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
	const masks = [...heldStates.map((state) => graph.reshape(graph.cast(state, 'bool'), [-1, ...neuronShape])), ...received];
	const [first = '', ...others] = masks;
	let any = first;
	for (const mask of others) any = graph.add('Or', [any, mask]);
	const shape = heldStates.length > 0 ? [...neuronShape] : shapes.reduce(broadcast);
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

/** Data that a product transposes first (FusedMatMul) lie in columns where others lie in rows. */
const turned = ({ node, weightPosition }: Driver): boolean =>
	operatorFacts(node)?.weights?.transposes?.(node, weightPosition === 1 ? 'left' : 'right') ?? false;

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
export const isConvolution = (driver: Driver): boolean => geometryOf(driver) !== 'matrix';

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
	const [, ...outputSpatial] = driver.outputShape;
	const dims = [-1, own, 1, elementCount(outputSpatial)];
	const pooled = windowAttributes(graph, driver, kernel);
	if (pooled) return graph.reshape(graph.add('Greater', [graph.add('MaxPool', [image], pooled), none]), dims);
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
		group: int(own),
	});
	return graph.reshape(graph.add('Greater', [reached, none]), dims);
}

/**
 * The window of a convolution as that of a maximum pooling, which onnxruntime computes several times as fast as a convolution of
 * one channel; null where it has no such pooling (a transposed convolution, a border as wide as the kernel or below zero).
 */
function windowAttributes({ opset }: ProbeGraph, driver: Driver, kernel: readonly number[]): Record<string, Attribute> | null {
	const { attributes } = driver.node;
	if (geometryOf(driver) === 'transposed convolution' || kernel.length > 3) return null;
	// Pooling has dilations since opset 10.
	if (opset < 10 && attributes.has('dilations')) return null;
	const pads = attributes.get('pads');
	if (pads?.kind === 'ints' && pads.value.some((size, at) => size < 0 || size >= (kernel[at % kernel.length] as number)))
		return null;
	// SAME may cut below zero where the stride is wider than the kernel.
	if (attributes.get('auto_pad')?.value.toString().startsWith('SAME')) return null;
	const same = ['strides', 'pads', 'auto_pad', 'dilations'];
	return { ...Object.fromEntries([...attributes].filter(([name]) => same.includes(name))), kernel_shape: ints(kernel) };
}
