/**
 * The layers of a network as a claim about its energy needs them: how many multiply-accumulates a dense pass does, and
 * what feeds each layer. No weights, no data, no picojoules.
 */

/**
 * What a layer reads: numbers that are no spikes (pixels), spikes, or the mean of spikes over all timesteps, which is
 * formed once an inference (the classifier of most spiking transformers).
 */
export type ClaimInput = 'analog' | 'spikes' | 'mean';

/** One layer of weights, or one product of activations, on a given input size; all counts are those of one timestep. */
export interface ClaimLayer {
	readonly name: string;
	/** `product`: activations times activations (attention); there are no weights. */
	readonly kind: 'weights' | 'product';
	readonly input: ClaimInput;
	/** Multiply-accumulates of a dense pass, taps in the zero padding included: kh·kw·Cin/groups·Cout·Hout·Wout, Nin·Nout, or M·K·N. */
	readonly macs: number;
	/** Trainable numbers: weights, bias, and the scale and shift of a normalisation behind them. */
	readonly parameters: number;
	/** Additions of a bias: one an output element, or 0. */
	readonly biasAdds: number;
	/** Elements a normalisation behind the layer scales, if it is not folded into the weights; 0 without one. */
	readonly normalised: number;
}

/** A network of known layers. */
export interface ClaimArchitecture {
	readonly name: string;
	readonly layers: readonly ClaimLayer[];
	/** Neurons that keep a membrane and fire; null where a list of layers does not say. */
	readonly neurons: number | null;
	/** Trainable numbers; null where a list of layers does not say. */
	readonly parameters: number | null;
	/** Where the structure was read. */
	readonly source: string;
}

/** Channels, height and width of what flows between layers. */
export interface FeatureMap {
	readonly channels: number;
	readonly height: number;
	readonly width: number;
}

export const elementsOf = ({ channels, height, width }: FeatureMap): number => channels * height * width;

interface LayerOptions {
	readonly input?: ClaimInput;
	readonly bias?: boolean;
	/** A normalisation stands behind the layer (default true for convolutions, false for dense layers). */
	readonly norm?: boolean;
}

interface ConvolutionOptions extends LayerOptions {
	readonly kernel?: number;
	readonly stride?: number;
	/** Default: half the kernel, which keeps the size at stride 1. */
	readonly padding?: number;
}

/** Collects layers while a network is walked through from its input on. */
export interface LayerStack {
	/** A convolution; returns the map behind it. */
	convolve(name: string, from: FeatureMap, channels: number, options?: ConvolutionOptions): FeatureMap;
	/** A fully connected layer on all elements of a map. */
	connect(name: string, from: FeatureMap, units: number, options?: LayerOptions): FeatureMap;
	/** A product of activations of this many multiply-accumulates. */
	multiply(name: string, macs: number): void;
	/** Neurons on every element of a map: returned as it is, now spikes. */
	fire(map: FeatureMap): FeatureMap;
	/** Parameters that take no part in any layer above. */
	keep(parameters: number): void;
	finish(name: string, source: string): ClaimArchitecture;
}

/** The map behind a window that slides over another. */
export function windowed(map: FeatureMap, kernel: number, stride: number, padding: number): FeatureMap {
	const size = (length: number): number => Math.floor((length + 2 * padding - kernel) / stride) + 1;
	return { channels: map.channels, height: size(map.height), width: size(map.width) };
}

export function layerStack(): LayerStack {
	const layers: ClaimLayer[] = [];
	let neurons = 0;
	let kept = 0;
	const weights = (name: string, count: number, macs: number, outputs: FeatureMap, options: LayerOptions): void => {
		const { input = 'spikes', bias = false, norm = false } = options;
		layers.push({
			name,
			kind: 'weights',
			input,
			macs,
			parameters: count + (bias ? outputs.channels : 0) + (norm ? 2 * outputs.channels : 0),
			biasAdds: bias ? elementsOf(outputs) : 0,
			normalised: norm ? elementsOf(outputs) : 0,
		});
	};
	return {
		convolve(name, from, channels, { kernel = 3, stride = 1, padding = Math.floor(kernel / 2), norm = true, ...options } = {}) {
			const to = { ...windowed(from, kernel, stride, padding), channels };
			const count = kernel * kernel * from.channels * channels;
			weights(name, count, count * to.height * to.width, to, { norm, ...options });
			return to;
		},
		connect(name, from, units, options = {}) {
			const to = { channels: units, height: 1, width: 1 };
			const count = elementsOf(from) * units;
			weights(name, count, count, to, options);
			return to;
		},
		multiply(name, macs) {
			layers.push({ name, kind: 'product', input: 'spikes', macs, parameters: 0, biasAdds: 0, normalised: 0 });
		},
		fire(map) {
			neurons += elementsOf(map);
			return map;
		},
		keep(parameters) {
			kept += parameters;
		},
		finish: (name, source) => ({
			name,
			layers,
			neurons,
			parameters: layers.reduce((sum, layer) => sum + layer.parameters, kept),
			source,
		}),
	};
}

/** Multiply-accumulates of one dense pass; products of activations left out where asked. */
export function denseMacs(layers: readonly ClaimLayer[], products = true): number {
	return layers.reduce((sum, { macs, kind }) => sum + (products || kind === 'weights' ? macs : 0), 0);
}
