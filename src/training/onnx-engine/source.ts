/** Gradients computed by onnxruntime on the graph of gradient-graph.ts. */
import { type InferenceSession, Tensor } from 'onnxruntime-common';
import { createSession } from '../../runtime/session.ts';
import { countCorrect, dropoutMask, targetsOf } from '../gradients.ts';
import type { Layout } from '../parameters.ts';
import { slice } from '../parameters.ts';
import type { Shard, ShardResult } from '../pieces.ts';
import { cacheBytes, joinPieces, pieceSize, piecesOf } from '../pieces.ts';
import type { Plan } from '../plan.ts';
import { neuronsOf, product } from '../plan.ts';
import type { GradientSource } from '../source.ts';
import { gradientGraph } from './gradient-graph.ts';

const float = (values: Float32Array, dims: readonly number[]): Tensor => new Tensor('float32', values, [...dims]);

function feedsFor(plan: Plan, layout: Layout, parameters: Float32Array, shard: Shard): Record<string, Tensor> {
	const count = shard.labels.length;
	const feeds: Record<string, Tensor> = {
		image: float(shard.images, [count, ...plan.inputShape]),
		targets: float(targetsOf(shard, plan.classes), [count, plan.classes]),
	};
	for (const entry of layout.entries) feeds[entry.name] = float(slice(parameters, entry), entry.shape);
	if (shard.spikePrices)
		for (const [index, layer] of neuronsOf(plan).entries())
			feeds[`${layer.name}.price`] = float(Float32Array.of(shard.spikePrices[index] ?? 0), []);
	if (shard.dropout > 0) {
		for (const [index, layer] of neuronsOf(plan).entries()) {
			if (!layer.dropout) continue;
			const mask = dropoutMask(shard, index, product(layer.outputShape));
			feeds[`${layer.name}.mask`] = float(mask, [1, mask.length]);
		}
	}
	return feeds;
}

/** What a session's graph depends on, but for the number of images. */
const stageKey = (plan: Plan, layout: Layout, { timesteps, dropout, spikePrices }: Shard): string =>
	JSON.stringify([plan.operations, plan.classes, layout.mode, timesteps, dropout > 0, spikePrices !== undefined]);

/** A gradient source on onnxruntime, on one core: operations shared by threads lose a third of each; workers do not. */
export function onnxSource(): GradientSource {
	/** By number of images: the usual piece and the remainder of a shard. */
	const sessions = new Map<number, Promise<InferenceSession>>();
	let stage = '';
	const release = async (): Promise<void> => {
		const old = [...sessions.values()];
		sessions.clear();
		for (const session of old) await (await session).release();
	};
	const sessionFor = async (plan: Plan, layout: Layout, shard: Shard): Promise<InferenceSession> => {
		const { timesteps, labels, dropout, spikePrices } = shard;
		const key = stageKey(plan, layout, shard);
		if (key !== stage) {
			// Each session keeps the memory of its largest run: those of the stage before go first.
			await release();
			stage = key;
		}
		const known = sessions.get(labels.length);
		if (known) return known;
		const model = gradientGraph(plan, layout, {
			count: labels.length,
			timesteps,
			dropout: dropout > 0,
			priced: spikePrices !== undefined,
		});
		const made = createSession(model, 'the training graph', { threads: 1, spin: false });
		sessions.set(labels.length, made);
		return made;
	};
	const pieceGradient = async (plan: Plan, layout: Layout, parameters: Float32Array, shard: Shard): Promise<ShardResult> => {
		const session = await sessionFor(plan, layout, shard);
		const feeds = feedsFor(plan, layout, parameters, shard);
		// Weights the graph does not read (the leak at one timestep) are no inputs of the optimised session.
		const wanted = new Set(session.inputNames);
		const results = await session.run(Object.fromEntries(Object.entries(feeds).filter(([name]) => wanted.has(name))));
		const read = (name: string): Float32Array => results[name]?.data as Float32Array;
		const gradient = new Float32Array(layout.size);
		for (const { name, offset } of layout.entries) gradient.set(read(`${name}.gradient`), offset);
		const statistics = new Float32Array(layout.statisticsSize);
		for (const { layer, channels, offset } of layout.statistics) {
			statistics.set(read(`${layer}.mean`), offset);
			statistics.set(read(`${layer}.variance`), offset + channels);
		}
		const count = shard.labels.length;
		const spikes = neuronsOf(plan).map(({ name }) => read(`${name}.count`)[0] ?? 0);
		const correct = countCorrect(read('logits'), shard.labels, plan.classes);
		return { gradient, statistics, lossSum: read('loss')[0] ?? Number.NaN, correct, count, spikes };
	};
	return {
		title: 'onnxruntime',
		async run(plan, layout, parameters, shards) {
			const results: ShardResult[] = [];
			for (const shard of shards) {
				const size = pieceSize(plan, layout, shard.timesteps, shard.labels.length, cacheBytes);
				const pieces: ShardResult[] = [];
				for (const piece of piecesOf(shard, size)) pieces.push(await pieceGradient(plan, layout, parameters, piece));
				results.push(joinPieces(pieces));
			}
			return results;
		},
		close: release,
	};
}
