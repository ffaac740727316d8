import { files } from '#platform/files';
import { dirname, isAbsolute, join, normalize } from '#platform/paths';
import { concatBytes } from '../../bytes.ts';
import { codeOf, UserError } from '../../errors.ts';
import { halfToNumber } from '../../model/tensors.ts';
import { arrayAt, isObject, type Json, type JsonObject, malformed, numberAt, objectAt, type Place, textAt } from './json.ts';
import { messages } from './messages.ts';

/** A weight of a tfjs model, row-major; floating point and quantised weights as float32. */
export interface Weight {
	readonly name: string;
	readonly shape: readonly number[];
	readonly kind: 'float' | 'integer' | 'bool';
	readonly values: Float32Array | Int32Array;
}

const bytesOf: Readonly<Record<string, number>> = { float32: 4, float16: 2, int32: 4, uint8: 1, uint16: 2, bool: 1 };

interface Specification {
	readonly name: string;
	readonly shape: readonly number[];
	readonly type: string;
	/** Element type as stored. */
	readonly stored: string;
	readonly scale: number;
	readonly minimum: number;
}

export interface StoredWeights {
	readonly weights: ReadonlyMap<string, Weight>;
	/** The files they were read from. */
	readonly files: readonly string[];
}

/**
 * Reads the weights that a model.json lists, from the files beside it.
 *
 * A quantised weight is stored · scale + min; float16 is widened.
 *
 * @throws UserError if a file is missing, outside the folder or too short, or a weight is of an unknown type or not finite
 */
export async function readWeights(modelFile: string, manifest: readonly Json[]): Promise<StoredWeights> {
	const weights = new Map<string, Weight>();
	const read: string[] = [];
	for (const [index, group] of manifest.entries()) {
		const at: Place = { file: modelFile, place: `weightsManifest[${index}]` };
		if (!isObject(group)) {
			throw malformed(at, 'weightsManifest', group, 'an object');
		}
		const specifications = arrayAt(group, 'weights', at).map((entry) => specificationOf(entry, at));
		const expected = specifications.reduce((sum, specification) => sum + storedBytes(specification), 0);
		const bytes = await readShards(modelFile, arrayAt(group, 'paths', at), at, expected, read);
		let offset = 0;
		for (const specification of specifications) {
			const size = storedBytes(specification);
			weights.set(specification.name, decodeWeight(specification, bytes.subarray(offset, offset + size), modelFile));
			offset += size;
		}
	}
	return { weights, files: read };
}

function specificationOf(entry: Json, group: Place): Specification {
	if (!isObject(entry)) {
		throw malformed(group, 'weights', entry, 'a list of objects');
	}
	const name = textAt(entry, 'name', group);
	const at: Place = { file: group.file, place: `weight "${name}"` };
	const shape = arrayAt(entry, 'shape', at).map((size) => {
		if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
			throw malformed(at, 'shape', size, 'a whole number');
		}
		return size;
	});
	const type = textAt(entry, 'dtype', at);
	const quantization: JsonObject = entry.quantization === undefined ? {} : objectAt(entry, 'quantization', at);
	const stored = entry.quantization === undefined ? type : textAt(quantization, 'dtype', at);
	if (bytesOf[stored] === undefined || !['float32', 'int32', 'bool', 'uint8', 'uint16'].includes(type)) {
		throw new UserError(
			messages.weightType(group.file, name, entry.quantization === undefined ? type : `${type} stored as ${stored}`),
		);
	}
	const linear = stored === 'uint8' || stored === 'uint16';
	return {
		name,
		shape,
		type,
		stored,
		scale: linear ? numberAt(quantization, 'scale', at, 1) : 1,
		minimum: linear ? numberAt(quantization, 'min', at, 0) : 0,
	};
}

function storedBytes({ shape, stored }: Specification): number {
	return shape.reduce((product, size) => product * size, bytesOf[stored] ?? 0);
}

async function readShards(
	modelFile: string,
	paths: readonly Json[],
	at: Place,
	expected: number,
	read: string[],
): Promise<Uint8Array> {
	const parts: Uint8Array[] = [];
	let found = 0;
	for (const path of paths) {
		if (typeof path !== 'string') {
			throw malformed(at, 'paths', path, 'file names');
		}
		const inside = normalize(path);
		if (isAbsolute(path) || inside.startsWith('..') || path.includes('\0') || /^[a-z]+:/i.test(path)) {
			throw new UserError(messages.shardOutside(modelFile, path));
		}
		const shard = join(dirname(modelFile), inside);
		if (files.leadsOutside(modelFile, shard)) {
			throw new UserError(messages.shardLink(modelFile, path));
		}
		const bytes = await readShard(modelFile, shard, path);
		parts.push(bytes);
		read.push(shard);
		found += bytes.length;
		if (found > expected) {
			break;
		}
	}
	if (found !== expected) {
		throw new UserError(messages.weightsShort(modelFile, expected, found));
	}
	// Copied into one buffer: a weight may begin in one shard and end in the next.
	return concatBytes(parts);
}

async function readShard(modelFile: string, shard: string, path: string): Promise<Uint8Array> {
	try {
		return files.read(shard);
	} catch (error) {
		if (error instanceof UserError) {
			throw error;
		}
		const code = codeOf(error);
		throw new UserError(
			code === 'ENOENT' ? messages.shardMissing(modelFile, path) : messages.shardUnreadable(modelFile, path, String(code)),
			{
				cause: error,
			},
		);
	}
}

function decodeWeight(specification: Specification, bytes: Uint8Array, file: string): Weight {
	const { name, shape, type, stored, scale, minimum } = specification;
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const size = bytesOf[stored] ?? 1;
	const read: Readonly<Record<string, (offset: number) => number>> = {
		float32: (offset) => view.getFloat32(offset, true),
		float16: (offset) => halfToNumber(view.getUint16(offset, true)),
		int32: (offset) => view.getInt32(offset, true),
		uint8: (offset) => view.getUint8(offset) * scale + minimum,
		uint16: (offset) => view.getUint16(offset, true) * scale + minimum,
		bool: (offset) => view.getUint8(offset),
	};
	const readOne = read[stored] ?? (() => 0);
	const count = bytes.length / size;
	const values = type === 'float32' ? new Float32Array(count) : new Int32Array(count);
	for (let index = 0; index < count; index++) {
		const value = readOne(index * size);
		values[index] = type === 'float32' ? value : Math.round(value);
		if (!Number.isFinite(values[index])) {
			throw new UserError(messages.weightNotFinite(file, name, value));
		}
	}
	return { name, shape, kind: type === 'float32' ? 'float' : type === 'bool' ? 'bool' : 'integer', values };
}
