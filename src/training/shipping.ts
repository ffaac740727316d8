/** Writes what a finished run leaves behind: models/NAME/{*.onnx, tfjs/, samples.npz, training.json, card.md}. */
import { basename, join } from 'node:path';
import { makeFolder, writeWhole } from '../files.ts';
import type { LabelledImages } from '../formats/datasets/index.ts';
import { normalisedImages } from '../formats/datasets/index.ts';
import { encodeNpz } from '../formats/npy/index.ts';
import { encodeModel } from '../formats/onnx/index.ts';
import { type CardParts, fileOfStage, modelCard } from './card.ts';
import type { TrainedModel } from './export/model.ts';
import { datasetMetadata } from './export/model.ts';
import { onnxModel } from './export/onnx.ts';
import { writeLayersModel } from './export/tfjs.ts';
import type { TrainedNetwork } from './pipeline.ts';
import type { Plan } from './plan.ts';
import type { TrainingRecord } from './record.ts';

/** The first images of each class in turn, so that a small sample holds all classes. */
export function balancedSample(set: LabelledImages, count: number): Uint32Array {
	const byClass = set.classNames.map((): number[] => []);
	for (const [index, label] of set.labels.entries()) byClass[label]?.push(index);
	const chosen: number[] = [];
	for (let round = 0; chosen.length < Math.min(count, set.count); round++) {
		for (const indices of byClass) {
			const index = indices[round];
			if (index !== undefined && chosen.length < count) chosen.push(index);
		}
	}
	return Uint32Array.from(chosen);
}

/** samples.npz: `images` float32 [N, C, H, W] as the network wants them, `labels` int64 [N]. */
export function encodeSamples(set: LabelledImages, count: number): Uint8Array {
	const indices = balancedSample(set, count);
	const labels = BigInt64Array.from(indices, (index) => BigInt(set.labels[index] ?? 0));
	return encodeNpz(
		new Map([
			['images', { dtype: 'float32', shape: [indices.length, ...set.shape], data: normalisedImages(set, indices) }],
			['labels', { dtype: 'int64', shape: [indices.length], data: labels }],
		]),
	);
}

export interface Shipment {
	readonly folder: string;
	readonly plan: Plan;
	readonly networks: readonly TrainedNetwork[];
	readonly test: LabelledImages;
	readonly record: TrainingRecord;
}

export const asModel = (plan: Plan, network: TrainedNetwork, set: LabelledImages): TrainedModel => ({
	plan,
	layout: network.layout,
	parameters: network.parameters,
	timesteps: network.timesteps,
	metadata: datasetMetadata(set),
});

/** Writes every model file; the card is written afterwards by {@link writeCard}. */
export async function writeModels({ folder, plan, networks, test, record }: Shipment): Promise<void> {
	makeFolder(folder, '--out');
	const last = `T${record.configuration.schedule.at(-1) ?? 1}`;
	for (const network of networks) {
		const model = asModel(plan, network, test);
		const onnx = onnxModel(plan, network.layout, network.parameters, {
			form: 'step',
			timesteps: network.timesteps,
			metadata: model.metadata,
		});
		writeWhole(join(folder, fileOfStage(network.stage, last)), [encodeModel(onnx)]);
		if (network.stage === last) await writeLayersModel(model, join(folder, 'tfjs'));
	}
	writeWhole(join(folder, 'samples.npz'), [encodeSamples(test, record.samples)]);
	writeWhole(join(folder, 'training.json'), [`${JSON.stringify(record, null, '\t')}\n`]);
}

/** Writes card.md. */
export function writeCard({ folder, plan, record }: Shipment, parts: CardParts = {}): void {
	writeWhole(join(folder, 'card.md'), [modelCard(basename(folder), plan, record, parts)]);
}
