/** Whether a stage still learns: numbers that are none, layers that fell silent, accuracy no better than chance. */
import type { UserError } from '../errors.ts';
import * as messages from './messages.ts';
import type { Layout } from './parameters.ts';
import type { Plan } from './plan.ts';
import { neuronsOf } from './plan.ts';

/** What an epoch tells about a stage's health. */
export interface EpochHealth {
	/** Mean over the epoch's images. */
	readonly loss: number;
	readonly trainAccuracy: number;
	/** Spikes per neuron and timestep, by layer. */
	readonly firingRates: readonly number[];
	/** Training images the epoch saw. */
	readonly images: number;
}

/** Fewer images than this say nothing about chance. */
const enoughImages = 500;
/** Epochs at chance after which a stage is given up even though its neurons fire. */
const patience = 5;
/** How far above 1/classes an accuracy may lie and still be chance. */
const chanceMargin = 1.2;
/** A loss this many times that of a net that knows nothing, log(classes), has run away. */
const runawayLoss = 10;

/** The first parameter whose values (or gradients) hold an infinity or no number at all; null when all are numbers. */
export function firstNotANumber(layout: Layout, values: Float32Array): string | null {
	const broken = layout.entries.find(({ offset, size }) => {
		for (let i = offset; i < offset + size; i++) if (!Number.isFinite(values[i])) return true;
		return false;
	});
	return broken?.name ?? null;
}

/** Names of the neuron layers that did not fire once in an epoch. */
export const silentLayers = (plan: Plan, firingRates: readonly number[]): string[] =>
	neuronsOf(plan).flatMap(({ name }, index) => (firingRates[index] === 0 ? [name] : []));

/**
 * Why a stage should not go on: at chance, with a layer that was silent through a whole epoch, or a loss that ran away, or
 * without having learned anything for some epochs.
 *
 * @param history  the stage's epochs so far
 * @returns the error to stop with, or null
 */
export function divergence(plan: Plan, stage: string, history: readonly EpochHealth[]): UserError | null {
	const last = history.at(-1);
	if (!last || last.images < enoughImages) return null;
	const atChance = ({ trainAccuracy }: EpochHealth): boolean => trainAccuracy <= chanceMargin / plan.classes;
	if (!atChance(last)) return null;
	const silent = silentLayers(plan, last.firingRates);
	const lost = last.loss > runawayLoss * Math.log(plan.classes);
	const stuck = history.length >= patience && history.slice(-patience).every(atChance);
	return silent.length > 0 || lost || stuck ? messages.learnedNothing(stage, history.length, last, silent) : null;
}
