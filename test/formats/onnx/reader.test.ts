import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { encodeModel, parseOnnx, readOnnx } from '../../../src/formats/onnx/index.ts';
import {
	AttributeProtoSchema,
	AttributeProto_AttributeType as AttributeType,
	FunctionProtoSchema,
	type ModelProto,
	ModelProtoSchema,
	NodeProtoSchema,
	SparseTensorProtoSchema,
	StringStringEntryProtoSchema,
	TensorProto_DataLocation,
	TensorProtoSchema,
	ValueInfoProtoSchema,
} from '../../../src/formats/onnx/onnx_pb.ts';
import { float32Tensor, tensorValues } from '../../../src/model/tensors.ts';
import { findStructure } from '../../../src/network/structure.ts';
import { simulate } from '../../../src/simulation/simulate.ts';
import { arraySource } from '../../support/array-source.ts';
import { float, type ModelBuilder, modelBuilder, weights } from '../../support/model-builder.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-energy-onnx-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function proto(build: (graph: ModelBuilder) => void, change: (proto: ModelProto) => void = () => {}, opset = 13): Uint8Array {
	const graph = modelBuilder();
	build(graph);
	const message = fromBinary(ModelProtoSchema, encodeModel(graph.build({ opset })));
	change(message);
	return toBinary(ModelProtoSchema, message);
}

const weight = weights([6, 4]);
const dense = (graph: ModelBuilder): void => {
	graph.input('x', ['batch', 6]);
	graph.constant('fc.weight', weight);
	graph.output(graph.add('MatMul', ['x', 'fc.weight'], {}, { name: '/fc/MatMul' }));
};

const totals = async (bytes: Uint8Array, data: Float32Array, shape: readonly number[]) => {
	const model = parseOnnx(bytes, 'net.onnx');
	const network = await findStructure({ model, file: 'net.onnx', format: 'onnx', sha256: '' });
	return (await simulate(network, arraySource(data, shape))).totals;
};

const initialiser = (tensor: MessageInitShape<typeof TensorProtoSchema>) => (message: ModelProto) => {
	if (message.graph) message.graph.initializer = [create(TensorProtoSchema, { name: 'fc.weight', dims: [2n, 2n], ...tensor })];
};
const small = (graph: ModelBuilder): void => {
	graph.input('x', ['batch', 2]);
	graph.constant('fc.weight', weights([2, 2]));
	graph.output(graph.add('MatMul', ['x', 'fc.weight']));
};

test.each<[string, MessageInitShape<typeof TensorProtoSchema>, readonly number[]]>([
	['float32 values in a list', { dataType: 1, floatData: [1, -2, 0.5, 0] }, [1, -2, 0.5, 0]],
	['float64 values in a list', { dataType: 11, doubleData: [1, -2, 0.1, 0] }, [1, -2, 0.1, 0]],
	['int64 values in a list', { dataType: 7, int64Data: [1n, -2n, 2n ** 40n, 0n] }, [1, -2, 2 ** 40, 0]],
	['uint64 values in a list', { dataType: 13, uint64Data: [1n, 2n, 3n, 0n] }, [1, 2, 3, 0]],
	['uint32 values in a list', { dataType: 12, uint64Data: [1n, 2n, 4294967295n, 0n] }, [1, 2, 4294967295, 0]],
	['int32 values in a list', { dataType: 6, int32Data: [1, -2, 3, 0] }, [1, -2, 3, 0]],
	['int16 values in a list', { dataType: 5, int32Data: [1, -2, 300, 0] }, [1, -2, 300, 0]],
	['uint16 values in a list', { dataType: 4, int32Data: [1, 2, 60000, 0] }, [1, 2, 60000, 0]],
	['int8 values in a list', { dataType: 3, int32Data: [1, -2, 127, 0] }, [1, -2, 127, 0]],
	['uint8 values in a list', { dataType: 2, int32Data: [1, 2, 255, 0] }, [1, 2, 255, 0]],
	['bool values in a list', { dataType: 9, int32Data: [1, 0, 1, 0] }, [1, 0, 1, 0]],
	['float16 values in a list', { dataType: 10, int32Data: [0x3c00, 0xc000, 0x3800, 0] }, [1, -2, 0.5, 0]],
	['bfloat16 values in a list', { dataType: 16, int32Data: [0x3f80, 0xc000, 0x3f00, 0] }, [1, -2, 0.5, 0]],
	[
		'raw float16 bytes',
		{ dataType: 10, rawData: new Uint8Array(Uint16Array.of(0x3c00, 0x0001, 0x7bff, 0x8000).buffer) },
		[1, 2 ** -24, 65504, -0],
	],
	['raw int8 bytes', { dataType: 3, rawData: Uint8Array.of(1, 254, 127, 128) }, [1, -2, 127, -128]],
])('%s are read as they were written', (_, tensor, expected) => {
	const { graph } = parseOnnx(proto(small, initialiser(tensor)), 'net.onnx');
	const read = graph.constants.get('fc.weight');
	expect(read && [...tensorValues(read)]).toEqual(expected);
});

test.each<[string, MessageInitShape<typeof TensorProtoSchema>, string]>([
	[
		'too few values',
		{ dataType: 1, floatData: [1, 2, 3] },
		'net.onnx: tensor "fc.weight" of shape [2, 2] needs 16 bytes, but the file holds 12. Export or copy it again.',
	],
	[
		'too many bytes',
		{ dataType: 1, rawData: new Uint8Array(17) },
		'net.onnx: tensor "fc.weight" of shape [2, 2] needs 16 bytes, but the file holds 17. Export or copy it again.',
	],
	[
		'a negative size',
		{ dataType: 1, dims: [-2n, 2n], rawData: new Uint8Array(16) },
		'net.onnx: tensor "fc.weight" has the impossible shape [-2, 2].',
	],
	[
		'a size past 2^53',
		{ dataType: 1, dims: [2n ** 60n, 2n], rawData: new Uint8Array(16) },
		'net.onnx: tensor "fc.weight" has the impossible shape [1152921504606846976, 2].',
	],
	[
		'complex numbers',
		{ dataType: 14, rawData: new Uint8Array(32) },
		'net.onnx: tensor "fc.weight" has element type number 14, which snn-energy does not read. Export the model with float32, float16 or int8 weights.',
	],
	[
		'4-bit numbers',
		{ dataType: 22, rawData: new Uint8Array(2) },
		'net.onnx: tensor "fc.weight" has element type number 22, which snn-energy does not read. Export the model with float32, float16 or int8 weights.',
	],
])('a weight with %s is refused', (_, tensor, message) => {
	expect(() => parseOnnx(proto(small, initialiser(tensor)), 'net.onnx')).toThrow(new Error(message));
});

const external = (entries: Readonly<Record<string, string>>) => (message: ModelProto) => {
	const [tensor] = message.graph?.initializer ?? [];
	if (!tensor) throw new Error('the model has a weight');
	tensor.rawData = new Uint8Array();
	tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
	tensor.externalData = Object.entries(entries).map(([key, value]) => create(StringStringEntryProtoSchema, { key, value }));
};

test('weights stored beside the model are read from their offset', () => {
	mkdirSync(join(folder, 'data'));
	writeFileSync(join(folder, 'data', 'net.bin'), Buffer.concat([Buffer.alloc(64, 7), weight.bytes, Buffer.alloc(8, 9)]));
	const path = join(folder, 'net.onnx');
	writeFileSync(path, proto(dense, external({ location: 'data/net.bin', offset: '64', length: '96' })));
	const read = readOnnx(path).graph.constants.get('fc.weight');
	expect(read && [...tensorValues(read)]).toEqual([...tensorValues(weight)]);
});

test.each<[string, Readonly<Record<string, string>>, RegExp]>([
	[
		'missing',
		{ location: 'nowhere.bin' },
		/^.*missing\.onnx: the weight "fc\.weight" is stored in "nowhere\.bin", which is not there\. Put "nowhere\.bin" next to the model\.$/,
	],
	['short', { location: 'few.bin', offset: '0', length: '96' }, /needs 96 bytes from "few\.bin", which has only 50 there/],
	[
		'short behind its offset',
		{ location: 'few.bin', offset: '40', length: '96' },
		/needs 96 bytes from "few\.bin", which has only 10 there/,
	],
	['behind the end', { location: 'few.bin', offset: '4000', length: '96' }, /has only 0 there/],
	[
		'of a claimed terabyte',
		{ location: 'few.bin', length: '1000000000000' },
		/needs 1000000000000 bytes from "few\.bin", which has only 50 there/,
	],
	[
		'of a length that is no number',
		{ location: 'few.bin', length: 'all' },
		/^.*: the weight "fc\.weight" asks for bytes of "few\.bin" at an offset or of a length that is not a whole number\. Export the model again\.$/,
	],
	[
		'at a negative offset',
		{ location: 'few.bin', offset: '-8', length: '96' },
		/at an offset or of a length that is not a whole number/,
	],
	['above the folder', { location: '../few.bin' }, /outside the model's own folder; that is refused/],
	['above the folder by a detour', { location: 'a/../../few.bin' }, /outside the model's own folder; that is refused/],
	['at an absolute path', { location: '/etc/hostname' }, /outside the model's own folder; that is refused/],
	['nowhere at all', {}, /outside the model's own folder; that is refused/],
])('external data that are %s are refused', (name, entries, message) => {
	writeFileSync(join(folder, 'few.bin'), new Uint8Array(50));
	const path = join(folder, `${name.replaceAll(' ', '-')}.onnx`);
	writeFileSync(path, proto(dense, external(entries)));
	expect(() => readOnnx(path)).toThrow(message);
});

test('functions of the file are written out, with their attributes and however deep', async () => {
	const bytes = proto(dense, (message) => {
		const { graph } = message;
		if (!graph) throw new Error('the model has a graph');
		const attribute = (name: string, refAttrName: string) => ({ name, refAttrName, type: AttributeType.INT });
		graph.node = [];
		graph.output = graph.output.slice(0, 1);
		const [output = { name: '' }] = graph.output;
		output.name = 'y';
		graph.node.push(
			create(NodeProtoSchema, {
				name: 'layer',
				opType: 'Linear',
				domain: 'pkg',
				input: ['x', 'fc.weight'],
				output: ['y'],
				attribute: [{ name: 'turned', type: AttributeType.INT, i: 1n }],
			}),
		);
		message.functions = [
			create(FunctionProtoSchema, {
				name: 'Linear',
				domain: 'pkg',
				input: ['data', 'w'],
				output: ['out'],
				attribute: ['turned'],
				node: [
					{ opType: 'Twice', domain: 'pkg', input: ['data'], output: ['doubled'] },
					{ opType: 'Gemm', input: ['doubled', 'w'], output: ['out'], attribute: [attribute('transB', 'turned')] },
				],
			}),
			create(FunctionProtoSchema, {
				name: 'Twice',
				domain: 'pkg',
				input: ['a'],
				output: ['b'],
				node: [{ opType: 'Add', input: ['a', 'a'], output: ['b'] }],
			}),
		];
		const [tensor] = graph.initializer;
		if (tensor) tensor.dims = [4n, 6n];
	});
	const { graph } = parseOnnx(bytes, 'net.onnx');
	expect(graph.nodes.map(({ op, domain }) => [op, domain])).toEqual([
		['Add', ''],
		['Gemm', ''],
	]);
	expect(graph.nodes[1]?.attributes.get('transB')).toEqual({ kind: 'int', value: 1 });
	const counted = await totals(bytes, Float32Array.of(1, 0, 1, 1, 0, 0), [6]);
	expect([counted.denseMacs, counted.activeInputs, counted.synapticEvents]).toEqual([24, 3, 12]);
});

test('a function that calls itself is refused', () => {
	const bytes = proto(dense, (message) => {
		const [node] = message.graph?.node ?? [];
		if (node) [node.opType, node.domain] = ['Round', 'pkg'];
		message.functions = [
			create(FunctionProtoSchema, {
				name: 'Round',
				domain: 'pkg',
				input: ['a', 'w'],
				output: ['b'],
				node: [{ opType: 'Round', domain: 'pkg', input: ['a', 'w'], output: ['b'] }],
			}),
		];
	});
	expect(() => parseOnnx(bytes, 'net.onnx')).toThrow(
		new Error('net.onnx: the model\'s function "Round" calls itself. Export the model again.'),
	);
});

test('sparse initialisers are refused, and so are attributes of a kind that is not read', () => {
	const sparse = proto(dense, (message) => {
		message.graph?.sparseInitializer.push(create(SparseTensorProtoSchema, { dims: [2n] }));
	});
	expect(() => parseOnnx(sparse, 'net.onnx')).toThrow(/sparse initialisers, which snn-energy does not read/);
	const typed = proto(dense, (message) => {
		message.graph?.node[0]?.attribute.push(create(AttributeProtoSchema, { name: 'kind', type: AttributeType.TYPE_PROTO }));
	});
	expect(() => parseOnnx(typed, 'net.onnx')).toThrow(
		/attribute "kind" of node "\/fc\/MatMul" has a type snn-energy does not read/,
	);
});

test('initialisers listed among the inputs, as old files do, are weights and no inputs', () => {
	const bytes = proto(dense, (message) => {
		message.graph?.input.push(create(ValueInfoProtoSchema, { name: 'fc.weight' }));
	});
	expect(parseOnnx(bytes, 'net.onnx').graph.inputs.map(({ name }) => name)).toEqual(['x']);
});

test('nodes written in any order are sorted', () => {
	const bytes = proto(
		(graph) => {
			graph.input('x', ['batch', 6]);
			graph.add('Relu', ['b'], {}, { output: 'c' });
			graph.add('Neg', ['x'], {}, { output: 'a' });
			graph.add('Abs', ['a'], {}, { output: 'b' });
			graph.output('c');
		},
		() => {},
	);
	expect(parseOnnx(bytes, 'net.onnx').graph.nodes.map(({ op }) => op)).toEqual(['Neg', 'Abs', 'Relu']);
});

/** The same threshold and pooling net in the words of an opset: parameters were attributes once, and became inputs. */
function dialect(graph: ModelBuilder, opset: number): void {
	const list = (name: string, values: readonly number[]): string =>
		graph.constant(name, {
			type: 'int64',
			dims: [values.length],
			bytes: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
		});
	graph.input('x', ['batch', 1, 1, 4, 4]);
	const squeezed = opset < 13 ? graph.add('Squeeze', ['x'], { axes: [1] }) : graph.add('Squeeze', ['x', list('axes', [1])]);
	const clipped =
		opset < 11
			? graph.add('Clip', [squeezed], { min: float(0), max: float(3) })
			: graph.add('Clip', [squeezed, graph.scalar(0), graph.scalar(3)]);
	const levels = graph.add('Floor', [clipped]);
	const pads = [0, 0, 1, 1, 0, 0, 1, 1];
	const padded =
		opset < 11
			? graph.add('Pad', [levels], { pads, mode: 'constant', value: float(0) })
			: graph.add('Pad', [levels, list('pads', pads)]);
	const cut =
		opset < 10
			? graph.add('Slice', [padded], { starts: [0, 0], ends: [5, 6], axes: [2, 3] })
			: graph.add('Slice', [padded, list('starts', [0, 0]), list('ends', [5, 6]), list('along', [2, 3])]);
	graph.constant(
		'conv.weight',
		float32Tensor(
			Float32Array.from({ length: 18 }, (_, at) => (at % 4) / 4),
			[2, 1, 3, 3],
		),
	);
	const current = graph.add('Conv', [cut, 'conv.weight']);
	const flat =
		opset < 13
			? graph.add('ReduceSum', [current], { axes: [2, 3], keepdims: 0 })
			: graph.add('ReduceSum', [current, list('spatial', [2, 3])], { keepdims: 0 });
	graph.constant('fc.weight', weights([2, 3]));
	graph.output(graph.add('MatMul', [flat, 'fc.weight']));
}

test.each([9, 10, 11, 12, 13, 15, 17, 18, 21])('opset %i says its parameters its own way and counts the same', async (opset) => {
	const data = Float32Array.from({ length: 32 }, (_, at) => [0, 1.5, 2.25, -1, 3.75, 0][at % 6] as number);
	const build = (version: number) =>
		proto(
			(graph) => dialect(graph, version),
			() => {},
			version,
		);
	const found = await totals(build(opset), data, [1, 1, 4, 4]);
	expect(found).toEqual(await totals(build(13), data, [1, 1, 4, 4]));
	// Levels 1, 2 and 3 in front of the convolution are graded spikes; what is behind it is analog.
	const active = data.filter((value) => Math.floor(value) >= 1).length;
	expect(found.activeInputs).toBe(active + 4);
	expect([found.acs > 0, found.macs > 0]).toEqual([true, true]);
});

test.each<[string, (graph: ModelBuilder, sizes: (name: string, values: readonly number[]) => string) => string]>([
	['ConstantOfShape', (graph, sizes) => graph.add('ConstantOfShape', [sizes('s', [1, 2 ** 31])])],
	['Expand', (graph, sizes) => graph.add('Expand', ['x', sizes('s', [2 ** 15, 2 ** 14, 6])])],
	[
		'Tile',
		(graph, sizes) => graph.add('Tile', ['x', graph.add('Concat', [sizes('s', [1]), sizes('t', [2 ** 40])], { axis: 0 })]),
	],
	['Range', (graph, sizes) => graph.add('Range', [sizes('from', [0]), sizes('to', [2 ** 31]), sizes('by', [1])])],
])('%s of a size no network needs is refused before onnxruntime tries', (op, make) => {
	const bytes = proto((graph) => {
		graph.input('x', ['batch', 6]);
		const sizes = (name: string, values: readonly number[]): string =>
			graph.constant(name, {
				type: 'int64',
				dims: [values.length],
				bytes: new Uint8Array(BigInt64Array.from(values, BigInt).buffer),
			});
		graph.output(make(graph, sizes));
	});
	expect(() => parseOnnx(bytes, 'net.onnx')).toThrow(
		new RegExp(`^net\\.onnx: ${op} "/${op}_\\d" asks for a tensor of [\\d.e+]+ elements, which no network needs\\.`),
	);
});
