/** Writes what a finished run leaves behind: models/NAME/{*.onnx, tfjs/, samples.npz, training.json, card.md}. */
import { basename, join } from 'node:path';
import { makeFolder, writeWhole } from '../files.ts';
import type { LabelledImages } from '../formats/datasets/index.ts';
import { encodeModel } from '../formats/onnx/index.ts';
import { type CardParts, fileOfStage, modelCard } from './card.ts';
import type { TrainedModel } from './export/model.ts';
import { datasetMetadata } from './export/model.ts';
import { onnxModel } from './export/onnx.ts';
import { writeLayersModel } from './export/tfjs.ts';
import type { TrainedNetwork } from './pipeline.ts';
import type { Plan } from './plan.ts';
import type { TrainingRecord } from './record.ts';
import { encodeSamples } from './samples.ts';

export interface Shipment {
	readonly folder: string;
	readonly plan: Plan;
	readonly networks: readonly TrainedNetwork[];
	readonly test: LabelledImages;
	readonly record: TrainingRecord;
}

const asModel = (plan: Plan, network: TrainedNetwork, set: LabelledImages): TrainedModel => ({
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
