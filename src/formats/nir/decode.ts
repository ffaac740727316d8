import { UserError } from '../../errors.ts';
import { type FieldKind, nameInFile, primitiveFields } from './fields.ts';
import type { Hdf5Dataset } from './hdf5/dataset.ts';
import { type Hdf5Group, type Hdf5Node, readHdf5 } from './hdf5/read.ts';
import { messages } from './messages.ts';
import type { NirArray, NirFile, NirGraph, NirNode, NirPrimitive } from './records.ts';

/**
 * The graph of a .nir file, as written by NIR 0.1 to 1.0.
 *
 * @param bytes the whole file
 * @param file  its name, for messages
 * @throws UserError if the file is damaged, a field is missing or malformed, or a primitive is unknown
 */
export function decodeNir(bytes: Uint8Array, file: string): NirFile {
	const root = readHdf5(bytes, file);
	const version = root.children.get('version');
	const node = root.children.get('node');
	if (node?.kind !== 'group') {
		throw new UserError(messages.noGraph(file));
	}
	const graph = decodeNode(node, 'the graph', file);
	if (graph.type !== 'NIRGraph') {
		throw new UserError(messages.noGraph(file));
	}
	return { version: version?.kind === 'dataset' ? String(version.values[0]) : 'unknown', graph };
}

function decodeNode(group: Hdf5Group, name: string, file: string): NirNode {
	const type = group.children.get('type');
	const typeName = type?.kind === 'dataset' ? type.values[0] : undefined;
	if (typeof typeName !== 'string') {
		throw new UserError(messages.missingField(file, name, 'type'));
	}
	if (typeName === 'NIRGraph') {
		return decodeGraph(group, name, file);
	}
	if (!Object.hasOwn(primitiveFields, typeName)) {
		throw new UserError(messages.unknownPrimitive(file, name, typeName, Object.keys(primitiveFields)));
	}
	const fields: Readonly<Record<string, FieldKind>> = primitiveFields[typeName as NirPrimitive['type']];
	const record: Record<string, unknown> = { type: typeName };
	for (const [field, kind] of Object.entries(fields)) {
		const stored = group.children.get(nameInFile(field)) ?? standIn(group, typeName, field);
		if (stored !== undefined) {
			record[field] = decodeField(stored, kind, file, name, nameInFile(field));
		} else if (!kind.endsWith('?')) {
			throw new UserError(messages.missingField(file, name, nameInFile(field)));
		}
	}
	// The table of fields mirrors the record types, field by field.
	return record as unknown as NirPrimitive;
}

/** Some files store the shape of an input or output under the name of its type instead of "shape". */
function standIn(group: Hdf5Group, typeName: string, field: string): Hdf5Node | undefined {
	if ((typeName === 'Input' || typeName === 'Output') && field === 'shape') {
		const stored = group.children.get(typeName === 'Input' ? 'input_type' : 'output_type');
		return stored?.kind === 'group' ? [...stored.children.values()][0] : stored;
	}
	return undefined;
}

function decodeGraph(group: Hdf5Group, name: string, file: string): NirGraph {
	const stored = group.children.get('nodes');
	const edges = group.children.get('edges');
	if (stored?.kind !== 'group') {
		throw new UserError(messages.missingField(file, name, 'nodes'));
	}
	if (edges?.kind !== 'dataset') {
		throw new UserError(messages.missingField(file, name, 'edges'));
	}
	const nodes = new Map<string, NirNode>();
	for (const [child, node] of stored.children) {
		if (node.kind !== 'group') {
			throw new UserError(messages.missingField(file, `node "${child}"`, 'type'));
		}
		nodes.set(child, decodeNode(node, `node "${child}"`, file));
	}
	return { type: 'NIRGraph', nodes, edges: decodeEdges(edges, name, file) };
}

function decodeEdges(dataset: Hdf5Dataset, name: string, file: string): [string, string][] {
	const { shape, values } = dataset;
	if (values.length === 0) {
		return [];
	}
	if (shape.length !== 2 || shape[1] !== 2 || values instanceof Float32Array || values instanceof Float64Array) {
		throw new UserError(messages.badField(file, name, 'edges', `[${shape.join(', ')}]`, 'pairs of node names'));
	}
	return Array.from({ length: values.length / 2 }, (_, index) => [values[2 * index] ?? '', values[2 * index + 1] ?? '']);
}

function decodeField(
	stored: Hdf5Node,
	kind: FieldKind,
	file: string,
	node: string,
	field: string,
): NirArray | number[] | number | string {
	if (stored.kind !== 'dataset') {
		throw new UserError(messages.badField(file, node, field, 'a group', 'numbers'));
	}
	const { values, shape } = stored;
	if (!(values instanceof Float32Array || values instanceof Float64Array)) {
		if (kind === 'padding' && (values[0] === 'same' || values[0] === 'valid')) {
			return values[0];
		}
		throw new UserError(messages.badField(file, node, field, `the text "${String(values[0]).slice(0, 40)}"`, 'numbers'));
	}
	const wrong = values.find((value) => !Number.isFinite(value));
	if (wrong !== undefined) {
		throw new UserError(messages.badField(file, node, field, String(wrong), 'finite numbers'));
	}
	if (kind === 'array' || kind === 'array?') {
		return { shape, values };
	}
	const integers = Array.from(values);
	const most = kind === 'integer' ? 1 : 8;
	if (
		integers.length < (kind === 'integer' ? 1 : 0) ||
		integers.length > most ||
		!integers.every((value) => Number.isSafeInteger(value))
	) {
		throw new UserError(messages.badField(file, node, field, `[${integers.slice(0, 8).join(', ')}]`, 'whole numbers'));
	}
	return kind === 'integer' ? (integers[0] ?? 0) : integers;
}
