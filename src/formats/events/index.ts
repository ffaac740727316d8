/** Recordings of event cameras and of spikes: read, and summed to frames. */
import type { Reading } from '../range-reader.ts';
import type { Binning } from './frames.ts';
import type { EventSample } from './listing.ts';
import { type FrameRequest, readFrames } from './read-frames.ts';

export { eventSetNamed, eventSets } from './catalogue.ts';
export { checkEventSet, checkRecording } from './check.ts';
export { type Binning, extentOf } from './frames.ts';
export { type EventSample, type EventSet, eventSetHash, listEvents } from './listing.ts';
export { openEventFile } from './open.ts';
export { type EventOptions, eventOptionNames } from './options.ts';
export type { FrameRequest } from './read-frames.ts';

const prefix = 'events:';

/** Whether a name asks for event recordings, "events:FILE_OR_DIR". */
export const isEvents = (name: string): boolean => name.startsWith(prefix);

/** FILE_OR_DIR of "events:FILE_OR_DIR". */
export const eventsPath = (name: string): string => name.slice(prefix.length);

/** How recordings are read as frames, float32 [end − start, bins, polarities, H, W]. */
export const frameReading = (samples: readonly EventSample[], binning: Binning): Reading<FrameRequest> => ({
	what: 'event recordings',
	requestOf: (start, end) => ({ samples: samples.slice(start, end), binning }),
	read: readFrames,
});
