import type { ConstantTensor, GraphNode } from '../../model/graph.ts';
import { operatorFacts } from '../../model/operators/index.ts';
import { elementCount } from '../../model/tensors.ts';
import { convolutionGeometry, type LayerShapes } from '../../network/fan-out.ts';

/**
 * A layer as one matrix times another: a row holds the inputs that one output position reads, in the order of its weights
 * (channels, then kernel taps). It is what an accelerator of matrices sees; the rows of a linear layer are its tokens.
 */
export interface SpikeRows {
	readonly groups: number;
	/** Rows of a sample at one timestep, in each group. */
	readonly rows: number;
	/** Input channels of a group, and kernel taps: a row has channels × taps entries. */
	readonly channels: number;
	readonly taps: number;
	/** Outputs that one row makes: the weights that each of its entries meets. */
	readonly outputs: number;
	/** [rows × taps]: element of channel 0 of group 0 that the tap reads, or -1 in the padding. */
	readonly elements: Int32Array;
	/** Elements from one channel to the next. */
	readonly channelStride: number;
}

/**
 * How a layer's input elements lie in rows.
 *
 * @param shapes sample shapes, without the batch axis
 * @returns null for stacks of weights, where no matrix is the same for all rows, and for transposed data
 */
export function spikeRows(node: GraphNode, weight: ConstantTensor, weightPosition: 0 | 1, shapes: LayerShapes): SpikeRows | null {
	const weights = operatorFacts(node)?.weights;
	if (weights?.geometry === 'matrix') {
		const transposed = weights.transposes?.(node, weightPosition === 1 ? 'right' : 'left') ?? false;
		return matrixRows(weight, weightPosition, transposed, shapes);
	}
	return convolutionRows(node, weight, shapes, weights?.geometry === 'transposed convolution');
}

function convolutionRows(node: GraphNode, weight: ConstantTensor, shapes: LayerShapes, transposed: boolean): SpikeRows {
	const geometry = convolutionGeometry(node, weight, shapes, transposed);
	const { channels: allChannels, outChannels, inputSizes, outputSizes, groups, kernel, stride, dilation, pads } = geometry;
	const [rows, taps] = [elementCount(outputSizes), elementCount(kernel)];
	/** Input position along one axis that a tap of an output position reads, or -1. */
	const reads = (axis: number, at: number, tap: number): number => {
		const [step, pad] = [stride[axis] as number, pads[axis] as number];
		const shift = tap * (dilation[axis] as number);
		const from = transposed ? (at + pad - shift) / step : at * step + shift - pad;
		return Number.isInteger(from) && from >= 0 && from < (inputSizes[axis] as number) ? from : -1;
	};
	const tables = kernel.map((size, axis) => {
		const length = outputSizes[axis] as number;
		return Int32Array.from({ length: length * size }, (_, index) => reads(axis, Math.floor(index / size), index % size));
	});
	const elements = new Int32Array(rows * taps);
	for (let row = 0; row < rows; row += 1) {
		for (let tap = 0; tap < taps; tap += 1) {
			let [restRow, restTap, element, scale] = [row, tap, 0, 1];
			for (let axis = kernel.length - 1; axis >= 0 && element >= 0; axis -= 1) {
				const [length, size] = [outputSizes[axis] as number, kernel[axis] as number];
				const from = tables[axis]?.[(restRow % length) * size + (restTap % size)] as number;
				element = from < 0 ? -1 : element + from * scale;
				scale *= inputSizes[axis] as number;
				[restRow, restTap] = [Math.floor(restRow / length), Math.floor(restTap / size)];
			}
			elements[row * taps + tap] = element;
		}
	}
	return {
		groups,
		rows,
		channels: allChannels / groups,
		taps,
		outputs: outChannels / groups,
		elements,
		channelStride: elementCount(inputSizes),
	};
}

function matrixRows(
	weight: ConstantTensor,
	weightPosition: 0 | 1,
	transposed: boolean,
	{ input, output }: LayerShapes,
): SpikeRows | null {
	if (elementCount(weight.dims.slice(0, -2)) > 1) return null;
	const [rows = 1, columns = 1] =
		weight.dims.length < 2
			? weightPosition === 1
				? [elementCount(weight.dims), 1]
				: [1, elementCount(weight.dims)]
			: weight.dims.slice(-2);
	const entries = (weightPosition === 1) !== transposed ? rows : columns;
	const size = elementCount(input);
	// x·W reads the last axis of x, W·x the one before it.
	const inner = weightPosition === 1 ? 1 : input.length < 2 ? 1 : (input.at(-1) as number);
	const axis = weightPosition === 1 || input.length < 2 ? input.at(-1) : input.at(-2);
	if (axis !== entries || entries === 0) return null;
	const count = size / entries;
	return {
		groups: 1,
		rows: count,
		channels: entries,
		taps: 1,
		outputs: elementCount(output) / count,
		elements: Int32Array.from({ length: count }, (_, row) => Math.floor(row / inner) * inner * entries + (row % inner)),
		channelStride: inner,
	};
}
