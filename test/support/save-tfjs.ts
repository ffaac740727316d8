import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { temporaryFolder } from './temporary.ts';

/** Saves a LayersModel as model.json with its weights in `shards` files, and returns the path of model.json. */
export async function saveLayersModel(model: LayersModel, shards = 1): Promise<string> {
	const folder = temporaryFolder('tfjs-');
	const path = join(folder, 'model.json');
	await model.save(
		tf.io.withSaveHandler(async (artifacts) => {
			const bytes = new Uint8Array(tf.io.CompositeArrayBuffer.join(artifacts.weightData));
			const size = Math.ceil(bytes.length / shards);
			const paths = Array.from({ length: shards }, (_, shard) => `group1-shard${shard + 1}of${shards}.bin`);
			for (const [shard, name] of paths.entries()) {
				writeFileSync(join(folder, name), bytes.subarray(shard * size, (shard + 1) * size));
			}
			const weightsManifest = [{ paths, weights: artifacts.weightSpecs ?? [] }];
			const { modelTopology, format, generatedBy } = artifacts;
			writeFileSync(path, JSON.stringify({ modelTopology, format, generatedBy, weightsManifest }));
			return { modelArtifactsInfo: tf.io.getModelArtifactsInfoForJSON(artifacts) };
		}),
	);
	return path;
}
