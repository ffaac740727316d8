/** The whole method: ReLU net → folded and converted → T = 5 → … → 1, and the control. */

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../files.ts';
import type { LabelledImages } from '../formats/datasets/index.ts';
import { loadDataset, normalisedImages } from '../formats/datasets/index.ts';
import { encodeModel } from '../formats/onnx/index.ts';
import { parseArchitecture } from '../network/architectures.ts';
import { rebalanced } from './balance.ts';
import { epochOrder } from './batches.ts';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.ts';
import type { RunOptions, StageSettings, TrainingConfiguration } from './configuration.ts';
import { foldNormalisation, measureThresholds, withNormalisation } from './conversion.ts';
import type { Evaluation } from './evaluation.ts';
import { evaluate } from './evaluation.ts';
import { onnxModel } from './export/onnx.ts';
import * as messages from './messages.ts';
import type { Layout } from './parameters.ts';
import { initialParameters, initialStatistics, layoutOf } from './parameters.ts';
import type { Plan } from './plan.ts';
import { buildPlan } from './plan.ts';
import { permutation, randomStream } from './random.ts';
import { encodeSamples } from './samples.ts';
import type { GradientSource } from './source.ts';
import type { EpochRecord, NetworkState, Progress, Stage } from './stage.ts';
import { stepsOf, trainStage } from './stage.ts';
import type { StageOutline } from './stages.ts';
import { stagesInOrder, stagesOf } from './stages.ts';
import type { Teacher } from './teacher.ts';
import { openTeacher } from './teacher.ts';

/** A network at the end of a stage, its batch normalisation folded. */
export interface TrainedNetwork {
	readonly stage: string;
	readonly timesteps: number;
	readonly layout: Layout;
	readonly parameters: Float32Array;
	readonly history: readonly EpochRecord[];
	readonly evaluation: Evaluation | null;
}

export interface PipelineEvents {
	readonly onProgress: (progress: Progress) => void;
	readonly onEpoch: (record: EpochRecord) => void;
	readonly onNote: (note: string) => void;
	/** Asked between steps and batches; once true the run writes a checkpoint and stops. */
	readonly stopped: () => boolean;
}

/** A setting younger than the checkpoints in use is left out while it does nothing, so that those can still be continued. */
const withoutDefaults = ({ cutout, averaging, ...settings }: StageSettings): Partial<StageSettings> => ({
	...settings,
	...(cutout > 0 && { cutout }),
	...(averaging > 0 && { averaging }),
});

/**
 * What determines a stage's result, as a short hash: a stage does not depend on the settings of later ones, so those
 * may change when a run is resumed.
 *
 * @param spikingStages  how many spiking stages lie behind: −1 for the ReLU net, 0 for the converted net
 */
export function stageHash(configuration: TrainingConfiguration, spikingStages: number): string {
	const { dataset, arch, pooling, normalisation, seed, batch, shards, crop, flip, trainLimit, reluEpochs } = configuration;
	const { thresholds, schedule, spikingEpochs } = configuration;
	const relu = withoutDefaults(configuration.relu);
	const spiking = withoutDefaults(configuration.spiking);
	const parts: unknown[] = [dataset, arch, pooling, normalisation, seed, batch, shards, crop, flip, trainLimit, relu, reluEpochs];
	if (configuration.validation > 0) parts.push({ validation: configuration.validation });
	if (spikingStages >= 0) parts.push(thresholds, thresholds.balance ? schedule[0] : null);
	const { spikingNormalisation, distillation } = configuration;
	if (spikingStages > 0 && (spikingNormalisation || distillation > 0)) parts.push({ spikingNormalisation, distillation });
	const { energyWeight, energyProfile, energyAccounting } = configuration;
	if (spikingStages > 0 && energyWeight > 0) parts.push({ energyWeight, energyProfile, energyAccounting });
	if (spikingStages > 0) parts.push(spiking, schedule.slice(0, spikingStages), spikingEpochs.slice(0, spikingStages));
	return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}

/** What determines a refined network: the stage it goes on from, and how long. */
const refinedHash = (stage: string, { refineEpochs }: TrainingConfiguration): string =>
	createHash('sha256')
		.update(JSON.stringify([stage, refineEpochs]))
		.digest('hex')
		.slice(0, 16);

/** Images times timesteps of the stages behind the one with this name: what time left is told by. */
function remainingWork(configuration: TrainingConfiguration, name: string, images: number): number {
	const stages = stagesInOrder(stagesOf(configuration));
	return stages
		.slice(stages.findIndex((stage) => stage.name === name) + 1)
		.reduce(
			(sum, { timesteps, epochs }) => sum + timesteps * stepsOf(epochs, images, configuration.batch) * configuration.batch,
			0,
		);
}

/** The first images of a set, or all of it when the limit is 0. */
function limited(set: LabelledImages, limit: number): LabelledImages {
	if (limit === 0 || limit >= set.count) return set;
	const size = set.pixels.length / set.count;
	return { ...set, count: limit, pixels: set.pixels.subarray(0, limit * size), labels: set.labels.subarray(0, limit) };
}

/** Holds images out of a training set, drawn at random (the same for every seed, so that runs can be compared). */
function heldOut(set: LabelledImages, count: number): { train: LabelledImages; validation: LabelledImages | null } {
	if (count === 0) return { train: set, validation: null };
	if (count >= set.count) throw messages.nothingToTrain(count, set.count);
	const order = permutation(set.count, randomStream(0, 98));
	const size = set.pixels.length / set.count;
	const part = (indices: Uint32Array): LabelledImages => {
		const pixels = new Uint8Array(indices.length * size);
		for (const [at, index] of indices.entries()) pixels.set(set.pixels.subarray(index * size, (index + 1) * size), at * size);
		return { ...set, count: indices.length, pixels, labels: Uint16Array.from(indices, (index) => set.labels[index] as number) };
	};
	return { train: part(order.subarray(count).sort()), validation: part(order.subarray(0, count).sort()) };
}

export function planFor(configuration: TrainingConfiguration, set: Pick<LabelledImages, 'shape' | 'classNames'>): Plan {
	return buildPlan(parseArchitecture(configuration.arch, { pooling: configuration.pooling }), set.shape, set.classNames.length);
}

/** Training images that a stage's spikes are priced on. */
const pricedImages = 50;

const stageFile = (checkpoints: string, stage: string): string => join(checkpoints, `${stage}.ckpt`);

/** What a run that was killed while writing leaves behind. */
const halfWritten = /\.ckpt\.\w+-\d+-\d+\.part$/;

function prepareFolder(options: RunOptions): void {
	makeFolder(options.checkpoints, '--checkpoints');
	for (const name of readdirSync(options.checkpoints)) {
		if (halfWritten.test(name)) rmSync(join(options.checkpoints, name), { force: true });
	}
	if (options.resume) return;
	const old = readdirSync(options.checkpoints).filter((name) => name.endsWith('.ckpt'));
	if (old.length > 0) throw messages.checkpointsExist(options.checkpoints);
}

/**
 * Thresholds for a ReLU net, measured on training images, and what goes with them: where the first spiking stage starts.
 *
 * @param parameters  batch normalisation folded
 * @throws Interrupted when `stopped` turned true
 */
export async function firstStart(
	plan: Plan,
	parameters: Float32Array,
	{ thresholds, seed, schedule }: TrainingConfiguration,
	train: LabelledImages,
	stopped: () => boolean,
): Promise<Float32Array> {
	const count = Math.min(thresholds.images, train.count);
	const images = normalisedImages(train, epochOrder(train.count, seed, 99, 0).subarray(0, count));
	return measureThresholds(plan, parameters, images, count, { ...thresholds, timesteps: schedule[0] ?? 1, stopped });
}

/** What a spiking stage starts from, given what the one before ended with. */
export function stageStart(
	plan: Plan,
	layout: Layout,
	state: NetworkState,
	{ thresholds, schedule }: Pick<TrainingConfiguration, 'thresholds' | 'schedule'>,
	index: number,
): NetworkState {
	const [from, to] = [schedule[index - 1], schedule[index]];
	if (!thresholds.balance || from === undefined || to === undefined) return state;
	return { ...state, parameters: rebalanced(plan, layout, state.parameters, from, to) };
}

/** Converts the trained ReLU net, or reads the converted net a former run saved. */
async function convert(
	plan: Plan,
	configuration: TrainingConfiguration,
	relu: { layout: Layout; state: NetworkState },
	train: LabelledImages,
	file: string,
	resume: boolean,
	events: PipelineEvents,
): Promise<Float32Array> {
	const hash = stageHash(configuration, 0);
	const saved = resume && existsSync(file) ? loadCheckpoint(file) : null;
	if (saved?.vectors.parameters) {
		if (saved.header.configuration !== hash) throw messages.otherCheckpoint(file);
		return saved.vectors.parameters;
	}
	events.onNote('measuring thresholds');
	const layout = layoutOf(plan, { neuron: 'lif', normalised: false });
	const folded = foldNormalisation(relu.layout, relu.state.parameters, relu.state.statistics, layout);
	const converted = await firstStart(plan, folded, configuration, train, events.stopped);
	saveCheckpoint(file, {
		header: {
			configuration: hash,
			stage: 'converted',
			epoch: 0,
			step: 0,
			optimiserSteps: 0,
			sums: { loss: 0, correct: 0, count: 0, seconds: 0, spikes: [] },
			history: [],
			finished: true,
			images: train.sha256,
		},
		vectors: { parameters: converted },
	});
	return converted;
}

/**
 * Runs every stage in order; stages that a resumed run finished before are read back.
 *
 * @returns the ReLU twin, then the spiking networks in the order of the schedule, then the control if asked for
 * @throws Interrupted when `stopped` turned true; a checkpoint was written
 */
export async function runPipeline(
	configuration: TrainingConfiguration,
	options: RunOptions,
	source: GradientSource,
	events: PipelineEvents,
): Promise<{ plan: Plan; networks: readonly TrainedNetwork[]; train: LabelledImages; test: LabelledImages }> {
	prepareFolder(options);
	const whole = loadDataset(configuration.dataset, { split: 'train', dataDir: options.dataDir });
	const { train, validation } = heldOut(limited(whole, configuration.trainLimit), configuration.validation);
	const test = limited(loadDataset(configuration.dataset, { split: 'test', dataDir: options.dataDir }), configuration.testLimit);
	const plan = planFor(configuration, train);
	const foldedSpikingLayout = layoutOf(plan, { neuron: 'lif', normalised: false });
	const spikingLayout = layoutOf(plan, { neuron: 'lif', normalised: configuration.spikingNormalisation });
	const plainLayout = layoutOf(plan, { neuron: 'relu', normalised: false });
	const reluLayout = layoutOf(plan, { neuron: 'relu', normalised: configuration.normalisation });
	const foldedFor = (layout: Layout, state: NetworkState): { layout: Layout; parameters: Float32Array } => {
		const folded = layout.mode.neuron === 'lif' ? foldedSpikingLayout : plainLayout;
		return { layout: folded, parameters: foldNormalisation(layout, state.parameters, state.statistics, folded) };
	};
	let teacher: Teacher | null = null;
	/** What the loss adds for a spike of each layer: prices are those of the net that the stage starts from, on training images. */
	const spikePrices = async ({ layout, timesteps }: Stage, start: NetworkState): Promise<readonly number[] | null> => {
		const { energyWeight } = configuration;
		if (layout.mode.neuron !== 'lif' || energyWeight === 0) return null;
		if (!options.spikeEnergies) throw new Error('energyWeight is set, but nothing says what a spike costs');
		const folded = foldedFor(layout, start);
		const model = encodeModel(onnxModel(plan, folded.layout, folded.parameters, { form: 'step', timesteps }));
		const samples = encodeSamples(train, pricedImages);
		const { perSpikeJoules, perInferenceJoules } = await options.spikeEnergies({ model, samples });
		return perSpikeJoules.map((joules) => (energyWeight * joules) / perInferenceJoules);
	};
	const train1 = async (
		stage: Stage,
		start: NetworkState,
		hash: string,
	): Promise<{ network: TrainedNetwork; state: NetworkState }> => {
		const later = remainingWork(configuration, stage.name, train.count);
		const prices = await spikePrices(stage, start);
		const { state, history, evaluation } = await trainStage(
			{
				plan,
				configuration,
				configurationHash: hash,
				train,
				source,
				spikePrices: prices,
				teacher: stage.layout.mode.neuron === 'lif' ? teacher : null,
				checkpoint: stageFile(options.checkpoints, stage.name),
				resume: options.resume,
				stopped: events.stopped,
				onProgress: (progress) => {
					const secondsPerWork = 1 / (progress.imagesPerSecond * stage.timesteps);
					events.onProgress({ ...progress, runSecondsLeft: progress.secondsLeft + later * secondsPerWork });
				},
				onEpoch: events.onEpoch,
				onNote: events.onNote,
				evaluate: (current, on) => {
					const set = on === 'validation' && validation ? validation : test;
					const folded = foldedFor(stage.layout, current);
					const { timesteps } = stage;
					return evaluate(plan, folded.layout, folded.parameters, set, { timesteps, stopped: events.stopped });
				},
			},
			stage,
			start,
		);
		return {
			state,
			network: { stage: stage.name, timesteps: stage.timesteps, history, evaluation, ...foldedFor(stage.layout, state) },
		};
	};
	const stages = stagesOf(configuration);
	const relu = await train1(
		{ ...stages.relu, layout: reluLayout },
		{ parameters: initialParameters(plan, reluLayout, configuration.seed), statistics: initialStatistics(reluLayout) },
		stageHash(configuration, -1),
	);
	const convertedFile = stageFile(options.checkpoints, 'converted');
	const converted = await convert(
		plan,
		configuration,
		{ layout: reluLayout, state: relu.state },
		train,
		convertedFile,
		options.resume,
		events,
	);
	const networks: TrainedNetwork[] = [relu.network];
	/** Trains a stage and, where one follows, its refinement: one network, its history that of both. */
	const trainSpiking = async (outlines: readonly StageOutline[], start: NetworkState, hash: string): Promise<NetworkState> => {
		let state = start;
		const history: EpochRecord[] = [];
		for (const [index, outline] of outlines.entries()) {
			const own = index === 0 ? hash : refinedHash(hash, configuration);
			const result = await train1({ ...outline, layout: spikingLayout }, state, own);
			state = result.state;
			history.push(...result.network.history);
			if (index === outlines.length - 1) networks.push({ ...result.network, stage: outlines[0]?.name ?? '', history });
		}
		return state;
	};
	const { thresholds, schedule } = configuration;
	const fresh: NetworkState = configuration.spikingNormalisation
		? {
				parameters: withNormalisation(
					plan,
					{ layout: reluLayout, values: relu.state.parameters },
					{ layout: foldedSpikingLayout, values: converted },
					spikingLayout,
					thresholds.balance ? (schedule[0] ?? 1) : null,
				),
				statistics: relu.state.statistics,
			}
		: { parameters: converted, statistics: new Float32Array(0) };
	if (configuration.distillation > 0) {
		const { layout, parameters } = relu.network;
		teacher = await openTeacher(plan, layout, parameters, options.threads ?? 1);
	}
	try {
		let state = fresh;
		for (const [index, outlines] of stages.spiking.entries())
			state = await trainSpiking(
				outlines,
				stageStart(plan, spikingLayout, state, configuration, index),
				stageHash(configuration, index + 1),
			);
		if (stages.control.length > 0) {
			const direct = { thresholds, schedule: [schedule[0] ?? 1, schedule.at(-1) ?? 1] };
			const start = stageStart(plan, spikingLayout, fresh, direct, 1);
			await trainSpiking(stages.control, start, stageHash(configuration, schedule.length));
		}
	} finally {
		await teacher?.close();
	}
	return { plan, networks, train, test };
}
