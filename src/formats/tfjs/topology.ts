import { UserError } from '../../errors.ts';
import type { Shape } from './builder.ts';
import { arrayAt, isObject, type Json, type JsonObject, malformed, objectAt, type Place, textAt } from './json.ts';
import { messages } from './messages.ts';

/** One tensor of one use of a layer: Keras numbers the uses ("nodes") of a layer and the tensors of a use. */
export interface TensorReference {
	readonly layer: string;
	readonly node: number;
	readonly tensor: number;
}

export interface LayerDescription {
	readonly name: string;
	readonly type: string;
	readonly config: JsonObject;
	/** What each use of the layer reads. */
	readonly uses: readonly (readonly TensorReference[])[];
	/** The nested model, where the layer is one. */
	readonly model: ModelDescription | null;
	readonly at: Place;
}

/** A LayersModel as a graph of layers, whether it was sequential or functional. */
export interface ModelDescription {
	readonly layers: ReadonlyMap<string, LayerDescription>;
	readonly inputs: readonly TensorReference[];
	readonly outputs: readonly TensorReference[];
}

const modelTypes = ['Sequential', 'Model', 'Functional'];
const deepestNesting = 16;

/**
 * Reads the topology of a LayersModel, as tfjs saves it or as the converters from Keras 2 and 3 write it.
 * @throws UserError if it is malformed
 */
export function describeModel(topology: JsonObject, file: string): ModelDescription {
	const at: Place = { file, place: 'modelTopology' };
	const model = isObject(topology.model_config) ? topology.model_config : topology;
	return describe(textAt(model, 'class_name', at), model.config ?? null, at, 0);
}

function describe(type: string, config: Json, at: Place, depth: number): ModelDescription {
	if (depth > deepestNesting) {
		throw new UserError(messages.cycle(at.file, at.place));
	}
	if (type === 'Sequential') {
		const entries = Array.isArray(config) ? config : isObject(config) ? arrayAt(config, 'layers', at) : undefined;
		if (entries === undefined) {
			throw malformed(at, 'config', config, 'a list of layers');
		}
		return sequential(entries, at, depth);
	}
	if (!modelTypes.includes(type) || !isObject(config)) {
		throw malformed(at, 'class_name', type, modelTypes.join(' or '));
	}
	return functional(config, at, depth);
}

function sequential(entries: readonly Json[], at: Place, depth: number): ModelDescription {
	const layers = new Map<string, LayerDescription>();
	let previous: TensorReference | undefined;
	for (const [index, entry] of entries.entries()) {
		const layer = describeLayer(entry, at, index, depth);
		if (previous === undefined && layer.type !== 'InputLayer') {
			// The first layer carries the input's shape.
			const input = `${layer.name}_input`;
			const config = { batch_input_shape: inputShapeOf(layer) ?? null };
			layers.set(input, { name: input, type: 'InputLayer', config, uses: [[]], model: null, at: layer.at });
			previous = { layer: input, node: 0, tensor: 0 };
		}
		addLayer(layers, { ...layer, uses: [previous === undefined ? [] : [previous]] });
		previous = { layer: layer.name, node: 0, tensor: 0 };
	}
	const [first] = layers.keys();
	if (first === undefined || previous === undefined) {
		throw new UserError(messages.noLayers(at.file));
	}
	return { layers, inputs: [{ layer: first, node: 0, tensor: 0 }], outputs: [previous] };
}

/** The input shape that a layer's configuration carries, or that of the first layer of a nested model. */
function inputShapeOf(layer: LayerDescription): Json | undefined {
	const { config } = layer;
	const own = config.batch_input_shape ?? config.batchInputShape ?? config.batch_shape ?? config.batchShape;
	if (own !== undefined && own !== null) {
		return own;
	}
	const [input] = layer.model?.inputs ?? [];
	const nested = input === undefined ? undefined : layer.model?.layers.get(input.layer);
	return nested === undefined || nested === layer ? undefined : inputShapeOf(nested);
}

function functional(config: JsonObject, at: Place, depth: number): ModelDescription {
	const layers = new Map<string, LayerDescription>();
	for (const [index, entry] of arrayAt(config, 'layers', at).entries()) {
		const layer = describeLayer(entry, at, index, depth);
		const inbound = isObject(entry) ? (entry.inbound_nodes ?? entry.inboundNodes ?? []) : [];
		if (!Array.isArray(inbound)) {
			throw malformed(layer.at, 'inbound_nodes', inbound, 'a list');
		}
		const uses = inbound.map((use: Json) => referencesOf(use, layer.at));
		addLayer(layers, { ...layer, uses: uses.length === 0 ? [[]] : uses });
	}
	const port = (field: string) => {
		const value = config[field];
		// One port may be written without the outer list.
		const all = Array.isArray(value) && typeof value[0] === 'string' ? [value] : value;
		return referencesOf(all ?? null, { ...at, place: `"${field}" of ${at.place}` });
	};
	const description = { layers, inputs: port('input_layers'), outputs: port('output_layers') };
	renumberNestedUses(layers, description.outputs);
	if (description.outputs.length === 0 || layers.size === 0) {
		throw new UserError(messages.noLayers(at.file));
	}
	return description;
}

/** A nested model was used once when it was built; Keras counts that use in its numbers but does not store it. */
function renumberNestedUses(layers: Map<string, LayerDescription>, outputs: readonly TensorReference[]): void {
	const references = [...outputs, ...[...layers.values()].flatMap(({ uses }) => uses.flat())];
	for (const { layer, node } of references) {
		const description = layers.get(layer);
		if (description !== undefined && description.model !== null && node === description.uses.length) {
			layers.set(layer, { ...description, uses: [[], ...description.uses] });
		}
	}
}

function addLayer(layers: Map<string, LayerDescription>, layer: LayerDescription): void {
	if (layers.has(layer.name)) {
		throw malformed(layer.at, 'name', layer.name, 'a name that no other layer has');
	}
	layers.set(layer.name, layer);
}

function describeLayer(entry: Json, at: Place, index: number, depth: number): LayerDescription {
	const place: Place = { ...at, place: `layer ${index + 1}` };
	if (!isObject(entry)) {
		throw malformed(at, 'layers', entry, 'a list of objects');
	}
	const type = textAt(entry, 'class_name', place);
	const nested = modelTypes.includes(type);
	const config: JsonObject = nested && Array.isArray(entry.config) ? {} : objectAt(entry, 'config', place);
	const name = typeof entry.name === 'string' ? entry.name : textAt(config, 'name', place);
	const named: Place = { ...at, place: `layer "${name}"` };
	return {
		name,
		type,
		config,
		uses: [],
		model: nested ? describe(type, entry.config ?? null, named, depth + 1) : null,
		at: named,
	};
}

/** Lists in lists and objects in objects deeper than this are damage. */
const deepestReference = 16;

/** References in any of the forms that Keras writes: lists [layer, node, tensor, …], or objects with a "keras_history". */
function referencesOf(value: Json, at: Place, depth = 0): TensorReference[] {
	if (depth > deepestReference) {
		throw new UserError(messages.nested(at.file, at.place, deepestReference));
	}
	const inside = (one: Json): TensorReference[] => referencesOf(one, at, depth + 1);
	if (Array.isArray(value)) {
		const [layer, node, tensor] = value as readonly Json[];
		if (typeof layer === 'string' && typeof node === 'number' && typeof tensor === 'number') {
			return [{ layer, node, tensor }];
		}
		return value.flatMap(inside);
	}
	if (isObject(value)) {
		if (value.keras_history !== undefined) {
			return inside(value.keras_history);
		}
		return [...inside(value.args ?? []), ...(isObject(value.config) ? inside(value.config) : [])];
	}
	return [];
}

/** The shape of an input layer: [batch, …] with every other size known. */
export function inputShape(layer: LayerDescription): Shape {
	const stored = inputShapeOf(layer);
	if (!Array.isArray(stored)) {
		throw new UserError(messages.noInputShape(layer.at.file, layer.name));
	}
	const sizes = stored
		.slice(1)
		.filter((size): size is number => typeof size === 'number' && Number.isSafeInteger(size) && size > 0);
	if (stored.length < 2 || stored.length > 8 || sizes.length !== stored.length - 1) {
		const shown = stored.map((size: Json) => (typeof size === 'number' ? size : null));
		throw new UserError(messages.freeSize(layer.at.file, layer.name, shown));
	}
	return ['batch', ...sizes];
}
