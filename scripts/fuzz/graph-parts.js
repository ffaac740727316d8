// Pieces of an ONNX graph, as decoded records.
import { create } from '@bufbuild/protobuf';
import { AttributeProto_AttributeType, AttributeProtoSchema, NodeProtoSchema } from '../../dist/formats/onnx/onnx_pb.js';

const attribute = (name, type, value) => create(AttributeProtoSchema, { name, type, ...value });
export const attributeInt = (name, i) => attribute(name, AttributeProto_AttributeType.INT, { i: BigInt(i) });
export const attributeInts = (name, ints) => attribute(name, AttributeProto_AttributeType.INTS, { ints: ints.map(BigInt) });
export const attributeFloat = (name, f) => attribute(name, AttributeProto_AttributeType.FLOAT, { f });
export const node = (opType, input, output, attributes = []) =>
	create(NodeProtoSchema, { opType, input, output, name: `${opType}_${output[0]}`, attribute: attributes });

/** Changes the numbers of a float32 initialiser in place. */
export function tensorFloat(tensor, change) {
	if (tensor.rawData.length === 0) {
		change(tensor.floatData);
		return;
	}
	const values = new Float32Array(tensor.rawData.slice().buffer);
	change(values);
	tensor.rawData = new Uint8Array(values.buffer);
}
