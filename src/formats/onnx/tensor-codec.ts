import { create } from '@bufbuild/protobuf';
import { UserError } from '../../errors.ts';
import type { ConstantTensor, ElementType } from '../../model/graph.ts';
import { elementBytes, elementTypeCodes } from '../../model/tensors.ts';
import * as messages from '../messages.ts';
import {
	TensorProto_DataLocation as DataLocation,
	StringStringEntryProtoSchema,
	type TensorProto,
	TensorProtoSchema,
} from './onnx_pb.ts';

const elementTypesByCode = new Map(Object.entries(elementTypeCodes).map(([type, code]) => [code, type as ElementType]));

/** Fetches `length` bytes (null: to the end) at `offset` of a file beside the model. */
export type ReadExternal = (tensor: string, location: string, offset: number, length: number | null) => Uint8Array;

/** @throws UserError for element types that are not read (complex, float8, 4-bit) */
export function elementTypeOf(code: number, tensor: string, file: string): ElementType {
	const type = elementTypesByCode.get(code);
	if (!type) throw new UserError(messages.tensorType(file, tensor, `number ${code}`));
	return type;
}

/** @throws UserError when the tensor's data do not fit its shape, or its type is not read */
export function decodeTensor(proto: TensorProto, name: string, file: string, readExternal: ReadExternal): ConstantTensor {
	const type = elementTypeOf(proto.dataType, name, file);
	const dims = proto.dims.map(Number);
	if (dims.some((dim) => !Number.isSafeInteger(dim) || dim < 0))
		throw new UserError(messages.tensorShape(file, name, proto.dims.join(', ')));
	const elements = dims.reduce((product, dim) => product * dim, 1);
	if (type === 'string') {
		return { type, dims, bytes: new Uint8Array(0) }; // no operator snn-energy looks into has string data
	}
	const expected = elements * elementBytes[type];
	if (!Number.isSafeInteger(expected)) throw new UserError(messages.tensorShape(file, name, dims.join(', ')));
	const bytes = tensorBytes(proto, type, name, readExternal);
	if (bytes.length !== expected) throw new UserError(messages.tensorSize(file, name, dims.join(', '), expected, bytes.length));
	return { type, dims, bytes };
}

function tensorBytes(proto: TensorProto, type: ElementType, name: string, readExternal: ReadExternal): Uint8Array {
	if (proto.dataLocation === DataLocation.EXTERNAL) {
		const entries = new Map(proto.externalData.map(({ key, value }) => [key, value]));
		const length = entries.get('length');
		return readExternal(
			name,
			entries.get('location') ?? '',
			Number(entries.get('offset') ?? 0),
			length === undefined ? null : Number(length),
		);
	}
	// A copy, where views may start, which those of a file seldom may: else every later look at the values copies them again.
	if (proto.rawData.length > 0) return new Uint8Array(proto.rawData);
	switch (type) {
		case 'float32':
			return bytesOf(Float32Array.from(proto.floatData));
		case 'float64':
			return bytesOf(Float64Array.from(proto.doubleData));
		case 'int64':
			return bytesOf(BigInt64Array.from(proto.int64Data));
		case 'uint64':
			return bytesOf(BigUint64Array.from(proto.uint64Data));
		case 'uint32':
			return bytesOf(Uint32Array.from(proto.uint64Data, Number));
		case 'int32':
			return bytesOf(Int32Array.from(proto.int32Data));
		case 'int16':
		case 'uint16':
		case 'float16':
		case 'bfloat16':
			return bytesOf(Uint16Array.from(proto.int32Data));
		default:
			return bytesOf(Uint8Array.from(proto.int32Data));
	}
}

const bytesOf = (array: ArrayBufferView): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

export function encodeTensor(tensor: ConstantTensor, name: string): TensorProto {
	return create(TensorProtoSchema, {
		name,
		dims: tensor.dims.map(BigInt),
		dataType: elementTypeCodes[tensor.type],
		rawData: tensor.bytes,
	});
}

/** A tensor whose bytes lie at a path outside the model, all of them and nothing else. */
export function externalTensor(tensor: ConstantTensor, name: string, path: string): TensorProto {
	const entries = { location: path, offset: '0', length: String(tensor.bytes.length) };
	return create(TensorProtoSchema, {
		name,
		dims: tensor.dims.map(BigInt),
		dataType: elementTypeCodes[tensor.type],
		dataLocation: DataLocation.EXTERNAL,
		externalData: Object.entries(entries).map(([key, value]) => create(StringStringEntryProtoSchema, { key, value })),
	});
}
