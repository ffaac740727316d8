/** Reads and writes trained networks by the form of their file. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeWhole } from '../../files.ts';
import { encodeNir } from '../../formats/nir/index.ts';
import { encodeModel } from '../../formats/onnx/index.ts';
import type { TrainedModel } from './model.ts';
import { nirOfTrained } from './nir.ts';
import { onnxModel } from './onnx.ts';
import { readTrainedOnnx } from './read-onnx.ts';
import { readLayersModel } from './tfjs.ts';

/** Reads a model that "train" or "export" wrote: an .onnx file, a tfjs folder or its model.json. */
export async function readTrained(path: string): Promise<TrainedModel> {
	if (path.endsWith('model.json')) return readLayersModel(dirname(path));
	if (existsSync(join(path, 'model.json'))) return readLayersModel(path);
	return readTrainedOnnx(path);
}

/** Writes an ONNX file, whole or not at all. */
export function writeOnnx(
	model: TrainedModel,
	path: string,
	options: { readonly form: 'step' | 'unrolled'; readonly spikeOutputs: boolean },
): void {
	const { plan, layout, parameters, timesteps, metadata } = model;
	writeWhole(path, [encodeModel(onnxModel(plan, layout, parameters, { ...options, timesteps, metadata }))]);
}

/**
 * Writes a .nir file, whole or not at all.
 *
 * @returns what whoever reads the file must know, one sentence each
 */
export async function writeNir(model: TrainedModel, path: string): Promise<readonly string[]> {
	const { nir, notes } = await nirOfTrained(model, path);
	writeWhole(path, [encodeNir(nir)]);
	return notes;
}
