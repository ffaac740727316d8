/**
 * A layer of leaky integrate-and-fire neurons over T timesteps, with the surrogate gradient of IIR-SNN.
 *
 *     u_pre[t] = λ·u[t−1] + I[t]      u[0−1] = 0
 *     z[t]     = u_pre[t] / v − 1
 *     o[t]     = 1 if z[t] > 0 else 0
 *     u[t]     = u_pre[t] − v·o[t]    (soft reset; no gradient through the indicator)
 *     do/dz    := 0.3 · max(0, 1 − |z|)
 *
 * Backward in time, with g[t] the gradient of the loss to o[t] and h[t] the one carried to u[t]:
 *
 *     s[t]       = g[t] · 0.3·max(0, 1−|z[t]|) / v
 *     dL/du_pre  = d[t] = h[t] + s[t]         dL/dI[t] = d[t]        h[t−1] = λ·d[t]
 *     dL/dv      = Σ_t Σ (−s[t]·u_pre[t]/v − h[t]·o[t])
 *     dL/dλ      = Σ_t Σ d[t]·u[t−1]          (exactly 0 at T = 1)
 *
 * @see docs/training.md#the-neuron
 */
import * as tf from '@tensorflow/tfjs-core';
import { customGradient } from './custom-gradient.ts';

/** Height of the triangular surrogate gradient. */
export const surrogateHeight = 0.3;

export interface Lif {
	readonly timesteps: number;
	/** The current is the same at every timestep and given once: [N, …] instead of [T·N, …]. */
	readonly repeated: boolean;
}

/** 1 where u > v, else 0. Not a cast of tf.greater: on WebGPU that relabels integers, which other kernels then read as such. */
const fires = (membrane: tf.Tensor, threshold: tf.Tensor): tf.Tensor => tf.step(tf.sub(membrane, threshold));

function forwardTimesteps(
	current: tf.Tensor,
	threshold: tf.Tensor,
	leak: tf.Tensor,
	{ timesteps, repeated }: Lif,
): [tf.Tensor, tf.Tensor] {
	const spikes: tf.Tensor[] = [];
	const membranes: tf.Tensor[] = [];
	const currents = repeated ? [current] : tf.split(current, timesteps);
	let state: tf.Tensor | null = null;
	for (let t = 0; t < timesteps; t++) {
		const input = (repeated ? currents[0] : currents[t]) as tf.Tensor;
		const membrane: tf.Tensor = state ? tf.add(tf.mul(state, leak), input) : input;
		const spike = fires(membrane, threshold);
		state = tf.sub(membrane, tf.mul(spike, threshold));
		spikes.push(spike);
		membranes.push(membrane);
	}
	return timesteps === 1
		? [spikes[0] as tf.Tensor, tf.clone(membranes[0] as tf.Tensor)]
		: [tf.concat(spikes, 0), tf.concat(membranes, 0)];
}

function backwardTimesteps(
	dy: tf.Tensor,
	membranes: tf.Tensor,
	threshold: tf.Tensor,
	leak: tf.Tensor,
	{ timesteps, repeated }: Lif,
): tf.Tensor[] {
	const gradients = tf.split(dy, timesteps);
	const steps = tf.split(membranes, timesteps);
	const currents: tf.Tensor[] = [];
	let carried: tf.Tensor | null = null;
	let dThreshold: tf.Tensor = tf.scalar(0);
	let dLeak: tf.Tensor = tf.scalar(0);
	for (let t = timesteps - 1; t >= 0; t--) {
		const membrane = steps[t] as tf.Tensor;
		const scaled = tf.div(membrane, threshold);
		const triangle = tf.relu(tf.sub(1, tf.abs(tf.sub(scaled, 1))));
		const slope = tf.div(tf.mul(tf.mul(gradients[t] as tf.Tensor, triangle), surrogateHeight), threshold);
		dThreshold = tf.sub(dThreshold, tf.sum(tf.mul(slope, scaled)));
		let total: tf.Tensor = slope;
		if (carried) {
			dThreshold = tf.sub(dThreshold, tf.sum(tf.mul(carried, fires(membrane, threshold))));
			total = tf.add(carried, slope);
		}
		if (t > 0) {
			const earlier = steps[t - 1] as tf.Tensor;
			const left = tf.sub(earlier, tf.mul(fires(earlier, threshold), threshold));
			dLeak = tf.add(dLeak, tf.sum(tf.mul(total, left)));
			carried = tf.mul(total, leak);
		}
		currents[t] = total;
	}
	const dCurrent = repeated ? tf.addN(currents) : timesteps === 1 ? (currents[0] as tf.Tensor) : tf.concat(currents, 0);
	return [dCurrent, dThreshold, dLeak];
}

/**
 * Spikes of a neuron layer over all timesteps.
 *
 * @param current  [T·N, …] timestep by timestep, or [N, …] when `repeated`
 * @param threshold  scalar v > 0
 * @param leak  scalar λ
 * @returns spikes [T·N, …], 0 or 1
 */
export function lifLayer(current: tf.Tensor, threshold: tf.Scalar, leak: tf.Scalar, options: Lif): tf.Tensor {
	const { timesteps, repeated } = options;
	const shape = [(current.shape[0] ?? 1) * (repeated ? timesteps : 1), ...current.shape.slice(1)];
	return customGradient([current, threshold, leak], ([input, v, lambda], save) => {
		const [i, theta, decay] = [input as tf.Tensor, v as tf.Tensor, lambda as tf.Tensor];
		const [spikes, membranes] = forwardTimesteps(i, theta, decay, options);
		save([membranes, theta, decay]);
		return {
			value: tf.reshape(spikes, shape),
			gradient: (dy, saved) => {
				const [u, theta, decay] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
				const [dCurrent, dThreshold, dLeak] = backwardTimesteps(dy, tf.reshape(u, shape), theta, decay, options);
				return [tf.reshape(dCurrent as tf.Tensor, current.shape), dThreshold as tf.Tensor, dLeak as tf.Tensor];
			},
		};
	});
}
