/**
 * Called for every event, in the file's order.
 *
 * @param time  microseconds
 * @param x  column, or the unit of a spike recording
 * @param y  row, 0 at the top; 0 for a spike recording
 * @param polarity  0: off (darker), 1: on (brighter); 0 for a spike recording
 * @returns false to end the reading
 */
export type EventVisitor = (time: number, x: number, y: number, polarity: number) => boolean;

/** How many places events come from: pixels of a camera, or units (cochlea channels) without a second axis and polarity. */
export interface Sensor {
	readonly width: number;
	readonly height: number;
}

/** One recording: what its file says of the sensor, and its events. */
export interface Recording {
	readonly kind: 'camera' | 'units';
	/** null where the file does not say. */
	readonly sensor: Sensor | null;
	/** One sentence for each thing the file leaves open and the reader decided, without the file's name. */
	readonly notes: readonly string[];
	/**
	 * Hands over events until the visitor returns false.
	 *
	 * @throws UserError where the file is damaged
	 */
	readonly visit: (visitor: EventVisitor) => void;
}

/** A file of recordings; most formats hold one. */
export interface EventFile {
	readonly count: number;
	/** Class of each recording where the file says it. */
	readonly labels: ArrayLike<number> | null;
	readonly recording: (index: number) => Recording;
}

/** Bytes of a file, read where they are asked for: memory is what was asked for, however long the file. */
export interface ByteFile {
	readonly path: string;
	readonly size: number;
	/**
	 * @throws UserError where the file ends before
	 */
	readonly read: (position: number, length: number) => Uint8Array;
	readonly close: () => void;
}

export interface EventFormat {
	/** As the documentation calls it. */
	readonly title: string;
	/** Endings of its files, in lower case: which files of a folder are recordings. */
	readonly endings: readonly string[];
	/** Whether a file that starts with these bytes is of the format. */
	readonly matches: (start: Uint8Array, path: string) => boolean;
	/** @throws UserError where its header is damaged or not understood */
	readonly open: (file: ByteFile) => EventFile;
}

/** A file of one recording of a camera. */
export const cameraFile = (sensor: Sensor | null, visit: Recording['visit'], notes: readonly string[] = []): EventFile => ({
	count: 1,
	labels: null,
	recording: () => ({ kind: 'camera', sensor, notes, visit }),
});
