import type { ConstantTensor, GraphNode } from '../model/graph.ts';
import { operatorFacts } from '../model/operators/index.ts';
import { elementCount, tensorValues } from '../model/tensors.ts';
import { intAttribute, intsAttribute, stringAttribute } from './graph-index.ts';

/**
 * How many synapses each input element of a layer drives: exact for stride, padding, dilation, groups, borders and
 * pruned weights.
 *
 * The fan-out of element i is the number of (output, weight) pairs it takes part in. For a layer without pruned weights
 * it is `perTap` × the number of kernel taps that land inside the output, which depends on the position only.
 *
 * @see docs/method.md#fan-out
 */
export interface FanOut {
	readonly denseMacs: number;
	readonly synapses: number;
	readonly effectiveSynapses: number;
	readonly inputElements: number;
	readonly outputElements: number;
	/** Channels × positions split of the input: element (c, p) has index c·positions + p. */
	readonly channels: number;
	readonly positions: number;
	/** Fan-out of an element at each position when no weight is zero; one entry when it is the same everywhere. */
	readonly byPosition: Float64Array;
	/** Fan-out of every element counting nonzero weights only, [channels·positions]; null when no weight is zero. */
	readonly effective: Float64Array | null;
	readonly kernel: readonly number[] | null;
	readonly stride: readonly number[] | null;
	readonly groups: number;
}

/** Layer shapes without the batch axis. */
export interface LayerShapes {
	readonly input: readonly number[];
	readonly output: readonly number[];
}

/** What a convolution's attributes and shapes say, with every default written out; `pads` at the beginning of each axis. */
export function convolutionGeometry(node: GraphNode, weight: ConstantTensor, shapes: LayerShapes, transposed: boolean) {
	const [channels = 1, ...inputSizes] = shapes.input;
	const [outChannels = 1, ...outputSizes] = shapes.output;
	const kernel = weight.dims.slice(2);
	const ones = kernel.map(() => 1);
	const stride = intsAttribute(node, 'strides') ?? ones;
	const dilation = intsAttribute(node, 'dilations') ?? ones;
	const pads = beginPads(node, { kernel, stride, dilation, inputSizes, outputSizes, transposed });
	return {
		channels,
		outChannels,
		inputSizes,
		outputSizes,
		groups: intAttribute(node, 'group', 1),
		kernel,
		stride,
		dilation,
		pads,
	};
}

/** @param shapes sample shapes: [C, spatial…] for convolutions, […, N] for Gemm and MatMul */
export function fanOut(node: GraphNode, weight: ConstantTensor, weightPosition: 0 | 1, shapes: LayerShapes): FanOut {
	const geometry = operatorFacts(node)?.weights?.geometry;
	if (geometry !== 'matrix') return convolutionFanOut(node, weight, shapes, geometry === 'transposed convolution');
	return matrixFanOut(node, weight, weightPosition, shapes);
}

function convolutionFanOut(node: GraphNode, weight: ConstantTensor, { input, output }: LayerShapes, transposed: boolean): FanOut {
	const geometry = convolutionGeometry(node, weight, { input, output }, transposed);
	const { channels, outChannels, inputSizes, outputSizes, groups, kernel, stride, dilation, pads } = geometry;
	// hits[axis][tap][position]: whether that tap of an element at that position lands inside the output.
	const hits = kernel.map((size, axis) =>
		Array.from({ length: size }, (_, tap) =>
			tapHits(tap, {
				input: inputSizes[axis] as number,
				output: outputSizes[axis] as number,
				stride: stride[axis] as number,
				dilation: dilation[axis] as number,
				pad: pads[axis] as number,
				transposed,
			}),
		),
	);
	const positions = elementCount(inputSizes);
	const outPerGroup = outChannels / groups;
	const taps = hits.map((byTap, axis) => {
		const sums = new Float64Array(inputSizes[axis] as number);
		for (const hit of byTap) for (let at = 0; at < sums.length; at += 1) sums[at] = (sums[at] as number) + (hit[at] as number);
		return sums;
	});
	const byPosition = outerProduct(taps).map((count) => count * outPerGroup);
	const synapses = byPosition.reduce((sum, count) => sum + count, 0) * channels;
	const effective = effectiveConvolution(weight, hits, { channels, positions, groups, transposed });
	return {
		denseMacs: transposed
			? elementCount(kernel) * outPerGroup * channels * positions
			: elementCount(kernel) * (channels / groups) * outChannels * elementCount(outputSizes),
		synapses,
		effectiveSynapses: effective ? effective.reduce((sum, count) => sum + count, 0) : synapses,
		inputElements: channels * positions,
		outputElements: elementCount(output),
		channels,
		positions,
		byPosition: uniform(byPosition),
		effective,
		kernel,
		stride,
		groups,
	};
}

interface Axis {
	readonly input: number;
	readonly output: number;
	readonly stride: number;
	readonly dilation: number;
	readonly pad: number;
	readonly transposed: boolean;
}

/** For each input position along one axis: 1 when this kernel tap connects it to an output position, else 0. */
function tapHits(tap: number, axis: Axis): Uint8Array {
	const hit = new Uint8Array(axis.input);
	for (let at = 0; at < axis.input; at += 1) {
		if (axis.transposed) {
			const to = at * axis.stride + tap * axis.dilation - axis.pad;
			hit[at] = to >= 0 && to < axis.output ? 1 : 0;
		} else {
			const shifted = at + axis.pad - tap * axis.dilation;
			hit[at] = shifted >= 0 && shifted % axis.stride === 0 && shifted / axis.stride < axis.output ? 1 : 0;
		}
	}
	return hit;
}

/** What the padding of a convolution follows from. */
export interface Padding {
	readonly kernel: readonly number[];
	readonly stride: readonly number[];
	readonly dilation: readonly number[];
	readonly inputSizes: readonly number[];
	readonly outputSizes: readonly number[];
	readonly transposed: boolean;
}

/** Padding before the first element of each axis, resolving auto_pad as ONNX defines it. */
function beginPads(node: GraphNode, geometry: Padding): number[] {
	const mode = stringAttribute(node, 'auto_pad', 'NOTSET');
	if (mode === 'VALID') return geometry.kernel.map(() => 0);
	const explicit = intsAttribute(node, 'pads');
	const outputShape = intsAttribute(node, 'output_shape');
	if (!mode.startsWith('SAME') && !(geometry.transposed && outputShape))
		return geometry.kernel.map((_, axis) => explicit?.[axis] ?? 0);
	const outputPadding = intsAttribute(node, 'output_padding');
	return geometry.kernel.map((size, axis) => {
		const reach = ((size as number) - 1) * (geometry.dilation[axis] as number) + 1;
		const [input, output, stride] = [
			geometry.inputSizes[axis] as number,
			geometry.outputSizes[axis] as number,
			geometry.stride[axis] as number,
		];
		const total = geometry.transposed
			? stride * (input - 1) + (outputPadding?.[axis] ?? 0) + reach - output
			: Math.max(0, (output - 1) * stride + reach - input);
		return mode === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2);
	});
}

function outerProduct(axes: readonly Float64Array[]): Float64Array {
	return axes.reduce((product, axis) => {
		const next = new Float64Array(product.length * axis.length);
		for (let i = 0; i < product.length; i += 1)
			for (let j = 0; j < axis.length; j += 1) next[i * axis.length + j] = (product[i] as number) * (axis[j] as number);
		return next;
	}, Float64Array.of(1));
}

/** A map that is the same at every position is kept as one number. */
function uniform(map: Float64Array): Float64Array {
	return map.every((value) => value === map[0]) ? map.slice(0, 1) : map;
}

function effectiveConvolution(
	weight: ConstantTensor,
	hits: readonly (readonly Uint8Array[])[],
	layout: { channels: number; positions: number; groups: number; transposed: boolean },
): Float64Array | null {
	const values = tensorValues(weight);
	if (!values.some((value) => value === 0)) return null;
	const [rows = 1, columns = 1] = weight.dims;
	const kernelSize = values.length / (rows * columns);
	// Nonzero weights that leave input channel c through each tap.
	const nonzero = new Float64Array(layout.channels * kernelSize);
	for (let row = 0; row < rows; row += 1) {
		for (let column = 0; column < columns; column += 1) {
			// Conv weights are [Cout, Cin/groups, …], ConvTranspose weights [Cin, Cout/groups, …].
			const channel = layout.transposed ? row : Math.floor(row / (rows / layout.groups)) * columns + column;
			for (let tap = 0; tap < kernelSize; tap += 1) {
				if (values[(row * columns + column) * kernelSize + tap] !== 0)
					nonzero[channel * kernelSize + tap] = (nonzero[channel * kernelSize + tap] as number) + 1;
			}
		}
	}
	const effective = new Float64Array(layout.channels * layout.positions);
	const tapIndex = hits.map(() => 0);
	for (let tap = 0; tap < kernelSize; tap += 1) {
		const reach = outerProduct(hits.map((byTap, axis) => Float64Array.from(byTap[tapIndex[axis] as number] as Uint8Array)));
		for (let channel = 0; channel < layout.channels; channel += 1) {
			const count = nonzero[channel * kernelSize + tap] as number;
			if (count === 0) continue;
			const base = channel * layout.positions;
			for (let at = 0; at < layout.positions; at += 1)
				effective[base + at] = (effective[base + at] as number) + count * (reach[at] as number);
		}
		for (let axis = hits.length - 1; axis >= 0; axis -= 1) {
			tapIndex[axis] = (tapIndex[axis] as number) + 1;
			if ((tapIndex[axis] as number) < (hits[axis] as readonly Uint8Array[]).length) break;
			tapIndex[axis] = 0;
		}
	}
	return effective;
}

/** Data and weights may both be stacks of matrices whose leading axes broadcast, as MatMul defines. */
function matrixFanOut(node: GraphNode, weight: ConstantTensor, weightPosition: 0 | 1, { input, output }: LayerShapes): FanOut {
	const inputElements = elementCount(input);
	const transposed = operatorFacts(node)?.weights?.transposes?.(node, weightPosition === 1 ? 'right' : 'left') ?? false;
	const vector = weight.dims.length < 2;
	const [rows = 1, columns = 1] = vector
		? weightPosition === 1
			? [elementCount(weight.dims), 1]
			: [1, elementCount(weight.dims)]
		: weight.dims.slice(-2);
	// x·W contracts over W's rows, W·x over its columns; a transposed operand swaps them.
	const contractsRows = (weightPosition === 1) !== transposed;
	const contracted = contractsRows ? rows : columns;
	const perElement = inputElements === 0 ? 0 : (elementCount(output) * contracted) / inputElements;
	const synapses = inputElements * perElement;
	const turned = operatorFacts(node)?.weights?.transposes?.(node, weightPosition === 1 ? 'left' : 'right') ?? false;
	const effective = effectiveMatrix(weight, {
		rows,
		columns,
		contractsRows,
		contractsLast: (weightPosition === 1) !== turned,
		input,
	});
	return {
		denseMacs: synapses,
		synapses,
		effectiveSynapses: effective ? effective.reduce((sum, count) => sum + count, 0) : synapses,
		inputElements,
		outputElements: elementCount(output),
		channels: inputElements,
		positions: 1,
		byPosition: Float64Array.of(perElement),
		effective,
		kernel: null,
		stride: null,
		groups: 1,
	};
}

interface MatrixLayout {
	readonly rows: number;
	readonly columns: number;
	readonly contractsRows: boolean;
	/** Whether the last axis of the data is summed over, or the one before it. */
	readonly contractsLast: boolean;
	readonly input: readonly number[];
}

function effectiveMatrix(weight: ConstantTensor, layout: MatrixLayout): Float64Array | null {
	const values = tensorValues(weight);
	if (!values.some((value) => value === 0)) return null;
	const { rows, columns, contractsRows, contractsLast, input } = layout;
	const contracted = contractsRows ? rows : columns;
	const stack = weight.dims.slice(0, -2);
	// Nonzero weights an element of each contracted index meets, for each matrix of the stack.
	const nonzero = new Float64Array(contracted * elementCount(stack));
	for (let line = 0; line < values.length / columns; line += 1) {
		// Which row of which matrix of the stack this line of weights is.
		const row = line % rows;
		const base = ((line - row) / rows) * contracted;
		for (let column = 0; column < columns; column += 1) {
			if (values[line * columns + column] === 0) continue;
			const key = base + (contractsRows ? row : column);
			nonzero[key] = (nonzero[key] as number) + 1;
		}
	}
	// x·W contracts the last axis of x; W·x the one before the last; a transposed x the other.
	const inner = contractsLast ? 1 : (input.at(-1) as number);
	const perBlock = elementCount(input.slice(-2));
	const effective = new Float64Array(elementCount(input));
	for (const [from, through] of broadcastPairs(input.slice(0, -2), stack)) {
		for (let line = 0; line < perBlock / inner; line += 1) {
			const meets = nonzero[through * contracted + (line % contracted)] as number;
			const base = from * perBlock + line * inner;
			for (let at = base; at < base + inner; at += 1) effective[at] = (effective[at] as number) + meets;
		}
	}
	return effective;
}

/** Which block of each operand meets which when leading axes broadcast: pairs of flat block indices. */
function broadcastPairs(a: readonly number[], b: readonly number[]): [number, number][] {
	const rank = Math.max(a.length, b.length);
	let pairs: [number, number][] = [[0, 0]];
	for (let axis = 0; axis < rank; axis += 1) {
		const sizeA = a[axis - rank + a.length] ?? 1;
		const sizeB = b[axis - rank + b.length] ?? 1;
		pairs = pairs.flatMap(([blockA, blockB]) =>
			Array.from({ length: Math.max(sizeA, sizeB) }, (_, at): [number, number] => [
				blockA * sizeA + (sizeA === 1 ? 0 : at),
				blockB * sizeB + (sizeB === 1 ? 0 : at),
			]),
		);
	}
	return pairs;
}
