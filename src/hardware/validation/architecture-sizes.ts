import type { Architecture, LayerSpecification } from '../../network/architectures.ts';

/** One layer of weights of an architecture on a given input. */
export interface LayerSize {
	readonly name: string;
	/** Multiply-accumulates, taps in the zero padding included: kh·kw·Cin·Cout·Hout·Wout, or Nin·Nout. */
	readonly denseMacs: number;
	readonly weights: number;
	readonly outputs: number;
	/** Neurons that fire after this layer; 0 for the output and for a shortcut, which joins its block's last membrane. */
	readonly neurons: number;
}

export interface SizeOptions {
	/** Channels, height, width. */
	readonly input: readonly [number, number, number];
	readonly classes: number;
	/** Inputs of the first dense layer instead of those that follow from the input: how the group's own tool counted. */
	readonly firstDenseInputs?: number | undefined;
}

/**
 * The layers of an architecture with their sizes: 3×3 convolutions with padding 1, pooling that halves the map,
 * residual blocks of two convolutions with a 1×1 shortcut where stride or channels change.
 */
export function layerSizes({ layers }: Pick<Architecture, 'layers'>, options: SizeOptions): readonly LayerSize[] {
	const sizes: LayerSize[] = [];
	let [channels, height, width] = options.input;
	let firstDense = options.firstDenseInputs;
	const convolve = (out: number, kernel: number, stride: number, neurons: boolean, from = { channels, height, width }): void => {
		const padding = Math.floor(kernel / 2);
		const size = (length: number): number => Math.floor((length + 2 * padding - kernel) / stride) + 1;
		const [h, w] = [size(from.height), size(from.width)];
		const weights = kernel * kernel * from.channels * out;
		const outputs = out * h * w;
		sizes.push({ name: `conv${sizes.length + 1}`, denseMacs: weights * h * w, weights, outputs, neurons: neurons ? outputs : 0 });
		[channels, height, width] = [out, h, w];
	};
	const connect = (out: number, neurons: boolean): void => {
		const inputs = firstDense ?? channels * height * width;
		firstDense = undefined;
		sizes.push({
			name: `fc${sizes.length + 1}`,
			denseMacs: inputs * out,
			weights: inputs * out,
			outputs: out,
			neurons: neurons ? out : 0,
		});
		[channels, height, width] = [out, 1, 1];
	};
	const add = (layer: LayerSpecification): void => {
		if ('conv' in layer) convolve(layer.conv, layer.kernel ?? 3, layer.stride ?? 1, true);
		else if ('pool' in layer) [height, width] = [Math.floor(height / layer.pool), Math.floor(width / layer.pool)];
		else if ('dense' in layer) connect(layer.dense, true);
		else {
			const before = { channels, height, width };
			const stride = layer.stride ?? 1;
			convolve(layer.residual, 3, stride, true);
			convolve(layer.residual, 3, 1, true);
			if (stride !== 1 || before.channels !== layer.residual) convolve(layer.residual, 1, stride, false, before);
		}
	};
	for (const layer of layers) add(layer);
	connect(options.classes, false);
	return sizes;
}

export function totalMacs(sizes: readonly LayerSize[]): number {
	return sizes.reduce((sum, { denseMacs }) => sum + denseMacs, 0);
}
