import type { Tensor } from 'onnxruntime-common';
import { UserError } from '../errors.ts';
import { tensorValues } from '../model/tensors.ts';
import type { Network } from '../network/network.ts';
import { fromRuntime } from '../runtime/session.ts';
import * as messages from './messages.ts';
import type { Pilot } from './pilot.ts';

/** Where class scores are in the answer: [batch, classes], [timesteps, batch, classes] or [batch, timesteps, classes]. */
export interface ScoresLayout {
	readonly classes: number;
	readonly timesteps: number;
	readonly timeAxis: 'none' | 'first' | 'second';
}

/** @returns null when the answer does not look like class scores */
export function scoresLayout(network: Network, pilot: Pilot, timesteps: number): ScoresLayout | null {
	const shape = (pilot.shapes.get(network.readout.output) ?? []).filter(
		(size, at, all) => !(at >= 2 && size === 1 && all.length > 3),
	);
	const { batch } = pilot;
	if (shape.length === 2 && shape[0] === batch) return { classes: shape[1] as number, timesteps: 1, timeAxis: 'none' };
	if (shape.length !== 3 || network.mode === 'step') return null;
	const [a, b, classes] = shape as [number, number, number];
	if (a === timesteps && b === batch) return { classes, timesteps, timeAxis: 'first' };
	if (a === batch && b === timesteps) return { classes, timesteps, timeAxis: 'second' };
	return null;
}

/** Adds the scores of one run to the totals, or replaces them when only the last timestep counts. */
export function addScores(
	total: Float64Array,
	tensor: Tensor,
	layout: ScoresLayout,
	rows: number,
	network: Network,
	lastStep: boolean,
): void {
	const { rule, output } = network.readout;
	if (network.mode === 'step' && rule === 'last' && !lastStep) return;
	const values = tensor.data instanceof Float32Array ? tensor.data : tensorValues(fromRuntime(tensor));
	const { classes, timesteps, timeAxis } = layout;
	const batch = values.length / (classes * timesteps);
	const from = rule === 'last' ? timesteps - 1 : 0;
	for (let timestep = from; timestep < timesteps; timestep += 1) {
		for (let row = 0; row < rows; row += 1) {
			const base = (timeAxis === 'second' ? row * timesteps + timestep : timestep * batch + row) * classes;
			for (let at = 0; at < classes; at += 1) {
				const value = values[base + at] as number;
				if (!Number.isFinite(value)) throw new UserError(messages.notFinite(network.file, output));
				total[row * classes + at] = (total[row * classes + at] as number) + value;
			}
		}
	}
}

/**
 * An answer that is no class scores is looked at for NaN alone: infinity may be meant, as in a mask.
 *
 * @throws UserError when it holds NaN
 */
export function refuseBroken({ type, data }: Tensor, { file, readout }: Network): void {
	if (type !== 'float32') return;
	for (const value of data as Float32Array)
		if (Number.isNaN(value)) throw new UserError(messages.notFinite(file, readout.output));
}

/** The class with the highest score; the first of equals, as numpy and PyTorch choose. */
export function argmax(scores: Float64Array, row: number, classes: number): number {
	let best = 0;
	for (let at = 1; at < classes; at += 1)
		if ((scores[row * classes + at] as number) > (scores[row * classes + best] as number)) best = at;
	return best;
}
