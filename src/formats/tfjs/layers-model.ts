import { UserError } from '../../errors.ts';
import { lookUp } from '../../model/look-up.ts';
import { type Builder, plainValue, type Value } from './builder.ts';
import type { JsonObject } from './json.ts';
import { layers as layerTable } from './layers/index.ts';
import { messages } from './messages.ts';
import { describeModel, inputShape, type LayerDescription, type ModelDescription, type TensorReference } from './topology.ts';
import type { Weight } from './weights.ts';

/** A graph's results under the names the user knows. */
export interface NamedValue {
	readonly name: string;
	readonly value: Value;
}

/** Writes a LayersModel into `builder`; its inputs become graph inputs. Returns its outputs. */
export function emitLayersModel(builder: Builder, topology: JsonObject, weights: ReadonlyMap<string, Weight>): NamedValue[] {
	const model = describeModel(topology, builder.file);
	const values = emitModel(builder, model, weights, null);
	return model.outputs.map(({ layer }, index) => ({ name: layer, value: values[index] as Value }));
}

/** @param given values for the model's inputs when it is nested; null makes them graph inputs */
function emitModel(
	builder: Builder,
	model: ModelDescription,
	weights: ReadonlyMap<string, Weight>,
	given: readonly Value[] | null,
): Value[] {
	const done = new Map<string, readonly Value[]>();
	const { file } = builder;
	for (const [index, { layer }] of model.inputs.entries()) {
		const description = model.layers.get(layer);
		if (description === undefined) {
			throw new UserError(messages.unknownInput(file, 'the model', layer));
		}
		const value = given === null ? graphInput(builder, description) : given[index];
		if (value === undefined) {
			throw new UserError(messages.wrongInput(file, layer, `${model.inputs.length} inputs`, []));
		}
		done.set(key(layer, 0), [value]);
	}
	const isDone = ({ layer, node }: TensorReference): boolean => done.has(key(layer, node));
	const valueAt = (reference: TensorReference, reader: string): Value => {
		if (!isDone(reference)) {
			emitUse(reference, reader);
		}
		const { layer, node, tensor } = reference;
		const value = done.get(key(layer, node))?.[tensor];
		if (value === undefined) {
			throw new UserError(messages.unknownInput(file, reader, `output ${tensor} of ${layer}`));
		}
		return value;
	};
	/** Writes a use of a layer after all that it needs, with a stack of its own: files may list thousands of layers backwards. */
	const emitUse = (wanted: Pick<TensorReference, 'layer' | 'node'>, wantedBy: string): void => {
		const open = new Set<string>();
		const stack = [{ ...wanted, reader: wantedBy }];
		for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
			const layer = model.layers.get(top.layer);
			const use = layer?.uses[top.node];
			if (layer === undefined || use === undefined || layer.type === 'InputLayer') {
				throw new UserError(messages.unknownInput(file, top.reader, top.layer));
			}
			const id = key(top.layer, top.node);
			open.add(id);
			const missing = use.find((reference) => !isDone(reference));
			if (missing !== undefined) {
				if (open.has(key(missing.layer, missing.node))) {
					throw new UserError(messages.cycle(file, missing.layer));
				}
				stack.push({ layer: missing.layer, node: missing.node, reader: layer.name });
				continue;
			}
			const inputs = use.map((reference) => valueAt(reference, layer.name));
			const outputs =
				layer.model === null ? [emitLayer(builder, layer, inputs, weights)] : emitModel(builder, layer.model, weights, inputs);
			open.delete(id);
			done.set(id, outputs);
			stack.pop();
		}
	};
	// In the file's order, which most often is that of the data flow.
	for (const layer of model.layers.values()) {
		for (const [node, use] of layer.uses.entries()) {
			if (use.length > 0 && use.every(isDone) && !done.has(key(layer.name, node))) {
				emitUse({ layer: layer.name, node }, layer.name);
			}
		}
	}
	return model.outputs.map((reference) => valueAt(reference, 'the model'));
}

const key = (layer: string, node: number): string => JSON.stringify([layer, node]);

function graphInput(builder: Builder, layer: LayerDescription): Value {
	const shape = inputShape(layer);
	builder.inputs.push({ name: layer.name, type: 'float32', dims: shape });
	return plainValue(builder, layer.name, layer.name, shape);
}

function emitLayer(
	builder: Builder,
	layer: LayerDescription,
	inputs: readonly Value[],
	weights: ReadonlyMap<string, Weight>,
): Value {
	const emit = lookUp(layerTable, layer.type);
	if (emit === undefined) {
		throw new UserError(messages.unknownLayer(builder.file, layer.name, layer.type, Object.keys(layerTable)));
	}
	return emit(inputs, { builder, name: layer.name, config: layer.config, weights, ...layer.at });
}
