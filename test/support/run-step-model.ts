import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeModel } from '../../src/formats/onnx/index.ts';
import type { ModelSource } from '../../src/formats/source.ts';
import type { ConstantTensor } from '../../src/model/graph.ts';

export interface StepResult {
	readonly shape: readonly number[];
	readonly data: Float32Array;
}

/** Runs a step model on onnxruntime: states start as the reader says and are fed back. One map of all graph outputs a timestep. */
export async function runStepModel(
	source: ModelSource,
	inputs: readonly Readonly<Record<string, ArrayLike<number>>>[],
	batch = 1,
): Promise<Map<string, StepResult>[]> {
	const { graph } = source.model;
	const session = await InferenceSession.create(await encodeModel(source.model), { logSeverityLevel: 3, intraOpNumThreads: 1 });
	const shapeOf = (name: string) =>
		(graph.inputs.find((input) => input.name === name)?.dims ?? []).map((dim) => (typeof dim === 'number' ? dim : batch));
	let states = new Map(source.states.map(({ input, initial }) => [input, startOf(initial, shapeOf(input))]));
	const results: Map<string, StepResult>[] = [];
	for (const values of inputs) {
		const data = Object.entries(values).map(
			([name, array]) => [name, new Tensor(Float32Array.from(array), shapeOf(name))] as const,
		);
		const outputs = await session.run(Object.fromEntries([...data, ...states]));
		states = new Map(source.states.map(({ input, output }) => [input, outputs[output] as Tensor]));
		results.push(
			new Map(Object.entries(outputs).map(([name, tensor]) => [name, { shape: tensor.dims, data: tensor.data as Float32Array }])),
		);
	}
	await session.release();
	return results;
}

function startOf(initial: number | ConstantTensor, shape: readonly number[]): Tensor {
	if (typeof initial !== 'number') {
		throw new Error('the tests have no model with an initial tensor');
	}
	const count = shape.reduce((product, size) => product * size, 1);
	return new Tensor('float32', new Float32Array(count).fill(initial), shape);
}
