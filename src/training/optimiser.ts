/** Adam (with or without AMSGrad) and SGD with Nesterov momentum, over one flat parameter vector. */
import type { Layout } from './parameters.ts';

export interface OptimiserOptions {
	readonly optimiser: 'adam' | 'sgd';
	/** SGD: the momentum. Adam: β1. */
	readonly momentum: number;
	readonly amsgrad: boolean;
	/** L2 penalty on weights (not on biases, scales, thresholds, leaks). */
	readonly weightDecay: number;
}

/** Moments, of the parameters' length; which ones depends on the optimiser. */
export interface OptimiserState {
	steps: number;
	readonly first: Float32Array;
	readonly second: Float32Array;
	readonly largest: Float32Array;
}

const beta2 = 0.999;
const epsilon = 1e-8;
/** Thresholds stay above this, so that "fires when u > v" and "z = u/v − 1 > 0" are the same statement. */
const smallestThreshold = 1e-3;

export function newOptimiserState(layout: Layout, options: OptimiserOptions): OptimiserState {
	const adam = options.optimiser === 'adam';
	return {
		steps: 0,
		first: new Float32Array(layout.size),
		second: new Float32Array(adam ? layout.size : 0),
		largest: new Float32Array(adam && options.amsgrad ? layout.size : 0),
	};
}

/** Adds the L2 penalty's gradient, in place. */
function addWeightDecay(layout: Layout, values: Float32Array, gradient: Float32Array, decay: number): void {
	if (decay === 0) return;
	for (const { role, offset, size } of layout.entries) {
		if (role !== 'weight') continue;
		for (let i = offset; i < offset + size; i++) gradient[i] = (gradient[i] as number) + decay * (values[i] as number);
	}
}

function adamStep(values: Float32Array, gradient: Float32Array, state: OptimiserState, rate: number, beta1: number): void {
	const { first, second, largest } = state;
	const amsgrad = largest.length > 0;
	const correction1 = 1 - beta1 ** state.steps;
	const correction2 = Math.sqrt(1 - beta2 ** state.steps);
	const step = rate / correction1;
	for (let i = 0; i < values.length; i++) {
		const g = gradient[i] as number;
		const m = beta1 * (first[i] as number) + (1 - beta1) * g;
		const v = beta2 * (second[i] as number) + (1 - beta2) * g * g;
		first[i] = m;
		second[i] = v;
		let scale = v;
		if (amsgrad) {
			scale = Math.max(largest[i] as number, v);
			largest[i] = scale;
		}
		values[i] = (values[i] as number) - (step * m) / (Math.sqrt(scale) / correction2 + epsilon);
	}
}

function sgdStep(values: Float32Array, gradient: Float32Array, state: OptimiserState, rate: number, momentum: number): void {
	const { first } = state;
	for (let i = 0; i < values.length; i++) {
		const g = gradient[i] as number;
		const velocity = momentum * (first[i] as number) + g;
		first[i] = velocity;
		values[i] = (values[i] as number) - rate * (g + momentum * velocity);
	}
}

/** After a step: leaks at most 1 as published, thresholds positive. */
function clamp(layout: Layout, values: Float32Array): void {
	for (const { role, offset } of layout.entries) {
		if (role === 'leak') values[offset] = Math.min(1, values[offset] as number);
		else if (role === 'threshold') values[offset] = Math.max(smallestThreshold, values[offset] as number);
	}
}

/** One update, in place. The gradient is overwritten. */
export function updateParameters(
	layout: Layout,
	values: Float32Array,
	gradient: Float32Array,
	state: OptimiserState,
	rate: number,
	options: OptimiserOptions,
): void {
	state.steps++;
	addWeightDecay(layout, values, gradient, options.weightDecay);
	if (options.optimiser === 'adam') adamStep(values, gradient, state, rate, options.momentum);
	else sgdStep(values, gradient, state, rate, options.momentum);
	clamp(layout, values);
}

export const rateSchedules = ['cosine', 'one-cycle', 'step', 'constant'] as const;
export type RateSchedule = (typeof rateSchedules)[number];

/**
 * The factor on the learning rate.
 *
 * @param progress  0 at the stage's first step, 1 at its end
 * @param drops  for `step`: at which progress the rate is divided by 5
 */
export function rateFactor(schedule: RateSchedule, progress: number, drops: readonly number[]): number {
	switch (schedule) {
		case 'constant':
			return 1;
		case 'cosine':
			return 0.5 * (1 + Math.cos(Math.PI * progress));
		case 'one-cycle':
			return progress < 0.25 ? 0.1 + 0.9 * (progress / 0.25) : Math.max(0.002, (1 - progress) / 0.75);
		case 'step':
			return 0.2 ** drops.filter((drop) => progress >= drop).length;
	}
}
