import {
	type Attribute,
	type ConstantTensor,
	type Dimension,
	type ElementType,
	type Graph,
	type GraphNode,
	type Model,
	node,
	type TensorInfo,
} from '../../src/model/graph.ts';
import { float32Scalar, float32Tensor } from '../../src/model/tensors.ts';
import type { Network } from '../../src/network/network.ts';
import { findStructure, type StructureOptions } from '../../src/network/structure.ts';

export type PlainAttribute = number | string | readonly number[] | Attribute;

export const float = (value: number): Attribute => ({ kind: 'float', value });

function attribute(value: PlainAttribute): Attribute {
	if (typeof value === 'string') return { kind: 'string', value };
	if (typeof value === 'number') return Number.isInteger(value) ? { kind: 'int', value } : { kind: 'float', value };
	if (Array.isArray(value)) return { kind: 'ints', value };
	return value as Attribute;
}

/** Writes small ONNX graphs by hand: every method returns the name of the tensor it makes. */
export interface ModelBuilder {
	/** Module path of the nodes that follow, as exporters put it into their names. */
	scope(name: string): void;
	input(name: string, dims: readonly Dimension[] | null, type?: ElementType): string;
	/** A constant under a name of its own; numbers become float32 scalars. */
	constant(name: string, value: ConstantTensor | number): string;
	/** A scalar float32 constant with an invented name. */
	scalar(value: number): string;
	add(
		op: string,
		inputs: readonly string[],
		attributes?: Readonly<Record<string, PlainAttribute>>,
		options?: { name?: string; output?: string; domain?: string },
	): string;
	/** A node with several outputs. */
	addMany(
		op: string,
		inputs: readonly string[],
		outputs: readonly string[],
		attributes?: Readonly<Record<string, PlainAttribute>>,
	): readonly string[];
	output(tensor: string, dims?: readonly Dimension[] | null): void;
	build(options?: { opset?: number; metadata?: Readonly<Record<string, string>> }): Model;
}

export function modelBuilder(): ModelBuilder {
	const inputs: TensorInfo[] = [];
	const outputs: TensorInfo[] = [];
	const constants = new Map<string, ConstantTensor>();
	const nodes: GraphNode[] = [];
	const attributesOf = (entries: Readonly<Record<string, PlainAttribute>>) =>
		Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, attribute(value)]));
	let path = '';
	return {
		scope(name) {
			path = name === '' ? '' : `/${name}`;
		},
		input(name, dims, type = 'float32') {
			inputs.push({ name, type, dims });
			return name;
		},
		constant(name, value) {
			constants.set(name, typeof value === 'number' ? float32Scalar(value) : value);
			return name;
		},
		scalar(value) {
			const name = `scalar_${value}`;
			constants.set(name, float32Scalar(value));
			return name;
		},
		add(op, from, attributes = {}, options = {}) {
			const output = options.output ?? `${op}_${nodes.length}`;
			nodes.push(
				node(op, from, [output], {
					name: options.name ?? `${path}/${op}_${nodes.length}`,
					...(options.domain === undefined ? {} : { domain: options.domain }),
					attributes: attributesOf(attributes),
				}),
			);
			return output;
		},
		addMany(op, from, to, attributes = {}) {
			nodes.push(node(op, from, to, { name: `${path}/${op}_${nodes.length}`, attributes: attributesOf(attributes) }));
			return to;
		},
		output(tensor, dims = null) {
			outputs.push({ name: tensor, type: 'float32', dims });
		},
		build({ opset = 13, metadata = {} } = {}) {
			const graph: Graph = { name: 'net', nodes, constants, inputs, outputs };
			return { graph, opsets: new Map([['', opset]]), producer: 'test', metadata: new Map(Object.entries(metadata)) };
		},
	};
}

export const networkOf = (model: Model, options: StructureOptions = {}): Promise<Network> =>
	findStructure({ model, file: 'net.onnx', format: 'onnx', sha256: '0'.repeat(64) }, options);

/** Deterministic small numbers, none of them zero: weights that keep neurons firing. */
export function weights(dims: readonly number[], seed = 1): ConstantTensor {
	const count = dims.reduce((product, dim) => product * dim, 1);
	let state = seed * 2654435761;
	return float32Tensor(
		Float32Array.from({ length: count }, () => {
			state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
			return ((state >>> 8) % 9) / 8 - 0.4375; // −7/16 … 9/16 in eighths, exact in float32
		}),
		dims,
	);
}
