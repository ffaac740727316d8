import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTfjs } from '../../../src/formats/tfjs/index.ts';
import { readWeights } from '../../../src/formats/tfjs/weights.ts';
import { tensorValues } from '../../../src/model/tensors.ts';

const folder = mkdtempSync(join(tmpdir(), 'weights-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes one weight file and reads it by its specification. */
async function read(specification: object, bytes: Uint8Array): Promise<number[]> {
	writeFileSync(join(folder, 'w.bin'), bytes);
	const { weights } = await readWeights(join(folder, 'model.json'), [
		{ paths: ['w.bin'], weights: [{ name: 'w', shape: [3], dtype: 'float32', ...specification }] },
	]);
	return [...(weights.get('w')?.values ?? [])];
}

test('float32 is read as it is', async () => {
	expect(await read({}, new Uint8Array(Float32Array.of(1, -2.5, 3).buffer))).toEqual([1, -2.5, 3]);
});

test('float16 is widened', async () => {
	const halves = Uint16Array.of(0x3c00, 0xc100, 0x0001);
	expect(await read({ quantization: { dtype: 'float16' } }, new Uint8Array(halves.buffer))).toEqual([1, -2.5, 2 ** -24]);
});

test('weights of 8 and 16 bits are stored · scale + min', async () => {
	const quantization = { dtype: 'uint8', scale: 0.5, min: -1 };
	expect(await read({ quantization }, Uint8Array.of(0, 3, 255))).toEqual([-1, 0.5, 126.5]);
	const wide = { dtype: 'uint16', scale: 0.25, min: 2 };
	expect(await read({ quantization: wide }, new Uint8Array(Uint16Array.of(0, 1, 65535).buffer))).toEqual([2, 2.25, 16385.75]);
});

test('int32 and bool are read as whole numbers', async () => {
	expect(await read({ dtype: 'int32' }, new Uint8Array(Int32Array.of(1, -2, 3).buffer))).toEqual([1, -2, 3]);
	expect(await read({ dtype: 'bool' }, Uint8Array.of(0, 1, 1))).toEqual([0, 1, 1]);
});

test.each([
	[{ dtype: 'complex64' }, 12, 'weight "w" has the element type complex64'],
	[{ dtype: 'float32', quantization: { dtype: 'uint4' } }, 12, 'float32 stored as uint4'],
	[{ shape: [4] }, 12, 'the weights take 16 bytes, but the weight files hold 12'],
	[{ shape: [2] }, 12, 'the weights take 8 bytes, but the weight files hold 12'],
	[{ shape: [-1] }, 12, '"shape" of weight "w" is -1; a whole number is expected'],
	[{ shape: [1e9, 1e9, 1e9] }, 12, 'but the weight files hold 12'],
])('the specification %j over %i bytes is refused', async (specification, bytes, message) => {
	await expect(read(specification, new Uint8Array(bytes))).rejects.toThrow(message);
});

test('a weight that is not finite is refused by name and value', async () => {
	await expect(read({}, new Uint8Array(Float32Array.of(1, Number.NaN, 3).buffer))).rejects.toThrow('weight "w" holds NaN');
	await expect(read({}, new Uint8Array(Float32Array.of(1, Infinity, 3).buffer))).rejects.toThrow('weight "w" holds Infinity');
});

test.each(['../secret.bin', '/etc/hostname', 'a/../../b.bin', 'https://example.org/w.bin', 'file:///etc/hostname'])(
	'a weight file at %s is refused, because it lies outside the model',
	async (path) => {
		const manifest = [{ paths: [path], weights: [{ name: 'w', shape: [1], dtype: 'float32' }] }];
		await expect(readWeights(join(folder, 'model.json'), manifest)).rejects.toThrow(
			"outside the model's own folder; that is refused",
		);
	},
);

test('a weight file that is not there is named', async () => {
	const manifest = [{ paths: ['gone.bin'], weights: [{ name: 'w', shape: [1], dtype: 'float32' }] }];
	await expect(readWeights(join(folder, 'model.json'), manifest)).rejects.toThrow(
		'the weights are stored in "gone.bin", which is not there',
	);
});

test('a model with quantised weights computes with the dequantised ones', async () => {
	const path = join(folder, 'model.json');
	const kernel = { name: 'dense/kernel', shape: [2, 1], dtype: 'float32', quantization: { dtype: 'uint8', scale: 0.5, min: -1 } };
	writeFileSync(join(folder, 'q.bin'), Uint8Array.of(0, 4));
	const config = { name: 'dense', units: 1, use_bias: false, batch_input_shape: [null, 2] };
	const modelTopology = { class_name: 'Sequential', config: { layers: [{ class_name: 'Dense', config }] } };
	writeFileSync(path, JSON.stringify({ modelTopology, weightsManifest: [{ paths: ['q.bin'], weights: [kernel] }] }));
	const source = await readTfjs(path);
	const constant = source.model.graph.constants.get('dense/kernel');
	expect([...tensorValues(constant as NonNullable<typeof constant>)]).toEqual([-1, 1]);
});
