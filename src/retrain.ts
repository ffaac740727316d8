/** Trains a converted network as the IIR-SNN papers do: from the user's ReLU network through fewer and fewer timesteps. */

import { availableParallelism } from 'node:os';
import type { Conversion, PlainNetwork } from './conversion/index.ts';
import { loadDataset } from './formats/datasets/index.ts';
import type { ConstantTensor, Model } from './model/graph.ts';
import { float32Scalar, float32Tensor, tensorValues } from './model/tensors.ts';
import type { PipelineEvents } from './training/index.ts';
import {
	type ChainPlan,
	chainPlan,
	entryOf,
	firstStart,
	type Layout,
	layoutOf,
	type NotAChain,
	openEngine,
	presets,
	retrain,
	slice,
	stagesDownTo,
} from './training/index.ts';

export interface TrainingOptions {
	/** Name of the data set: its training images teach, its test images measure. */
	readonly dataset: string;
	readonly dataDir?: string | undefined;
	/** Passes over the training images in each stage. */
	readonly epochs: number;
	/** Only the first training images. */
	readonly trainSamples?: number | undefined;
	/** Only the first test images measure an epoch. */
	readonly testSamples?: number | undefined;
	readonly learningRate?: number | undefined;
	/** Worker threads; one a core unless told. */
	readonly workers?: number | undefined;
	readonly timesteps: number;
	readonly events: PipelineEvents;
}

/** A trained network and the number of timesteps it was trained for. */
export interface TrainedStage {
	readonly timesteps: number;
	readonly model: Model;
	readonly thresholds: Conversion['thresholds'];
}

/** The network as a chain the training engine takes, or what keeps it from being one. */
export function trainableChain(network: PlainNetwork, name: string): ChainPlan | NotAChain {
	const { model, measured, activations, output } = network;
	return chainPlan({
		graph: model.graph,
		shapeOf: (tensor) =>
			measured
				.shapeOf(tensor)
				?.slice(1)
				.map(([size]) => size) ?? null,
		activations: new Set(activations.map((activation) => activation.output)),
		output,
		name,
	});
}

/**
 * @param conversion  made with `trainable`, from the network that gave the chain
 * @returns the network at the end of each stage, the last one at the asked number of timesteps
 */
export async function trainConverted(
	conversion: Conversion,
	network: PlainNetwork,
	chain: ChainPlan,
	options: TrainingOptions,
): Promise<TrainedStage[]> {
	const layout = layoutOf(chain.plan, { neuron: 'lif', normalised: false });
	const load = (split: 'train' | 'test') => loadDataset(options.dataset, { split, dataDir: options.dataDir });
	const whole = load('train');
	const count = Math.min(options.trainSamples ?? whole.count, whole.count);
	const train = { ...whole, count, labels: whole.labels.subarray(0, count) };
	const base = presets.default as NonNullable<typeof presets.default>;
	const schedule = stagesDownTo(options.timesteps);
	const configuration = {
		...base,
		dataset: options.dataset,
		arch: chain.plan.architecture.name,
		schedule,
		spikingEpochs: schedule.map(() => options.epochs),
		spiking: { ...base.spiking, learningRate: options.learningRate ?? base.spiking.learningRate },
	};
	const { source } = await openEngine('auto', options.workers ?? availableParallelism());
	try {
		const untrained = parametersOf(conversion, chain, layout);
		const start = await firstStart(chain.plan, untrained, configuration, train, options.events.stopped);
		const stages = await retrain(
			{
				plan: chain.plan,
				layout,
				parameters: start,
				configuration,
				train,
				test: load('test'),
				testSamples: options.testSamples,
			},
			source,
			options.events,
		);
		return stages.map(({ timesteps, parameters }) => {
			const model = withParameters(conversion, chain, layout, parameters, timesteps);
			return {
				timesteps,
				model,
				thresholds: network.activations.map(({ name, output }) => ({
					layer: name,
					threshold: scalarOf(model.graph.constants, conversion.neurons.get(output)?.threshold ?? ''),
				})),
			};
		});
	} finally {
		await source.close();
	}
}

const scalarOf = (constants: ReadonlyMap<string, ConstantTensor>, name: string): number => {
	const constant = constants.get(name);
	return constant ? (tensorValues(constant)[0] ?? 0) : 0;
};

export function parametersOf({ model, neurons }: Conversion, chain: ChainPlan, layout: Layout): Float32Array {
	const { constants } = model.graph;
	const values = new Float32Array(layout.size);
	for (const { layer, weight, bias, order } of chain.synapses) {
		const entry = entryOf(layout, layer, 'weight');
		const constant = constants.get(weight) as ConstantTensor;
		slice(values, entry).set(
			isTurned(order, entry.shape) ? turned(tensorValues(constant), constant.dims) : tensorValues(constant),
		);
		if (bias !== null) slice(values, entryOf(layout, layer, 'bias')).set(tensorValues(constants.get(bias) as ConstantTensor));
	}
	for (const [output, layer] of chain.neurons) {
		const { threshold, leak } = neurons.get(output) ?? { threshold: '', leak: null };
		slice(values, entryOf(layout, layer, 'threshold'))[0] = scalarOf(constants, threshold);
		slice(values, entryOf(layout, layer, 'leak'))[0] = leak === null ? 1 : scalarOf(constants, leak);
	}
	return values;
}

/** A dense layer trained as a convolution holds [Nout, Nin]; the engine's own dense layers hold [Nin, Nout]. */
const isTurned = (order: ChainPlan['synapses'][number]['order'], shape: readonly number[]): boolean =>
	(order === 'columns' && shape.length === 4) || (order === 'rows' && shape.length === 2);

function turned(values: ArrayLike<number>, [rows = 1, columns = 1]: readonly number[]): Float32Array {
	const result = new Float32Array(values.length);
	for (let row = 0; row < rows; row += 1)
		for (let column = 0; column < columns; column += 1) result[column * rows + row] = values[row * columns + column] as number;
	return result;
}

export function withParameters(
	{ model, neurons }: Conversion,
	chain: ChainPlan,
	layout: Layout,
	values: Float32Array,
	timesteps: number,
): Model {
	const constants = new Map(model.graph.constants);
	for (const { layer, weight, bias, order } of chain.synapses) {
		const entry = entryOf(layout, layer, 'weight');
		const { dims } = constants.get(weight) as ConstantTensor;
		const own = slice(values, entry);
		const back = isTurned(order, entry.shape) ? turned(own, [...dims].reverse()) : own;
		constants.set(weight, float32Tensor(back, dims));
		if (bias !== null)
			constants.set(bias, float32Tensor(slice(values, entryOf(layout, layer, 'bias')), constants.get(bias)?.dims));
	}
	for (const [output, layer] of chain.neurons) {
		const { threshold, leak } = neurons.get(output) ?? { threshold: '', leak: null };
		constants.set(threshold, float32Scalar(slice(values, entryOf(layout, layer, 'threshold'))[0] ?? 1));
		if (leak !== null) constants.set(leak, float32Scalar(slice(values, entryOf(layout, layer, 'leak'))[0] ?? 1));
	}
	const metadata = new Map([...model.metadata, ['snn.timesteps', String(timesteps)] as const]);
	return { ...model, metadata, graph: { ...model.graph, constants } };
}

export type { ChainPlan };
