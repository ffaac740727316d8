import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from './errors.ts';
import {
	datasetNames,
	folderOf,
	imageFolderHash,
	isImageFolder,
	loadDataset,
	normalisedImages,
	openImageFolder,
	pictureReader,
} from './formats/datasets/index.ts';
import { isEvents } from './formats/events/index.ts';
import { type NdArray, openRows, readArrays } from './formats/npy/index.ts';
import { readerThreads } from './formats/reader-threads.ts';
import { openInput, readInput, standardInput } from './inputs.ts';
import { checkWithoutEvents, openEvents } from './open-events.ts';
import { arrayInMemory, arraySamples, type LabelArray } from './simulation/array-samples.ts';
import type { ImageOrder } from './simulation/axis-order.ts';
import { fitImages, inOrder, type OpenedData, takeSamples, turnNotes } from './simulation/fit-data.ts';
import type { EventRequest } from './simulation/fit-events.ts';
import * as messages from './simulation/messages.ts';
import { randomData } from './simulation/random-data.ts';
import type { SampleSource } from './simulation/samples.ts';

export interface DataRequest extends EventRequest {
	readonly modelPath: string;
	/** Path of .npy or .npz, the name of a data set, "events:FILE_OR_DIR", or "random:SEED"; undefined: samples.npz beside the model. */
	readonly data?: string | undefined;
	readonly labels?: string | undefined;
	/** Folder of downloaded data sets. */
	readonly dataDir?: string | undefined;
	/** Threads the run computes with; pictures and recordings are read beside them where cores are left over. By default all cores compute. */
	readonly threads?: number | undefined;
	/** Threads that read pictures and recordings, if not what `threads` leaves over. */
	readonly readers?: number | undefined;
}

/**
 * Opens the data a network is to be run on, checked against its input.
 *
 * @throws UserError when there is no data, or its shape, type, values or labels do not fit
 */
export async function openData(request: DataRequest): Promise<OpenedData> {
	const { data } = request;
	if (data !== undefined && isEvents(data))
		return openEvents(request, data, request.labels === undefined ? null : await labelArrayOf(request.labels));
	checkWithoutEvents(request);
	if (data?.startsWith('random:')) return randomData(request, request.modelPath, data);
	if (data !== undefined && isDataset(data)) {
		const { source, turn } = await (isImageFolder(data) ? folderSource : datasetSource)(request, data);
		return { source, assumptions: turnNotes(turn, data), warnings: [] };
	}
	const beside = join(dirname(request.modelPath), 'samples.npz');
	if (data === undefined && !existsSync(beside)) throw new UserError(messages.noData(request.modelPath));
	const path = data ?? beside;
	const opened = await openArray(request, path);
	const found = data === undefined ? [messages.sampleFile(basename(path))] : [];
	return { ...opened, assumptions: [...found, ...opened.assumptions] };
}

const isDataset = (name: string): boolean => datasetNames.includes(name) || isImageFolder(name);

const inputNames = ['images', 'inputs', 'spikes', 'x', 'data', 'arr_0'];
const labelNames = ['labels', 'targets', 'y', 'arr_1'];

async function openArray(request: DataRequest, path: string): Promise<OpenedData> {
	const streamed = path.endsWith('.npy') && existsSync(path);
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

/** SHA-256 of a file, read as a stream. */
async function fileHash(path: string): Promise<string> {
	const hash = createHash('sha256');
	if (path === standardInput) return hash.update(readInput(path)).digest('hex');
	const descriptor = openInput(path);
	for await (const chunk of createReadStream('', { fd: descriptor, start: 0 })) hash.update(chunk as Buffer);
	return hash.digest('hex');
}

/** A source, and how its images were turned to fit the model. */
interface FittedSource {
	readonly source: SampleSource;
	readonly turn: ImageOrder | null;
}

/** A data set known by name, held in memory as its bytes. */
async function datasetSource(request: DataRequest, name: string): Promise<FittedSource> {
	const set = loadDataset(name, { split: 'test', dataDir: request.dataDir });
	const layout = fitImages(request, name, set);
	const source: SampleSource = {
		name,
		sha256: set.sha256,
		random: false,
		count: takeSamples(request, layout.count, name),
		sampleShape: layout.sampleShape,
		timesteps: null,
		labels: set.labels,
		read: async (start, end) => {
			const samples = Uint32Array.from({ length: end - start }, (_, at) => start + at);
			return inOrder(normalisedImages(set, samples), layout);
		},
		close: () => {},
	};
	return { source, turn: layout.turn };
}

/** A folder of pictures, decoded as they are asked for, by threads of their own. */
async function folderSource(request: DataRequest, name: string): Promise<FittedSource> {
	const folder = openImageFolder(folderOf(name), { split: 'test' });
	const layout = fitImages(request, name, folder);
	const count = takeSamples(request, layout.count, name);
	const sha256 = await imageFolderHash(folder);
	const reader = pictureReader(folder, request.readers ?? readerThreads(request.threads));
	const source: SampleSource = {
		name,
		sha256,
		random: false,
		count,
		sampleShape: layout.sampleShape,
		timesteps: null,
		labels: folder.labels,
		read: async (start, end) => inOrder(await reader.read(start, end), layout),
		close: reader.close,
	};
	return { source, turn: layout.turn };
}
