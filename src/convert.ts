import { sha256 } from '#platform/digest';
import { dirname, join } from '#platform/paths';
import {
	type Conversion,
	type ConversionOptions,
	checkConversionOptions,
	convertNetwork,
	type PlainNetwork,
	readPlainNetwork,
} from './conversion/index.ts';
import * as messages from './conversion/messages.ts';
import { datasetNames, isImageFolder } from './formats/datasets/index.ts';
import { encodeModel } from './formats/onnx/index.ts';
import { openModel } from './formats/open-model.ts';
import type { Model } from './model/graph.ts';
import type { ModelFile } from './model/model-file.ts';
import { findStructure } from './network/structure.ts';
import { openData } from './open-data.ts';
import { type CountOptions, countEvents, type PriceOptions, priceActivity } from './pipeline.ts';
import type { Analysis } from './reporting/index.ts';
import { type ChainPlan, trainableChain, trainConverted } from './retrain.ts';
import { batchAxisOf } from './simulation/pilot.ts';
import { defaultBatch } from './simulation/simulate.ts';
import type { PipelineEvents } from './training/index.ts';

export interface ConvertOptions extends ConversionOptions, CountOptions, PriceOptions {
	/** Samples thresholds are measured on; 256 by default, 64 for iir. */
	readonly calibration?: number | undefined;
	/** Numbers of timesteps of the curve; by default 1, 2, 4 … and the asked number. */
	readonly curve?: readonly number[] | undefined;
	/** Trains the network after conversion (`iir`), on the training images of the data set that `data` names. */
	readonly training?: RequestedTraining | undefined;
	readonly onCalibration?: ((done: number, of: number) => void) | undefined;
	/** Told before each run of the curve; null: the plain network. */
	readonly onPoint?: ((timesteps: number | null) => void) | undefined;
}

export interface RequestedTraining {
	/** Passes over the training images in each stage; 0: none. */
	readonly epochs: number;
	readonly trainSamples?: number | undefined;
	readonly learningRate?: number | undefined;
	/** Worker threads; one a core unless told. */
	readonly workers?: number | undefined;
	readonly events: PipelineEvents;
}

export interface ConvertedFile {
	readonly conversion: Conversion;
	/** The spiking network as an ONNX file. */
	readonly bytes: Uint8Array;
	/** The plain network on the same data. */
	readonly plain: Analysis;
	/** The converted network, as it is before any training, at each number of timesteps. */
	readonly curve: readonly Analysis[];
	/** The trained networks, each at the number of timesteps it was trained for; the last one is in `bytes`. */
	readonly trained: readonly Analysis[];
}

const defaultCalibration = { 'threshold-balancing': 256, iir: 64 } as const;

/** 1, 2, 4 … below the asked number, and that number. */
function curveOf(timesteps: number): number[] {
	const points: number[] = [];
	for (let at = 1; at < timesteps; at *= 2) points.push(at);
	return [...points, timesteps];
}

/**
 * Converts a ReLU network in a file, and runs both on the same data: accuracy, spikes and energy at each number of
 * timesteps.
 *
 * @param out  name the spiking network goes by
 * @throws UserError
 */
export async function convertFile(path: string, out: string, options: ConvertOptions): Promise<ConvertedFile> {
	checkConversionOptions(options);
	const source = await openModel(path);
	const network = await findStructure(source, { output: options.output });
	const request = {
		...options,
		modelPath: network.file,
		input: network.input,
		batchAxis: batchAxisOf(network),
		step: false,
		timesteps: null,
	};
	const opened = await openData(request);
	const plan = await trainingPlan(source, options);
	const rewritten = plan?.trainable === true;
	let conversion: Conversion;
	try {
		const samples = Math.min(options.calibration ?? defaultCalibration[options.method], opened.source.count);
		conversion = await convertNetwork(
			source,
			{ source: opened.source, samples, batch: defaultBatch, file: source.file, onProgress: options.onCalibration },
			{ ...options, trainable: rewritten },
		);
	} finally {
		opened.source.close();
	}
	const count = { ...options, data: options.data ?? join(dirname(source.file), 'samples.npz') };
	options.onPoint?.(null);
	const plain = priceActivity(await countEvents(network, count), options);
	const run = async (file: ModelFile, timesteps: number): Promise<Analysis> =>
		priceActivity(await countEvents(await findStructure(file, { timesteps }), count), options);
	const converted = encoded(conversion.model, out);
	const curve: Analysis[] = [];
	for (const timesteps of options.curve ?? curveOf(options.timesteps)) {
		if (options.signal?.aborted) break;
		options.onPoint?.(timesteps);
		curve.push(await run(converted.file, timesteps));
	}
	const note = plan && 'sentence' in plan ? [plan.sentence] : [];
	const untrained = { ...conversion, assumptions: [...conversion.assumptions, ...note] };
	if (!plan?.trainable || !options.training || options.signal?.aborted)
		return { conversion: untrained, bytes: converted.bytes, plain, curve, trained: [] };
	const stages = await trainConverted(conversion, plan.network, plan.chain, {
		...options.training,
		dataset: options.data ?? '',
		dataDir: options.dataDir,
		testSamples: options.samples,
		timesteps: options.timesteps,
	});
	const trained: Analysis[] = [];
	for (const { model, timesteps } of stages) {
		options.onPoint?.(timesteps);
		trained.push(await run(encoded(model, out).file, timesteps));
	}
	const { model, thresholds } = stages.at(-1) ?? conversion;
	const { epochs } = options.training;
	const told = messages.trained(
		stages.map(({ timesteps }) => timesteps),
		epochs,
		options.data ?? '',
	);
	const assumptions = [...conversion.assumptions, told];
	return { conversion: { ...conversion, model, thresholds, assumptions }, bytes: encodeModel(model), plain, curve, trained };
}

function encoded(model: Model, file: string): { readonly file: ModelFile; readonly bytes: Uint8Array } {
	const bytes = encodeModel(model);
	return { bytes, file: { model, file, format: 'onnx', sha256: sha256().update(bytes).hex() } };
}

type TrainingPlan =
	| { readonly trainable: true; readonly network: PlainNetwork; readonly chain: ChainPlan }
	| { readonly trainable: false; readonly sentence: string };

/** Whether the network can be trained after conversion; null where nobody asks for it. */
async function trainingPlan(source: ModelFile, options: ConvertOptions): Promise<TrainingPlan | null> {
	const { method, training, data = '' } = options;
	if (method !== 'iir' || !training || training.epochs === 0) return null;
	if (!datasetNames.includes(data) && !isImageFolder(data))
		return { trainable: false, sentence: messages.noTrainingImages(datasetNames) };
	const network = await readPlainNetwork(source.model, source.file, options.output, { trainable: true });
	const chain = trainableChain(network, source.sha256);
	return 'reason' in chain
		? { trainable: false, sentence: messages.notTrainable(chain.op, chain.node, chain.reason) }
		: { trainable: true, network, chain };
}
