/** The ReLU net as the teacher of the spiking nets: what it says of the very images that they are shown (Hinton et al., arXiv:1503.02531). */
import { Tensor } from 'onnxruntime-common';
import { createSession } from '../runtime/session.ts';
import { onnxModel } from './export/onnx.ts';
import type { Layout } from './parameters.ts';
import type { Plan } from './plan.ts';

export interface Teacher {
	/** Probabilities [N, classes] for images [N, C, H, W]. */
	probabilities(images: Float32Array, count: number): Promise<Float32Array>;
	close(): Promise<void>;
}

/** Rows of logits as probabilities. */
function softmax(logits: Float32Array, classes: number): Float32Array {
	const out = new Float32Array(logits.length);
	for (let row = 0; row < logits.length; row += classes) {
		const scores = logits.subarray(row, row + classes);
		const largest = Math.max(...scores);
		const powers = scores.map((score) => Math.exp(score - largest));
		const sum = powers.reduce((total, power) => total + power, 0);
		for (const [at, power] of powers.entries()) out[row + at] = power / sum;
	}
	return out;
}

/** A share of the teacher's probabilities mixed into the labels'. */
export const mixed = (labels: Float32Array, taught: Float32Array, share: number): Float32Array =>
	labels.map((value, at) => (1 - share) * value + share * (taught[at] as number));

/**
 * Opens a ReLU net, its batch normalisation folded.
 *
 * @param threads  cores that may compute while the training engine waits
 */
export async function openTeacher(plan: Plan, layout: Layout, values: Float32Array, threads: number): Promise<Teacher> {
	const model = onnxModel(plan, layout, values, { form: 'step', timesteps: 1 });
	const session = await createSession(model, 'the training graph', { threads: threads, spin: false });
	return {
		async probabilities(images, count) {
			const results = await session.run({ image: new Tensor('float32', images, [count, ...plan.inputShape]) });
			return softmax(results.logits?.data as Float32Array, plan.classes);
		},
		close: () => session.release(),
	};
}
