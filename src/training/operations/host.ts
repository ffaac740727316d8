/**
 * Fused passes over tensors, compiled to WebAssembly (../kernels).
 *
 * tfjs' WebAssembly backend takes several passes of slow element-wise kernels where one fused pass does, and lacks some gradients. The
 * kernels run right in that backend's memory. For the plain JavaScript backend the tensors are copied into a memory beside it. On the
 * others (WebGPU, native TensorFlow) the operations of this folder are composed from tfjs operations instead.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type Address, type Kernels, kernelsOn, type Memory, newMemory, pageBytes } from '../kernels/load.ts';

const kernelName = 'SnnEnergyPass';
const hostBackends = ['wasm', 'cpu'] as const;

/** One address for each tensor of a list. */
type Addresses<List extends readonly unknown[]> = { readonly [Place in keyof List]: Address };
type Pass<Inputs extends readonly unknown[], Outputs extends readonly unknown[]> = (
	kernels: Kernels,
	inputs: Addresses<Inputs>,
	outputs: Addresses<Outputs>,
	scratch: Address,
) => void;

interface WasmBackend {
	/** Emscripten's module, with what the compiled program exports. */
	readonly wasm: { readonly asm?: { readonly memory?: Memory } };
	makeOutput(shape: number[], dtype: 'float32'): tf.TensorInfo;
	disposeData(id: object): boolean;
	/** Its byteOffset is where the tensor lies. */
	typedArrayFromHeap(info: tf.TensorInfo): Float32Array;
}
interface JavaScriptBackend {
	makeTensorInfo(shape: number[], dtype: 'float32', values: Float32Array): tf.TensorInfo;
	data: { get(id: object): { values: Float32Array } };
}

interface PassAttributes {
	readonly shapes: readonly (readonly number[])[];
	readonly pass: Pass<readonly unknown[], readonly unknown[]>;
	readonly scratchNumbers: number;
}

/** @throws Error when tfjs does not show the memory where this version of it does */
export function wasmMemory(): Memory {
	const memory = (tf.backend() as unknown as WasmBackend).wasm.asm?.memory;
	if (!memory) throw new Error('this version of @tensorflow/tfjs-backend-wasm does not show its memory; 4.22 does');
	return memory;
}

function runOnWasm(
	inputs: readonly tf.TensorInfo[],
	{ shapes, pass, scratchNumbers }: PassAttributes,
	backend: WasmBackend,
): tf.TensorInfo[] {
	const outputs = shapes.map((shape) => backend.makeOutput([...shape], 'float32'));
	const address = (info: tf.TensorInfo): Address => backend.typedArrayFromHeap(info).byteOffset;
	const scratch = backend.makeOutput([scratchNumbers], 'float32');
	pass(kernelsOn(wasmMemory()), inputs.map(address), outputs.map(address), address(scratch));
	backend.disposeData(scratch.dataId);
	return outputs;
}

/** Where tensors of these sizes lie one behind the other, each where a vector of four numbers may start; and the end. */
function placesOf(sizes: readonly number[]): { readonly places: Address[]; readonly end: Address } {
	// Address 0 stands for no tensor.
	let end = 16;
	const places = sizes.map((size) => {
		const place = end;
		end += Math.ceil(size / 4) * 16;
		return place;
	});
	return { places, end };
}

let beside: Memory | null = null;

function runOnJavaScript(
	inputs: readonly tf.TensorInfo[],
	{ shapes, pass, scratchNumbers }: PassAttributes,
	backend: JavaScriptBackend,
): tf.TensorInfo[] {
	beside ??= newMemory();
	const values = inputs.map((info) => backend.data.get(info.dataId).values);
	const sizes = shapes.map((shape) => shape.reduce((a, b) => a * b, 1));
	const { places, end } = placesOf([...values.map(({ length }) => length), ...sizes, scratchNumbers]);
	const lacking = end - beside.buffer.byteLength;
	if (lacking > 0) beside.grow(Math.ceil(lacking / pageBytes));
	const view = (place: Address | undefined, length: number): Float32Array =>
		new Float32Array((beside as Memory).buffer, place, length);
	for (const [index, numbers] of values.entries()) view(places[index], numbers.length).set(numbers);
	const outputPlaces = places.slice(values.length, -1);
	pass(kernelsOn(beside), places.slice(0, values.length), outputPlaces, places.at(-1) ?? 0);
	return sizes.map((size, index) =>
		backend.makeTensorInfo([...(shapes[index] ?? [])], 'float32', view(outputPlaces[index], size).slice()),
	);
}

for (const backendName of hostBackends) {
	tf.registerKernel({
		kernelName,
		backendName,
		kernelFunc: ({ inputs, attrs, backend }) => {
			const ordered = Object.keys(inputs)
				.sort((a, b) => Number(a) - Number(b))
				.map((key) => inputs[key] as tf.TensorInfo);
			const attributes = attrs as unknown as PassAttributes;
			return backendName === 'wasm'
				? runOnWasm(ordered, attributes, backend as WasmBackend)
				: runOnJavaScript(ordered, attributes, backend as JavaScriptBackend);
		},
	});
}

/** Whether the active backend keeps its tensors where the compiled passes reach them. */
export const onHost = (): boolean => (hostBackends as readonly string[]).includes(tf.getBackend());

/**
 * Runs one pass over float32 tensors and returns the tensors it filled. Outputs start with undefined contents:
 * the pass must write every element.
 *
 * @param scratchNumbers  how many float32 of scratch the pass gets; its contents are undefined too
 */
export function runPass<const Inputs extends readonly tf.Tensor[], const Shapes extends readonly (readonly number[])[]>(
	inputs: Inputs,
	shapes: Shapes,
	pass: Pass<Inputs, Shapes>,
	scratchNumbers = 0,
): { -readonly [Place in keyof Shapes]: tf.Tensor } {
	const named = Object.fromEntries(inputs.map((tensor, index) => [String(index), tensor]));
	return tf.engine().runKernel(kernelName, named, { shapes, pass, scratchNumbers } as unknown as tf.NamedAttrMap) as unknown as {
		-readonly [Place in keyof Shapes]: tf.Tensor;
	};
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
