/** Events summed to frames. */
import * as messages from './messages.ts';
import type { EventVisitor, Recording, Sensor } from './types.ts';

/** How a recording becomes frames. */
export interface Binning {
	/** Number of frames. */
	readonly bins: number;
	/** `time`: frames of equal length; `count`: of equal numbers of events. */
	readonly by: 'time' | 'count';
	/** Length of a frame in microseconds; null: the recording's length ÷ bins, whole microseconds. */
	readonly binMicroseconds: number | null;
	/** What a frame holds: the number of events, at most `most` of them. */
	readonly most: number;
	/** 2: off and on each in a plane of their own; 1: both in one. */
	readonly polarities: 1 | 2;
	/** Only events of so many first microseconds; null: all. */
	readonly cropMicroseconds: number | null;
	/** Places events may come from. */
	readonly sensor: Sensor;
	/** Size of a frame; pixels that fall together are summed. */
	readonly frame: Sensor;
}

/** Part of a recording: events of [from, to) microseconds; null: all of it. */
export type Span = { readonly from: number; readonly to: number } | null;

/** Elements of one frame. */
export const frameElements = ({ polarities, frame }: Binning): number => polarities * frame.width * frame.height;

/** How far back an event may lie behind the latest one: cameras send events of a moment in any order. */
const mostDisorderMicroseconds = 10_000;
/** Some clocks count from 1970. */
const latestMicroseconds = Number.MAX_SAFE_INTEGER;

/**
 * Hands over a recording's events checked: in the order of time, and inside of the sensor.
 *
 * @throws UserError naming the event that is not
 */
function visitChecked(recording: Recording, path: string, sensor: Sensor | null, span: Span, visitor: EventVisitor): void {
	let number = 0;
	let latest = Number.NEGATIVE_INFINITY;
	recording.visit((time, x, y, polarity) => {
		number += 1;
		if (!(time >= 0 && time < latestMicroseconds)) throw messages.impossibleTime(path, number, time);
		// Spike recordings may be sorted by unit.
		if (recording.kind === 'camera' && time < latest - mostDisorderMicroseconds)
			throw messages.timeGoesBack(path, number, time, latest);
		if (time > latest) latest = time;
		if (span !== null && time < span.from) return true;
		// What lies further than the disorder behind the span's end cannot be followed by an event of the span.
		if (span !== null && time >= span.to) return time < span.to + mostDisorderMicroseconds;
		if (sensor !== null && (x >= sensor.width || y >= sensor.height))
			throw messages.outsideSensor(path, number, x, y, sensor, recording.kind);
		return visitor(time, x, y, polarity);
	});
}

/** What a recording holds. */
export interface Extent {
	readonly events: number;
	/** Microseconds of the first event in the file and of the latest; 0 without events. */
	readonly first: number;
	readonly last: number;
	/** Largest column and row. */
	readonly x: number;
	readonly y: number;
	readonly on: number;
}

/** What of a file is read: a span of it, checked against a sensor, and of that the first microseconds. */
interface Selection {
	readonly sensor?: Sensor | null;
	readonly span?: Span;
	readonly crop?: number | null;
}

/** Hands over the events that are selected, with their time since the start: the first event of a camera, 0 in spike recordings. */
function visitSelected(
	recording: Recording,
	path: string,
	{ sensor = null, span = null, crop = null }: Selection,
	visitor: (since: number, x: number, y: number, polarity: number, time: number) => boolean,
): void {
	let start = recording.kind === 'units' ? 0 : Number.NaN;
	visitChecked(recording, path, sensor, span, (time, x, y, polarity) => {
		if (Number.isNaN(start)) start = time;
		const since = Math.max(0, time - start);
		if (crop !== null && since >= crop) return since < crop + mostDisorderMicroseconds;
		return visitor(since, x, y, polarity, time);
	});
}

/**
 * Reads all selected events of a recording.
 *
 * @throws UserError where it is damaged
 */
export function extentOf(recording: Recording, path: string, selection: Selection = {}): Extent {
	let events = 0;
	let first = 0;
	let last = 0;
	let largestX = 0;
	let largestY = 0;
	let on = 0;
	visitSelected(recording, path, selection, (_, x, y, polarity, time) => {
		if (events === 0) first = time;
		events += 1;
		if (time > last) last = time;
		if (x > largestX) largestX = x;
		if (y > largestY) largestY = y;
		on += polarity;
		return true;
	});
	return { events, first, last, x: largestX, y: largestY, on };
}

/**
 * Sums a recording to frames.
 *
 * Frames of equal length without a given one take ⌊length ÷ bins⌋ whole microseconds, where the length is that of the crop, else
 * the time from the start to the last event; frames of equal numbers of events take ⌊events ÷ bins⌋. Either way the last frame takes
 * the rest, as in SpikingJelly (`cal_fixed_frames_number_segment_index`). Events behind the last frame of a given length are left out.
 *
 * @param out  [bins, polarities, H, W], zeros; written
 * @throws UserError where the recording is damaged
 */
export function binRecording(recording: Recording, path: string, span: Span, binning: Binning, out: Float32Array): void {
	const { bins, by, binMicroseconds, polarities, cropMicroseconds: crop, sensor, frame, most } = binning;
	const selection = { sensor, span, crop };
	// A first pass over the file is needed only where frames depend on its last event.
	const ahead = by === 'count' || (binMicroseconds === null && crop === null);
	const extent = ahead ? extentOf(recording, path, selection) : null;
	const start = recording.kind === 'units' ? 0 : (extent?.first ?? 0);
	const width = binMicroseconds ?? Math.max(1, Math.floor((crop ?? (extent?.last ?? 0) - start) / bins));
	const share = Math.floor((extent?.events ?? 0) / bins);
	const plane = frame.width * frame.height;
	const size = polarities * plane;
	const column = lookUp(sensor.width, frame.width);
	const line = lookUp(sensor.height, frame.height);
	let number = 0;
	const byNumber = (): number => (share === 0 ? bins - 1 : Math.floor(number / share));
	visitSelected(recording, path, selection, (since, x, y, polarity) => {
		const bin = by === 'count' ? byNumber() : Math.floor(since / width);
		number += 1;
		if (bin >= bins && by === 'time' && binMicroseconds !== null) return since < bins * width + mostDisorderMicroseconds;
		const at = Math.min(bins - 1, bin);
		const place =
			at * size + (polarities === 2 ? polarity * plane : 0) + (line[y] as number) * frame.width + (column[x] as number);
		const value = out[place] as number;
		if (value < most) out[place] = value + 1;
		return true;
	});
}

/** Column of the frame for each column of the sensor: ⌊x · frame ÷ sensor⌋. */
const lookUp = (sensor: number, frame: number): Uint16Array =>
	Uint16Array.from({ length: sensor }, (_, at) => Math.floor((at * frame) / sensor));
