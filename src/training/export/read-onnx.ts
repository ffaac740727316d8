/** Reads back the ONNX models that onnx.ts writes, step or unrolled, spiking or plain. */

import { UserError } from '../../errors.ts';
import { decodeModel } from '../../formats/onnx/index.ts';
import { readInput } from '../../inputs.ts';
import type { Model } from '../../model/graph.ts';
import { tensorValues } from '../../model/tensors.ts';
import { checkedLayers, type Pooling, poolings } from '../../network/architectures.ts';
import * as messages from '../messages.ts';
import { layoutOf, slice } from '../parameters.ts';
import { buildPlan, product } from '../plan.ts';
import { requireNumbers, type TrainedModel } from './model.ts';

function sizes(model: Model, list: 'inputs' | 'outputs', name: string, path: string): number[] {
	const dims = model.graph[list].find((tensor) => tensor.name === name)?.dims?.slice(1) ?? [];
	const numbers = dims.filter((dim): dim is number => typeof dim === 'number');
	if (dims.length === 0 || numbers.length !== dims.length)
		throw messages.notOurModel(path, `it has no ${list.slice(0, -1)} "${name}" of a known shape`);
	return numbers;
}

function description(text: string, path: string): { layers: unknown; pooling: Pooling } {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		throw messages.notOurModel(path, 'its metadata "snn.layers" are damaged');
	}
	const { layers, pooling } = (value ?? {}) as { layers?: unknown; pooling?: unknown };
	if (!poolings.includes(pooling as Pooling)) throw messages.notOurModel(path, 'its metadata "snn.layers" name no pooling');
	return { layers, pooling: pooling as Pooling };
}

/**
 * Reads a trained network from an ONNX file this pipeline wrote.
 *
 * @throws UserError when the file comes from elsewhere
 */
export function readTrainedOnnx(path: string): TrainedModel {
	let bytes: Uint8Array;
	try {
		bytes = readInput(path);
	} catch (cause) {
		if (cause instanceof UserError) throw cause;
		throw messages.notOurModel(path, `it cannot be read (${(cause as Error).message})`);
	}
	const model = decodeModel(bytes, path);
	const described = model.metadata.get('snn.layers');
	if (!described) throw messages.notOurModel(path, 'its metadata lack "snn.layers"');
	const { layers, pooling } = description(described, path);
	const architecture = { name: model.metadata.get('snn.architecture') ?? path, layers: checkedLayers(layers, path), pooling };
	const inputShape = sizes(model, 'inputs', 'image', path);
	const [classes = 1] = sizes(model, 'outputs', 'logits', path);
	const plan = buildPlan(architecture, inputShape, classes);
	const spiking = model.metadata.has('snn.timesteps');
	const layout = layoutOf(plan, { neuron: spiking ? 'lif' : 'relu', normalised: false });
	const parameters = new Float32Array(layout.size);
	for (const entry of layout.entries) {
		const constant = model.graph.constants.get(entry.name);
		// An unrolled net of one timestep has no use for leaks and carries none.
		if (!constant && entry.role === 'leak') parameters[entry.offset] = 1;
		else if (!constant || product(constant.dims) !== entry.size)
			throw messages.notOurModel(path, `constant "${entry.name}" is missing or of another size`);
		else slice(parameters, entry).set(tensorValues(constant));
	}
	const own = [
		'snn.layers',
		'snn.architecture',
		'snn.output',
		'snn.timesteps',
		'snn.encoding',
		'snn.reset',
		'snn.form',
		'snn.states',
		'snn.readout',
	];
	requireNumbers(layout, parameters, path);
	const metadata = Object.fromEntries([...model.metadata].filter(([key]) => !own.includes(key)));
	const timesteps = Number(model.metadata.get('snn.timesteps') ?? 1);
	if (!Number.isSafeInteger(timesteps) || timesteps < 1)
		throw messages.notOurModel(path, `its metadata "snn.timesteps" is ${model.metadata.get('snn.timesteps')}`);
	return { plan, layout, parameters, timesteps, metadata };
}
