/**
 * A computation graph of ONNX operators: the common form every model file is read into and the
 * form that is written back out for onnxruntime.
 */

/** Element types a tensor can have; the names are onnxruntime's. */
export type ElementType =
	| 'float32'
	| 'float64'
	| 'float16'
	| 'bfloat16'
	| 'int8'
	| 'uint8'
	| 'int16'
	| 'uint16'
	| 'int32'
	| 'uint32'
	| 'int64'
	| 'uint64'
	| 'bool'
	| 'string';

/** A constant tensor. `bytes` holds the elements little-endian, row-major (bool: one byte each; float16: two). */
export interface ConstantTensor {
	readonly type: ElementType;
	readonly dims: readonly number[];
	readonly bytes: Uint8Array;
}

/** A dimension: a size, a symbolic name such as "batch", or null when the file does not say. */
export type Dimension = number | string | null;

/**
 * A graph input or output. `dims` is null when the file gives no shape at all. `type` is null only for outputs
 * whose type is left to onnxruntime to infer.
 */
export interface TensorInfo {
	readonly name: string;
	readonly type: ElementType | null;
	readonly dims: readonly Dimension[] | null;
}

export type Attribute =
	| { readonly kind: 'int'; readonly value: number }
	| { readonly kind: 'float'; readonly value: number }
	| { readonly kind: 'string'; readonly value: string }
	| { readonly kind: 'tensor'; readonly value: ConstantTensor }
	| { readonly kind: 'graph'; readonly value: Graph }
	| { readonly kind: 'ints'; readonly value: readonly number[] }
	| { readonly kind: 'floats'; readonly value: readonly number[] }
	| { readonly kind: 'strings'; readonly value: readonly string[] };

/** One operator. An absent optional input is the empty string, as in ONNX. */
export interface GraphNode {
	readonly name: string;
	readonly op: string;
	/** Operator set domain; '' is the standard ai.onnx. */
	readonly domain: string;
	readonly inputs: readonly string[];
	readonly outputs: readonly string[];
	readonly attributes: ReadonlyMap<string, Attribute>;
}

/** Nodes are in topological order. */
export interface Graph {
	readonly name: string;
	readonly nodes: readonly GraphNode[];
	readonly constants: ReadonlyMap<string, ConstantTensor>;
	readonly inputs: readonly TensorInfo[];
	readonly outputs: readonly TensorInfo[];
}

/** A whole model: the main graph, the operator sets it is written in, and the file's metadata. */
export interface Model {
	readonly graph: Graph;
	/** Operator set version by domain; '' is ai.onnx. */
	readonly opsets: ReadonlyMap<string, number>;
	readonly producer: string;
	readonly metadata: ReadonlyMap<string, string>;
}

/** Makes an attribute map from plain values: integers become ints, strings strings, arrays by their first element. */
export function attributes(entries: Readonly<Record<string, Attribute>>): ReadonlyMap<string, Attribute> {
	return new Map(Object.entries(entries));
}

/** A node, with the optional parts filled in. */
export function node(
	op: string,
	inputs: readonly string[],
	outputs: readonly string[],
	options: { name?: string; domain?: string; attributes?: Readonly<Record<string, Attribute>> } = {},
): GraphNode {
	return {
		op,
		inputs,
		outputs,
		name: options.name ?? outputs[0] ?? op,
		domain: options.domain ?? '',
		attributes: attributes(options.attributes ?? {}),
	};
}
