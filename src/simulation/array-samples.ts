import { UserError } from '../errors.ts';
import { type NdArray, type RowReader, toFloat32 } from '../formats/npy/index.ts';
import { elementCount } from '../model/tensors.ts';
import { type FitRequest, fitShape, inOrder, type OpenedData, takeSamples, turnNotes } from './fit-data.ts';
import * as messages from './messages.ts';
import { separatedRows, separatedShape } from './rows-of-timesteps.ts';
import type { SampleSource } from './samples.ts';
import { swapLeading } from './time-layout.ts';

/** An array in memory as one that is read piece by piece. */
export const arrayInMemory = (array: NdArray): RowReader => ({
	shape: array.shape,
	dtype: array.dtype,
	readRows: async (start, end, axis = 0) => slice(array, start, end, axis),
	close: () => {},
});

/** Class numbers, and the file they are from. */
export interface LabelArray {
	readonly array: NdArray;
	readonly path: string;
}

export interface ArrayData {
	readonly array: RowReader;
	/** What data are called in results. */
	readonly name: string;
	/** As messages name them. */
	readonly path: string;
	readonly labels: LabelArray | null;
}

/** Samples of an array, fitted to a network's input; whoever opened the file knows its hash. @throws UserError when shape, values or labels do not fit */
export function arraySamples(request: FitRequest, data: ArrayData): OpenedData {
	const { array, name, path } = data;
	const separated = separatedShape(array.shape, request.input.dims, request.batchAxis);
	const rows = separated ? separatedRows(array, separated) : array;
	const layout = fitShape(request, path, separated ?? array.shape, data.labels?.array.shape[0] ?? null);
	const labels = data.labels ? wholeLabels(data.labels.array, data.labels.path, layout.count) : null;
	const count = takeSamples(request, layout.count, path);
	const source: SampleSource = {
		name,
		sha256: null,
		random: false,
		count,
		sampleShape: layout.sampleShape,
		timesteps: layout.timesteps,
		labels,
		read: async (start, end) => {
			const values = toFloat32(await rows.readRows(start, end, layout.axis));
			const steps = layout.time?.timesteps ?? 1;
			const inner = elementCount(layout.sampleShape) / (layout.timesteps === null ? steps : 1);
			checkFinite(values, path, start, end, layout.axis === 0 ? values.length / (end - start) : null);
			const turned = inOrder(values, layout);
			if (!layout.time?.swapped) return turned;
			return layout.axis === 0 ? swapLeading(turned, end - start, steps, inner) : swapLeading(turned, steps, end - start, inner);
		},
		close: () => rows.close(),
	};
	const { time, turn } = layout;
	const timeNotes = time ? [messages.layoutRead(name, array.shape, time.layout, time.because)] : [];
	return {
		source: time ? { ...source, layout: time.layout } : source,
		assumptions: [...turnNotes(turn, name), ...timeNotes],
		warnings: [],
	};
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

/** One class number a sample, checked. @throws UserError */
export function wholeLabels(array: NdArray, path: string, samples: number): Float64Array {
	if (array.shape.length !== 1 && !(array.shape.length === 2 && array.shape[1] === 1))
		throw new UserError(messages.labelsShape(path, array.shape));
	if (array.shape[0] !== samples) throw new UserError(messages.labelsLength(path, array.shape[0] as number, samples));
	return Float64Array.from(array.data as ArrayLike<number | bigint>, (value, at) => {
		const label = Number(value);
		if (!Number.isSafeInteger(label) || label < 0) throw new UserError(messages.labelsWhole(path, at, label));
		return label;
	});
}
