import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { strToU8, zipSync } from 'fflate';
import { foreignFile, foreignHdf5 } from '../../src/formats/foreign.ts';
import { openModel } from '../../src/formats/open-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'foreign-'));
const bytes = (...parts: (string | number[])[]): Uint8Array =>
	Uint8Array.from(parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part, 'latin1')] : part)));
const hdf5 = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
const zip = (...names: string[]) => zipSync(Object.fromEntries(names.map((name) => [name, strToU8('x')])));

const foreign: [name: string, content: Uint8Array, says: RegExp][] = [
	['model.pt', zip('model/data.pkl', 'model/data/0'), /is a PyTorch file.*torch\.onnx\.export/],
	['script.pt', zip('net/data.pkl', 'net/code/__torch__.py', 'net/constants.pkl'), /is a PyTorch file.*torch\.onnx\.export/],
	[
		'old.pth',
		bytes([0x80, 0x02], '\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.', 'ctorch._utils'),
		/is a PyTorch file.*torch\.onnx\.export/,
	],
	['last.ckpt', zip('last/data.pkl', 'last/byteorder'), /is a PyTorch file.*torch\.onnx\.export/],
	['net.pkl', bytes([0x80, 0x04, 0x95], 'flax.nnx'), /is a Python pickle.*jax2onnx/],
	['w.safetensors', bytes([2, 0, 0, 0, 0, 0, 0, 0], '{}'), /is a safetensors file.*torch\.onnx\.export/],
	['train.py', bytes('import torch\n'), /is Python source.*torch\.onnx\.export/],
	['notes.ipynb', bytes('{"cells": [], "nbformat": 4}'), /is Python source.*torch\.onnx\.export/],
	['net.keras', zip('metadata.json', 'config.json', 'model.weights.h5'), /is a Keras file.*format="onnx"/],
	['net.h5', bytes(hdf5, 'model_weights keras_version'), /is a Keras file.*format="onnx"/],
	['net.weights.h5', bytes(hdf5, 'HEAP layers vars'), /holds the weights of a Keras model.*load_weights.*format="onnx"/],
	['slayer.net', bytes(hdf5, 'layer 0 neuron iDecay vDecay'), /is a network of lava-dl.*"lava-dl"/],
	['x.npz', zip('x.npy'), /holds arrays, not a network.*--data/],
	['x.npy', bytes('\x93NUMPY\x01\x00'), /holds arrays, not a network.*--data/],
	// Of unknown content, but by these names nobody's graph.
	['unknown.pt', bytes('x'), /is a PyTorch file.*torch\.onnx\.export/],
	['unknown.ckpt', zip('x'), /is a PyTorch file.*torch\.onnx\.export/],
	['unknown.safetensors', bytes('x'), /is a safetensors file.*torch\.onnx\.export/],
	['unknown.pkl', bytes('(lp0'), /is a Python pickle.*jax2onnx/],
	['unknown.keras', bytes('x'), /is a Keras file.*format="onnx"/],
	['unknown.net', bytes(hdf5, 'x'), /is a network of lava-dl.*"lava-dl"/],
	['net.tflite', bytes([0x1c, 0, 0, 0], 'TFL3'), /is a TensorFlow Lite file.*tf2onnx/],
];

test.each(foreign)('%s is answered with how its framework writes a graph, in one line', async (name, content, says) => {
	const file = join(folder, name);
	writeFileSync(file, content);
	const said = await openModel(file).then(
		() => 'opened',
		(error: Error) => error.message,
	);
	expect(said).toMatch(says);
	expect(said).toContain(file);
	expect(said).not.toContain('\n');
});

test('a folder that holds a SavedModel is answered with its converter', async () => {
	const saved = join(folder, 'saved');
	mkdirSync(saved);
	writeFileSync(join(saved, 'saved_model.pb'), 'x');
	await expect(openModel(saved)).rejects.toThrow(/is a TensorFlow SavedModel\. Convert it: python -m tf2onnx/);
});

test('no model that is read is taken for one of those', () => {
	const fixture = (name: string) => readFileSync(fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url)));
	expect(foreignFile(fixture('corpus/snntorch-leaky-fc/dynamo.onnx'), 'dynamo.onnx')).toBeNull();
	expect(foreignFile(fixture('corpus/snntorch-leaky-fc/traced.onnx'), 'traced.onnx')).toBeNull();
	expect(foreignHdf5(fixture('g-nir-fc-snntorch/model.nir'), 'model.nir')).toBeNull();
});

test('every heading that a sentence names stands in docs/export.md', () => {
	const page = readFileSync(fileURLToPath(new URL('../../docs/export.md', import.meta.url)), 'utf8');
	for (const heading of ['Keras', 'lava-dl', 'snnTorch', 'SpikingJelly', 'Norse', 'Sinabs', 'Plain PyTorch'])
		expect(page).toContain(`\n## ${heading}\n`);
});
