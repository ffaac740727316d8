/** How event recordings become the frames a network takes: sizes, channels and timesteps from its input and the user's words. */

import type { Preparation } from '../activity/activity.ts';
import { UserError } from '../errors.ts';
import type { Binning } from '../formats/events/frames.ts';
import {
	downscaled,
	type EventOptions,
	eventOptionNames,
	parseFactor,
	parseSize,
	parseTime,
	parseValues,
	sizeText,
	timeText,
	valuesText,
} from '../formats/events/options.ts';
import type { Recording, Sensor } from '../formats/events/types.ts';
import type { Dimension } from '../model/graph.ts';
import { elementCount } from '../model/tensors.ts';
import { type ImageOrder, orderThatFits, turnedShape, turnImages } from './axis-order.ts';
import * as messages from './event-messages.ts';
import { type FitRequest, opposite, parseSizes } from './fit-data.ts';
import type { SampleSource } from './samples.ts';
import { swapLeading } from './time-layout.ts';

/** Which data a network is to be run on, as a user names them. */
export interface DataRequest extends EventRequest {
	readonly modelPath: string;
	/** Path of .npy or .npz, the name of a data set, "events:FILE_OR_DIR", or "random" or "random:SEED"; undefined: samples.npz beside the model. */
	readonly data?: string | undefined;
	readonly labels?: string | undefined;
	/** What the model's file says beside the graph. */
	readonly metadata?: ReadonlyMap<string, string> | undefined;
	/** Folder of downloaded data sets. */
	readonly dataDir?: string | undefined;
	/** Threads the run computes with; pictures and recordings are read beside them where cores are left over. By default all cores compute. */
	readonly threads?: number | undefined;
	/** Threads that read pictures and recordings, if not what `threads` leaves over. */
	readonly readers?: number | undefined;
}

export interface EventRequest extends FitRequest, EventOptions {}

/** What the first recording of a set says of all. */
export interface First extends Pick<Recording, 'kind' | 'sensor' | 'notes'> {
	readonly path: string;
	/** Microseconds from its first event to its last; read only where it decides. */
	readonly duration: () => number;
}

/** Recordings as frames that a network takes. */
export interface FittedEvents {
	readonly binning: Binning;
	readonly source: Pick<SampleSource, 'sampleShape' | 'timesteps' | 'preparation'>;
	readonly assumptions: readonly string[];
	/**
	 * @param frames  float32 [samples, bins, channels, H, W]
	 * @returns the same as `source` says they are: [bins, samples, …sample] or [samples, …sample]
	 */
	readonly arrange: (frames: Float32Array, samples: number) => Float32Array;
}

/** @throws UserError where sizes, channels or timesteps are not known or do not fit */
export function fitEvents(request: EventRequest, name: string, first: First, count: number): FittedEvents {
	const axis = timeAxisOf(request);
	const { binning, notes } = binningOf(request, first, axis, count);
	const { sampleShape, turn } = fitFrame(request, name, frameShape(binning, first.kind), axis);
	const { bins } = binning;
	const size = elementCount(sampleShape);
	return {
		binning,
		source: {
			sampleShape: axis === 'inside' ? [bins, ...sampleShape] : sampleShape,
			timesteps: axis === 'leading' ? bins : null,
			preparation: preparationOf(binning, first.kind),
		},
		assumptions: [messages.framesMade(name, binning, first.kind, sampleShape), ...notes],
		arrange(frames, samples) {
			const turned = turn === null ? frames : turnImages(frames, turnedShape(sampleShape, opposite[turn]), turn);
			return axis === 'leading' ? swapLeading(turned, samples, bins, size) : turned;
		},
	};
}

/**
 * Where the network takes its timesteps: `leading` [T, N, …] (a step model, or a graph that is given so), `inside` [N, T, …],
 * or `none`.
 */
type TimeAxis = 'leading' | 'inside' | 'none';

function timeAxisOf({ step, batchAxis, input: { dims }, timesteps }: FitRequest): TimeAxis {
	if (step || batchAxis === 1) return 'leading';
	// [N, T, C, H, W], or [N, T, elements].
	if (dims) return dims.length === 5 || dims.length === 3 ? 'inside' : 'none';
	return (timesteps ?? 1) > 1 ? 'inside' : 'none';
}

/** Dimensions of one frame as the network takes it; null where the file gives none. */
function wantedFrame({ batchAxis, input: { dims } }: EventRequest, axis: TimeAxis): readonly Dimension[] | null {
	if (!dims) return null;
	return dims.slice(batchAxis === 1 || axis === 'inside' ? 2 : 1);
}

/** Sizes of a frame as far as the network says them. */
interface WantedSizes {
	readonly channels: number | null;
	readonly frame: Sensor | null;
	/** Elements where a frame is one row of numbers. */
	readonly row: number | null;
}

function wantedSizes(dims: readonly Dimension[] | null, kind: Recording['kind']): WantedSizes {
	const sizes = (dims ?? []).map((dim) => (typeof dim === 'number' ? dim : null));
	const nothing = { channels: null, frame: null, row: null };
	if (sizes.length === 1) {
		const [row = null] = sizes;
		return kind === 'units' && row !== null ? { channels: 1, frame: { width: row, height: 1 }, row } : { ...nothing, row };
	}
	if (sizes.length !== 3 || kind === 'units') return nothing;
	const isChannels = (size: number | null | undefined): boolean => size === 1 || size === 2;
	const last = !isChannels(sizes[0]) && isChannels(sizes[2]);
	const [channels = null, height = null, width = null] = last ? [sizes[2], sizes[0], sizes[1]] : sizes;
	return { channels, frame: height === null || width === null ? null : { width, height }, row: null };
}

function binningOf(
	request: EventRequest,
	first: First,
	axis: TimeAxis,
	count: number,
): { readonly binning: Binning; readonly notes: readonly string[] } {
	const { kind } = first;
	const wanted = wantedSizes(wantedFrame(request, axis), kind);
	const notes = [...first.notes.map((note) => messages.noteOf(first.path, note))];
	const { sensor, frame, fromModel } = sizesOf(request, first, wanted);
	if (fromModel) notes.push(messages.sensorOfModel(first.path, sensor, kind));
	const polarities = polaritiesOf(request, wanted, frame, kind);
	const cropMicroseconds = request.crop === undefined ? null : parseTime('crop', request.crop);
	const binMicroseconds = request.binTime === undefined ? null : parseTime('bin-time', request.binTime);
	const by = request.binBy ?? 'time';
	if (by === 'count' && binMicroseconds !== null) throw new UserError(messages.binTimeByCount(), { exitCode: 2 });
	const partial = {
		by,
		binMicroseconds,
		polarities,
		cropMicroseconds,
		sensor,
		frame,
		most: parseValues(request.binValues ?? 'count'),
	};
	return { binning: { ...partial, bins: binsOf(request, first, partial, axis, count) }, notes };
}

function sizesOf(
	{ sensor: option, downscale }: EventOptions,
	{ sensor: own, kind, path }: First,
	{ frame: wanted, row }: WantedSizes,
): { readonly sensor: Sensor; readonly frame: Sensor; readonly fromModel: boolean } {
	const known = option === undefined ? own : parseSize('sensor', option);
	if (known !== null)
		return { sensor: known, frame: downscale === undefined ? known : downscaled(known, downscale, kind), fromModel: false };
	const square = row === null ? null : squareOf(row);
	const frame = wanted ?? square;
	if (frame === null) throw new UserError(messages.sensorUnknown(path, kind));
	if (downscale === undefined) return { sensor: frame, frame, fromModel: true };
	if (/[x×]/.test(downscale)) throw new UserError(messages.sensorUnknown(path, kind));
	const factor = parseFactor(downscale);
	const sensor = { width: frame.width * factor, height: kind === 'units' ? 1 : frame.height * factor };
	return { sensor, frame, fromModel: true };
}

/** The square camera whose frames of two channels, or else of one, have so many elements. */
function squareOf(row: number): Sensor | null {
	const side = [row / 2, row].map(Math.sqrt).find(Number.isInteger);
	return side === undefined ? null : { width: side, height: side };
}

function polaritiesOf(
	{ polarities }: EventOptions,
	{ channels, row }: WantedSizes,
	frame: Sensor,
	kind: Recording['kind'],
): 1 | 2 {
	if (kind === 'units') {
		if (polarities === 2) throw new UserError(messages.unitsHaveNoPolarity(), { exitCode: 2 });
		return 1;
	}
	if (polarities === 1 || polarities === 2) return polarities;
	if (channels === 1 || row === frame.width * frame.height) return 1;
	return 2;
}

function binsOf(
	request: EventRequest,
	{ duration }: First,
	{ binMicroseconds, cropMicroseconds }: Pick<Binning, 'binMicroseconds' | 'cropMicroseconds'>,
	axis: TimeAxis,
	count: number,
): number {
	const { bins, timesteps, batchAxis, input } = request;
	if (axis === 'none') {
		if ((bins ?? 1) !== 1) throw new UserError(messages.noTimeAxis(bins ?? 1, input.name, input.dims ?? []));
		return 1;
	}
	const own = request.step ? null : input.dims?.[batchAxis === 1 ? 0 : 1];
	const known = timesteps ?? (typeof own === 'number' ? own : null);
	if (bins !== undefined && known !== null && bins !== known) throw new UserError(messages.binsAgainstTimesteps(bins, known));
	if (bins !== undefined) return bins;
	if (known !== null) return known;
	if (binMicroseconds === null) throw new UserError(messages.binsUnknown());
	if (cropMicroseconds !== null) return Math.ceil(cropMicroseconds / binMicroseconds);
	if (count > 1) throw new UserError(messages.binsOfUnequal());
	return Math.floor(duration() / binMicroseconds) + 1;
}

const frameShape = ({ polarities, frame }: Binning, kind: Recording['kind']): readonly number[] =>
	kind === 'units' ? [frame.width] : [polarities, frame.height, frame.width];

/** How a frame fits the network's input: as it is, with its channels last, or as one row. @throws UserError */
function fitFrame(
	request: EventRequest,
	name: string,
	shape: readonly number[],
	axis: TimeAxis,
): { readonly sampleShape: readonly number[]; readonly turn: ImageOrder | null } {
	const dims = wantedFrame(request, axis);
	const fits = (found: readonly number[]): boolean =>
		dims === null || (dims.length === found.length && dims.every((dim, at) => typeof dim !== 'number' || dim === found[at]));
	const elements = elementCount(shape);
	if (request.reshape !== undefined) {
		const sampleShape = parseSizes(request.reshape);
		if (elementCount(sampleShape) === elements && fits(sampleShape)) return { sampleShape, turn: null };
	} else {
		if (fits(shape)) return { sampleShape: shape, turn: null };
		const turn = dims && orderThatFits(shape, dims);
		if (turn) return { sampleShape: turnedShape(shape, turn), turn };
		if (fits([elements])) return { sampleShape: [elements], turn: null };
		const squeezed = dims?.every((dim) => typeof dim === 'number') ? (dims as readonly number[]) : null;
		// [1, units], or a camera of one channel without its axis.
		if (squeezed && sameSizes(squeezed, shape)) return { sampleShape: squeezed, turn: null };
	}
	throw new UserError(messages.frameDoesNotFit(name, shape, request.input.name, request.input.dims ?? []));
}

const sameSizes = (one: readonly number[], other: readonly number[]): boolean =>
	String(one.filter((size) => size !== 1)) === String(other.filter((size) => size !== 1));

function preparationOf(binning: Binning, kind: Recording['kind']): Preparation {
	const { bins, by, binMicroseconds, most, polarities, cropMicroseconds, sensor, frame } = binning;
	const scaled = frame.width !== sensor.width || frame.height !== sensor.height;
	const names = eventOptionNames;
	return {
		words: messages.binningWords(binning, kind),
		options: {
			[names.bins]: String(bins),
			...(binMicroseconds === null ? {} : { [names.binTime]: timeText(binMicroseconds) }),
			...(by === 'time' ? {} : { [names.binBy]: by }),
			...(Number.isFinite(most) ? { [names.binValues]: valuesText(most) } : {}),
			...(kind === 'units' ? {} : { [names.polarities]: String(polarities) }),
			[names.sensor]: sizeText(sensor, kind),
			...(scaled ? { [names.downscale]: kind === 'units' ? String(sensor.width / frame.width) : sizeText(frame, kind) } : {}),
			...(cropMicroseconds === null ? {} : { [names.crop]: timeText(cropMicroseconds) }),
		},
	};
}
