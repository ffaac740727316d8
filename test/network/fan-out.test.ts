import fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeModel } from '../../src/formats/onnx/index.ts';
import { node } from '../../src/model/graph.ts';
import { elementCount, float32Tensor } from '../../src/model/tensors.ts';
import { fanOut } from '../../src/network/fan-out.ts';
import { type Connection, plainEvents, plainLayer } from '../support/plain-counter.ts';
import { convolution, gemm, matMul, type RandomLayer } from '../support/random-layer.ts';

const runs = { seed: 20, numRuns: 150 };

/** Fan-out of every input element, from the list of connections. */
function counted(layer: RandomLayer, keep: (connection: Connection) => boolean): number[] {
	const counts = new Array<number>(elementCount(layer.inputShape)).fill(0);
	for (const connection of layer.plain.connections)
		if (keep(connection)) counts[connection.from] = (counts[connection.from] as number) + 1;
	return counts;
}

/** Fan-out of every input element, as the product's maps give it. */
function expanded(layer: RandomLayer): { all: number[]; effective: number[] } {
	const fan = fanOut(layer.node, layer.weight, layer.weightPosition, {
		input: layer.inputShape,
		output: layer.plain.outputShape,
	});
	const elements = fan.channels * fan.positions;
	const all = Array.from(
		{ length: elements },
		(_, at) => fan.byPosition[fan.byPosition.length === 1 ? 0 : at % fan.positions] as number,
	);
	expect(fan.inputElements).toBe(elements);
	expect(fan.outputElements).toBe(elementCount(layer.plain.outputShape));
	expect(fan.denseMacs).toBe(layer.plain.denseMacs);
	expect(fan.synapses).toBe(layer.plain.connections.length);
	expect(fan.effectiveSynapses).toBe(layer.plain.connections.filter(({ weight }) => weight !== 0).length);
	return { all, effective: fan.effective ? [...fan.effective] : all };
}

test.each([
	['convolutions, plain and transposed, in one to three dimensions', convolution],
	['Gemm, transposed or not', gemm],
	['MatMul with the weights on either side', matMul],
] as const)('the fan-out of every input element equals a count connection by connection: %s', (_, layers) => {
	fc.assert(
		fc.property(layers, (layer) => {
			const { all, effective } = expanded(layer);
			expect(all).toEqual(counted(layer, () => true));
			expect(effective).toEqual(counted(layer, ({ weight }) => weight !== 0));
		}),
		runs,
	);
});

test.each([
	['convolutions', convolution],
	['Gemm', gemm],
	['MatMul', matMul],
] as const)('the plain counter’s connections compute what onnxruntime computes: %s', async (_, layers) => {
	await fc.assert(
		fc.asyncProperty(layers, async (layer) => {
			const values = Float32Array.from({ length: elementCount(layer.inputShape) }, (_, at) => ((at * 7) % 5) - 2);
			const model = {
				graph: {
					name: 'layer',
					nodes: [layer.node],
					constants: new Map([['weight', layer.weight], ...(layer.bias ? [['bias', layer.bias] as const] : [])]),
					inputs: [{ name: 'x', type: 'float32' as const, dims: [1, ...layer.inputShape] }],
					outputs: [{ name: 'current', type: null, dims: null }],
				},
				opsets: new Map([['', 13]]),
				producer: '',
				metadata: new Map(),
			};
			const session = await InferenceSession.create(encodeModel(model), {
				logSeverityLevel: 4,
				graphOptimizationLevel: 'disabled',
			});
			const { current } = await session.run({ x: new Tensor('float32', values, [1, ...layer.inputShape]) });
			await session.release();
			const result = current as Tensor;
			expect(result.dims.slice(1)).toEqual(layer.plain.outputShape);
			const { result: expected } = plainEvents(layer.plain, values);
			const bias = layer.bias ? new Float32Array(layer.bias.bytes.buffer) : null;
			const perChannel = expected.length / (bias?.length ?? 1);
			expect([...(result.data as Float32Array)]).toEqual(
				[...expected].map((value, at) => value + (bias ? (bias[Math.floor(at / perChannel)] as number) : 0) + 0),
			);
		}),
		{ seed: 7, numRuns: 60 },
	);
});

const oneChannel = (attributes: Parameters<typeof node>[3], kernel: readonly number[], op = 'Conv') => ({
	node: node(op, ['x', 'w'], ['y'], attributes),
	weight: float32Tensor(new Float32Array(elementCount(kernel)).fill(1), [1, 1, ...kernel]),
});

test('a spike on the border drives fewer synapses than one in the middle', () => {
	const { node: conv, weight } = oneChannel({ attributes: { pads: { kind: 'ints', value: [1, 1, 1, 1] } } }, [3, 3]);
	const fan = fanOut(conv, weight, 1, { input: [1, 3, 3], output: [1, 3, 3] });
	expect([...fan.byPosition]).toEqual([4, 6, 4, 6, 9, 6, 4, 6, 4]);
});

test('with stride 2 the fan-out of a 3x3 kernel is 1, 2 or 4, never ceil(3/2)²', () => {
	const { node: conv, weight } = oneChannel({ attributes: { strides: { kind: 'ints', value: [2, 2] } } }, [3, 3]);
	const fan = fanOut(conv, weight, 1, { input: [1, 5, 5], output: [1, 2, 2] });
	expect([...fan.byPosition.slice(0, 5)]).toEqual([1, 1, 2, 1, 1]);
	expect(fan.synapses).toBe(36);
	expect(fan.synapses).toBe(plainLayer(conv, weight, 1, [1, 5, 5]).connections.length);
});

test('a pixel that a large stride jumps over drives nothing', () => {
	const { node: conv, weight } = oneChannel({ attributes: { strides: { kind: 'ints', value: [3] } } }, [1]);
	const fan = fanOut(conv, weight, 1, { input: [1, 7], output: [1, 3] });
	expect([...fan.byPosition]).toEqual([1, 0, 0, 1, 0, 0, 1]);
});

test('weights of 0 behind data that the product itself transposes', () => {
	// x is [K = 3, M = 2] a sample; row k of the weights has so many that are not 0.
	const one = node('FusedMatMul', ['x', 'w'], ['y'], {
		domain: 'com.microsoft',
		attributes: { transA: { kind: 'int', value: 1 } },
	});
	const weight = float32Tensor([1, 2, 0, 0, 0, 3], [3, 2]);
	const { effective, byPosition, synapses } = fanOut(one, weight, 1, { input: [3, 2], output: [2, 2] });
	expect([...(effective ?? [])]).toEqual([2, 2, 0, 0, 1, 1]);
	expect([[...byPosition], synapses]).toEqual([[2], 12]);
});
