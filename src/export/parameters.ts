/** Parameters of neurons as NIR nodes, in the shape of the neurons. */
import type { NirArray, NirNode } from '../formats/nir/index.ts';
import { broadcastIndex, type Numbers, number } from './expressions.ts';
import type { NeuronParameters } from './neurons.ts';

/** The largest float32 below: u ≥ v for float32 numbers is u > nextBelow(v). */
export function nextBelow(value: number): number {
	const float = new Float32Array([value]);
	const bits = new Int32Array(float.buffer);
	if (float[0] === 0) return -(2 ** -149);
	bits[0] = (bits[0] as number) + ((float[0] as number) > 0 ? -1 : 1);
	return float[0] as number;
}

/** NIR's integrators have no threshold: a neuron that keeps its potential when it fires gets one behind it. */
export function neuronNode(parameters: NeuronParameters, shape: readonly number[]): NirNode {
	const array = (numbers: Numbers): NirArray => arrayOf(numbers, shape);
	const { kind, threshold, vReset, tau, tauSyn, wIn } = parameters;
	const r = array(parameters.r);
	const vLeak = array(parameters.vLeak);
	const firing =
		threshold === null || parameters.reset === 'none' ? null : { vThreshold: array(threshold), vReset: array(vReset) };
	const times = tau === null ? r : array(tau);
	switch (kind) {
		case 'threshold':
			return { type: 'Threshold', threshold: array(threshold ?? number(0)) };
		case 'integrator':
			return firing === null ? { type: 'I', r } : { type: 'IF', r, ...firing };
		case 'leaky':
			return firing === null ? { type: 'LI', tau: times, r, vLeak } : { type: 'LIF', tau: times, r, vLeak, ...firing };
		case 'current': {
			const common = { tauSyn: array(tauSyn ?? number(1)), tauMem: times, r, vLeak, wIn: array(wIn ?? number(1)) };
			return firing === null ? { type: 'CubaLI', ...common } : { type: 'CubaLIF', ...common, ...firing };
		}
	}
}

/** Numbers in the shape of the neurons; without a shape, as they are. */
export function arrayOf(numbers: Numbers, shape: readonly number[]): NirArray {
	if (shape.length === 0) return { shape: [1], values: Float64Array.of(numbers.values[0] ?? 0) };
	const own = numbers.dims.slice(Math.max(0, numbers.dims.length - shape.length));
	const at = broadcastIndex(own, shape);
	const count = shape.reduce((product, size) => product * size, 1);
	return { shape, values: Float64Array.from({ length: count }, (_, position) => numbers.values[at(position)] ?? 0) };
}
