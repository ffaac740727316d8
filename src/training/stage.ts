/** Trains one stage: epochs over the set, a checkpoint after each, continued where it stopped. */
import { setImmediate } from 'node:timers/promises';
import type { LabelledImages } from '../formats/datasets/index.ts';
import { augmentedBatch, epochOrder } from './batches.ts';
import type { Checkpoint, EpochSums } from './checkpoint.ts';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
import type { StageSettings, TrainingConfiguration } from './configuration.ts';
import type { Shard, ShardResult } from './gradients.ts';
import * as messages from './messages.ts';
import type { OptimiserState } from './optimiser.ts';
import { newOptimiserState, rateFactor, updateParameters } from './optimiser.ts';
import type { Layout } from './parameters.ts';
import { initialStatistics } from './parameters.ts';
import type { Plan } from './plan.ts';
import { neuronsOf, product } from './plan.ts';
import type { GradientSource } from './source.ts';

export interface Stage {
	/** "relu", "T5", …, "control-T1" */
	readonly name: string;
	/** Names the stage's random streams. */
	readonly number: number;
	readonly timesteps: number;
	/** May be a fraction: the last epoch then sees only part of the set. */
	readonly epochs: number;
	readonly settings: StageSettings;
	readonly layout: Layout;
}

export interface NetworkState {
	readonly parameters: Float32Array;
	readonly statistics: Float32Array;
}

/** One epoch as training.json records it. */
export interface EpochRecord {
	readonly stage: string;
	readonly timesteps: number;
	readonly epoch: number;
	readonly loss: number;
	readonly trainAccuracy: number;
	readonly testAccuracy: number | null;
	readonly learningRate: number;
	readonly imagesPerSecond: number;
	readonly seconds: number;
	/** Spikes per neuron and timestep, by layer, over the epoch's training images. */
	readonly firingRates: readonly number[];
}

export interface Progress {
	readonly stage: string;
	readonly epoch: number;
	readonly epochs: number;
	readonly step: number;
	readonly steps: number;
	readonly loss: number;
	readonly accuracy: number;
	readonly imagesPerSecond: number;
	/** Until the end of the stage, at the rate so far. */
	readonly secondsLeft: number;
}

export interface StageContext {
	readonly plan: Plan;
	readonly configuration: TrainingConfiguration;
	/** Hash that a checkpoint must carry to be continued. */
	readonly configurationHash: string;
	readonly train: LabelledImages;
	readonly source: GradientSource;
	/** File of the stage's checkpoint. */
	readonly checkpoint: string;
	readonly resume: boolean;
	/** Set when the user asked to stop: the step under way is finished, a checkpoint written. */
	readonly stopped: () => boolean;
	readonly onProgress: (progress: Progress) => void;
	readonly onEpoch: (record: EpochRecord) => void;
	readonly evaluate: (state: NetworkState) => Promise<number | null>;
}

export class Interrupted extends Error {
	override readonly name = 'Interrupted';
}

/** Momentum of the running mean and variance. */
const statisticsMomentum = 0.1;

const emptySums = (layers: number): EpochSums => ({
	loss: 0,
	correct: 0,
	count: 0,
	seconds: 0,
	spikes: Array<number>(layers).fill(0),
});

function makeShards(context: StageContext, stage: Stage, order: Uint32Array, epoch: number, step: number): Shard[] {
	const { configuration, train } = context;
	const { batch, shards, seed, crop, flip } = configuration;
	const start = step * batch;
	const indices = order.subarray(start, Math.min(start + batch, order.length));
	const size = Math.ceil(indices.length / shards);
	const parts: Shard[] = [];
	for (let i = 0; i * size < indices.length; i++) {
		const part = indices.subarray(i * size, (i + 1) * size);
		const name = [seed, stage.number, epoch, step, i];
		const { images, labels } = augmentedBatch(train, part, { crop, flip }, [...name, 3]);
		const { dropout, labelSmoothing } = stage.settings;
		parts.push({ images, labels, timesteps: stage.timesteps, dropout, labelSmoothing, stream: [...name, 4] });
	}
	return parts;
}

/** The mean of the shards' gradients, each weighted by its number of images, summed in order. */
export function averageGradient(results: readonly ShardResult[]): Float32Array {
	const total = results.reduce((sum, { count }) => sum + count, 0);
	const out = new Float32Array(results[0]?.gradient.length ?? 0);
	for (const { gradient, count } of results) {
		const share = count / total;
		for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) + share * (gradient[i] as number);
	}
	return out;
}

/** Moves the running statistics towards the batches', with the sample variance as usual. */
function updateStatistics(plan: Plan, layout: Layout, statistics: Float32Array, results: readonly ShardResult[]): void {
	for (const { layer, channels, offset } of layout.statistics) {
		const operation = plan.operations.find(({ name }) => name === layer);
		const positions = product(operation?.outputShape.slice(1) ?? []);
		for (const { statistics: batch, count } of results) {
			const rows = count * positions;
			const weight = statisticsMomentum / results.length;
			for (let c = 0; c < 2 * channels; c++) {
				const correction = c < channels || rows < 2 ? 1 : rows / (rows - 1);
				const at = offset + c;
				statistics[at] = (statistics[at] as number) + weight * ((batch[at] as number) * correction - (statistics[at] as number));
			}
		}
	}
}

const firstNotANumber = (layout: Layout, values: Float32Array): string =>
	layout.entries.find(({ offset, size }) => values.subarray(offset, offset + size).some((value) => !Number.isFinite(value)))
		?.name ?? 'the loss';

interface Running extends NetworkState {
	readonly optimiser: OptimiserState;
	epoch: number;
	step: number;
	sums: EpochSums;
	readonly history: EpochRecord[];
}

function restore(context: StageContext, stage: Stage, start: NetworkState): { running: Running; finished: boolean } {
	const layers = neuronsOf(context.plan).length;
	const saved: Checkpoint | null = context.resume ? loadCheckpoint(context.checkpoint) : null;
	if (!saved) {
		const optimiser = newOptimiserState(stage.layout, stage.settings);
		const running = { ...start, optimiser, epoch: 0, step: 0, sums: emptySums(layers), history: [] };
		return { running, finished: false };
	}
	if (saved.header.configuration !== context.configurationHash || saved.header.stage !== stage.name)
		throw messages.otherCheckpoint(context.checkpoint);
	const { parameters, statistics, first, second, largest } = saved.vectors;
	if (!parameters || !statistics || !first || !second || !largest) throw messages.damagedCheckpoint(context.checkpoint);
	const { header } = saved;
	const running: Running = {
		parameters,
		statistics,
		optimiser: { steps: header.optimiserSteps, first, second, largest },
		epoch: header.epoch,
		step: header.step,
		sums: { ...header.sums, spikes: [...header.sums.spikes] },
		history: [...header.history] as EpochRecord[],
	};
	return { running, finished: header.finished };
}

function save(context: StageContext, stage: Stage, running: Running, finished: boolean): void {
	const { parameters, statistics, optimiser, epoch, step, sums, history } = running;
	saveCheckpoint(context.checkpoint, {
		header: {
			configuration: context.configurationHash,
			stage: stage.name,
			epoch,
			step,
			optimiserSteps: optimiser.steps,
			sums,
			history,
			finished,
		},
		vectors: { parameters, statistics, first: optimiser.first, second: optimiser.second, largest: optimiser.largest },
	});
}

function record(
	context: StageContext,
	stage: Stage,
	running: Running,
	testAccuracy: number | null,
	learningRate: number,
): EpochRecord {
	const { sums } = running;
	const neurons = neuronsOf(context.plan);
	return {
		stage: stage.name,
		timesteps: stage.timesteps,
		epoch: running.epoch + 1,
		loss: sums.loss / sums.count,
		trainAccuracy: sums.correct / sums.count,
		testAccuracy,
		learningRate,
		imagesPerSecond: sums.count / sums.seconds,
		seconds: sums.seconds,
		firingRates: sums.spikes.map(
			(spikes, index) => spikes / (sums.count * stage.timesteps * product(neurons[index]?.outputShape ?? [1])),
		),
	};
}

/** Stops a run that learns nothing, naming the layers that fell silent. */
function requireLearning(context: StageContext, stage: Stage, history: readonly EpochRecord[]): void {
	const patience = 5;
	const last = history.at(-1);
	if (!last || history.length < patience || context.train.count < 1000) return;
	const chance = 1.2 / context.plan.classes;
	if (history.slice(-patience).some(({ trainAccuracy }) => trainAccuracy > chance)) return;
	const silent = neuronsOf(context.plan).filter((_, index) => last.firingRates[index] === 0);
	throw messages.learnedNothing(
		stage.name,
		history.length,
		last.trainAccuracy,
		silent.map(({ name }) => name),
	);
}

/**
 * Trains a stage to its end, or until `stopped` says so.
 *
 * @throws Interrupted after a checkpoint was written on request
 * @throws UserError when the loss is not a number or nothing is learned
 */
export async function trainStage(
	context: StageContext,
	stage: Stage,
	start: NetworkState,
): Promise<{ state: NetworkState; history: readonly EpochRecord[] }> {
	const { plan, configuration, train } = context;
	const { running, finished } = restore(context, stage, {
		parameters: start.parameters.slice(),
		statistics:
			start.statistics.length === stage.layout.statisticsSize ? start.statistics.slice() : initialStatistics(stage.layout),
	});
	if (finished) return { state: running, history: running.history };
	const wholeSteps = Math.ceil(train.count / configuration.batch);
	const allSteps = Math.max(1, Math.round(stage.epochs * wholeSteps));
	while (running.epoch * wholeSteps < allSteps) {
		const steps = Math.min(wholeSteps, allSteps - running.epoch * wholeSteps);
		const order = epochOrder(train.count, configuration.seed, stage.number, running.epoch);
		let rate = 0;
		while (running.step < steps) {
			// An engine that never waits would keep signals from being heard.
			await setImmediate();
			if (context.stopped()) {
				save(context, stage, running, false);
				throw new Interrupted();
			}
			const began = performance.now();
			const shards = makeShards(context, stage, order, running.epoch, running.step);
			const results = await context.source.run(plan, stage.layout, running.parameters, shards);
			const progress = (running.epoch * wholeSteps + running.step) / allSteps;
			rate = stage.settings.learningRate * rateFactor(stage.settings.rateSchedule, progress, stage.settings.drops);
			const gradient = averageGradient(results);
			const loss = results.reduce((sum, { lossSum }) => sum + lossSum, 0);
			if (!Number.isFinite(loss)) {
				throw messages.lossIsNotANumber(stage.name, running.epoch + 1, running.step + 1, firstNotANumber(stage.layout, gradient));
			}
			updateParameters(stage.layout, running.parameters, gradient, running.optimiser, rate, stage.settings);
			updateStatistics(plan, stage.layout, running.statistics, results);
			running.step++;
			const { sums } = running;
			sums.loss += loss;
			for (const result of results) {
				sums.correct += result.correct;
				sums.count += result.count;
				for (const [index, spikes] of result.spikes.entries()) sums.spikes[index] = (sums.spikes[index] ?? 0) + spikes;
			}
			sums.seconds += (performance.now() - began) / 1000;
			context.onProgress({
				stage: stage.name,
				epoch: running.epoch + 1,
				epochs: stage.epochs,
				step: running.step,
				steps,
				loss: sums.loss / sums.count,
				accuracy: sums.correct / sums.count,
				imagesPerSecond: sums.count / sums.seconds,
				secondsLeft: ((allSteps - running.epoch * wholeSteps - running.step) * configuration.batch * sums.seconds) / sums.count,
			});
		}
		const entry = record(context, stage, running, await context.evaluate(running), rate);
		running.history.push(entry);
		context.onEpoch(entry);
		requireLearning(context, stage, running.history);
		running.epoch++;
		running.step = 0;
		running.sums = emptySums(neuronsOf(plan).length);
		save(context, stage, running, running.epoch * wholeSteps >= allSteps);
	}
	return { state: running, history: running.history };
}
