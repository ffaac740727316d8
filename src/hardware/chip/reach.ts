/**
 * Which neurons an element of a layer's input reaches through a convolution or a dense layer.
 *
 * Neurons and input elements are ordered position by position, channels innermost (index = position · channels + channel):
 * neurons that share
 * their inputs are neighbours, so a core that takes a run of neurons receives from few.
 */

/** A population of neurons: channels and a height × width map; a dense layer has a 1 × 1 map. */
export interface Shape {
	readonly channels: number;
	readonly height: number;
	readonly width: number;
}

/** Synapses of one layer of weights: from the elements of its input to the neurons it drives. */
export interface Reach {
	readonly source: Shape;
	readonly target: Shape;
	/** null: every source reaches every target. */
	readonly convolution: {
		readonly kernel: readonly [number, number];
		readonly stride: readonly [number, number];
		/** Padding before the first row and column. */
		readonly pads: readonly [number, number];
		readonly groups: number;
	} | null;
}

export function neuronsIn(shape: Shape): number {
	return shape.channels * shape.height * shape.width;
}

/** Index in [channels, height, width] order of a neuron or element given in position order. */
export function tensorIndex(shape: Shape, neuron: number): number {
	const position = Math.floor(neuron / shape.channels);
	return (neuron % shape.channels) * shape.height * shape.width + position;
}

/** Sources that reach the same targets share a row; the number of rows. */
export function rowCount({ convolution, source }: Reach): number {
	return convolution === null ? 1 : source.height * source.width * convolution.groups;
}

/** Row of a source element (in position order). */
export function rowOf({ convolution, source }: Reach, element: number): number {
	if (convolution === null) return 0;
	const position = Math.floor(element / source.channels);
	const group = Math.floor((element % source.channels) / (source.channels / convolution.groups));
	return position * convolution.groups + group;
}

/** Source elements of every row. */
export function elementsPerRow({ convolution, source }: Reach): number {
	return convolution === null ? neuronsIn(source) : source.channels / convolution.groups;
}

/** Runs of target neurons (in position order) a row reaches: visit(first, count); a run is one position's channels. */
export function visitTargets(reach: Reach, row: number, visit: (first: number, count: number) => void): void {
	const { convolution, source, target } = reach;
	if (convolution === null) {
		visit(0, neuronsIn(target));
		return;
	}
	const { kernel, stride, pads, groups } = convolution;
	const group = row % groups;
	const position = Math.floor(row / groups);
	const y = Math.floor(position / source.width);
	const x = position % source.width;
	const perGroup = target.channels / groups;
	forTaps(y, kernel[0], stride[0], pads[0], target.height, (targetY) => {
		forTaps(x, kernel[1], stride[1], pads[1], target.width, (targetX) => {
			visit((targetY * target.width + targetX) * target.channels + group * perGroup, perGroup);
		});
	});
}

/** Output positions an input position reaches along one axis. */
function forTaps(at: number, kernel: number, stride: number, pad: number, size: number, visit: (to: number) => void): void {
	for (let tap = kernel - 1; tap >= 0; tap--) {
		const shifted = at + pad - tap;
		if (shifted >= 0 && shifted % stride === 0 && shifted / stride < size) visit(shifted / stride);
	}
}

/** Synapses one neuron of the target has, away from borders: what it needs room for. */
export function fanIn({ source, convolution }: Reach): number {
	if (convolution === null) return neuronsIn(source);
	return (source.channels / convolution.groups) * convolution.kernel[0] * convolution.kernel[1];
}

/** Connections that exist, padding left out. */
export function connectionCount(reach: Reach): number {
	const rows = rowCount(reach);
	let total = 0;
	for (let row = 0; row < rows; row++) {
		visitTargets(reach, row, (_first, count) => {
			total += count;
		});
	}
	return total * elementsPerRow(reach);
}
