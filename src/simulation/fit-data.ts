import { UserError } from '../errors.ts';
import type { Dimension, TensorInfo } from '../model/graph.ts';
import { elementCount } from '../model/tensors.ts';
import type { Finding } from '../network/findings.ts';
import { type ImageOrder, orderIsOpen, orderThatFits, turnedShape, turnImages } from './axis-order.ts';
import * as messages from './messages.ts';
import type { SampleSource } from './samples.ts';
import { type DataLayout, type LayoutReading, readLayout } from './time-layout.ts';

/** What of a network's input and of the user's words decides how data fit. */
export interface FitRequest {
	readonly input: TensorInfo;
	/** Position of the batch axis among the input's dimensions. */
	readonly batchAxis: number;
	/** True when the graph computes one timestep, so that data may bring a time axis the input does not have. */
	readonly step: boolean;
	/** Timesteps of the network; null where nobody says how many it runs. */
	readonly timesteps: number | null;
	readonly samples?: number | undefined;
	/** Sizes of one sample, e.g. "1,28,28". */
	readonly reshape?: string | undefined;
	/** Order of the leading axes of data with a time axis, where sizes and labels do not tell. */
	readonly layout?: DataLayout | undefined;
	/** Order of the axes of image data where sizes do not tell. */
	readonly channels?: 'first' | 'last' | undefined;
	/** Numbers are divided by it, such as 255 for bytes. */
	readonly scale?: number | undefined;
	/** Means and then standard deviations of the channels, "0.1307,0.3081": (x ÷ scale − mean) ÷ deviation. */
	readonly normalize?: string | undefined;
	/** The firing rates of random input are taken as those of real data. */
	readonly assumeRate?: boolean | undefined;
}

/** Samples and where they come from, with what a report has to say about them. */
export interface OpenedData {
	readonly source: SampleSource;
	readonly assumptions: readonly string[];
	readonly warnings: readonly string[];
	/** What of the data changes the meaning of all numbers. */
	readonly findings?: readonly Finding[];
}

export interface Layout {
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

export const inOrder = (values: Float32Array, { sampleShape, turn }: Layout): Float32Array =>
	turn === null ? values : turnImages(values, turnedShape(sampleShape, opposite[turn]), turn);

export const opposite = { 'channels-first': 'channels-last', 'channels-last': 'channels-first' } as const;

/** Decides which axis of the array counts samples, and whether one counts timesteps. */
export function fitShape(request: FitRequest, path: string, found: readonly number[], labels: number | null): Layout {
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
		const turn = given || !sizes ? null : turnOf(request, path, sample, sizes);
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

/** How a sample's axes have to be turned: as the user says, or as sizes tell. @throws UserError where nothing tells */
function turnOf(
	{ channels }: FitRequest,
	path: string,
	sample: readonly number[],
	sizes: readonly Dimension[],
): ImageOrder | null {
	const turn = orderThatFits(sample, sizes);
	if (turn !== null || sample.length < 3) return turn;
	if (channels === undefined) {
		if (orderIsOpen(sample, sizes)) throw new UserError(messages.channelsOpen(path, sample));
		return null;
	}
	// The network takes channels first, unless only the last of its axes has so few.
	const modelLast = typeof sizes.at(-1) === 'number' && typeof sizes.at(-3) !== 'number';
	if ((channels === 'last') === modelLast) return null;
	return channels === 'last' ? 'channels-first' : 'channels-last';
}

/** The input's dimensions without the batch axis (and, where it comes first, the time axis); null when the file gives none. */
export function wantedSample(request: FitRequest, dims: readonly Dimension[] | null): readonly Dimension[] | null {
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

/** How images of one shape fit the model's input. @throws UserError */
export function fitImages(
	request: FitRequest,
	name: string,
	images: { readonly count: number; readonly shape: readonly number[] },
): Layout {
	const shape = request.reshape === undefined ? [...images.shape] : parseSizes(request.reshape);
	const layout = fitShape({ ...request, reshape: undefined }, name, [images.count, ...shape], null);
	if (elementCount(shape) !== elementCount(images.shape))
		throw new UserError(messages.reshapeSize(request.reshape ?? '', elementCount(shape), elementCount(images.shape)));
	return layout;
}

export function takeSamples(request: FitRequest, available: number, data: string): number {
	if (available === 0) throw new UserError(messages.noSamples(data));
	if (request.samples === undefined) return available;
	if (request.samples > available) throw new UserError(messages.tooManySamples(request.samples, available, data));
	return request.samples;
}

/** What a report says of images that were turned. */
export const turnNotes = (turn: ImageOrder | null, data: string): string[] =>
	turn === null ? [] : [messages.turnedImages(data, turn)];
