import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../errors.ts';
import {
	datasetNames,
	folderOf,
	imageFolderHash,
	isImageFolder,
	loadDataset,
	normalisedImages,
	openImageFolder,
	pictureReader,
	readerThreads,
} from '../formats/datasets/index.ts';
import { type NdArray, openRows, readArrays, toFloat32 } from '../formats/npy/index.ts';
import { openInput, readInput, standardInput } from '../inputs.ts';
import type { Dimension, TensorInfo } from '../model/graph.ts';
import { elementCount } from '../model/tensors.ts';
import { type ImageOrder, orderThatFits, turnedShape, turnImages } from './axis-order.ts';
import { zeros } from './memory.ts';
import * as messages from './messages.ts';
import { separatedRows, separatedShape } from './rows-of-timesteps.ts';
import type { SampleSource } from './samples.ts';
import { type DataLayout, type LayoutReading, readLayout, swapLeading } from './time-layout.ts';

export interface DataOptions {
	/** Path of .npy or .npz, the name of a data set, or "random:SEED"; undefined: samples.npz beside the model. */
	readonly data?: string | undefined;
	readonly labels?: string | undefined;
	readonly samples?: number | undefined;
	/** Sizes of one sample, e.g. "1,28,28". */
	readonly reshape?: string | undefined;
	/** Order of the leading axes of data with a time axis, where sizes and labels do not tell. */
	readonly layout?: DataLayout | undefined;
	/** Folder of downloaded data sets. */
	readonly dataDir?: string | undefined;
	/** Threads the run computes with; pictures are read beside them where cores are left over. By default all cores compute. */
	readonly threads?: number | undefined;
	/** Threads that read pictures, if not what `threads` leaves over. */
	readonly readers?: number | undefined;
}

export interface DataRequest extends DataOptions {
	readonly modelPath: string;
	readonly input: TensorInfo;
	/** Position of the batch axis among the input's dimensions. */
	readonly batchAxis: number;
	/** True when the graph computes one timestep, so that data may bring a time axis the input does not have. */
	readonly step: boolean;
	/** Timesteps of the network; null where nobody says how many it runs. */
	readonly timesteps: number | null;
}

/** Samples and where they come from, with what a report has to say about them. */
export interface OpenedData {
	readonly source: SampleSource;
	readonly assumptions: readonly string[];
	readonly warnings: readonly string[];
}

/**
 * Opens the data a network is to be run on, checked against its input.
 *
 * @throws UserError when there is no data, or its shape, type, values or labels do not fit
 */
export async function openData(request: DataRequest): Promise<OpenedData> {
	const { data } = request;
	if (data?.startsWith('random:')) return randomData(request, data);
	if (data !== undefined && isDataset(data)) {
		const { source, turn } = await (isImageFolder(data) ? folderSource : datasetSource)(request, data);
		return { source, assumptions: turnNotes(turn, data), warnings: [] };
	}
	const beside = join(dirname(request.modelPath), 'samples.npz');
	if (data === undefined && !existsSync(beside)) throw new UserError(messages.noData(request.modelPath));
	const path = data ?? beside;
	const { source, turn, timeNotes } = await arraySource(request, path);
	const found = data === undefined ? [messages.sampleFile(basename(path))] : [];
	return { source, assumptions: [...found, ...turnNotes(turn, basename(path)), ...timeNotes], warnings: [] };
}

const isDataset = (name: string): boolean => datasetNames.includes(name) || isImageFolder(name);

const inputNames = ['images', 'inputs', 'spikes', 'x', 'data', 'arr_0'];
const labelNames = ['labels', 'targets', 'y', 'arr_1'];

const turnNotes = (turn: ImageOrder | null, data: string): string[] => (turn === null ? [] : [messages.turnedImages(data, turn)]);

/** A source, and how its images were turned to fit the model. */
interface FittedSource {
	readonly source: SampleSource;
	readonly turn: ImageOrder | null;
}

async function arraySource(
	request: DataRequest,
	path: string,
): Promise<FittedSource & { readonly timeNotes: readonly string[] }> {
	const streamed = path.endsWith('.npy') && existsSync(path);
	const arrays = streamed ? null : await readArrays(path);
	const named = arrays
		? (inputNames.find((name) => arrays.has(name)) ?? (arrays.size === 1 ? [...arrays.keys()][0] : undefined))
		: undefined;
	const array = named === undefined ? undefined : arrays?.get(named);
	if (arrays && !array) throw new UserError(messages.dataArrays(path, [...arrays.keys()]));
	const opened = streamed ? await openRows(path) : null;
	const found = opened?.shape ?? array?.shape ?? [];
	const separated = separatedShape(found, request.input.dims, request.batchAxis);
	const rows = opened && separated ? separatedRows(opened, separated) : opened;
	const fileShape = separated ?? found;
	const labelKey = arrays ? labelNames.find((name) => arrays.has(name)) : undefined;
	const labelArray =
		request.labels !== undefined
			? await labelArrayOf(request.labels)
			: labelKey
				? { array: arrays?.get(labelKey) as NdArray, path }
				: null;
	const layout = fitShape(request, path, fileShape, labelArray?.array.shape[0] ?? null);
	const labels = labelArray ? wholeLabels(labelArray.array, labelArray.path, layout.count) : null;
	const count = takeSamples(request, layout.count, path);
	const source: SampleSource = {
		name: basename(path),
		sha256: await fileHash(path),
		random: false,
		count,
		sampleShape: layout.sampleShape,
		timesteps: layout.timesteps,
		labels,
		read: async (start, end) => {
			const slab = rows
				? await rows.readRows(start, end, layout.axis)
				: slice({ ...(array as NdArray), shape: fileShape }, start, end, layout.axis);
			const values = toFloat32(slab);
			const steps = layout.time?.timesteps ?? 1;
			const inner = elementCount(layout.sampleShape) / (layout.timesteps === null ? steps : 1);
			checkFinite(values, path, start, end, layout.axis === 0 ? values.length / (end - start) : null);
			const turned = inOrder(values, layout);
			if (!layout.time?.swapped) return turned;
			return layout.axis === 0 ? swapLeading(turned, end - start, steps, inner) : swapLeading(turned, steps, end - start, inner);
		},
		close: () => rows?.close(),
	};
	const { time } = layout;
	const timeNotes = time ? [messages.layoutRead(basename(path), found, time.layout, time.because)] : [];
	return { source: time ? { ...source, layout: time.layout } : source, turn: layout.turn, timeNotes };
}

interface Layout {
	/** Axis of the file's array that counts samples. */
	readonly axis: number;
	readonly count: number;
	readonly sampleShape: readonly number[];
	readonly timesteps: number | null;
	/** The order images have to be brought into; `sampleShape` is what they have then. */
	readonly turn: ImageOrder | null;
	/** How data with a time axis are read; null where they have none of their own. */
	readonly time: TimeReading | null;
}

interface TimeReading {
	readonly layout: DataLayout;
	readonly because: string | null;
	readonly timesteps: number;
	/** Whether the graph takes the two axes the other way round. */
	readonly swapped: boolean;
}

const inOrder = (values: Float32Array, { sampleShape, turn }: Layout): Float32Array =>
	turn === null ? values : turnImages(values, turnedShape(sampleShape, opposite[turn]), turn);

const opposite = { 'channels-first': 'channels-last', 'channels-last': 'channels-first' } as const;

/** Decides which axis of the array counts samples, and whether one counts timesteps. */
function fitShape(request: DataRequest, path: string, found: readonly number[], labels: number | null): Layout {
	const dims = request.input.dims;
	const wanted = wantedSample(request, dims);
	const fits = (sample: readonly number[], sizes: readonly Dimension[] | null): boolean =>
		sizes === null ||
		(sample.length === sizes.length && sample.every((size, axis) => typeof sizes[axis] !== 'number' || sizes[axis] === size));
	/** The layout where a sample is what follows the leading axes. */
	const fitted = (leading: 1 | 2, sizes = wanted): Pick<Layout, 'sampleShape' | 'turn'> | null => {
		if (found.length < leading) return null;
		const rest = found.slice(leading);
		const given = request.reshape === undefined ? null : parseSizes(request.reshape);
		if (given && elementCount(given) !== elementCount(rest)) return null;
		const sample = given ?? rest;
		const turn = fits(sample, sizes) || given || !sizes ? null : orderThatFits(sample, sizes);
		const sampleShape = turn ? turnedShape(sample, turn) : sample;
		return fits(sampleShape, sizes) ? { sampleShape, turn } : null;
	};
	const [first = 0, second = 0] = found;
	const graphTimesteps = request.batchAxis === 1 ? dims?.[0] : request.step ? null : dims?.[1];
	const known = request.timesteps ?? (typeof graphTimesteps === 'number' ? graphTimesteps : null);
	const batch = dims?.[request.batchAxis];
	const read = (): LayoutReading | null =>
		request.layout !== undefined
			? { layout: request.layout, because: '--layout says so' }
			: readLayout({
					first,
					second,
					timesteps: known,
					labels,
					samples: request.samples,
					batch: typeof batch === 'number' ? batch : null,
				});
	const timed = (one: Pick<Layout, 'sampleShape' | 'turn'>, reading: LayoutReading): Layout => {
		const [count, timesteps] = reading.layout === 'ntc' ? [first, second] : [second, first];
		const time = { ...reading, timesteps, swapped: reading.layout === 'ntc' };
		return { ...one, axis: reading.layout === 'ntc' ? 0 : 1, count, timesteps, time };
	};
	if (request.batchAxis === 1) {
		// The graph itself takes [timesteps, batch, …]; data of its very shape are read as it does.
		const one = fitted(2);
		const own: LayoutReading = { layout: 'tnc', because: 'the model takes this order' };
		const layout = one && timed(one, read() ?? own);
		if (layout && (typeof graphTimesteps !== 'number' || graphTimesteps === layout.timesteps)) return layout;
	} else {
		const one = fitted(1);
		const inside = !request.step && graphTimesteps === request.timesteps && (request.timesteps ?? 1) > 1;
		const asked = inside ? request.layout : undefined;
		if (one && asked !== 'tnc') return { ...one, axis: 0, count: first, timesteps: null, time: null };
		const sequences = request.step || inside ? fitted(2, inside ? (dims?.slice(2) ?? null) : wanted) : null;
		if (sequences && inside && first === graphTimesteps) {
			// The graph takes [batch, timesteps, …] and the data bring the timesteps first.
			const reading = { layout: 'tnc', because: `the network runs ${first} timesteps`, timesteps: first, swapped: true } as const;
			return {
				...sequences,
				sampleShape: [first, ...sequences.sampleShape],
				axis: 1,
				count: second,
				timesteps: null,
				time: reading,
			};
		}
		if (sequences && request.step) {
			const reading = read();
			if (!reading) throw new UserError(messages.layoutOpen(path, found));
			return timed(sequences, reading);
		}
	}
	const sizes = request.reshape === undefined ? null : elementCount(parseSizes(request.reshape));
	const available = elementCount(found.slice(request.batchAxis + 1));
	if (sizes !== null && sizes !== available) throw new UserError(messages.reshapeSize(request.reshape ?? '', sizes, available));
	throw new UserError(messages.dataShape(path, found, request.input.name, dims ?? []));
}

/** The input's dimensions without the batch axis (and, where it comes first, the time axis); null when the file gives none. */
function wantedSample(request: DataRequest, dims: readonly Dimension[] | null): readonly Dimension[] | null {
	if (!dims) return null;
	return request.batchAxis === 1 ? dims.slice(2) : dims.slice(1);
}

/** Sizes separated by commas, as --reshape takes them. @throws UserError */
export function parseSizes(option: string): number[] {
	const sizes = option.split(',').map(Number);
	if (sizes.length === 0 || sizes.some((size) => !Number.isSafeInteger(size) || size < 1))
		throw new UserError(messages.reshapeSyntax(option));
	return sizes;
}

function slice(array: NdArray, start: number, end: number, axis: number): NdArray {
	const inner = elementCount(array.shape.slice(axis + 1));
	const shape = array.shape.map((size, at) => (at === axis ? end - start : size));
	if (axis === 0) return { ...array, shape, data: array.data.slice(start * inner, end * inner) };
	const outer = elementCount(array.shape.slice(0, axis));
	const size = array.shape[axis] as number;
	const width = (end - start) * inner;
	const data = array.data.slice(0, outer * width);
	for (let block = 0; block < outer; block += 1) {
		const from = (block * size + start) * inner;
		(data as Float32Array).set(array.data.subarray(from, from + width) as Float32Array, block * width);
	}
	return { ...array, shape, data };
}

function checkFinite(values: Float32Array, path: string, start: number, end: number, sampleSize: number | null): void {
	for (let at = 0; at < values.length; at += 1) {
		const value = values[at] as number;
		if (Number.isFinite(value)) continue;
		const sample = sampleSize === null ? start : start + Math.floor(at / sampleSize);
		throw new UserError(messages.nonFiniteData(path, Math.min(sample, end - 1), value));
	}
}

async function labelArrayOf(path: string): Promise<{ readonly array: NdArray; readonly path: string }> {
	const arrays = await readArrays(path);
	const key = labelNames.find((name) => arrays.has(name)) ?? (arrays.size === 1 ? [...arrays.keys()][0] : undefined);
	const array = key === undefined ? undefined : arrays.get(key);
	if (!array) throw new UserError(messages.dataArrays(path, [...arrays.keys()]));
	return { array, path };
}

function wholeLabels(array: NdArray, path: string, samples: number): Float64Array {
	if (array.shape.length !== 1 && !(array.shape.length === 2 && array.shape[1] === 1))
		throw new UserError(messages.labelsShape(path, array.shape));
	if (array.shape[0] !== samples) throw new UserError(messages.labelsLength(path, array.shape[0] as number, samples));
	return Float64Array.from(array.data as ArrayLike<number | bigint>, (value, at) => {
		const label = Number(value);
		if (!Number.isSafeInteger(label) || label < 0) throw new UserError(messages.labelsWhole(path, at, label));
		return label;
	});
}

function takeSamples(request: DataRequest, available: number, data: string): number {
	if (available === 0) throw new UserError(messages.noSamples(data));
	if (request.samples === undefined) return available;
	if (request.samples > available) throw new UserError(messages.tooManySamples(request.samples, available, data));
	return request.samples;
}

/** SHA-256 of a file, read as a stream. */
export async function fileHash(path: string): Promise<string> {
	const hash = createHash('sha256');
	if (path === standardInput) return hash.update(readInput(path)).digest('hex');
	const descriptor = openInput(path);
	for await (const chunk of createReadStream('', { fd: descriptor, start: 0 })) hash.update(chunk as Buffer);
	return hash.digest('hex');
}

/** How images of one shape fit the model's input. @throws UserError */
function fitImages(
	request: DataRequest,
	name: string,
	images: { readonly count: number; readonly shape: readonly number[] },
): Layout {
	const shape = request.reshape === undefined ? [...images.shape] : parseSizes(request.reshape);
	const layout = fitShape({ ...request, reshape: undefined }, name, [images.count, ...shape], null);
	if (elementCount(shape) !== elementCount(images.shape))
		throw new UserError(messages.reshapeSize(request.reshape ?? '', elementCount(shape), elementCount(images.shape)));
	return layout;
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

const defaultRandomSamples = 16;
const mostRandomSamples = 1e8;

function randomData(request: DataRequest, option: string): OpenedData {
	const text = option.slice('random:'.length);
	const seed = Number(text);
	if (text === '' || !Number.isSafeInteger(seed) || seed < 0) throw new UserError(messages.randomSyntax(option));
	const dims = wantedSample(request, request.input.dims);
	const sampleShape = request.reshape !== undefined ? parseSizes(request.reshape) : dims;
	if (!sampleShape || sampleShape.some((size) => typeof size !== 'number')) {
		throw new UserError(messages.randomShape(request.modelPath, request.input.name, request.input.dims));
	}
	const sample = sampleShape as readonly number[];
	const count = request.samples ?? defaultRandomSamples;
	if (count > mostRandomSamples) throw new UserError(messages.tooManyRandomSamples(count, mostRandomSamples));
	const size = elementCount(sample);
	const graphTimesteps = request.batchAxis === 1 && typeof request.input.dims?.[0] === 'number' ? request.input.dims[0] : null;
	const source: SampleSource = {
		name: option,
		sha256: null,
		random: true,
		count,
		sampleShape: sample,
		timesteps: graphTimesteps,
		labels: null,
		read: async (start, end) => {
			const steps = graphTimesteps ?? 1;
			const values = zeros([steps, end - start, ...sample], 'Random input');
			for (let step = 0; step < steps; step += 1) {
				for (let index = start; index < end; index += 1)
					fillRandom(values, (step * (end - start) + index - start) * size, size, seed, index * steps + step);
			}
			return values;
		},
		close: () => {},
	};
	return { source, assumptions: [], warnings: [messages.randomInput(seed)] };
}

/** Uniform numbers in [0, 1) that depend on the seed and the sample only, so that batches do not change them (a 32-bit mixing generator). */
function fillRandom(values: Float32Array, at: number, length: number, seed: number, sample: number): void {
	let state = (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(sample + 1, 0x85ebca6b)) >>> 0;
	for (let index = 0; index < length; index += 1) {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		values[at + index] = ((mixed ^ (mixed >>> 14)) >>> 8) / 0x1000000;
	}
}
