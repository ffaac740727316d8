/** Recordings of event cameras and of spikes: read, and summed to frames. */
import { type RangeReader, rangeReader } from '../reader-threads.ts';
import type { Binning } from './frames.ts';
import type { EventSample } from './listing.ts';
import { readFrames } from './read-frames.ts';

export { bytesInMemory } from './byte-file.ts';
export { type EventSetEntry, eventSetNamed, eventSets } from './catalogue.ts';
export { type CheckedPart, type CheckedRecording, checkEventSet, checkRecording } from './check.ts';
export { eventFormats, readRecordings } from './formats.ts';
export { type Binning, type Extent, extentOf } from './frames.ts';
export { type EventSample, type EventSet, eventSetHash, listEvents } from './listing.ts';
export { openEventFile } from './open.ts';
export {
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
} from './options.ts';
export type { Recording, Sensor } from './types.ts';

const prefix = 'events:';

/** Whether a name asks for event recordings, "events:FILE_OR_DIR". */
export const isEvents = (name: string): boolean => name.startsWith(prefix);

/** FILE_OR_DIR of "events:FILE_OR_DIR". */
export const eventsPath = (name: string): string => name.slice(prefix.length);

/**
 * Reads recordings as frames on request, float32 [end − start, bins, polarities, H, W]; threads start with the first one.
 *
 * @param threads  0: recordings are read on the calling thread
 */
export const frameReader = (
	samples: readonly EventSample[],
	binning: Binning,
	threads: number,
	program: URL = new URL('./event-worker.js', import.meta.url),
): RangeReader =>
	rangeReader(
		{
			what: 'event recordings',
			requestOf: (start, end) => ({ samples: samples.slice(start, end), binning }),
			read: readFrames,
		},
		threads,
		program,
	);
