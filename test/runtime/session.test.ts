import { Tensor } from 'onnxruntime-common';
import { encodeModelApart } from '../../src/formats/onnx/codec.ts';
import { decodeModel, encodeModel } from '../../src/formats/onnx/index.ts';
import type { ConstantTensor, Model, TensorInfo } from '../../src/model/graph.ts';
import { float32Tensor, tensorValues } from '../../src/model/tensors.ts';
import { optimisersFor } from '../../src/runtime/optimisers.ts';
import { createSession, runSession } from '../../src/runtime/session.ts';

const inputs = 1024;
const outputs = 512;

/** y = x·W with a weight of 2 MiB, past what is written into the model. */
const whole = float32Tensor(
	Float32Array.from({ length: inputs * outputs }, (_, at) => ((at * 7) % 17) - 8),
	[inputs, outputs],
);

function product(weight: ConstantTensor = whole): Model {
	return {
		producer: '',
		opsets: new Map([['', 17]]),
		metadata: new Map(),
		graph: {
			name: 'product',
			nodes: [{ name: 'product', op: 'MatMul', domain: '', inputs: ['x', 'W'], outputs: ['y'], attributes: new Map() }],
			constants: new Map([['W', weight]]),
			inputs: [{ name: 'x', type: 'float32', dims: [null, inputs] }],
			outputs: [{ name: 'y', type: 'float32', dims: [null, outputs] }],
		},
	};
}

test('a large weight is handed over beside the model, and computes what the weight inside a file does', async () => {
	const model = product();
	const { bytes, weights } = encodeModelApart(model);
	expect(bytes.length).toBeLessThan(1000);
	expect(weights.map(({ path, data }) => [path, data.length])).toEqual([['weight-0', inputs * outputs * 4]]);
	const session = await createSession(model, 'product.onnx');
	const x = Float32Array.from({ length: inputs }, (_, at) => at % 5);
	const { y } = await runSession(session, { x: new Tensor('float32', x, [1, inputs]) }, ['y'], 'product.onnx');
	const read = decodeModel(encodeModel(model), 'product.onnx').graph.constants.get('W');
	const weight = tensorValues(read ?? whole);
	const expected = Array.from({ length: outputs }, (_, column) =>
		x.reduce((sum, value, row) => sum + value * (weight[row * outputs + column] ?? NaN), 0),
	);
	expect(Array.from(y?.data as Float32Array)).toEqual(expected);
	await session.release();
});

test('a weight longer than onnxruntime takes is refused by name', async () => {
	const bytes = Object.defineProperty(new Uint8Array(0), 'length', { value: 2 ** 31 });
	const model = product({ type: 'float32', dims: [inputs, 2 ** 19], bytes });
	await expect(createSession(model, 'product.onnx')).rejects.toThrow(
		'product.onnx: weight "W" has 2147483648 bytes, and onnxruntime takes a weight of less than 2147483648.',
	);
});

test('a graph of thousands of nodes, optimised by fewer of onnxruntime’s passes, computes the same', async () => {
	const count = 2100;
	const base = product();
	const nodes = Array.from({ length: count }, (_, at) => ({
		name: `add${at}`,
		op: 'Add',
		domain: '',
		inputs: [at === 0 ? 'x' : `t${at - 1}`, 'one'],
		outputs: [at === count - 1 ? 'y' : `t${at}`],
		attributes: new Map(),
	}));
	const open = (name: string): TensorInfo => ({ name, type: 'float32', dims: [null, null] });
	const constants = new Map([['one', float32Tensor([1], [1])]]);
	const model = { ...base, graph: { ...base.graph, nodes, constants, inputs: [open('x')], outputs: [open('y')] } };
	expect(optimisersFor(nodes.length)).not.toEqual({});
	expect(optimisersFor(50)).toEqual({});
	const session = await createSession(model, 'chain.onnx');
	const { y } = await runSession(session, { x: new Tensor('float32', [1, 2, 3], [1, 3]) }, ['y'], 'chain.onnx');
	expect(Array.from(y?.data as Float32Array)).toEqual([count + 1, count + 2, count + 3]);
	await session.release();
});

test('a result that comes back under no name is told: "__proto__" is no property', async () => {
	const base = product();
	const info: TensorInfo = { name: '__proto__', type: 'float32', dims: [null, outputs] };
	const copy = { name: 'copy', op: 'Identity', domain: '', inputs: ['y'], outputs: ['__proto__'], attributes: new Map() };
	const model: Model = {
		...base,
		graph: { ...base.graph, nodes: [...base.graph.nodes, copy], outputs: [...base.graph.outputs, info] },
	};
	const session = await createSession(model, 'product.onnx');
	const x = new Tensor('float32', new Float32Array(inputs), [1, inputs]);
	await expect(runSession(session, { x }, ['y', '__proto__'], 'product.onnx')).rejects.toThrow(
		'product.onnx: onnxruntime hands back no tensor under the name "__proto__". Give it another name, and export the model again.',
	);
	await session.release();
});
