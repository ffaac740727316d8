import { readFileSync } from 'node:fs';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { UserError } from '../../../src/errors.ts';
import { encodeModel, parseOnnx } from '../../../src/formats/onnx/index.ts';
import {
	FunctionProtoSchema,
	type ModelProto,
	ModelProtoSchema,
	OperatorSetIdProtoSchema,
	StringStringEntryProtoSchema,
	TensorProto_DataType,
} from '../../../src/formats/onnx/onnx_pb.ts';
import type { Attribute, GraphNode, Model } from '../../../src/model/graph.ts';
import { int64Tensor } from '../../../src/model/tensors.ts';
import { findStructure } from '../../../src/network/structure.ts';
import { simulate } from '../../../src/simulation/simulate.ts';
import { arraySource } from '../../support/array-source.ts';
import { fixturePath } from '../../support/fixture.ts';
import { modelBuilder, weights } from '../../support/model-builder.ts';

/** conv → LIF → pool → fc → LIF over two timesteps: few weights, so that most bytes of the file are structure. */
function smallNetwork(): Model {
	const graph = modelBuilder();
	graph.input('x', ['batch', 1, 4, 4]);
	graph.constant('conv.weight', weights([2, 1, 3, 3], 3));
	graph.constant('conv.bias', weights([2], 5));
	graph.constant('fc.weight', weights([8, 3], 7));
	graph.constant('shape', int64Tensor([-1, 8]));
	let [u1, u2] = [graph.scalar(0), graph.scalar(0)];
	const answers: string[] = [];
	const lif = (current: string, state: string) => {
		const membrane = graph.add('Add', [graph.add('Mul', [state, graph.scalar(0.5)]), current]);
		const spikes = graph.add('Cast', [graph.add('Greater', [membrane, graph.scalar(0.5)])], { to: 1 });
		return { spikes, next: graph.add('Sub', [membrane, spikes]) };
	};
	for (let step = 0; step < 2; step += 1) {
		const one = lif(graph.add('Conv', ['x', 'conv.weight', 'conv.bias'], { pads: [1, 1, 1, 1], strides: [1, 1] }), u1);
		const pooled = graph.add('AveragePool', [one.spikes], { kernel_shape: [2, 2], strides: [2, 2] });
		const two = lif(graph.add('Gemm', [graph.add('Reshape', [pooled, 'shape']), 'fc.weight'], { alpha: 1.5 }), u2);
		[u1, u2] = [one.next, two.next];
		answers.push(two.spikes);
	}
	graph.output(graph.add('Sum', answers), ['batch', 3]);
	return graph.build();
}

const image = Float32Array.from({ length: 2 * 16 }, (_, at) => ((at * 7) % 5) / 2);

/** A 32-bit linear congruential generator: the same damage every time. */
function generator(seed: number): (below: number) => number {
	let state = seed >>> 0;
	return (below) => {
		state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
		return Math.floor((state / 2 ** 32) * below);
	};
}

/** Reads, runs and counts a file. @returns what was counted, or the sentence that refuses it */
async function outcome(bytes: Uint8Array): Promise<{ counted: string } | { refused: string }> {
	try {
		const model = parseOnnx(bytes, 'damaged.onnx');
		const network = await findStructure({ model, file: 'damaged.onnx', format: 'onnx', sha256: '' });
		const { totals } = await simulate(network, arraySource(image, [1, 4, 4]));
		return { counted: JSON.stringify(totals) };
	} catch (error) {
		if (error instanceof UserError) return { refused: error.message };
		throw error;
	}
}

function expectSensible(result: Awaited<ReturnType<typeof outcome>>): void {
	if ('counted' in result)
		expect(result.counted).not.toContain('null'); // what JSON makes of NaN and infinity
	else expect(result.refused).toMatch(/^\S.*[.)]$/s);
}

test('a model cut short at any length is refused in a sentence', async () => {
	const whole = encodeModel(smallNetwork());
	expect(await outcome(whole)).toHaveProperty('counted');
	for (let length = 0; length < whole.length; length += 1) {
		const result = await outcome(whole.subarray(0, length));
		expect([length, Object.keys(result)]).toEqual([length, ['refused']]);
		expectSensible(result);
	}
});

test.each(['a-snntorch-conv-unrolled', 'e-relu-twin', 'e-resnet20-cifar10'])(
	'%s cut short anywhere is refused in a sentence',
	(name) => {
		const whole = readFileSync(fixturePath(name, 'model.onnx'));
		const refused = (length: number): void => {
			try {
				parseOnnx(whole.subarray(0, length), 'cut.onnx');
			} catch (error) {
				expect(error).toBeInstanceOf(UserError);
				return;
			}
			throw new Error(`cut at ${length}, the model was read without a word`);
		};
		for (let length = 0; length < whole.length; length += Math.ceil(whole.length / 400)) refused(length);
		for (let length = whole.length - 60; length < whole.length; length += 1) refused(length);
	},
);

test('bytes flipped at random are refused in a sentence or counted, never a crash, a hang or a NaN', async () => {
	const whole = encodeModel(smallNetwork());
	const seen = { counted: 0, refused: 0 };
	for (let round = 0; round < 280; round += 1) {
		const random = generator(round + 1);
		const damaged = Uint8Array.from(whole);
		for (let flips = 1 + random(3); flips > 0; flips -= 1) damaged[random(damaged.length)] = random(256);
		const started = Date.now();
		const result = await outcome(damaged);
		expect(Date.now() - started).toBeLessThan(10_000);
		expectSensible(result);
		seen['counted' in result ? 'counted' : 'refused'] += 1;
	}
	expect(seen.refused).toBeGreaterThan(60);
	expect(seen.counted).toBeGreaterThan(10);
});

const wild = [-1, 0, 1, 2, 3, 7, -2, 100, 65536, 1e6, 2 ** 31 - 1, 2 ** 31, 2 ** 40, 2 ** 52, -(2 ** 31), -(2 ** 52)];

/** One believable lie in a graph: an attribute, an input, an operator or a shape that is not what it was. */
function lie(model: Model, random: (below: number) => number): Model {
	const nodes = model.graph.nodes.map((node) => ({ ...node, attributes: new Map(node.attributes), inputs: [...node.inputs] }));
	const constants = new Map(model.graph.constants);
	const inputs = model.graph.inputs.map((info) => ({ ...info, dims: [...(info.dims ?? [])] }));
	const any = <T>(list: readonly T[]): T => list[random(list.length)] as T;
	const node = any(nodes);
	const kind = random(7);
	if (kind < 2 && node.attributes.size > 0) {
		const name = any([...node.attributes.keys()]);
		node.attributes.set(name, wildly(node.attributes.get(name) as Attribute, random));
	} else if (kind === 2) node.inputs[random(node.inputs.length)] = (any(nodes) as GraphNode).outputs[0] as string;
	else if (kind === 3) (node as { op: string }).op = any(nodes).op;
	else if (kind === 4) node.inputs.pop();
	else if (kind === 5) {
		const name = any([...constants.keys()]);
		const tensor = constants.get(name);
		if (tensor)
			constants.set(
				name,
				tensor.type === 'int64' ? int64Tensor([any(wild), any(wild)]) : { ...tensor, dims: [...tensor.dims].reverse() },
			);
	} else (inputs[0] as { dims: unknown[] }).dims[random(4)] = any([null, 'time', 0, 1, 3, 100, 2 ** 31]);
	return { ...model, graph: { ...model.graph, nodes, constants, inputs } };
}

function wildly(attribute: Attribute, random: (below: number) => number): Attribute {
	const number = wild[random(wild.length)] as number;
	if (attribute.kind === 'ints') {
		const value = [...attribute.value];
		if (random(3) === 0) value.pop();
		else value[random(value.length)] = number;
		return { kind: 'ints', value };
	}
	return attribute.kind === 'float' ? { kind: 'float', value: number } : { kind: 'int', value: number };
}

test('a graph with a lie in it is refused in a sentence or counted, never a crash, a hang or a NaN', async () => {
	const model = smallNetwork();
	const seen = { counted: 0, refused: 0 };
	for (let round = 0; round < 200; round += 1) {
		const random = generator(1000 + round);
		let changed = lie(model, random);
		if (random(2) === 0) changed = lie(changed, random);
		const started = Date.now();
		const result = await outcome(encodeModel(changed));
		expect(Date.now() - started).toBeLessThan(10_000);
		expectSensible(result);
		seen['counted' in result ? 'counted' : 'refused'] += 1;
	}
	expect(seen.refused).toBeGreaterThan(60);
	expect(seen.counted).toBeGreaterThan(10);
});

test('what a file stores twice is named: attributes, functions, operator sets and metadata that contradict each other', () => {
	const bytes = encodeModel(smallNetwork());
	const changed = (change: (proto: ModelProto) => void): string => {
		const proto = fromBinary(ModelProtoSchema, bytes);
		change(proto);
		try {
			parseOnnx(toBinary(ModelProtoSchema, proto), 'twice.onnx');
			return 'read';
		} catch (error) {
			if (error instanceof UserError) return error.message;
			throw error;
		}
	};
	const end = 'is stored twice, and which one is meant cannot be known. Export the model again.';
	const opset = (version: bigint) => create(OperatorSetIdProtoSchema, { domain: 'ai.onnx', version });
	expect(changed(({ opsetImport }) => opsetImport.push(opset(9n)))).toBe(`twice.onnx: the operator set "ai.onnx" ${end}`);
	expect(changed(({ opsetImport }) => opsetImport.push(opset(opsetImport[0]?.version ?? 0n)))).toBe('read');
	const entry = (value: string) => create(StringStringEntryProtoSchema, { key: 'T', value });
	expect(changed(({ metadataProps }) => metadataProps.push(entry('1'), entry('2')))).toBe(
		`twice.onnx: the metadata entry "T" ${end}`,
	);
	const one = create(FunctionProtoSchema, { domain: 'own', name: 'f', input: ['a'], output: ['b'] });
	expect(changed(({ functions }) => functions.push(one, one))).toBe(`twice.onnx: the function "f" ${end}`);
	const again = ({ graph }: ModelProto): void => {
		const conv = graph?.node.find(({ opType }) => opType === 'Conv');
		conv?.attribute.push(...conv.attribute.slice(0, 1));
	};
	expect(changed(again)).toMatch(/^twice\.onnx: the attribute of node ".+" "(pads|strides)" is stored twice/);
});

test('a constant of text where a number is due is refused in a sentence, whichever it is', async () => {
	const bytes = encodeModel(smallNetwork());
	const names = [...smallNetwork().graph.constants.keys()];
	for (const name of names) {
		const proto = fromBinary(ModelProtoSchema, bytes);
		for (const tensor of proto.graph?.initializer ?? []) {
			if (tensor.name !== name) continue;
			const count = tensor.dims.reduce((product, size) => product * Number(size), 1);
			tensor.dataType = TensorProto_DataType.STRING;
			tensor.rawData = new Uint8Array(0);
			tensor.stringData = Array.from({ length: count }, () => new TextEncoder().encode('one'));
		}
		const result = await outcome(toBinary(ModelProtoSchema, proto));
		expect([name, Object.keys(result)]).toEqual([name, ['refused']]);
		expectSensible(result);
	}
});
