import { openDataset } from '#platform/datasets';
import { sha256 } from '#platform/digest';
import { files } from '#platform/files';
import { basename, dirname, join } from '#platform/paths';
import { UserError } from './errors.ts';
import { type NdArray, openRows, readArrays, toFloat32 } from './formats/npy/index.ts';
import { arrayInMemory, arraySamples, type LabelArray } from './simulation/array-samples.ts';
import type { OpenedData } from './simulation/fit-data.ts';
import type { DataRequest } from './simulation/fit-events.ts';
import * as messages from './simulation/messages.ts';
import { randomData } from './simulation/random-data.ts';
import { type KnownRange, rangeFindings, rangeOf, rangeOfMetadata, scaledData } from './simulation/scale-values.ts';

/**
 * Opens the data a network is to be run on, checked against its input.
 *
 * @throws UserError when there is no data, or its shape, type, values or labels do not fit
 */
export async function openData(request: DataRequest): Promise<OpenedData> {
	const { data } = request;
	const dataset = await openDataset(request, labelArrayOf);
	const random = data === 'random' || data?.startsWith('random:');
	if (dataset || random)
		for (const option of ['scale', 'normalize'] as const)
			if (data !== undefined && request[option] !== undefined) {
				dataset?.source.close();
				throw new UserError(messages.preparationElsewhere(option, data), { exitCode: 2 });
			}
	if (dataset) return dataset;
	if (data !== undefined && random) return randomData(request, request.modelPath, data);
	const beside = join(dirname(request.modelPath), 'samples.npz');
	if (data === undefined && !files.exists(beside)) throw new UserError(messages.noData(request.modelPath));
	const path = data ?? beside;
	const opened = scaledData(await openArray(request, path), request);
	const known = rangeOfMetadata(request.metadata ?? new Map()) ?? (data === undefined ? null : await rangeOfSamples(beside));
	const told = request.scale !== undefined || request.normalize !== undefined;
	const findings = rangeFindings(opened.source.name, await rangeOf(opened.source), known, told);
	const found = data === undefined ? [messages.sampleFile(basename(path))] : [];
	return { ...opened, assumptions: [...found, ...opened.assumptions], findings };
}

/** Range of the samples beside the model; null where there are none that can be read. */
async function rangeOfSamples(path: string): Promise<KnownRange | null> {
	if (!files.exists(path)) return null;
	try {
		const arrays = await readArrays(path);
		const array = arrayInMemory(arrays.get(inputNames.find((name) => arrays.has(name)) ?? '') as NdArray);
		const count = array.shape[0] ?? 0;
		const read = async (start: number, end: number): Promise<Float32Array> => toFloat32(await array.readRows(start, end));
		return count === 0 ? null : { ...(await rangeOf({ count, read })), from: `the samples beside the model (${basename(path)})` };
	} catch {
		// They are not what is run: whoever runs on them is told what is wrong.
		return null;
	}
}

const inputNames = ['images', 'inputs', 'spikes', 'x', 'data', 'arr_0'];
const labelNames = ['labels', 'targets', 'y', 'arr_1'];

async function openArray(request: DataRequest, path: string): Promise<OpenedData> {
	const streamed = path.endsWith('.npy') && files.exists(path);
	const arrays = streamed ? null : await readArrays(path);
	const named = arrays
		? (inputNames.find((name) => arrays.has(name)) ?? (arrays.size === 1 ? [...arrays.keys()][0] : undefined))
		: undefined;
	const inMemory = named === undefined ? undefined : arrays?.get(named);
	if (arrays && !inMemory) throw new UserError(messages.dataArrays(path, [...arrays.keys()]));
	const array = inMemory ? arrayInMemory(inMemory) : await openRows(path);
	const labelKey = arrays ? labelNames.find((name) => arrays.has(name)) : undefined;
	const labels =
		request.labels !== undefined
			? await labelArrayOf(request.labels)
			: labelKey
				? { array: arrays?.get(labelKey) as NdArray, path }
				: null;
	const opened = arraySamples(request, { array, name: basename(path), path, labels });
	return { ...opened, source: { ...opened.source, sha256: await fileHash(path) } };
}

async function labelArrayOf(path: string): Promise<LabelArray> {
	const arrays = await readArrays(path);
	const key = labelNames.find((name) => arrays.has(name)) ?? (arrays.size === 1 ? [...arrays.keys()][0] : undefined);
	const array = key === undefined ? undefined : arrays.get(key);
	if (!array) throw new UserError(messages.dataArrays(path, [...arrays.keys()]));
	return { array, path };
}

/** Bytes hashed at once; then others have their turn. */
const hashedPiece = 2 ** 24;

async function fileHash(path: string): Promise<string> {
	const hash = sha256();
	if (!files.isFile(path)) return hash.update(files.read(path)).hex();
	const { size, read, close } = files.open(path);
	try {
		for (let at = 0; at < size; at += hashedPiece) {
			hash.update(read(at, Math.min(hashedPiece, size - at)));
			if (at > 0) await new Promise((resolve) => setTimeout(resolve));
		}
	} finally {
		close();
	}
	return hash.hex();
}
