import { type Binning, binRecording, frameElements } from './frames.ts';
import type { EventSample } from './listing.ts';
import * as messages from './messages.ts';
import { openEventFile } from './open.ts';

/** Recordings, and how they become frames. */
export interface FrameRequest {
	readonly samples: readonly EventSample[];
	readonly binning: Binning;
}

/**
 * Reads recordings as frames.
 *
 * @returns float32 [samples, bins, polarities, H, W]
 * @throws UserError naming the file that is damaged or does not fit
 */
export function readFrames({ samples, binning }: FrameRequest): Float32Array {
	const size = binning.bins * frameElements(binning);
	const values = new Float32Array(samples.length * size);
	for (const [at, { path, index, span }] of samples.entries()) {
		const file = openEventFile(path);
		try {
			binRecording(file.recording(index), path, span, binning, values.subarray(at * size, (at + 1) * size));
		} catch (error) {
			// A place outside of what a damaged file holds.
			throw error instanceof RangeError ? messages.damaged(path, 'it refers to bytes that it does not hold') : error;
		} finally {
			file.close();
		}
	}
	return values;
}
