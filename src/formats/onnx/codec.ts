import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { UserError } from '../../errors.ts';
import type { Attribute, ConstantTensor, Dimension, Graph, GraphNode, Model, TensorInfo } from '../../model/graph.ts';
import { elementTypeCodes } from '../../model/tensors.ts';
import * as messages from '../messages.ts';
import { inlineFunctions } from './functions.ts';
import {
	type AttributeProto,
	AttributeProtoSchema,
	AttributeProto_AttributeType as AttributeType,
	type GraphProto,
	GraphProtoSchema,
	type ModelProto,
	ModelProtoSchema,
	type NodeProto,
	NodeProtoSchema,
	OperatorSetIdProtoSchema,
	StringStringEntryProtoSchema,
	type TensorProto,
	TensorProtoSchema,
	type TypeProto,
	TypeProtoSchema,
	type ValueInfoProto,
	ValueInfoProtoSchema,
} from './onnx_pb.ts';
import { decodeTensor, elementTypeOf, encodeTensor, externalTensor, type ReadExternal } from './tensor-codec.ts';

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/**
 * Reads the bytes of an .onnx file; functions of its own are written out.
 *
 * @param bytes the whole file
 * @param file its name, for messages
 * @param readExternal fetches weights stored beside the model
 * @throws UserError when the bytes are not a complete ONNX model
 */
export function decodeModel(bytes: Uint8Array, file: string, readExternal: ReadExternal): Model {
	if (bytes.length === 0) throw new UserError(messages.notOnnx(file, 'the file is empty'));
	const proto = (() => {
		try {
			return fromBinary(ModelProtoSchema, bytes, { readUnknownFields: false });
		} catch (cause) {
			const reason = cause instanceof Error ? cause.message : String(cause);
			// An ONNX file starts with field 1 (ir_version, varint) in every exporter's output.
			if (bytes[0] !== 0x08)
				throw new UserError(messages.notOnnx(file, 'its first bytes are not those of an ONNX file'), { cause });
			throw new UserError(messages.truncatedOnnx(file, reason), { cause });
		}
	})();
	if (!proto.graph) throw new UserError(messages.notOnnx(file, 'it holds no graph'));
	const opsets = new Map<string, number>();
	for (const { domain, version } of proto.opsetImport) {
		const known = domain === 'ai.onnx' ? '' : domain;
		if ((opsets.get(known) ?? Number(version)) !== Number(version))
			throw new UserError(messages.storedTwice(file, 'operator set', domain || 'ai.onnx'));
		opsets.set(known, Number(version));
	}
	const metadata = new Map<string, string>();
	for (const { key, value } of proto.metadataProps) {
		if ((metadata.get(key) ?? value) !== value) throw new UserError(messages.storedTwice(file, 'metadata entry', key));
		metadata.set(key, value);
	}
	return {
		graph: decodeGraph(inlineFunctions(proto.graph, proto.functions, file), file, readExternal),
		opsets,
		producer: [proto.producerName, proto.producerVersion].filter(Boolean).join(' '),
		metadata,
	};
}

function decodeGraph(proto: GraphProto, file: string, readExternal: ReadExternal): Graph {
	if (proto.sparseInitializer.length > 0) throw new UserError(messages.sparseInitializer(file));
	const constants = new Map<string, ConstantTensor>();
	for (const tensor of proto.initializer) {
		if (constants.has(tensor.name)) throw new UserError(messages.storedTwice(file, 'constant', tensor.name));
		constants.set(tensor.name, decodeTensor(tensor, tensor.name, file, readExternal));
	}
	return {
		name: proto.name,
		nodes: proto.node.map((node, index) => decodeNode(node, index, file, readExternal)),
		constants,
		// Before IR version 4 initialisers were listed among the inputs; they are constants all the same.
		inputs: proto.input.filter(({ name }) => !constants.has(name)).map((value) => decodeValue(value, file)),
		outputs: proto.output.map((value) => decodeValue(value, file)),
	};
}

function decodeNode(proto: NodeProto, index: number, file: string, readExternal: ReadExternal): GraphNode {
	const name = proto.name || proto.output.find((output) => output !== '') || `${proto.opType}_${index}`;
	const attributes = new Map<string, Attribute>();
	for (const attribute of proto.attribute) {
		if (attribute.refAttrName) continue; // has a meaning inside functions only, where it is resolved
		if (attributes.has(attribute.name))
			throw new UserError(messages.storedTwice(file, `attribute of node "${name}"`, attribute.name));
		attributes.set(attribute.name, decodeAttribute(attribute, name, file, readExternal));
	}
	return {
		name,
		op: proto.opType,
		domain: proto.domain === 'ai.onnx' ? '' : proto.domain,
		inputs: proto.input,
		outputs: proto.output,
		attributes,
	};
}

/** Attribute types may be left out in old files; then the field that is set tells. */
function attributeType(proto: AttributeProto): AttributeType {
	if (proto.type !== AttributeType.UNDEFINED) return proto.type;
	if (proto.t) return AttributeType.TENSOR;
	if (proto.g) return AttributeType.GRAPH;
	if (proto.ints.length > 0) return AttributeType.INTS;
	if (proto.floats.length > 0) return AttributeType.FLOATS;
	if (proto.strings.length > 0) return AttributeType.STRINGS;
	if (proto.s.length > 0) return AttributeType.STRING;
	return proto.f !== 0 ? AttributeType.FLOAT : AttributeType.INT;
}

/** Constants of a function are those of all its calls. */
const decoded = new WeakMap<TensorProto, ConstantTensor>();

function decodedOnce(proto: TensorProto, name: string, file: string, readExternal: ReadExternal): ConstantTensor {
	const known = decoded.get(proto);
	if (known) return known;
	const tensor = decodeTensor(proto, name, file, readExternal);
	decoded.set(proto, tensor);
	return tensor;
}

function decodeAttribute(proto: AttributeProto, node: string, file: string, readExternal: ReadExternal): Attribute {
	switch (attributeType(proto)) {
		case AttributeType.FLOAT:
			return { kind: 'float', value: proto.f };
		case AttributeType.INT:
			return { kind: 'int', value: Number(proto.i) };
		case AttributeType.STRING:
			return { kind: 'string', value: decoder.decode(proto.s) };
		case AttributeType.FLOATS:
			return { kind: 'floats', value: proto.floats };
		case AttributeType.INTS:
			return { kind: 'ints', value: proto.ints.map(Number) };
		case AttributeType.STRINGS:
			return { kind: 'strings', value: proto.strings.map((bytes) => decoder.decode(bytes)) };
		case AttributeType.TENSOR:
			if (proto.t) return { kind: 'tensor', value: decodedOnce(proto.t, `${node}.${proto.name}`, file, readExternal) };
			break;
		case AttributeType.GRAPH:
			if (proto.g) return { kind: 'graph', value: decodeGraph(proto.g, file, readExternal) };
			break;
	}
	throw new UserError(messages.attributeType(file, node, proto.name));
}

function decodeValue(proto: ValueInfoProto, file: string): TensorInfo {
	if (proto.type?.value.case !== 'tensorType') return { name: proto.name, type: 'float32', dims: null };
	const { elemType, shape } = proto.type.value.value;
	const dims = shape
		? shape.dim.map(({ value }): Dimension => {
				if (value.case === 'dimParam') return value.value || null;
				// Exporters write 0 or -1 for "not known"; a real graph input is never empty.
				return value.case === 'dimValue' && value.value > 0n ? Number(value.value) : null;
			})
		: null;
	return { name: proto.name, type: elemType === 0 ? 'float32' : elementTypeOf(elemType, proto.name, file), dims };
}

/** Weights larger than this, in bytes, are copied once, straight to their place in the file. */
const largeTensor = 65536;

/** No message of protobuf may be longer. */
const longestFile = 2 ** 31 - 1;

/**
 * Writes a model as the bytes of an .onnx file, weights inside.
 *
 * Protobuf merges repeated occurrences of a message field, so large weights are appended as further pieces of the
 * graph: each is copied once, not once for every level of nesting.
 *
 * @throws UserError where it is longer than such a file can be
 */
export function encodeModel(model: Model): Uint8Array {
	const isLarge = ([, tensor]: readonly [string, ConstantTensor]): boolean => tensor.bytes.length > largeTensor;
	const constants = [...model.graph.constants];
	const pieces = [
		toBinary(ModelProtoSchema, protoOf(model, encodeGraph(model.graph, new Map(constants.filter((entry) => !isLarge(entry)))))),
		...constants.filter(isLarge).flatMap(([name, tensor]) => largeInitializer(name, tensor)),
	];
	const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
	if (length > longestFile) throw new UserError(messages.tooLongForOnnx(length));
	const bytes = new Uint8Array(length);
	let at = 0;
	for (const piece of pieces) {
		bytes.set(piece, at);
		at += piece.length;
	}
	return bytes;
}

/** A weight beside the model, at the place the model names for it. */
export interface WeightApart {
	readonly path: string;
	readonly data: Uint8Array;
}

/** Weights larger than this, in bytes, are handed to onnxruntime as they lie in memory. */
const apartTensor = 2 ** 20;

/** A model as onnxruntime takes it from memory: large weights are not copied into it, and may be of any size together. */
export function encodeModelApart(model: Model): { readonly bytes: Uint8Array; readonly weights: readonly WeightApart[] } {
	const weights: WeightApart[] = [];
	const graph = encodeGraph(model.graph, new Map());
	for (const [name, tensor] of model.graph.constants) {
		if (tensor.bytes.length <= apartTensor) {
			graph.initializer.push(encodeTensor(tensor, name));
			continue;
		}
		const path = `weight-${weights.length}`;
		weights.push({ path, data: tensor.bytes });
		graph.initializer.push(externalTensor(tensor, name, path));
	}
	return { bytes: toBinary(ModelProtoSchema, protoOf(model, graph)), weights };
}

const protoOf = (model: Model, graph: GraphProto): ModelProto =>
	create(ModelProtoSchema, {
		irVersion: 8n,
		producerName: model.producer,
		graph,
		opsetImport: [...model.opsets].map(([domain, version]) =>
			create(OperatorSetIdProtoSchema, { domain, version: BigInt(version) }),
		),
		metadataProps: [...model.metadata].map(([key, value]) => create(StringStringEntryProtoSchema, { key, value })),
	});

/** ModelProto.graph { GraphProto.initializer { TensorProto } } with the weight's bytes last. */
function largeInitializer(name: string, tensor: ConstantTensor): Uint8Array[] {
	const head = toBinary(
		TensorProtoSchema,
		create(TensorProtoSchema, { name, dims: tensor.dims.map(BigInt), dataType: elementTypeCodes[tensor.type] }),
	);
	const raw = lengthPrefix(TensorProtoSchema.field.rawData.number, tensor.bytes.length);
	const initializer = lengthPrefix(GraphProtoSchema.field.initializer.number, head.length + raw.length + tensor.bytes.length);
	const graph = lengthPrefix(
		ModelProtoSchema.field.graph.number,
		initializer.length + head.length + raw.length + tensor.bytes.length,
	);
	return [graph, initializer, head, raw, tensor.bytes];
}

const lengthPrefix = (field: number, length: number): Uint8Array =>
	new BinaryWriter().tag(field, WireType.LengthDelimited).uint32(length).finish();

function encodeGraph(graph: Graph, constants: ReadonlyMap<string, ConstantTensor> = graph.constants): GraphProto {
	return create(GraphProtoSchema, {
		name: graph.name || 'network',
		node: graph.nodes.map(encodeNode),
		initializer: [...constants].map(([name, tensor]) => encodeTensor(tensor, name)),
		input: graph.inputs.map(encodeValue),
		output: graph.outputs.map(encodeValue),
	});
}

function encodeNode(node: GraphNode): NodeProto {
	return create(NodeProtoSchema, {
		name: node.name,
		opType: node.op,
		...(node.domain ? { domain: node.domain } : {}),
		input: [...node.inputs],
		output: [...node.outputs],
		attribute: [...node.attributes].map(([name, attribute]) => encodeAttribute(name, attribute)),
	});
}

function encodeAttribute(name: string, attribute: Attribute): AttributeProto {
	const proto = create(AttributeProtoSchema, { name });
	switch (attribute.kind) {
		case 'int':
			proto.type = AttributeType.INT;
			proto.i = BigInt(attribute.value);
			break;
		case 'float':
			proto.type = AttributeType.FLOAT;
			proto.f = attribute.value;
			break;
		case 'string':
			proto.type = AttributeType.STRING;
			proto.s = encoder.encode(attribute.value);
			break;
		case 'ints':
			proto.type = AttributeType.INTS;
			proto.ints = attribute.value.map(BigInt);
			break;
		case 'floats':
			proto.type = AttributeType.FLOATS;
			proto.floats = [...attribute.value];
			break;
		case 'strings':
			proto.type = AttributeType.STRINGS;
			proto.strings = attribute.value.map((text) => encoder.encode(text));
			break;
		case 'tensor':
			proto.type = AttributeType.TENSOR;
			proto.t = encodeTensor(attribute.value, '');
			break;
		case 'graph':
			proto.type = AttributeType.GRAPH;
			proto.g = encodeGraph(attribute.value);
			break;
	}
	return proto;
}

function encodeValue(info: TensorInfo): ValueInfoProto {
	if (info.type === null) return create(ValueInfoProtoSchema, { name: info.name });
	const dims = info.dims?.map((dim) =>
		typeof dim === 'number'
			? { value: { case: 'dimValue' as const, value: BigInt(dim) } }
			: typeof dim === 'string'
				? { value: { case: 'dimParam' as const, value: dim } }
				: { value: { case: undefined } },
	);
	const type: TypeProto = create(TypeProtoSchema, {
		value: {
			case: 'tensorType',
			value: { elemType: elementTypeCodes[info.type], ...(dims ? { shape: { dim: dims } } : {}) },
		},
	});
	return create(ValueInfoProtoSchema, { name: info.name, type });
}
