import { Tensor } from 'onnxruntime-common';
import type { ElementType } from '../../../src/model/graph.ts';
import { float32Scalar, int64Tensor, uint8Tensor } from '../../../src/model/tensors.ts';
import { withExactIntegers } from '../../../src/network/rewrite/exact-integers.ts';
import { createSession, runSession } from '../../../src/runtime/session.ts';
import { type ModelBuilder, modelBuilder } from '../../support/model-builder.ts';

/** Largest bytes throughout: two products of an unsigned and a signed one do not fit into 16 bits. */
const [largest, signed] = [255, 127];
const depth = 64;

const signedTensor = (count: number, dims: readonly number[]) => ({
	...uint8Tensor(new Uint8Array(count).fill(signed), dims),
	type: 'int8' as ElementType,
});
const scale = (graph: ModelBuilder, name: string, value: number): string => graph.constant(name, float32Scalar(value));
const zeros = (graph: ModelBuilder) => ({
	unsigned: graph.constant('unsigned zero', uint8Tensor(Uint8Array.of(0), [])),
	signed: graph.constant('signed zero', { ...uint8Tensor(Uint8Array.of(0), []), type: 'int8' }),
});

type Build = (graph: ModelBuilder) => string;
/** As the quantiser scales results: a hundredth of the largest sum is one unit. */
const unit = (largest * signed * depth) / 100;

const activations: Build = (graph) => {
	graph.input('weights', [depth, 3], 'int8');
	return graph.add('MatMulInteger', ['data', 'weights']);
};
const constant: Build = (graph) =>
	graph.add('MatMulInteger', ['data', graph.constant('weights', signedTensor(depth * 3, [depth, 3]))]);
const scaled: Build = (graph) => {
	graph.input('weights', [depth, 3], 'int8');
	const zero = zeros(graph);
	const one = scale(graph, 'one', 1);
	return graph.add('QLinearMatMul', [
		'data',
		one,
		zero.unsigned,
		'weights',
		one,
		zero.signed,
		scale(graph, 'unit', unit),
		zero.unsigned,
	]);
};
const convolution: Build = (graph) => {
	const zero = zeros(graph);
	const one = scale(graph, 'one', 1);
	const kernel = graph.constant('weights', signedTensor(depth * 3, [3, depth, 1, 1]));
	const image = graph.add('Unsqueeze', ['data', graph.constant('axes', int64Tensor([2, 3]))]);
	return graph.add('QLinearConv', [
		image,
		one,
		zero.unsigned,
		kernel,
		one,
		zero.signed,
		scale(graph, 'unit', unit),
		zero.unsigned,
	]);
};

test.each([
	['MatMulInteger of two activations', activations, largest * signed * depth],
	['MatMulInteger with weights', constant, largest * signed * depth],
	['QLinearMatMul of two activations', scaled, 100],
	['QLinearConv', convolution, 100],
] as const)('%s adds unsigned · signed bytes without overflow on every processor', async (_, build, expected) => {
	const graph = modelBuilder();
	graph.input('data', [2, depth], 'uint8');
	graph.output(graph.add('Cast', [build(graph)], { to: 1 }));
	const model = graph.build();
	const exact = { ...model, graph: withExactIntegers(model.graph).graph };
	expect(exact.graph.nodes.length + exact.graph.constants.size).toBeGreaterThan(model.graph.nodes.length);
	const session = await createSession(exact, '');
	const feeds = {
		data: new Tensor('uint8', new Uint8Array(2 * depth).fill(largest), [2, depth]),
		...(model.graph.inputs.length > 1 ? { weights: new Tensor('int8', new Int8Array(depth * 3).fill(signed), [depth, 3]) } : {}),
	};
	const [output = ''] = exact.graph.outputs.map(({ name }) => name);
	const { [output]: result } = await runSession(session, feeds, [output], '');
	await session.release();
	expect([...new Set(result?.data as Float32Array)]).toEqual([expected]);
});

/** Bytes of a graph's input as exporters hand them to the next product: signed where the zero point says so. */
const ways: Readonly<Record<string, (graph: ModelBuilder, zero: string) => string>> = {
	'as the result of another product': (graph, zero) => {
		const one = scale(graph, 'one', 1);
		const identity = new Uint8Array(16).map((_, at) => (at % 5 === 0 ? 1 : 0));
		const weights = graph.constant('identity', { ...uint8Tensor(identity, [4, 4]), type: 'int8' });
		return graph.add('QLinearMatMul', ['data', one, zero, weights, one, zero, one, zero]);
	},
	'in two halves': (graph) => {
		graph.addMany('Split', ['data', graph.constant('halves', int64Tensor([2, 2]))], ['left', 'right'], { axis: 1 });
		return graph.add('Concat', ['right', 'left'], { axis: 1 });
	},
	clipped: (graph) =>
		graph.add('Clip', [
			'data',
			graph.constant('low', { ...uint8Tensor(Uint8Array.of(156), []), type: 'int8' }),
			graph.constant('high', { ...uint8Tensor(Uint8Array.of(100), []), type: 'int8' }),
		]),
	'cast like the zero point': (graph, zero) => graph.add('CastLike', [graph.add('Cast', ['data'], { to: 1 }), zero]),
	'by an operator that nothing is known of': (graph) => graph.add('BitwiseNot', [graph.add('BitwiseNot', ['data'])]),
};

test.each(Object.entries(ways))('signed data stay beside signed weights, %s', async (_, way) => {
	const graph = modelBuilder();
	graph.input('data', [2, 4], 'int8');
	const { signed: zero } = zeros(graph);
	const one = scale(graph, 'one', 1);
	const weights = graph.constant('ones', { ...uint8Tensor(new Uint8Array(12).fill(1), [4, 3]), type: 'int8' });
	const handed = way(graph, zero);
	graph.output(graph.add('Cast', [graph.add('QLinearMatMul', [handed, one, zero, weights, one, zero, one, zero])], { to: 1 }));
	const model = graph.build({ opset: 18 });
	const exact = { ...model, graph: withExactIntegers(model.graph).graph };
	const session = await createSession(exact, '');
	const [output = ''] = exact.graph.outputs.map(({ name }) => name);
	const feeds = { data: new Tensor('int8', Int8Array.of(-9, 2, 3, 1, 5, 6, 7, -8), [2, 4]) };
	const { [output]: result } = await runSession(session, feeds, [output], '');
	await session.release();
	expect(Array.from(result?.data as Float32Array)).toEqual([-3, -3, -3, 10, 10, 10]);
});
