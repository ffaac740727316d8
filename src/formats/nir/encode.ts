import { type FieldKind, nameInFile, primitiveFields } from './fields.ts';
import type { Hdf5Group, Hdf5Node } from './hdf5/read.ts';
import { encodeHdf5, type WritableDataset } from './hdf5/write.ts';
import type { NirArray, NirFile, NirGraph, NirNode } from './records.ts';

/** The bytes of a .nir file; {@link decodeNir} gives the same records back. The same records always give the same bytes. */
export function encodeNir(nir: NirFile): Uint8Array {
	return encodeHdf5(
		group([
			['version', text(nir.version)],
			['node', encodeNode(nir.graph)],
		]),
	);
}

function encodeNode(node: NirNode): Hdf5Group {
	if (node.type === 'NIRGraph') {
		return encodeGraph(node);
	}
	const fields: Readonly<Record<string, FieldKind>> = primitiveFields[node.type];
	const children: [string, Hdf5Node][] = [['type', text(node.type)]];
	for (const [field, value] of Object.entries(node)) {
		const kind = fields[field];
		if (kind !== undefined && value !== undefined) {
			children.push([nameInFile(field), encodeField(value)]);
		}
	}
	return group(children);
}

function encodeGraph(graph: NirGraph): Hdf5Group {
	const edges: WritableDataset = { kind: 'dataset', shape: [graph.edges.length, 2], values: graph.edges.flat() };
	return group([
		['type', text(graph.type)],
		['nodes', group([...graph.nodes].map(([name, node]) => [name, encodeNode(node)]))],
		['edges', edges],
	]);
}

function encodeField(value: NirArray | readonly number[] | number | string): WritableDataset {
	if (typeof value === 'string') {
		return text(value);
	}
	if (typeof value === 'number') {
		return { kind: 'dataset', shape: [], values: Float64Array.of(value), integer: true };
	}
	return 'values' in value && 'shape' in value
		? { kind: 'dataset', shape: value.shape, values: value.values }
		: { kind: 'dataset', shape: [value.length], values: Float64Array.from(value), integer: true };
}

const text = (value: string): WritableDataset => ({ kind: 'dataset', shape: [], values: [value] });
const group = (children: readonly [string, Hdf5Node][]): Hdf5Group => ({ kind: 'group', children: new Map(children) });
