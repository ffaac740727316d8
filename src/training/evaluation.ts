/** Accuracy of a network on a whole set, measured on its exported ONNX graph by onnxruntime. */
import { Tensor } from 'onnxruntime-common';
import type { LabelledImages } from '../formats/datasets/index.ts';
import { normalisedBatches } from '../formats/datasets/index.ts';
import { createSession } from '../runtime/session.ts';
import { onnxModel } from './export/onnx.ts';
import { countCorrect } from './gradients.ts';
import { Interrupted } from './interrupted.ts';
import type { Layout } from './parameters.ts';
import type { Plan } from './plan.ts';
import { neuronsOf, product } from './plan.ts';

export interface Evaluation {
	readonly correct: number;
	readonly total: number;
	/** Nonzero outputs of each neuron layer, summed over images and timesteps. */
	readonly spikes: readonly number[];
}

export interface EvaluationOptions {
	readonly timesteps: number;
	readonly batch?: number;
	/** Only the first images of the set. */
	readonly limit?: number;
	readonly threads?: number;
	/** Asked before every batch; when it turns true the evaluation is given up. */
	readonly stopped?: () => boolean;
}

function countNonzero(values: Float32Array): number {
	let count = 0;
	for (let i = 0; i < values.length; i++) if (values[i] !== 0) count++;
	return count;
}

/**
 * Runs the set through the network (batch normalisation already folded).
 *
 * @throws Interrupted when `stopped` turned true
 */
export async function evaluate(
	plan: Plan,
	layout: Layout,
	values: Float32Array,
	set: LabelledImages,
	options: EvaluationOptions,
): Promise<Evaluation> {
	const spiking = layout.mode.neuron === 'lif';
	const timesteps = spiking ? options.timesteps : 1;
	const model = onnxModel(plan, layout, values, { form: 'step', timesteps, spikeOutputs: true });
	const session = await createSession(model, 'the training graph', { threads: options.threads ?? 2, spin: false });
	const neurons = neuronsOf(plan);
	const spikes = neurons.map(() => 0);
	let correct = 0;
	let total = 0;
	try {
		for (const { images, labels, count } of normalisedBatches(set, options.batch ?? 100)) {
			if (total >= (options.limit ?? set.count)) break;
			if (options.stopped?.()) throw new Interrupted();
			const feeds: Record<string, Tensor> = { image: new Tensor('float32', images, [count, ...plan.inputShape]) };
			if (spiking) {
				for (const { name, outputShape } of neurons) {
					feeds[`${name}.membrane`] = new Tensor('float32', new Float32Array(count * product(outputShape)), [
						count,
						...outputShape,
					]);
				}
				feeds['logits.before'] = new Tensor('float32', new Float32Array(count * plan.classes), [count, plan.classes]);
			}
			for (let t = 0; t < timesteps; t++) {
				const results = await session.run(feeds);
				for (const [index, { name, output }] of neurons.entries()) {
					const fired = results[spiking ? `${name}.spikes` : output]?.data as Float32Array;
					spikes[index] = (spikes[index] ?? 0) + countNonzero(fired);
					if (spiking) feeds[`${name}.membrane`] = results[`${name}.membrane.next`] as Tensor;
				}
				feeds[spiking ? 'logits.before' : 'logits'] = results.logits as Tensor;
			}
			const logits = feeds[spiking ? 'logits.before' : 'logits']?.data as Float32Array;
			correct += countCorrect(logits, labels, plan.classes);
			total += count;
		}
	} finally {
		await session.release();
	}
	return { correct, total, spikes };
}
