/**
 * Loops written in JavaScript that run on tensors where they lie.
 *
 * tfjs' WebAssembly backend takes several passes of slow element-wise kernels where one fused loop
 * does, and lacks some gradients. Both the WebAssembly and the plain JavaScript backend keep tensors
 * in memory that JavaScript can read and write in place; on the others (WebGPU, native TensorFlow)
 * the operations of this folder are composed from tfjs operations instead.
 */
import * as tf from '@tensorflow/tfjs-core';

const kernelName = 'SnnEnergyHostLoop';
const hostBackends = ['wasm', 'cpu'] as const;

type Loop = (inputs: readonly Float32Array[], outputs: readonly Float32Array[]) => void;

interface WasmBackend {
	makeOutput(shape: number[], dtype: 'float32'): tf.TensorInfo;
	typedArrayFromHeap(info: tf.TensorInfo): Float32Array;
}
interface JavaScriptBackend {
	makeTensorInfo(shape: number[], dtype: 'float32', values: Float32Array): tf.TensorInfo;
	data: { get(id: object): { values: Float32Array } };
}

interface LoopAttributes {
	readonly shapes: readonly (readonly number[])[];
	readonly loop: Loop;
}

function runOnWasm(inputs: readonly tf.TensorInfo[], attributes: LoopAttributes, backend: WasmBackend): tf.TensorInfo[] {
	// Views are taken after every allocation: growing the heap would detach earlier ones.
	const outputs = attributes.shapes.map((shape) => backend.makeOutput([...shape], 'float32'));
	const view = (info: tf.TensorInfo): Float32Array => backend.typedArrayFromHeap(info);
	attributes.loop(inputs.map(view), outputs.map(view));
	return outputs;
}

function runOnJavaScript(
	inputs: readonly tf.TensorInfo[],
	attributes: LoopAttributes,
	backend: JavaScriptBackend,
): tf.TensorInfo[] {
	const outputs = attributes.shapes.map((shape) => new Float32Array(shape.reduce((a, b) => a * b, 1)));
	attributes.loop(
		inputs.map((info) => backend.data.get(info.dataId).values),
		outputs,
	);
	return outputs.map((values, index) => backend.makeTensorInfo([...(attributes.shapes[index] ?? [])], 'float32', values));
}

for (const backendName of hostBackends) {
	tf.registerKernel({
		kernelName,
		backendName,
		kernelFunc: ({ inputs, attrs, backend }) => {
			const ordered = Object.keys(inputs)
				.sort((a, b) => Number(a) - Number(b))
				.map((key) => inputs[key] as tf.TensorInfo);
			const attributes = attrs as unknown as LoopAttributes;
			return backendName === 'wasm'
				? runOnWasm(ordered, attributes, backend as WasmBackend)
				: runOnJavaScript(ordered, attributes, backend as JavaScriptBackend);
		},
	});
}

/** Whether the active backend keeps its tensors where JavaScript can reach them. */
export const onHost = (): boolean => (hostBackends as readonly string[]).includes(tf.getBackend());

/**
 * Runs one loop over float32 tensors and returns the tensors it filled. Outputs start with undefined contents:
 * the loop must write every element.
 */
export function hostLoop(inputs: readonly tf.Tensor[], shapes: readonly (readonly number[])[], loop: Loop): tf.Tensor[] {
	const named = Object.fromEntries(inputs.map((tensor, index) => [String(index), tensor]));
	return tf.engine().runKernel(kernelName, named, { shapes, loop } as unknown as tf.NamedAttrMap) as unknown as tf.Tensor[];
}

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
