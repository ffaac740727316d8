/** A trained network as a tfjs LayersModel on disk (model.json and weights.bin), and back. */

import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import * as layersApi from '@tensorflow/tfjs-layers';
import { UserError } from '../../errors.ts';
import { makeFolder, writeWhole } from '../../files.ts';
import { readInput, readInputText } from '../../inputs.ts';
import { checkedLayers } from '../../network/architectures.ts';
import { tool } from '../../version.ts';
import * as messages from '../messages.ts';
import type { ParameterEntry } from '../parameters.ts';
import { layoutOf, slice } from '../parameters.ts';

import type { Operation, Plan } from '../plan.ts';
import { buildPlan } from '../plan.ts';
import { LeakyIntegrateAndFire, RepeatOverTimesteps, SumOverTimesteps } from './layers.ts';
import { requireNumbers, type TrainedModel } from './model.ts';

type Symbolic = layersApi.SymbolicTensor;

/** tfjs keeps convolutions as [kh, kw, Cin, Cout]; the rest is as here. */
function toTfjs(entry: ParameterEntry, values: Float32Array): tf.Tensor {
	const tensor = tf.tensor(slice(values, entry).slice(), [...entry.shape]);
	return entry.shape.length === 4 ? tf.transpose(tensor, [2, 3, 1, 0]) : tensor;
}

function layerFor(operation: Operation, spiking: boolean, timesteps: number): layersApi.layers.Layer {
	const { name } = operation;
	switch (operation.kind) {
		case 'convolution': {
			const { kernel, stride, padding, outputShape } = operation;
			// Odd kernels with padding (k−1)/2 at stride 1 are "same"; at stride 2 "same" would pad elsewhere, so padding is explicit.
			if (stride !== 1 && padding > 0) throw new Error('a strided convolution needs its own padding layer');
			return layersApi.layers.conv2d({
				name,
				filters: outputShape[0] ?? 1,
				kernelSize: kernel,
				strides: stride,
				padding: padding > 0 ? 'same' : 'valid',
			});
		}
		case 'dense':
			return layersApi.layers.dense({ name, units: operation.outputShape[0] ?? 1, useBias: false });
		case 'sum':
			return layersApi.layers.add({ name });
		case 'neuron':
			return spiking ? new LeakyIntegrateAndFire({ name, timesteps }) : layersApi.layers.reLU({ name });
		case 'pool': {
			const options = { name, poolSize: operation.size, strides: operation.size } as const;
			return operation.pooling === 'max' ? layersApi.layers.maxPooling2d(options) : layersApi.layers.averagePooling2d(options);
		}
		case 'flatten':
			return layersApi.layers.flatten({ name });
	}
}

function apply(operation: Operation, inputs: Symbolic | Symbolic[], spiking: boolean, timesteps: number): Symbolic {
	if (operation.kind === 'convolution' && operation.stride !== 1 && operation.padding > 0) {
		const { name, kernel, stride, padding, outputShape } = operation;
		const pad = layersApi.layers.zeroPadding2d({ name: `${name}_padding`, padding });
		const valid = layersApi.layers.conv2d({
			name,
			filters: outputShape[0] ?? 1,
			kernelSize: kernel,
			strides: stride,
			padding: 'valid',
		});
		return valid.apply(pad.apply(inputs)) as Symbolic;
	}
	if (operation.kind === 'flatten') {
		// Channel first, as the weights are laid out.
		const channelsFirst = layersApi.layers.permute({ name: `${operation.name}_channels_first`, dims: [3, 1, 2] });
		return layerFor(operation, spiking, timesteps).apply(channelsFirst.apply(inputs)) as Symbolic;
	}
	return layerFor(operation, spiking, timesteps).apply(inputs) as Symbolic;
}

/**
 * Builds the LayersModel: input [N, H, W, C], outputs the logits and, where asked, every neuron layer's output
 * ([T·N, …], channel last).
 */
export function layersModel(model: TrainedModel, options: { readonly spikeOutputs?: boolean } = {}): layersApi.LayersModel {
	const { plan, layout, parameters } = model;
	const spiking = layout.mode.neuron === 'lif';
	const timesteps = spiking ? model.timesteps : 1;
	const [channels = 1, height, width] = plan.inputShape;
	const image = layersApi.input({ shape: height && width ? [height, width, channels] : [channels], name: 'image' });
	const values = new Map<string, Symbolic>();
	values.set('image', spiking ? (new RepeatOverTimesteps({ name: 'repeat', timesteps }).apply(image) as Symbolic) : image);
	const neurons: Symbolic[] = [];
	for (const operation of plan.operations) {
		const input = values.get(operation.input) as Symbolic;
		const inputs = operation.kind === 'sum' ? [input, values.get(operation.other) as Symbolic] : input;
		const output = apply(operation, inputs, spiking, timesteps);
		values.set(operation.output, output);
		if (operation.kind === 'neuron') neurons.push(output);
	}
	const last = values.get(plan.output) as Symbolic;
	const logits = spiking ? (new SumOverTimesteps({ name: 'logits', timesteps }).apply(last) as Symbolic) : last;
	const built = layersApi.model({ inputs: image, outputs: options.spikeOutputs ? [logits, ...neurons] : logits, name: 'snn' });
	tf.tidy(() => {
		for (const operation of plan.operations) {
			const entries = layout.entries.filter(({ layer }) => layer === operation.name);
			if (entries.length > 0) built.getLayer(operation.name).setWeights(entries.map((entry) => toTfjs(entry, parameters)));
		}
	});
	return built;
}

interface ModelJson {
	readonly userDefinedMetadata?: Record<string, unknown>;
	readonly weightsManifest: readonly { paths: string[]; weights: { name: string; shape: number[]; dtype: string }[] }[];
}

/** Writes model.json and weights.bin into a folder. */
export async function writeLayersModel(model: TrainedModel, folder: string): Promise<void> {
	makeFolder(folder, '--out');
	const built = layersModel(model);
	const { plan, metadata, timesteps, layout } = model;
	const own = {
		timesteps,
		neuron: layout.mode.neuron,
		architecture: plan.architecture,
		inputShape: plan.inputShape,
		classes: plan.classes,
		metadata,
	};
	await built.save({
		async save(artifacts) {
			const json = {
				format: 'layers-model',
				generatedBy: `${tool.name} ${tool.version}`,
				convertedBy: null,
				modelTopology: artifacts.modelTopology,
				weightsManifest: [{ paths: ['weights.bin'], weights: artifacts.weightSpecs }],
				userDefinedMetadata: { snn: own },
			};
			const data = artifacts.weightData;
			const bytes = Array.isArray(data)
				? Buffer.concat(data.map((part) => new Uint8Array(part)))
				: new Uint8Array(data ?? new ArrayBuffer(0));
			writeWhole(join(folder, 'weights.bin'), [bytes]);
			writeWhole(join(folder, 'model.json'), [`${JSON.stringify(json)}\n`]);
			return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
		},
	});
	built.dispose();
}

/** Loads a LayersModel from a folder, as any tfjs program would: the custom layers are registered by this module. */
export async function loadLayersModel(folder: string): Promise<layersApi.LayersModel> {
	const json = JSON.parse(readInputText(join(folder, 'model.json'))) as ModelJson & { modelTopology: object };
	const weights = readInput(join(folder, 'weights.bin'));
	const weightSpecs = json.weightsManifest.flatMap((group) => group.weights) as tf.io.WeightsManifestEntry[];
	const artifacts = { modelTopology: json.modelTopology, weightSpecs, weightData: weights.buffer as ArrayBuffer };
	return layersApi.loadLayersModel({ load: async () => artifacts });
}

interface OwnMetadata {
	readonly timesteps: number;
	readonly neuron: 'relu' | 'lif';
	readonly architecture: Plan['architecture'];
	readonly inputShape: readonly number[];
	readonly classes: number;
	readonly metadata: Record<string, string>;
}

const positive = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

/** The description beside the weights, if it is whole. */
function isOwn(value: unknown): value is OwnMetadata {
	if (typeof value !== 'object' || value === null) return false;
	const { timesteps, neuron, architecture, inputShape, classes, metadata } = value as Partial<Record<keyof OwnMetadata, unknown>>;
	return (
		positive(timesteps) &&
		(neuron === 'lif' || neuron === 'relu') &&
		typeof architecture === 'object' &&
		architecture !== null &&
		Array.isArray(inputShape) &&
		inputShape.every(positive) &&
		positive(classes) &&
		typeof metadata === 'object' &&
		metadata !== null
	);
}

/**
 * Reads a model that {@link writeLayersModel} wrote.
 *
 * @throws UserError when the file is none of ours, damaged, or its weights do not fit
 */
export async function readLayersModel(folder: string): Promise<TrainedModel> {
	const file = join(folder, 'model.json');
	let json: ModelJson;
	try {
		json = JSON.parse(readInputText(file)) as ModelJson;
	} catch (cause) {
		if (cause instanceof UserError) throw cause;
		throw messages.notOurModel(file, `it cannot be read (${(cause as Error).message})`);
	}
	const own: unknown = json?.userDefinedMetadata?.snn;
	if (!isOwn(own)) throw messages.notOurModel(file, 'it lacks the description of its layers');
	const architecture = { ...own.architecture, layers: checkedLayers(own.architecture.layers, file) };
	const plan = buildPlan(architecture, own.inputShape, own.classes);
	const layout = layoutOf(plan, { neuron: own.neuron, normalised: false });
	let built: layersApi.LayersModel;
	try {
		built = await loadLayersModel(folder);
	} catch (cause) {
		throw messages.notOurModel(
			file,
			`its layers and weights.bin do not fit together (${(cause as Error).message.split('\n')[0]})`,
		);
	}
	try {
		const parameters = new Float32Array(layout.size);
		for (const operation of plan.operations) {
			const entries = layout.entries.filter(({ layer }) => layer === operation.name);
			if (entries.length === 0) continue;
			const weights = built.layers.find(({ name }) => name === operation.name)?.getWeights() ?? [];
			for (const [index, entry] of entries.entries()) {
				const weight = weights[index];
				if (weight?.size !== entry.size)
					throw messages.notOurModel(file, `layer ${operation.name} has other weights than its description says`);
				const inOrder = entry.shape.length === 4 ? tf.transpose(weight, [3, 2, 0, 1]) : weight;
				slice(parameters, entry).set((await inOrder.data()) as Float32Array);
			}
		}
		requireNumbers(layout, parameters, file);
		return { plan, layout, parameters, timesteps: own.timesteps, metadata: own.metadata };
	} finally {
		built.dispose();
	}
}
