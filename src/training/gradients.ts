/**
 * The gradient of one shard of a batch: what a worker computes.
 *
 * A batch is cut into a fixed number of shards; their gradients are averaged in order. So the result
 * does not depend on how many workers share the shards.
 */

import * as tf from '@tensorflow/tfjs-core';
import { forward, imagesTensor } from './forward.ts';
import { type BatchStatistics, countPositive } from './operations/activation.ts';
import { crossEntropy } from './operations/dense.ts';
import { add, weightedSum } from './operations/structure.ts';
import type { Layout } from './parameters.ts';
import { slice } from './parameters.ts';
import type { Shard, ShardResult } from './pieces.ts';
import { cacheBytes, gpuBytes, joinPieces, pieceSize, piecesOf } from './pieces.ts';
import type { Neuron, Plan } from './plan.ts';
import { neuronsOf, product } from './plan.ts';
import { randomStream } from './random.ts';
import { requireSoundDevice } from './webgpu.ts';

/**
 * The dropout mask of one layer, [N·elements] of 0 and 1/(1−rate). Each image draws from a stream of its own, so that its
 * mask does not depend on the images computed beside it.
 *
 * @param layer  the layer's place among the neuron layers
 */
export function dropoutMask({ labels, dropout, stream, firstImage = 0 }: Shard, layer: number, elements: number): Float32Array {
	const limit = Math.round(dropout * 4294967296);
	const kept = 1 / (1 - dropout);
	const mask = new Float32Array(labels.length * elements);
	for (let image = 0; image < labels.length; image++) {
		const random = randomStream(...stream, layer, firstImage + image);
		const end = (image + 1) * elements;
		for (let i = image * elements; i < end; i++) mask[i] = random() >= limit ? kept : 0;
	}
	return mask;
}

/** One-hot rows, with a share of the probability spread evenly over all classes. */
export function smoothedTargets(labels: ArrayLike<number>, classes: number, smoothing: number): Float32Array {
	const targets = new Float32Array(labels.length * classes).fill(smoothing / classes);
	for (let i = 0; i < labels.length; i++) {
		const at = i * classes + (labels[i] as number);
		targets[at] = (targets[at] as number) + 1 - smoothing;
	}
	return targets;
}

/** What a shard's images are to be told as, [N, classes]. */
export const targetsOf = ({ targets, labels, labelSmoothing }: Shard, classes: number): Float32Array =>
	targets ?? smoothedTargets(labels, classes, labelSmoothing);

/** How many rows of [N, K] have their largest element (the first of equals) at the label. */
export function countCorrect(logits: ArrayLike<number>, labels: ArrayLike<number>, classes: number): number {
	let correct = 0;
	for (let row = 0; row < labels.length; row++) {
		let best = 0;
		for (let k = 1; k < classes; k++) {
			if ((logits[row * classes + k] as number) > (logits[row * classes + best] as number)) best = k;
		}
		if (best === labels[row]) correct++;
	}
	return correct;
}

/** Loss and gradient of one shard, on the active tfjs backend. */
export async function shardGradient(plan: Plan, layout: Layout, parameters: Float32Array, shard: Shard): Promise<ShardResult> {
	const size = pieceSize(
		plan,
		layout,
		shard.timesteps,
		shard.labels.length,
		tf.getBackend() === 'webgpu' ? gpuBytes : cacheBytes,
	);
	const results: ShardResult[] = [];
	for (const piece of piecesOf(shard, size)) results.push(await pieceGradient(plan, layout, parameters, piece));
	return joinPieces(results);
}

async function pieceGradient(plan: Plan, layout: Layout, parameters: Float32Array, shard: Shard): Promise<ShardResult> {
	const count = shard.labels.length;
	const observed: { spikes: tf.Tensor[]; statistics: Map<string, BatchStatistics>; logits: tf.Tensor | null } = {
		spikes: [],
		statistics: new Map(),
		logits: null,
	};
	const { gradients, loss } = tf.tidy(() => {
		const tensors = layout.entries.map((entry) => tf.tensor(slice(parameters, entry).slice(), [...entry.shape]));
		const images = imagesTensor(shard.images, count, plan.inputShape);
		const targets = tf.tensor2d(targetsOf(shard, plan.classes), [count, plan.classes]);
		const masks = new Map<Neuron, tf.Tensor>();
		if (shard.dropout > 0) {
			for (const [index, layer] of neuronsOf(plan).entries()) {
				if (!layer.dropout) continue;
				const values = dropoutMask(shard, index, product(layer.outputShape));
				masks.set(layer, tf.reshape(imagesTensor(values, count, layer.outputShape), [-1]));
			}
		}
		const lossOf = (...values: tf.Tensor[]): tf.Scalar => {
			const costs: tf.Scalar[] = [];
			const named = new Map(layout.entries.map((entry, index) => [entry.name, values[index] as tf.Tensor]));
			const logits = forward(plan, layout, named, images, {
				timesteps: shard.timesteps,
				mask: (layer) => masks.get(layer) ?? null,
				observeSpikes: (_, output) => {
					const price = shard.spikePrices?.[observed.spikes.length];
					if (price) costs.push(weightedSum(output, price / count));
					observed.spikes.push(tf.keep(countPositive(output)));
				},
				observeStatistics: (layer, statistics) => observed.statistics.set(layer, statistics),
			});
			observed.logits = tf.keep(tf.clone(logits));
			return costs.reduce((sum, cost) => add(sum, cost) as tf.Scalar, crossEntropy(logits, targets));
		};
		const result = tf.valueAndGrads(lossOf)(tensors);
		return { gradients: result.grads, loss: result.value };
	});
	const gradient = new Float32Array(layout.size);
	const pieces = await Promise.all(gradients.map((tensor) => tensor.data()));
	for (const [index, piece] of pieces.entries()) gradient.set(piece as Float32Array, layout.entries[index]?.offset ?? 0);
	const statistics = new Float32Array(layout.statisticsSize);
	for (const { layer, channels, offset } of layout.statistics) {
		const batch = observed.statistics.get(layer);
		if (!batch) continue;
		statistics.set(await batch.mean.data(), offset);
		statistics.set(await batch.variance.data(), offset + channels);
		tf.dispose([batch.mean, batch.variance]);
	}
	const logits = observed.logits as unknown as tf.Tensor;
	const scores = await logits.data();
	const spikes = (await Promise.all(observed.spikes.map((tensor) => tensor.data()))).map((values) => values[0] ?? 0);
	const lossValue = (await loss.data())[0] ?? Number.NaN;
	tf.dispose([gradients, loss, logits, observed.spikes]);
	requireSoundDevice();
	return {
		gradient,
		statistics,
		lossSum: lossValue * count,
		correct: countCorrect(scores, shard.labels, plan.classes),
		count,
		spikes,
	};
}
