// Every reader of files a user can hand over: examples to start from, how to take a file apart and put it together again
// (so that changes reach behind the first check), and what reading one means.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import jpeg from 'jpeg-js';
import pngjs from 'pngjs';
import { parse, stringify } from 'yaml';
import { readSavedRun } from '../../dist/cli/saved-run.js';
import { UserError } from '../../dist/errors.js';
import { readCifar } from '../../dist/formats/datasets/cifar.js';
import { readIdxImages, readIdxLabels } from '../../dist/formats/datasets/idx.js';
import { loadDataset } from '../../dist/formats/datasets/index.js';
import { extentOf, openEventFile } from '../../dist/formats/events/index.js';
import { decodeNir, encodeNir } from '../../dist/formats/nir/index.js';
import { encodeNpy, encodeNpz, openRows, readArrays, readNpy, readNpz } from '../../dist/formats/npy/index.js';
import { ModelProtoSchema } from '../../dist/formats/onnx/onnx_pb.js';
import { chipParameters, readNetworkFile, simulateChip } from '../../dist/hardware/chip/index.js';
import { checkProfile, compareWithDense, estimate, loadProfile } from '../../dist/hardware/index.js';
import { countEvents, loadNetwork, priceActivity } from '../../dist/pipeline.js';
import { renderAnalysis } from '../../dist/reporting/index.js';
import * as wrongNumbers from './wrong-numbers.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const largestSeed = 60_000;

/** Files below the repository, small ones only: a thousand changes of a small file find more than ten of a large one. */
function filesIn(folder, ending) {
	return readdirSync(join(root, folder), { recursive: true })
		.map((name) => join(root, folder, String(name)))
		.filter((path) => path.endsWith(ending) && statSync(path).isFile() && statSync(path).size <= largestSeed)
		.sort();
}
const contents = (paths) => paths.map((path) => new Uint8Array(readFileSync(path)));
const text = (bytes) => Buffer.from(bytes).toString('utf8');

const json = {
	decode: (bytes) => JSON.parse(text(bytes)),
	encode: (value) => Buffer.from(JSON.stringify(value)),
};
const yaml = { decode: (bytes) => parse(text(bytes)), encode: (value) => Buffer.from(stringify(value)) };

/** Throws unless every number in a result is finite and no energy, time or count in it is negative. */
function requireNumbers(value, path = '') {
	if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`nonsense: ${path} is ${value}`);
	if (typeof value === 'number' && value < 0 && /(joules|seconds|macs|acs|spikes|elements)/i.test(path))
		throw new Error(`nonsense: ${path} is ${value}`);
	if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return;
	for (const [key, child] of Object.entries(value)) requireNumbers(child, `${path}/${key}`);
}

/** The network of a file; one that computes a timestep at a time is given two. */
async function networkOf(path) {
	try {
		const network = await loadNetwork(path);
		if (network.mode !== 'step') return network;
	} catch (error) {
		if (!(error instanceof UserError)) throw error;
	}
	return loadNetwork(path, { timesteps: 2 });
}

/** A model is read, its structure found, run on one random sample, counted and priced. */
async function readModel(path) {
	const activity = await countEvents(await networkOf(path), { data: 'random:1', samples: 1, batch: 1 });
	requireNumbers(priceActivity(activity, { profiles: ['45nm-memory'] }));
}

async function readNumbers(path) {
	for (const [name, { shape, data }] of await readArrays(path)) {
		if (data.length !== shape.reduce((product, size) => product * size, 1)) throw new Error(`nonsense: ${name} has another size`);
	}
	if (!path.endsWith('.npy')) return;
	const rows = await openRows(path);
	try {
		if ((rows.shape[0] ?? 0) > 0) await rows.readRows(0, Math.min(2, rows.shape[0]));
	} finally {
		rows.close();
	}
}

const savedRuns = () => filesIn('models', '.analysis.json');
let referenceRun;
/** A counted run to price fuzzed profiles with. */
function reference() {
	referenceRun ??= readSavedRun(savedRuns()[0]);
	return referenceRun;
}

function readProfile(path) {
	const problems = checkProfile(path);
	if (problems.length > 0) return problems[0];
	const profile = loadProfile(path);
	requireNumbers(estimate(reference(), profile));
	requireNumbers(compareWithDense(reference(), profile));
	return undefined;
}

async function readRun(path) {
	const activity = readSavedRun(path);
	if (!activity) return 'no saved run';
	const analysis = priceActivity(activity, { profiles: ['45nm-memory'] });
	requireNumbers(analysis);
	for (const format of ['table', 'html', 'latex', 'csv']) await renderAnalysis(analysis, format);
	return undefined;
}

let chip;
function readChipNetwork(path) {
	chip ??= chipParameters(loadProfile('loihi-sanafe'));
	const network = readNetworkFile(path);
	const [mapping = null] = network.mappings.keys();
	requireNumbers(simulateChip(network, mapping, chip, { timing: 'detailed', strict: false, file: path }));
}

const bigEndian = (...words) => {
	const bytes = Buffer.alloc(4 * words.length);
	for (const [index, word] of words.entries()) bytes.writeUInt32BE(word % 2 ** 32, 4 * index);
	return bytes;
};
const pattern = (size) => Uint8Array.from({ length: size }, (_, index) => (index * 7) % 10);
const idxImages = Buffer.concat([bigEndian(0x803, 3, 4, 5), pattern(60)]);
const idxLabels = Buffer.concat([bigEndian(0x801, 6), pattern(6)]);

function png(width, height) {
	const picture = new pngjs.PNG({ width, height });
	picture.data.set(pattern(picture.data.length).map((value) => 25 * value));
	return new Uint8Array(pngjs.PNG.sync.write(picture));
}

function jpegPicture(width, height) {
	const data = pattern(4 * width * height).map((value) => 25 * value);
	return new Uint8Array(jpeg.encode({ data, width, height }, 40).data);
}

/** A PNG as its chunks, so that changed ones get checksums that fit. */
const pngChunks = {
	decode: (bytes) => {
		const file = Buffer.from(bytes);
		const chunks = [];
		for (let at = 8; at < file.length; ) {
			const length = file.readUInt32BE(at);
			chunks.push({
				kind: file.toString('latin1', at + 4, at + 8),
				body: new Uint8Array(file.subarray(at + 8, at + 8 + length)),
			});
			at += 12 + length;
		}
		return chunks;
	},
	encode: (chunks) =>
		Buffer.concat([
			Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
			...chunks.map(({ kind, body }) => {
				const checked = Buffer.concat([Buffer.from(kind.slice(0, 4).padEnd(4), 'latin1'), body]);
				return Buffer.concat([bigEndian(body.length), checked, bigEndian(checksum(checked))]);
			}),
		]),
};

function checksum(bytes) {
	let crc = 0xffffffff;
	for (const byte of bytes) {
		crc ^= byte;
		for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return (crc ^ 0xffffffff) >>> 0;
}

/** An array file as its record; encoding again writes a header of whatever the record has become. */
const npyHeader = {
	decode: (bytes) => {
		const { shape, dtype, data } = readNpy(bytes, 'seed');
		return {
			descr: { float32: '<f4', float64: '<f8', int64: '<i8', uint8: '|u1' }[dtype] ?? '<f4',
			order: 'False',
			shape: [...shape],
			data: new Uint8Array(data.buffer.slice(0)),
		};
	},
	encode: ({ descr, order, shape, data }) => {
		const dictionary = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${[shape].flat().join(', ')},), }`;
		const header = `${dictionary.padEnd(Math.ceil((dictionary.length + 11) / 64) * 64 - 11)}\n`;
		const size = Buffer.alloc(2);
		size.writeUInt16LE(header.length % 65536);
		return Buffer.concat([Buffer.from('\x93NUMPY\x01\x00', 'latin1'), size, Buffer.from(header), data ?? new Uint8Array()]);
	},
};
const npz = {
	decode: (bytes) => readNpz(bytes, 'seed'),
	encode: (arrays) => encodeNpz(arrays),
};

/** Every recording of a file, event by event. */
function readEvents(path) {
	const file = openEventFile(path);
	try {
		for (let index = 0; index < Math.min(file.count, 64); index++) {
			const { events, first, last, x, y, on } = extentOf(file.recording(index), path, { sensor: { width: 2000, height: 2000 } });
			for (const value of [events, first, last, x, y, on])
				if (!Number.isSafeInteger(value) || value < 0) throw new Error(`nonsense: ${value}`);
		}
	} finally {
		file.close();
	}
}

/** Formats of events by their ending, which decides where the content does not. */
const eventTargets = Object.fromEntries(
	['bin', 'dat', 'aedat', 'aedat4', 'raw', 'h5', 'npy', 'npz'].map((ending) => [
		`events-${ending}`,
		{ file: `recording.${ending}`, seeds: () => contents(filesIn('test/fixtures/events', `.${ending}`)), read: readEvents },
	]),
);

/** A class folder of pictures around one file. */
function readPictureFolder(path) {
	const data = loadDataset(`imagefolder:${dirname(dirname(path))}@8`, { split: 'train' });
	if (data.pixels.length !== data.count * 3 * 8 * 8) throw new Error('nonsense: pixels do not fill the pictures');
}

/**
 * @typedef {object} Target
 * @property {string} file  name of the file, within a folder of its own
 * @property {() => readonly Uint8Array[] | Promise<readonly Uint8Array[]>} seeds
 * @property {{decode: (bytes: Uint8Array) => unknown, encode: (value: unknown) => Uint8Array}} [content]  with `mutate`, only
 *   changes that it makes are tried
 * @property {(folder: string) => void} [beside]  puts what else belongs into the folder
 * @property {(path: string) => unknown} read  resolves to a word when the file was refused without an error
 */

/** @type {Readonly<Record<string, Target>>} */
export const targets = {
	onnx: {
		file: 'model.onnx',
		seeds: () => contents(filesIn('test/fixtures', '.onnx')),
		content: { decode: (bytes) => fromBinary(ModelProtoSchema, bytes), encode: (model) => toBinary(ModelProtoSchema, model) },
		read: readModel,
	},
	counts: { file: 'model.onnx', ...wrongNumbers },
	nir: {
		file: 'model.nir',
		seeds: () => contents(filesIn('test/fixtures', '.nir')),
		content: { decode: (bytes) => decodeNir(bytes, 'seed'), encode: encodeNir },
		read: readModel,
	},
	tfjs: {
		file: 'model.json',
		seeds: () => contents(filesIn('models', 'tfjs/model.json').slice(0, 1)),
		content: json,
		beside: (folder) => {
			const [model] = filesIn('models', 'tfjs/model.json');
			const target = join(folder, 'weights.bin');
			if (!existsSync(target)) writeFileSync(target, readFileSync(join(dirname(model), 'weights.bin')));
		},
		read: readModel,
	},
	npy: {
		file: 'data.npy',
		seeds: () => [
			...contents(filesIn('test/fixtures/npy', '.npy')),
			encodeNpy({ shape: [2, 3], dtype: 'float32', data: new Float32Array(6) }),
		],
		content: npyHeader,
		read: readNumbers,
	},
	npz: {
		file: 'data.npz',
		seeds: () => contents(filesIn('test/fixtures/npy', '.npz')),
		content: npz,
		read: readNumbers,
	},
	profile: {
		file: 'profile.yaml',
		seeds: () => contents(filesIn('hardware-profiles', '.yaml').filter((path) => dirname(path).endsWith('hardware-profiles'))),
		content: yaml,
		read: readProfile,
	},
	run: { file: 'run.json', seeds: () => contents(savedRuns()), content: json, read: readRun },
	chip: {
		file: 'network.json',
		seeds: () =>
			contents(
				filesIn('test/fixtures/sana-fe', '.json').filter((path) => /^fc_64_32_10\.json$|^(?!constants|fc_)/.test(basename(path))),
			),
		content: json,
		read: readChipNetwork,
	},
	'idx-images': { file: 'images.idx3', seeds: () => [idxImages], read: (path) => readIdxImages(readFileSync(path), path) },
	'idx-labels': { file: 'labels.idx1', seeds: () => [idxLabels], read: (path) => readIdxLabels(readFileSync(path), path, 10) },
	cifar: {
		file: 'batch.bin',
		seeds: () => [Buffer.concat([Buffer.of(3), pattern(3072), Buffer.of(9), pattern(3072)])],
		read: (path) => readCifar(readFileSync(path), path, 1, 10),
	},
	png: { file: 'train/a/picture.png', seeds: () => [png(6, 5), png(1, 1)], content: pngChunks, read: readPictureFolder },
	...eventTargets,
	jpeg: { file: 'train/a/picture.jpg', seeds: () => [jpegPicture(16, 12)], read: readPictureFolder },
};

/** Puts what a target's file needs into a folder. @returns the path the file itself goes to */
export function place(name, folder) {
	const { file, beside } = targets[name];
	const path = join(folder, file);
	mkdirSync(dirname(path), { recursive: true });
	beside?.(folder);
	return path;
}
