/** A trained spiking network as a NIR graph: its step model, whose layers keep their names. */
import { type NirExport, nirOfNetwork } from '../../export/index.ts';
import { findStructure } from '../../network/structure.ts';
import type { TrainedModel } from './model.ts';
import { onnxModel } from './onnx.ts';

/**
 * @param file its name, for messages
 * @throws UserError for a network NIR has no words for: one of ReLUs, or with max pooling
 */
export async function nirOfTrained({ plan, layout, parameters, timesteps }: TrainedModel, file: string): Promise<NirExport> {
	const model = onnxModel(plan, layout, parameters, { form: 'step', timesteps });
	return nirOfNetwork(await findStructure({ model, file, format: 'onnx', sha256: '' }));
}
