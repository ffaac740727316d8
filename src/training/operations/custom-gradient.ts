/** Operations with a gradient that is written out. */
import * as tf from '@tensorflow/tfjs-core';

/** Moves a gradient function's list of tensors into the shape tfjs types ask for. */
export function customGradient(
	inputs: readonly tf.Tensor[],
	forward: (
		inputs: readonly tf.Tensor[],
		save: (tensors: readonly tf.Tensor[]) => void,
	) => { value: tf.Tensor; gradient: (dy: tf.Tensor, saved: readonly tf.Tensor[]) => tf.Tensor[] },
): tf.Tensor {
	const operation = tf.customGrad((...all) => {
		const save = all.at(-1) as unknown as tf.GradSaveFunc;
		const { value, gradient } = forward(all.slice(0, -1) as tf.Tensor[], (tensors) => save([...tensors]));
		return { value, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => gradient(dy, saved) };
	});
	return operation(...inputs);
}
