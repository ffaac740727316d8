/** Trains one stage: epochs over the set, a checkpoint after each, continued where it stopped. */
import { setImmediate } from 'node:timers/promises';
import type { LabelledImages } from '../formats/datasets/index.ts';
import { augmentedBatch, epochOrder } from './batches.ts';
import type { Checkpoint, EpochSums } from './checkpoint.ts';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
import type { TrainingConfiguration } from './configuration.ts';
import type { Evaluation } from './evaluation.ts';
import { smoothedTargets } from './gradients.ts';
import { divergence, firstNotANumber } from './health.ts';
import { Interrupted } from './interrupted.ts';
import * as messages from './messages.ts';
import type { OptimiserState } from './optimiser.ts';
import { newOptimiserState, rateFactor, updateParameters } from './optimiser.ts';
import type { Layout } from './parameters.ts';
import { initialStatistics } from './parameters.ts';
import type { Shard, ShardResult } from './pieces.ts';
import type { Plan } from './plan.ts';
import { neuronsOf, product } from './plan.ts';
import type { GradientSource } from './source.ts';
import type { StageOutline } from './stages.ts';
import { mixed, type Teacher } from './teacher.ts';

export interface Stage extends StageOutline {
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
	/** Null where images are held out: the test set is then looked at once, at the end. */
	readonly testAccuracy: number | null;
	/** On the held-out images; absent where there are none. */
	readonly validationAccuracy?: number;
	/** Training images the epoch saw. */
	readonly images: number;
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
	/** Until the end of the run, if a timestep costs the same in every stage. */
	readonly runSecondsLeft: number;
}

export interface StageContext {
	readonly plan: Plan;
	readonly configuration: TrainingConfiguration;
	/** Hash that a checkpoint must carry to be continued. */
	readonly configurationHash: string;
	readonly train: LabelledImages;
	readonly source: GradientSource;
	/** Says what the images are, beside the labels; its share is `configuration.distillation`. */
	readonly teacher?: Teacher | null;
	/** What the loss adds for a spike of each neuron layer. */
	readonly spikePrices?: readonly number[] | null;
	/** File of the stage's checkpoint. */
	readonly checkpoint: string;
	readonly resume: boolean;
	/** Set when the user asked to stop: the step under way is finished, a checkpoint written. */
	readonly stopped: () => boolean;
	readonly onProgress: (progress: Progress) => void;
	readonly onEpoch: (record: EpochRecord) => void;
	/** The current network on the test set or on held-out images. @throws Interrupted when the user asked to stop meanwhile */
	readonly evaluate: (state: NetworkState, on: 'test' | 'validation') => Promise<Evaluation>;
	readonly onNote: (note: string) => void;
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

async function makeShards(
	context: StageContext,
	stage: Stage,
	order: Uint32Array,
	epoch: number,
	step: number,
): Promise<Shard[]> {
	const { configuration, train, teacher, plan, spikePrices } = context;
	const { batch, shards, seed, crop, flip, distillation } = configuration;
	const start = step * batch;
	const indices = order.subarray(start, Math.min(start + batch, order.length));
	const size = Math.ceil(indices.length / shards);
	const parts: Shard[] = [];
	for (let i = 0; i * size < indices.length; i++) {
		const part = indices.subarray(i * size, (i + 1) * size);
		const name = [seed, stage.number, epoch, step, i];
		const { dropout, labelSmoothing, cutout } = stage.settings;
		const { images, labels } = augmentedBatch(train, part, { crop, flip, cutout }, [...name, 3]);
		const targets = teacher
			? mixed(
					smoothedTargets(labels, plan.classes, labelSmoothing),
					await teacher.probabilities(images, labels.length),
					distillation,
				)
			: undefined;
		parts.push({
			...(targets && { targets }),
			...(spikePrices && { spikePrices }),
			images,
			labels,
			timesteps: stage.timesteps,
			dropout,
			labelSmoothing,
			stream: [...name, 4],
		});
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

interface Running extends NetworkState {
	/** The running average of parameters and statistics over the steps, where one is kept. */
	readonly average: NetworkState | null;
	readonly optimiser: OptimiserState;
	epoch: number;
	step: number;
	sums: EpochSums;
	readonly history: EpochRecord[];
}

interface Restored {
	readonly running: Running;
	readonly finished: boolean;
	readonly evaluation: Evaluation | null;
}

const copyOf = ({ parameters, statistics }: NetworkState): NetworkState => ({
	parameters: parameters.slice(),
	statistics: statistics.slice(),
});

/** What a stage has reached: the average where one is kept. */
const reached = (running: Running): NetworkState => running.average ?? running;

/**
 * Moves the average towards the current network. It follows closely at first, so that it does not remember where the stage began.
 */
function updateAverage({ average, parameters, statistics, optimiser }: Running, decay: number): void {
	if (!average) return;
	const kept = Math.min(decay, (1 + optimiser.steps) / (10 + optimiser.steps));
	const follow = (mean: Float32Array, values: Float32Array): void => {
		for (let i = 0; i < mean.length; i++) mean[i] = (values[i] as number) + kept * ((mean[i] as number) - (values[i] as number));
	};
	follow(average.parameters, parameters);
	follow(average.statistics, statistics);
}

function restore(context: StageContext, stage: Stage, start: NetworkState): Restored {
	const layers = neuronsOf(context.plan).length;
	const saved: Checkpoint | null = context.resume ? loadCheckpoint(context.checkpoint) : null;
	if (!saved) {
		const optimiser = newOptimiserState(stage.layout, stage.settings);
		const average = stage.settings.averaging > 0 ? copyOf(start) : null;
		const running = { ...start, average, optimiser, epoch: 0, step: 0, sums: emptySums(layers), history: [] };
		return { running, finished: false, evaluation: null };
	}
	if (saved.header.configuration !== context.configurationHash || saved.header.stage !== stage.name)
		throw messages.otherCheckpoint(context.checkpoint);
	if (saved.header.images !== undefined && saved.header.images !== context.train.sha256)
		throw messages.otherImages(context.checkpoint);
	const { parameters, statistics, first, second, largest, averageParameters, averageStatistics } = saved.vectors;
	if (!parameters || !statistics || !first || !second || !largest) throw messages.damagedCheckpoint(context.checkpoint);
	const { header } = saved;
	const running: Running = {
		parameters,
		statistics,
		average: averageParameters && averageStatistics ? { parameters: averageParameters, statistics: averageStatistics } : null,
		optimiser: { steps: header.optimiserSteps, first, second, largest },
		epoch: header.epoch,
		step: header.step,
		sums: { ...header.sums, spikes: [...header.sums.spikes] },
		history: [...header.history] as EpochRecord[],
	};
	return { running, finished: header.finished, evaluation: header.evaluation ?? null };
}

function save(context: StageContext, stage: Stage, running: Running, evaluation: Evaluation | null): void {
	const broken = firstNotANumber(stage.layout, running.parameters);
	if (broken) throw messages.notANumber(stage.name, running.epoch + 1, running.step, broken, context.checkpoint);
	const { parameters, statistics, average, optimiser, epoch, step, sums, history } = running;
	saveCheckpoint(context.checkpoint, {
		header: {
			configuration: context.configurationHash,
			stage: stage.name,
			epoch,
			step,
			optimiserSteps: optimiser.steps,
			sums,
			history,
			finished: evaluation !== null,
			evaluation,
			images: context.train.sha256,
		},
		vectors: {
			parameters,
			statistics,
			first: optimiser.first,
			second: optimiser.second,
			largest: optimiser.largest,
			...(average && { averageParameters: average.parameters, averageStatistics: average.statistics }),
		},
	});
}

function record(context: StageContext, stage: Stage, running: Running, accuracy: number, learningRate: number): EpochRecord {
	const { sums } = running;
	const neurons = neuronsOf(context.plan);
	return {
		stage: stage.name,
		timesteps: stage.timesteps,
		epoch: running.epoch + 1,
		loss: sums.loss / sums.count,
		trainAccuracy: sums.correct / sums.count,
		...(context.configuration.validation > 0 ? { testAccuracy: null, validationAccuracy: accuracy } : { testAccuracy: accuracy }),
		images: sums.count,
		learningRate,
		imagesPerSecond: sums.count / sums.seconds,
		seconds: sums.seconds,
		firingRates: sums.spikes.map(
			(spikes, index) => spikes / (sums.count * stage.timesteps * product(neurons[index]?.outputShape ?? [1])),
		),
	};
}

/** One step: gradients of a batch, the update, and the sums that the epoch is told by. */
async function trainStep(context: StageContext, stage: Stage, running: Running, order: Uint32Array, rate: number): Promise<void> {
	const { plan, source, checkpoint } = context;
	const began = performance.now();
	const shards = await makeShards(context, stage, order, running.epoch, running.step);
	const results = await source.run(plan, stage.layout, running.parameters, shards);
	const gradient = averageGradient(results);
	const loss = results.reduce((sum, { lossSum }) => sum + lossSum, 0);
	const broken = firstNotANumber(stage.layout, gradient);
	if (broken !== null || !Number.isFinite(loss)) {
		const what = Number.isFinite(loss) ? `the gradient of ${broken}` : 'the loss';
		throw messages.notANumber(stage.name, running.epoch + 1, running.step + 1, what, checkpoint);
	}
	updateParameters(stage.layout, running.parameters, gradient, running.optimiser, rate, stage.settings);
	updateStatistics(plan, stage.layout, running.statistics, results);
	updateAverage(running, stage.settings.averaging);
	running.step++;
	const { sums } = running;
	sums.loss += loss;
	for (const result of results) {
		sums.correct += result.correct;
		sums.count += result.count;
		for (const [index, spikes] of result.spikes.entries()) sums.spikes[index] = (sums.spikes[index] ?? 0) + spikes;
	}
	sums.seconds += (performance.now() - began) / 1000;
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
): Promise<{ state: NetworkState; history: readonly EpochRecord[]; evaluation: Evaluation }> {
	const { plan, configuration, train } = context;
	const restored = restore(context, stage, {
		parameters: start.parameters.slice(),
		statistics:
			start.statistics.length === stage.layout.statisticsSize ? start.statistics.slice() : initialStatistics(stage.layout),
	});
	const { running, finished } = restored;
	let { evaluation } = restored;
	const wholeSteps = Math.ceil(train.count / configuration.batch);
	const allSteps = stepsOf(stage.epochs, train.count, configuration.batch);
	const { learningRate, rateSchedule, drops } = stage.settings;
	const rateAt = (step: number): number => learningRate * rateFactor(rateSchedule, step / allSteps, drops);
	while (!finished && running.epoch * wholeSteps < allSteps) {
		const before = running.epoch * wholeSteps;
		const steps = Math.min(wholeSteps, allSteps - before);
		const order = epochOrder(train.count, configuration.seed, stage.number, running.epoch);
		const stopIfAsked = (): void => {
			if (!context.stopped()) return;
			save(context, stage, running, null);
			throw new Interrupted();
		};
		while (running.step < steps) {
			// An engine that never waits would keep signals from being heard.
			await setImmediate();
			stopIfAsked();
			await trainStep(context, stage, running, order, rateAt(before + running.step));
			const { loss, correct, count, seconds } = running.sums;
			const secondsLeft = ((allSteps - before - running.step) * configuration.batch * seconds) / count;
			context.onProgress({
				stage: stage.name,
				epoch: running.epoch + 1,
				epochs: stage.epochs,
				step: running.step,
				steps,
				loss: loss / count,
				accuracy: correct / count,
				imagesPerSecond: count / seconds,
				secondsLeft,
				runSecondsLeft: secondsLeft,
			});
		}
		await setImmediate();
		stopIfAsked();
		const evaluate = (on: 'test' | 'validation'): Promise<Evaluation> =>
			context.evaluate(reached(running), on).catch((error: unknown) => {
				if (error instanceof Interrupted) save(context, stage, running, null);
				throw error;
			});
		const held = configuration.validation > 0;
		const last = (running.epoch + 1) * wholeSteps >= allSteps;
		const measured = await evaluate(held ? 'validation' : 'test');
		const tested = !held ? measured : last ? await evaluate('test') : null;
		evaluation = tested;
		const entry = record(context, stage, running, measured.correct / measured.total, rateAt(before + steps - 1));
		running.history.push(entry);
		context.onEpoch(entry);
		const problem = divergence(plan, stage.name, running.history);
		if (problem && !stage.control) throw problem;
		if (problem) context.onNote(problem.message);
		running.epoch++;
		running.step = 0;
		running.sums = emptySums(neuronsOf(plan).length);
		save(context, stage, running, last ? tested : null);
	}
	// A checkpoint of an older version holds no evaluation.
	evaluation ??= await context.evaluate(reached(running), 'test');
	return { state: reached(running), history: running.history, evaluation };
}

/** Steps of a stage: at least one, whatever fraction of an epoch it is. */
export const stepsOf = (epochs: number, images: number, batch: number): number =>
	Math.max(1, Math.round(epochs * Math.ceil(images / batch)));
