/**
 * The primitives of the Neuromorphic Intermediate Representation, one record each.
 *
 * Equations are continuous in time t (seconds); S(t) is the input, v the membrane potential. Parameters are arrays of the neurons'
 * shape, or of one element for all. NIR fixes no units beyond seconds for time constants; the others follow from the equations.
 *
 * @see https://neuroir.org/docs/primitives.html
 */

/** An array of numbers, row-major. */
export interface NirArray {
	readonly shape: readonly number[];
	readonly values: Float32Array | Float64Array;
}

/** Where data enters. */
export interface NirInput {
	readonly type: 'Input';
	/** Without batch and time. */
	readonly shape: readonly number[];
}

/** Where results leave. */
export interface NirOutput {
	readonly type: 'Output';
	readonly shape: readonly number[];
}

/** W·S + b */
export interface NirAffine {
	readonly type: 'Affine';
	/** [outputs, inputs] */
	readonly weight: NirArray;
	/** [outputs] */
	readonly bias: NirArray;
}

/** W·S */
export interface NirLinear {
	readonly type: 'Linear';
	/** [outputs, inputs] */
	readonly weight: NirArray;
}

/** s ⊙ S, element by element */
export interface NirScale {
	readonly type: 'Scale';
	readonly scale: NirArray;
}

interface NirConvolution {
	/** Sizes of the input's axes after the channels, where the file says them. */
	readonly inputShape?: readonly number[];
	/** [outputs, inputs / groups, a size of the kernel for each axis] */
	readonly weight: NirArray;
	readonly stride: readonly number[];
	/** Zeros on both sides, or "same" or "valid". */
	readonly padding: readonly number[] | string;
	readonly dilation: readonly number[];
	readonly groups: number;
	/** [outputs] */
	readonly bias: NirArray;
}

/** Convolution over one axis: input [channels, length]. */
export interface NirConv1d extends NirConvolution {
	readonly type: 'Conv1d';
}

/** Convolution over two axes: input [channels, height, width]. */
export interface NirConv2d extends NirConvolution {
	readonly type: 'Conv2d';
}

interface NirPooling {
	readonly kernelSize: readonly number[];
	readonly stride: readonly number[];
	readonly padding: readonly number[];
}

/** Sum over windows: input [channels, height, width]. */
export interface NirSumPool2d extends NirPooling {
	readonly type: 'SumPool2d';
}

/** Mean over windows: input [channels, height, width]. */
export interface NirAvgPool2d extends NirPooling {
	readonly type: 'AvgPool2d';
}

/** Joins the axes from `startDim` to `endDim` (counted without batch; negative from the end) into one. */
export interface NirFlatten {
	readonly type: 'Flatten';
	/** Shape of the input, where the file says it. */
	readonly inputType?: readonly number[];
	readonly startDim: number;
	readonly endDim: number;
}

/** v̇ = R·S; the output is v */
export interface NirIntegrator {
	readonly type: 'I';
	readonly r: NirArray;
}

/** v̇ = R·S; a spike and v ← v_reset where v > v_threshold */
export interface NirIntegrateAndFire {
	readonly type: 'IF';
	readonly r: NirArray;
	readonly vThreshold: NirArray;
	/** Absent in files before NIR 1.0. */
	readonly vReset?: NirArray;
}

/** τ·v̇ = (v_leak − v) + R·S; the output is v; τ in seconds */
export interface NirLeakyIntegrator {
	readonly type: 'LI';
	readonly tau: NirArray;
	readonly r: NirArray;
	readonly vLeak: NirArray;
}

/** τ·v̇ = (v_leak − v) + R·S; a spike and v ← v_reset where v > v_threshold; τ in seconds */
export interface NirLeakyIntegrateAndFire {
	readonly type: 'LIF';
	readonly tau: NirArray;
	readonly r: NirArray;
	readonly vLeak: NirArray;
	readonly vThreshold: NirArray;
	/** Absent in files before NIR 1.0. */
	readonly vReset?: NirArray;
}

/** τ_syn·İ = −I + w_in·S; τ_mem·v̇ = (v_leak − v) + R·I; the output is v; both τ in seconds */
export interface NirCurrentLeakyIntegrator {
	readonly type: 'CubaLI';
	readonly tauSyn: NirArray;
	readonly tauMem: NirArray;
	readonly r: NirArray;
	readonly vLeak: NirArray;
	readonly wIn?: NirArray;
}

/** τ_syn·İ = −I + w_in·S; τ_mem·v̇ = (v_leak − v) + R·I; a spike and v ← v_reset where v > v_threshold */
export interface NirCurrentLeakyIntegrateAndFire {
	readonly type: 'CubaLIF';
	readonly tauSyn: NirArray;
	readonly tauMem: NirArray;
	readonly r: NirArray;
	readonly vLeak: NirArray;
	readonly vThreshold: NirArray;
	/** Absent in files before NIR 1.0. */
	readonly vReset?: NirArray;
	readonly wIn?: NirArray;
}

/** 1 where S > threshold, else 0; no state */
export interface NirThreshold {
	readonly type: 'Threshold';
	readonly threshold: NirArray;
}

/** S(t − delay); seconds */
export interface NirDelay {
	readonly type: 'Delay';
	readonly delay: NirArray;
}

/** Primitives joined by edges. Several edges into one node add up; edges may form cycles, and stand in any order. */
export interface NirGraph {
	readonly type: 'NIRGraph';
	readonly nodes: ReadonlyMap<string, NirNode>;
	readonly edges: readonly (readonly [from: string, to: string])[];
}

export type NirPrimitive =
	| NirInput
	| NirOutput
	| NirAffine
	| NirLinear
	| NirScale
	| NirConv1d
	| NirConv2d
	| NirSumPool2d
	| NirAvgPool2d
	| NirFlatten
	| NirIntegrator
	| NirIntegrateAndFire
	| NirLeakyIntegrator
	| NirLeakyIntegrateAndFire
	| NirCurrentLeakyIntegrator
	| NirCurrentLeakyIntegrateAndFire
	| NirThreshold
	| NirDelay;

export type NirNode = NirPrimitive | NirGraph;

export interface NirFile {
	readonly version: string;
	readonly graph: NirGraph;
}
