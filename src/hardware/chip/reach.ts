/**
 * Which neurons of a layer a spike reaches, through pooling and a convolution or a dense layer.
 *
 * Neurons of a layer are ordered position by position, channels innermost (index = position · channels + channel):
 * neurons that share their inputs are neighbours, so a core that takes a run of neurons receives from few.
 */

/** A population of neurons: channels and a height × width map; a dense layer has a 1 × 1 map. */
export interface Shape {
	readonly channels: number;
	readonly height: number;
	readonly width: number;
}

/** Synapses from one population to another. */
export interface Reach {
	readonly source: Shape;
	readonly target: Shape;
	/** Side of the square pooling window between source and weights; 1: none. */
	readonly pooling: number;
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

/** Index in [channels, height, width] order of a neuron given in position order. */
export function tensorIndex(shape: Shape, neuron: number): number {
	const position = Math.floor(neuron / shape.channels);
	return (neuron % shape.channels) * shape.height * shape.width + position;
}

/** Sources that reach the same targets share a row; the number of rows. */
export function rowCount(reach: Reach): number {
	const { convolution, source, pooling } = reach;
	if (convolution === null) return 1;
	return Math.floor(source.height / pooling) * Math.floor(source.width / pooling) * convolution.groups;
}

/** Row of a source neuron (in position order), or −1 if pooling drops it (a remainder at the border). */
export function rowOf(reach: Reach, neuron: number): number {
	const { convolution, source, pooling } = reach;
	const position = Math.floor(neuron / source.channels);
	const y = Math.floor(Math.floor(position / source.width) / pooling);
	const x = Math.floor((position % source.width) / pooling);
	const pooledWidth = Math.floor(source.width / pooling);
	const pooledHeight = Math.floor(source.height / pooling);
	if (y >= pooledHeight || x >= pooledWidth) return -1;
	if (convolution === null) return 0;
	const channel = neuron % source.channels;
	const group = Math.floor(channel / (source.channels / convolution.groups));
	return (y * pooledWidth + x) * convolution.groups + group;
}

/** Runs of target neurons (in position order) a row reaches: visit(first, count); a run is one position's channels. */
export function visitTargets(reach: Reach, row: number, visit: (first: number, count: number) => void): void {
	const { convolution, source, target, pooling } = reach;
	if (convolution === null) {
		visit(0, neuronsIn(target));
		return;
	}
	const { kernel, stride, pads, groups } = convolution;
	const pooledWidth = Math.floor(source.width / pooling);
	const group = row % groups;
	const position = Math.floor(row / groups);
	const y = Math.floor(position / pooledWidth);
	const x = position % pooledWidth;
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
export function fanIn({ source, pooling, convolution }: Reach): number {
	const pooled = pooling * pooling;
	if (convolution === null) {
		return source.channels * Math.floor(source.height / pooling) * Math.floor(source.width / pooling) * pooled;
	}
	return (source.channels / convolution.groups) * convolution.kernel[0] * convolution.kernel[1] * pooled;
}

/** Connections between pooled source and target: what an Activity calls synapses. */
export function connectionCount(reach: Reach): number {
	const rows = rowCount(reach);
	const { source, pooling, convolution } = reach;
	const perRow =
		convolution === null
			? source.channels * Math.floor(source.height / pooling) * Math.floor(source.width / pooling)
			: source.channels / convolution.groups;
	let total = 0;
	for (let row = 0; row < rows; row++) {
		visitTargets(reach, row, (_first, count) => {
			total += count * perRow;
		});
	}
	return total;
}
